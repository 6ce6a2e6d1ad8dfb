#!/bin/sh
# What a program becomes besides archive, deb and rpm:
# afterbuild.sh OS ARCH VERSION PROGRAM
set -eu
os=$1 arch=$2 version=$3 program=$4
if [ "$os" = windows ] && [ "$arch" != 386 ] && [ -x packaging/msi/build.sh ]; then
	packaging/msi/build.sh "$version" "$arch" "$program" "dist/camwarden_${version}_$arch.msi"
fi
