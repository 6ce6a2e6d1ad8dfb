#!/usr/bin/env bash
# sign.sh FILE    signs a program or a package in place (Authenticode), with
#   CAMWARDEN_SIGN_CERT       the certificate and its chain, a PEM file
#   CAMWARDEN_SIGN_KEY        its key: a PEM file, or pkcs11:… for a token, which
#   CAMWARDEN_SIGN_PKCS11     the module of that token reads
#   CAMWARDEN_SIGN_TIMESTAMP  a timestamp server; without one a signature ends
#                             with its certificate
# and leaves it unsigned, loudly, where no certificate is named.
set -euo pipefail
file=$1
if [ -z "${CAMWARDEN_SIGN_CERT:-}" ]; then
  echo "NOT SIGNED: $file (CAMWARDEN_SIGN_CERT is not set)" >&2
  exit 0
fi
options=(-h sha256 -n camwarden -i https://github.com/camwarden/camwarden -certs "$CAMWARDEN_SIGN_CERT" -key "${CAMWARDEN_SIGN_KEY:?}")
[ -z "${CAMWARDEN_SIGN_PKCS11:-}" ] || options+=(-pkcs11module "$CAMWARDEN_SIGN_PKCS11")
[ -z "${CAMWARDEN_SIGN_TIMESTAMP:-}" ] || options+=(-ts "$CAMWARDEN_SIGN_TIMESTAMP")
case $file in *.msi) options+=(-add-msi-dse) ;; esac # the names and times in the package are signed too
osslsigncode sign "${options[@]}" -in "$file" -out "$file.signed" >/dev/null
mv "$file.signed" "$file"
