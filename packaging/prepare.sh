#!/bin/sh
# Writes into packaging/out what packages hold besides the program, and beside
# the code what Windows shows of it, the same each time: prepare.sh VERSION DATE, with DATE in seconds since 1970.
set -eu
cd "$(dirname "$0")"
rm -rf out && mkdir out
(cd .. && go run -ldflags "-X main.version=$1" ./agent man) >out/camwarden.1
gzip -9n out/camwarden.1
gzip -9nc ../NOTICE >out/NOTICE.gz
gzip -9nc ../CHANGELOG.md >out/NEWS.gz
gzip -9nc >out/changelog.gz <<TEXT
camwarden ($1) stable; urgency=medium

  * What is new is in NEWS.gz.

 -- the camwarden authors <camwarden@users.noreply.github.com>  $(LC_ALL=C date -u -R -d "@$2")
TEXT
msi/resources.sh "$1"
