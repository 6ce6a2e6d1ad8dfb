#!/usr/bin/env bash
# resources.sh VERSION    writes what Windows shows of the program, and its
# manifest, to where 'go build' finds them: agent/rsrc_windows_*.syso.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1%%-*}
tool=$(command -v go-winres || echo "go run github.com/tc-hib/go-winres@v0.3.3")
$tool simply --arch amd64,arm64,386 --out agent/rsrc --manifest cli \
  --product-name camwarden --file-description camwarden --original-filename camwarden.exe \
  --product-version "$version.0" --file-version "$version.0" --copyright "The camwarden authors, Apache-2.0"
