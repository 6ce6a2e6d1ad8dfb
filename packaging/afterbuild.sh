#!/bin/sh
# What a program becomes besides archive, deb and rpm, of the time of the
# commit: afterbuild.sh OS ARCH VERSION PROGRAM
set -eu
os=$1 arch=$2 version=$3 program=$4
[ "$os" = windows ] || exit 0
packaging/msi/sign.sh "$program"
if [ "$arch" != 386 ]; then
	package=dist/camwarden_${version}_$arch.msi
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) packaging/msi/build.sh "$version" "$arch" "$program" "$package"
	packaging/msi/sign.sh "$package"
fi
