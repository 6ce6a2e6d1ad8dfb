#!/usr/bin/env bash
# build.sh VERSION ARCH EXE OUT.msi    makes the Windows package of EXE (a
# release's hook calls it). VERSION is x.y.z, what follows a hyphen is left
# out; ARCH is amd64 or arm64. It needs wixl and msitools (Debian 12: 0.101).
#
# The same input makes the same codes, so that a package can be made anew;
# another program of the same version is another product to Windows Installer.
set -euo pipefail
version=${1%%-*} arch=$2 exe=$(realpath "$3") out=$(realpath -m "$4")
here=$(cd "$(dirname "$0")" && pwd)
case $arch in amd64) platform=x64 ;; arm64) platform=Arm64 ;; *) echo "build.sh: there is no package for $arch" >&2; exit 2 ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/camwarden.wxs" "$exe" "$work/" # wixl 0.101 finds files by relative names only
cp "$here/../../LICENSE" "$work/LICENSE.txt"
cp "$here/../../NOTICE" "$work/NOTICE.txt"
time=${SOURCE_DATE_EPOCH:-$(stat -c %Y "$exe")}
cd "$work"
[ "$(basename "$exe")" = camwarden.exe ] || mv "$(basename "$exe")" camwarden.exe

touch -d "@$time" ./*

# uuid NAME: a UUID of version 8 (RFC 9562) of the package's content and NAME.
uuid() {
  sha256sum <(echo "$1 $version $arch") camwarden.exe camwarden.wxs "$here/build.sh" | cut -d' ' -f1 | sha256sum |
    sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-8\3-9\4-\5/' | tr a-f A-F
}

# wixl only warns of what it does not understand, and returns 0.
if ! wixl -a x64 -D Version="$version" -D ProductCode="$(uuid product)" -o package.msi camwarden.wxs >wixl.log 2>&1 || [ -s wixl.log ]; then
  cat wixl.log >&2
  exit 1
fi

query() { msibuild package.msi -q "$1"; }
column() { msiinfo export package.msi "$1" | tr -d '\r' | awk -F'\t' -v key="$2" -v n="$3" '$1 == key { print $n }'; }

# VersionNT stops at 603 for a package; what WINDOWS10 looks up came with it.
query "INSERT INTO LaunchCondition (Condition, Description) VALUES ('Installed OR WINDOWS10', 'camwarden needs Windows 10 or Windows Server 2016, or later.')"
# Transitive (64), so that a repair asks again.
query "UPDATE Component SET Attributes=320, Condition='NOT STARTBEFORE=\"#4\"' WHERE Component='Start'"
# Setting a property is no matter of who does it, as wixl marks it.
query "UPDATE CustomAction SET Type=51 WHERE Type=2099"
# Properties that an unprivileged client may hand to the installing service.
secure=$(column Property SecureCustomProperties 2)
query "UPDATE Property SET Value='$secure;ENDPOINT;SITE;TOKENFILE;CA;PROXY;SWITCHES;COMMUNITYFILE;LISTS;CONFIG;ACCOUNT;KEEPSTATE' WHERE Property='SecureCustomProperties'"
# HideTarget: the log does not repeat the command line.
query "UPDATE CustomAction SET Type=$(($(column CustomAction Setup 2) | 8192)) WHERE Action='Setup'"
# The program carries its version, so that its file has one, and no hash.
query "UPDATE File SET Version='$version.0', Language='0' WHERE File='camwarden.exe'"
query "DELETE FROM MsiFileHash WHERE File_='camwarden.exe'"
# REG_EXPAND_SZ, which wixl 0.101 writes as REG_SZ.
query "UPDATE Registry SET Value='#%%SystemRoot%\\System32\\EventCreate.exe' WHERE Registry='EventMessageFile'"
# Platform, and codes that depend on nothing but the content.
msibuild package.msi -s "camwarden $version" camwarden "$platform;1033" "{$(uuid package)}"

# Both times (the only FILETIMEs there) are that of the program, or of the release.
perl -0777 -pi -e 'BEGIN { $t = pack("Q<", (shift @ARGV) * 10_000_000 + 116_444_736_000_000_000) }
  s/(?<=\x40\0\0\0).{6}[\xd0-\xef]\x01/$t/gs == 2 or die "build.sh: the times of the package are not found\n"' "$time" package.msi

mkdir -p "$(dirname "$out")"
cp package.msi "$out"
