#!/usr/bin/env bash
# Measures camwarden against Debian's snmpbulkwalk and FusionInventory on
# simulated switches, all in one run, and prints a table; with -w it writes it
# into docs/performance.md. -q asks each peer and switch once only.
#
# Needs Go, and on Debian: apt-get install snmp time fusioninventory-agent
# fusioninventory-agent-task-network. Takes about ten minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."

repeat=5 peers=3 cycles=100 write=''
while getopts qw option; do
  case $option in
    q) repeat=1 peers=1 cycles=20 ;;
    w) write=1 ;;
    *) exit 2 ;;
  esac
done

work=$(mktemp -d)
trap 'for job in $(jobs -p); do kill "$job" 2>/dev/null || :; done; rm -rf "$work"' EXIT
tell() { printf '%s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null || { tell "*** SKIPPED, not measured: $1 is not installed"; return 1; }; }
[ -x /usr/bin/time ] || { tell "this needs GNU time (Debian: apt-get install time)"; exit 1; }

CGO_ENABLED=0 go build -tags gosnmp_nodebug,nethttpomithttp2 -trimpath -ldflags='-s -w' -o "$work/camwarden" ./agent
go build -o "$work/serve" ./agent/internal/snmpagent/serve

# The simulated switches: one process, which counts what it is asked.
port=1161 at=127.0.0.1:1161
switches() {
  stop
  coproc SIM { exec "$work/serve" -port "$port" "$@"; }
  sim=$SIM_PID
  read -r _ <&"${SIM[0]}"
}
stop() {
  [ "${SIM_PID:-}" ] || return 0
  exec {SIM[1]}>&-
  wait "$sim" || :
}
counts() { # requests and rounds since it was asked last
  echo >&"${SIM[1]}"
  read -r _ requests _ _ _ rounds <&"${SIM[0]}"
}

# measure NAME TIMES COMMAND… appends to $work/NAME, for each time, a line:
# milliseconds, KiB, milliseconds of CPU, requests, rounds.
measure() {
  local name=$1 times=$2 start
  shift 2
  while ((times-- > 0)); do
    counts
    start=${EPOCHREALTIME//[!0-9]/}
    /usr/bin/time -q -o "$work/time" -f '%M %U %S' "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
    local took=$((${EPOCHREALTIME//[!0-9]/} - start))
    counts
    awk -v us="$took" -v requests="$requests" -v rounds="$rounds" '{
      print us / 1000, $1, 1000 * ($2 + $3), requests, rounds }' "$work/time" >>"$work/$name"
  done
  tell "$name: $(median "$name" 1) ms, $(median "$name" 2) KiB, $(median "$name" 3) ms CPU, $(median "$name" 4) requests, $(median "$name" 5) rounds"
}
median() { sort -n -k "$2,$2" "$work/$1" | awk -v column="$2" '{ seen[NR] = $column } END { print seen[int((NR + 1) / 2)] }'; }
most() { sort -n -k "$2,$2" "$work/$1" | awk -v column="$2" 'END { print $column }'; }

# scan NAME FLAGGED ARGUMENT… measures camwarden, and holds that it has found
# and read everything.
scan() {
  local name=$1 flagged=$2
  shift 2
  measure "$name" "$repeat" "$work/camwarden" scan -no-host -community public "$@"
  grep -qE "^$flagged stations? of flagged makers.*read completely" "$work/out" && ! grep -q 'not read completely' "$work/out" ||
    { tell "$name: not everything was found:"; head -n 3 "$work/out" >&2; exit 1; }
}

# bulkwalk NAME TIMES ROOT… measures a bulk walk of each subtree.
bulkwalk() {
  local name=$1 times=$2
  shift 2
  # shellcheck disable=SC2016 # for the inner shell
  measure "$name" "$times" bash -c 'for root; do snmpbulkwalk -v2c -c public -Cr50 -On "$0" "$root"; done' "$at" "$@"
}
ports=1.3.6.1.2.1.17.7.1.2.2.1.2 forwarding=1.3.6.1.2.1.17.7.1.2.2.1
# The columns that camwarden reads and a plain switch has.
columns=(1.3.6.1.2.1.2.2.1.{2,3,6} 1.3.6.1.2.1.31.1.1.1.{1,18} 1.3.6.1.2.1.17.1.4.1.{1,2} 1.3.6.1.2.1.17.2.15.1.3
  1.3.6.1.2.1.17.7.1.4.2.1.3 1.3.6.1.2.1.17.7.1.4.3.1.1 1.0.8802.1.1.2.1.3.7.1.{2,3,4} 1.3.6.1.2.1.47.1.1.1.1.{5,11,13} "$forwarding".{2,3})

# row WORK MARK SEEN adds a line to the table.
table=$work/table
row() { printf '| %s | %s | %s |\n' "$@" | tee -a "$table" >&2; }
ratio() { awk -v a="$1" -v b="$2" -v digits="${3:-1}" 'BEGIN { printf "%.*f", digits, a / b }'; }
least() { awk -v seen="$1" -v mark="$2" 'BEGIN { exit !(seen >= mark) }' && echo met || echo '**missed**'; }
atmost() { least "$2" "$1"; }
seconds() { awk -v ms="$1" 'BEGIN { printf "%.3g s", ms / 1000 }'; }
mib() { ratio "$1" 1024; }

large=(-delay 5ms -rows 100000 -vlans 20 -flagged 100)
for layout in scattered clustered; do
  if [ $layout = clustered ]; then large+=(-clustered); fi
  switches "${large[@]}"
  scan "seek-$layout" 100 -switch "$at"
  work_is="100,000 MACs, 20 VLANs, 100 flagged ($layout), 5 ms: whole \`scan\`"
  has snmpbulkwalk || { row "$work_is" '' 'snmpbulkwalk is not installed'; continue; }
  bulkwalk "port-$layout" "$peers" "$ports"
  times=$(ratio "$(median "port-$layout" 1)" "$(median "seek-$layout" 1)")
  row "$work_is against \`snmpbulkwalk -Cr50\` of dot1qTpFdbPort" '≥ 50 × faster' \
    "$times × ($(seconds "$(median "seek-$layout" 1)") against $(seconds "$(median "port-$layout" 1)")): $(least "$times" 50)"
  rounds=$(median "seek-$layout" 5)
  row '— in sequence' '≤ 50 round trips' "$rounds: $(atmost "$rounds" 50)"
  part=$(ratio "$(median "seek-$layout" 4)" "$(median "port-$layout" 4)" 3)
  row '— requests' "≤ 1/10 of snmpbulkwalk's" "$part ($(median "seek-$layout" 4) against $(median "port-$layout" 4)): $(atmost "$part" 0.1)"
  row '— memory' '' "$(mib "$(most "seek-$layout" 2)") MiB at most"
done

switches "${large[@]}"
scan full 100 -switch "$at" -full
kib=$(most full 2)
row '100,000 MACs, 5 ms: `scan -full`' '≤ 48 MiB' "$(mib "$kib") MiB: $(atmost "$kib" $((48 * 1024)))"
if has snmpbulkwalk; then
  bulkwalk both "$peers" "$forwarding"
  times=$(ratio "$(median full 1)" "$(median both 1)" 2)
  row '— against `snmpbulkwalk -Cr50` of both columns that it reads' '≤ 1.0 × the time' \
    "$times × ($(seconds "$(median full 1)") against $(seconds "$(median both 1)")): $(atmost "$times" 1)"
  times=$(ratio "$(median full 1)" "$(median port-clustered 1)" 2)
  row '— against that of dot1qTpFdbPort alone' '' "$times × ($(seconds "$(median port-clustered 1)"))"
fi

switches -delay 5ms -rows 1000 -vlans 5
scan small 10 -switch "$at"
if has snmpbulkwalk; then
  bulkwalk columns "$peers" "${columns[@]}"
  # Starting so many processes is not held against the peer.
  # shellcheck disable=SC2016 # for the inner shell
  measure started "$peers" bash -c 'for _; do snmpbulkwalk -V; done' "$at" "${columns[@]}" 2>/dev/null
  alone=$(awk -v all="$(median columns 1)" -v start="$(median started 1)" 'BEGIN { print all - start }')
  times=$(ratio "$(median small 1)" "$alone" 2)
  row '1,000 MACs, 5 VLANs, 5 ms: `scan` against `snmpbulkwalk -Cr50` of the same columns' 'not slower' \
    "$times × ($(seconds "$(median small 1)") against $(seconds "$alone") without its starts): $(atmost "$times" 1)"
fi
row '— requests, in sequence' '' "$(median small 4), $(median small 5)"

switches -delay 5ms -rows 10000 -vlans 10 -flagged 20
scan middle 20 -switch "$at"
if has fusioninventory-netinventory; then
  measure netinventory 1 fusioninventory-netinventory --host 127.0.0.1 --port "$port" --credentials version:2c,community:public --timeout 5
  grep -q '<CONNECTION>' "$work/out" || { tell 'netinventory has found no station'; exit 1; }
  times=$(ratio "$(median netinventory 1)" "$(median middle 1)" 0)
  row '10,000 MACs, 10 VLANs, 5 ms: `scan` against `fusioninventory-netinventory`' '≥ 200 × faster' \
    "$times × ($(seconds "$(median middle 1)") against $(seconds "$(median netinventory 1)"), $(median middle 4) requests against $(median netinventory 4)): $(least "$times" 200)"
fi
rounds=$(median middle 5)
row '— in sequence' '≤ 20 round trips' "$rounds: $(atmost "$rounds" 20)"
if has fusioninventory-netdiscovery; then
  measure netdiscovery "$peers" fusioninventory-netdiscovery --first 127.0.0.1 --last 127.0.0.1 --port "$port" \
    --credentials version:2c,community:public
  row '— `fusioninventory-netdiscovery`, which reads no table' '' "$(seconds "$(median netdiscovery 1)"), $(median netdiscovery 4) requests"
fi

rows=(10000 100000)
for n in "${rows[@]}"; do
  switches -rows "$n" -vlans 20 -flagged 100
  scan "growth-$n" 100 -switch "$at"
done
growth=$(ratio "$(median growth-100000 4)" "$(median growth-10000 4)" 2)
row 'requests when the table grows from 10,000 to 100,000 MACs, 100 flagged' '≤ 1.5 ×' \
  "$growth × ($(median growth-10000 4), $(median growth-100000 4)): $(atmost "$growth" 1.5)"

switches -delay 5ms -rows 1000 -vlans 5 -switches 200
mapfile -t addresses < <("$work/serve" -list -switches 200 -port "$port")
for ((i = 0; i < repeat; i++)); do # in turn, for this machine is not ours alone
  repeat=1 scan one 10 -switch "${addresses[7]}"
  repeat=1 scan many 2000 "${addresses[@]/#/-switch=}"
done
times=$(ratio "$(median many 1)" "$(median one 1)" 1)
row '200 switches × 1,000 MACs, 5 ms: `scan` of all against one of them' '≤ 3 × the time' \
  "$times × ($(seconds "$(median many 1)") against $(seconds "$(median one 1)")): $(atmost "$times" 3)"
kib=$(most many 2)
row '— memory' '≤ 32 MiB' "$(mib "$kib") MiB: $(atmost "$kib" $((32 * 1024)))"
row '— requests, CPU' '' "$(median many 4), $(median many 3) ms"
switches -delay 50ms -rows 1000 -vlans 5 -switches 200
scan far 10 -switch "${addresses[7]}"
scan farther 2000 "${addresses[@]/#/-switch=}"
times=$(ratio "$(median farther 1)" "$(median far 1)" 1)
row '— at 50 ms, where distance is what counts' '' "$times × ($(seconds "$(median farther 1)") against $(seconds "$(median far 1)"))"

# The service as it is, but for the least interval that its configuration may
# name: a hundred minutes are too long to wait.
section=agent/internal/config/section.go
sed 's/minEvery  *= time.Minute/minEvery = time.Second/' "$section" >"$work/section.go"
cmp -s "$section" "$work/section.go" && { tell "$section has another least interval by now"; exit 1; }
printf '{"Replace": {"%s": "%s"}}' "$PWD/$section" "$work/section.go" >"$work/overlay.json"
CGO_ENABLED=0 go build -overlay "$work/overlay.json" -tags gosnmp_nodebug,nethttpomithttp2 -trimpath -ldflags='-s -w' -o "$work/service" ./agent
switches -delay 5ms -rows 500 -vlans 5 -switches 20
mkdir -m 700 "$work/state" "$work/reports"
(umask 077; echo public >"$work/community"; echo secret >"$work/token")
{
  printf '[site]\nid = "here"\n[endpoint]\nurl = "http://127.0.0.1:18443/v1/reports"\ntoken_file = "token"\n'
  printf '[schedule]\nevery = "1s"\n[credentials.v2]\nversion = "2c"\ncommunity_file = "community"\n'
  "$work/serve" -list -switches 20 -port "$port" | sed 's/.*/[[switch]]\naddress = "&"\ncredentials = ["v2"]/'
} >"$work/camwarden.toml"
"$work/camwarden" receive -listen 127.0.0.1:18443 -dir "$work/reports" -token-file "$work/token" >"$work/receive.log" 2>&1 &
"$work/service" run -config "$work/camwarden.toml" -state "$work/state" >"$work/run.log" 2>&1 &
service=$!
observed() { grep -c 'msg=observed' "$work/run.log" || :; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$service/status"; }
used() { awk -v tick="$(getconf CLK_TCK)" '{ print 1000 * ($14 + $15) / tick }' "/proc/$service/stat"; }
after() { # a number of cycles, and half a second in which nothing is done
  until [ "$(observed)" -ge "$1" ]; do
    kill -0 "$service" 2>/dev/null || { cat "$work/run.log" >&2; exit 1; }
    sleep 0.2
  done
  sleep 0.5
}
after $((cycles / 5))
early=$(resident) before=$(used) first=$(observed)
after "$cycles"
late=$(resident) spent=$(used) last=$(observed)
kill "$service"
grep -q '=partial\|=failed' "$work/run.log" && { tell 'the service could not read everything'; exit 1; }
cpu=$(awk -v spent="$spent" -v before="$before" -v n=$((last - first)) 'BEGIN { printf "%.0f", (spent - before) / n }')
row "service, 20 switches × 500 MACs, idle after $last cycles" '≤ 16 MiB, flat' \
  "$(mib "$late") MiB ($(mib "$early") after $first): $(atmost "$late" $((16 * 1024)))"
row '— CPU of a cycle' '≤ 100 ms' "$cpu ms: $(atmost "$cpu" 100)"
stop

bench=$(go test -run '^$' -bench 'Seek|Walk|Growth' -benchtime "${repeat}x" ./agent/internal/poll ./agent/internal/snmp | grep ^Benchmark)

result() {
  printf 'Measured by `docs/performance/compare.sh` on %s: %s, %d cores, Linux %s, load %s at the end; %s%s; medians of %d runs, of the peers %d.\n\n' \
    "$(date -u +%F)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" "$(cut -d' ' -f2 /proc/loadavg)" \
    "$(go version | cut -d' ' -f3)" "$(dpkg-query -W -f=', ${Package} ${Version}' snmp fusioninventory-agent 2>/dev/null || :)" "$repeat" "$peers"
  printf '| work | mark | seen |\n|---|---|---|\n'
  cat "$table"
  printf '\n`go test -bench`, agent and client in one process:\n\n'
  printf '%s\n' "$bench" | sed 's/\t/  /g; s/^/    /'
}
result
if [ "$write" ]; then
  result >"$work/result"
  sed -i -e "/<!-- measured -->/r $work/result" -e '/<!-- measured -->/,/<!-- end -->/{/<!-- measured -->/b;/<!-- end -->/b;d}' docs/performance.md
fi
