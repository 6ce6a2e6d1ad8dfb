#!/usr/bin/env bash
# Installs, upgrades, repairs and removes the Windows package under Wine.
# .ci/windows calls it in a machine of its own, with in /pkg what it has built,
# in /reports what the endpoint takes, and in /src this repository.
set -uo pipefail
export XDG_RUNTIME_DIR=/tmp
# Wine makes access lists out of permission bits. This stands for what files
# inherit from the folders that setup makes.
umask 077
prefix=$WINEPREFIX/drive_c
data=$prefix/ProgramData/camwarden
program="$prefix/Program Files/camwarden"
log=$data/log/camwarden.log

failed=0
check() { # check WHAT COMMAND…
  if "${@:2}"; then echo "ok      $1"; else echo "FAILED  $1"; failed=1; fi
}
fails() { ! "$@"; }
silent() { "$@" >/dev/null; }
eventually() { # within 30 s
  for _ in $(seq 150); do "$@" && return; sleep 0.2; done
  return 1
}
wine() { command wine "$@" 2>/dev/null; }
install() { wine msiexec /i "Z:\\pkg\\camwarden-$1.msi" /qn /l*v Z:\\tmp\\install.log "${@:2}"; }
upgrade() { UPGRADINGPRODUCTCODE=1 install "$@"; } # which Windows says by itself
camwarden() { wine "$program/camwarden.exe" "$@"; }
state() { wine sc query camwarden | tr -d '\r' | grep -q "STATE .*$1"; }
version() { [ "$(camwarden version | tr -d '\r' | sed -n 's/^camwarden *//p')" = "$1" ]; }
value() { wine reg query "HKLM\\SYSTEM\\CurrentControlSet\\Services\\$1" /v "$2" | tr -d '\r' | grep -qF "$3"; }
startup() { # which sc config sets on Windows
  silent wine reg add 'HKLM\SYSTEM\CurrentControlSet\Services\camwarden' /v Start /t REG_DWORD /d "$1" /f
}
reports() { [ "$(grep -c "\"version\":\"$1\"" /reports/reports.jsonl)" -ge "$2" ]; }
agents() { [ "$(grep -o '"agent":{"id":"[^"]*"' /reports/reports.jsonl | sort -u | wc -l)" = "$1" ]; }
sum() { (cd "$data" && sha256sum camwarden.toml token community ca.pem); }
unchanged() { [ "$(sum)" = "$before" ]; }
gone() { [ ! -e "$program" ] && ! state .; }
boot() {
  wineserver -k
  wineboot >/dev/null 2>&1
  sleep 1000 | wine cmd >/dev/null & # else the services end between two commands
}
stops() { # within 2 s
  local start end
  start=$(date +%s%N)
  wine sc stop camwarden >/dev/null && eventually state STOPPED
  end=$(date +%s%N)
  echo "        stopped after $(((end - start) / 1000000)) ms"
  [ $((end - start)) -lt 2000000000 ]
}

boot

tests() { # by their word: Wine sometimes kills a program that has just ended
  (cd "/src/$1" && wine "Z:\\pkg\\tests\\${1//\//_}.exe" -test.short | tr -d '\r' >/tmp/out)
  grep -qx PASS /tmp/out || { tail -n 20 /tmp/out; false; }
}
for folder in $(cat /pkg/tests/folders); do
  check "tests of $folder" tests "$folder"
done

windows='HKLM\Software\Microsoft\Windows NT\CurrentVersion'
silent wine reg delete "$windows" /v CurrentMajorVersionNumber /f # which came with Windows 10
check "an older Windows is refused" fails install 1.0.0 ACCOUNT=LocalService
check "… before anything is done" grep -qa 'LaunchConditions. Return value [^1]' /tmp/install.log # Wine does not log the sentence
check "… and has neither program nor service" gone
silent wine reg add "$windows" /v CurrentMajorVersionNumber /t REG_DWORD /d 10 /f

check "a wrong property installs nothing" fails install 1.0.0 ENDPOINT=http://plain.example.org/v1/reports SITE=a ACCOUNT=LocalService
check "… and leaves neither program nor service" gone
check "… and the log says why" grep -q 'level=ERROR.*plain http goes to this host only' "$log"

check "installs by properties" install 1.0.0 ENDPOINT=https://127.0.0.1:8443/v1/reports SITE=site-42 TOKENFILE=Z:\\pkg\\token \
  CA=Z:\\pkg\\ca.pem SWITCHES=127.0.0.2:1161,127.0.0.3 COMMUNITYFILE=Z:\\pkg\\community LISTS=us-ndaa-889,uk-2022-nil ACCOUNT=LocalService
check "runs" state RUNNING
check "runs as the account that was asked for" value camwarden ObjectName 'NT AUTHORITY\LocalService'
check "is started with its own word" value camwarden ImagePath 'run -service'
check "has an event source" value 'EventLog\Application\camwarden' EventMessageFile EventCreate.exe
check "a report has arrived" eventually reports 1.0.0 1
check "the token is not on the disk as it is" fails grep -rqF not-a-real-token "$prefix/ProgramData" "$program"
check "… nor in the package's log or the registry" fails grep -qaF not-a-real-token /tmp/install.log "$WINEPREFIX"/system.reg "$WINEPREFIX"/user.reg
check "others cannot read the data" [ "$(stat -c %A "$data")" = drwx------ ]
check "check finds nothing wrong" silent camwarden check -offline
check "another user's service is not ours to take away" fails camwarden service uninstall
before=$(sum)

check "stops" stops
echo '[nonsense' >>"$data/camwarden.toml"
check "starts with a wrong configuration" silent wine sc start camwarden
check "… and stays" eventually state RUNNING
check "… and says so" eventually grep -q 'level=ERROR msg="the configuration cannot be used' "$log"
sed -i '$d' "$data/camwarden.toml"

check "upgrades without properties" upgrade 1.1.0
check "… to the new version" version 1.1.0
check "… and runs" state RUNNING
check "… and keeps configuration and secrets" unchanged
check "… and the account" value camwarden ObjectName 'NT AUTHORITY\LocalService'
check "… and reports as the same agent" eventually reports 1.1.0 1
check "… (one id)" agents 1
check "is disabled" startup 4
check "upgrades a disabled service" upgrade 1.2.0
check "… which stays disabled" value camwarden Start 0x4
check "… and stopped" state STOPPED
check "is enabled" startup 2
# A delayed start is two minutes after the others, unless this says otherwise.
check "is delayed" silent wine reg add 'HKLM\SYSTEM\CurrentControlSet\Control' /v AutoStartDelay /t REG_DWORD /d 1000 /f
boot
check "starts with the machine" eventually state RUNNING
rm "$program/camwarden.exe"
check "a repair" wine msiexec /i "$(cat /pkg/product)" /qn REINSTALL=ALL REINSTALLMODE=amus \
  ENDPOINT=https://elsewhere.example.org/v1/reports ACCOUNT=LocalSystem # what msiexec /fa is on Windows
check "… brings the program back" version 1.2.0
check "… keeps configuration and secrets, whatever it is told" unchanged
check "… and the account" value camwarden ObjectName 'NT AUTHORITY\LocalService'
check "… and runs" state RUNNING
check "does not go back to an older version" fails install 1.1.0
check "… and stays as it is" version 1.2.0
check "… and runs" state RUNNING
check "is removed, and its state kept" wine msiexec /x Z:\\pkg\\camwarden-1.2.0.msi /qn KEEPSTATE=1
check "… without program and service" gone
check "… with configuration and secrets" unchanged
reported=$(grep -c '"version":"1.2.0"' /reports/reports.jsonl)
check "is installed again" install 1.2.0 ACCOUNT=LocalService
check "… and reports as the same agent" eventually reports 1.2.0 $((reported + 1))
check "… (one id)" agents 1
check "is removed" wine msiexec /x Z:\\pkg\\camwarden-1.2.0.msi /qn
check "… without program and service" gone
check "… without configuration, secrets and state" [ ! -e "$data" ]
check "… without event source" fails value 'EventLog\Application\camwarden' EventMessageFile EventCreate.exe

wine reg add 'HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application' /f >/dev/null # which Windows has
check "is registered without the package" silent wine Z:\\pkg\\camwarden-udp.exe service install
check "… not twice" fails wine Z:\\pkg\\camwarden-udp.exe service install
check "… as the account of its own" value camwarden ObjectName 'NT SERVICE\camwarden'
check "… which is started with its own word" value camwarden ImagePath 'run -service'
check "… starts" silent wine Z:\\pkg\\camwarden-udp.exe service start
check "… runs" eventually state RUNNING
check "… is taken away" silent wine Z:\\pkg\\camwarden-udp.exe service uninstall
check "… wholly" eventually gone

check "installs without a configuration" install 1.1.0 ACCOUNT=LocalService
check "… and runs" state RUNNING
check "is removed again" wine msiexec /x Z:\\pkg\\camwarden-1.1.0.msi /qn

mkdir -p /tmp/site/lists
cat >/tmp/site/camwarden.toml <<'TOML'
[site]
id = "site-43"
[endpoint]
url = "https://127.0.0.1:8443/v1/reports"
token_file = "central.token"
ca_file = "central.pem"
[[switch]]
address = "127.0.0.2:1161"
credentials = ["v3"]
[credentials.v3]
version = "3"
user = "camwarden"
auth = "sha256"
auth_passphrase_file = "v3.auth"
TOML
cp /pkg/token /tmp/site/central.token
cp /pkg/ca.pem /tmp/site/central.pem
echo not-a-real-passphrase >/tmp/site/v3.auth
check "installs by a folder" install 1.1.0 'CONFIG=Z:\tmp\site\' ACCOUNT=LocalService
check "… and runs" state RUNNING
check "… and reports" eventually grep -q '"site":{"id":"site-43"' /reports/reports.jsonl
check "… and has sealed every secret" fails grep -rqF -e not-a-real-token -e not-a-real-passphrase "$data"
check "is removed in the end" wine msiexec /x Z:\\pkg\\camwarden-1.1.0.msi /qn

check "scan reads a switch and the neighbour table" \
  bash -c 'command wine Z:\\pkg\\camwarden-udp.exe scan -json -switch 127.0.0.2:1161 -community-file Z:\\pkg\\community >/reports/wine.json 2>/tmp/scan.err || { cat /tmp/scan.err; false; }'
wineserver -k
exit $failed
