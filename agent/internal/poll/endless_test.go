package poll

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// mostMemory is how much more a process may take for a hostile switch.
const mostMemory = 64 << 20

// racing tells the race detector, which needs many times the memory.
var racing = false

// What comes after a position in an endless forwarding table.
type endless func(position) (position, bool)

func million(at position) (position, bool) {
	const step = 0x0000_0100_0001
	n := at.mac/step + 1
	return position{1, n * step}, n <= 1_000_000
}

func everyAddress(at position) (position, bool) { return at.after() }

func everyDatabase(at position) (position, bool) { return position{at.id + 1, 7}, at.id < maxID }

// A host is a switch whose forwarding table is endless.
var hosts = []struct {
	name   string
	how    string // it is read: walked, or sought in
	table  endless
	count  int // of rows in database 1, as it says
	octets int // in place of each value
	want   lan.Reading
}{
	{"a million rows", "walk", million, 0, 0, lan.Reading{Status: lan.Partial, Rows: 200_000}},
	{"a million rows", "seek", million, 1_000_000, 0, lan.Reading{Status: lan.Complete}},
	{"no end", "walk", everyAddress, 0, 0, lan.Reading{Status: lan.Partial, Rows: 200_000}},
	{"no end", "seek", everyAddress, 1<<31 - 1, 0, lan.Reading{Status: lan.Partial}},
	{"a row in every database", "seek", everyDatabase, 1_000_000, 0, lan.Reading{Status: lan.Partial, Rows: 200_000}},
	{"long datagrams", "walk in haste", everyAddress, 0, 2500, lan.Reading{Status: lan.Partial}},
}

// A digest is what a reading in another process has brought.
type digest struct {
	Reading  lan.Reading // of the endless table
	Others   int         // readings that are complete or absent
	Took     time.Duration
	Memory   int64 // at most, more than before
	Requests int
}

// A device can make a table as long as it likes. It is read up to an end, in
// little memory and in the time that the device has, and it is said that this
// is not all.
func TestReadOfWhatHasNoEnd(t *testing.T) {
	if address := os.Getenv(readHere); address != "" {
		readInChild(t, address, os.Getenv(readHow))
		return
	}
	if testing.Short() || racing {
		t.Skip("it takes long, and the race detector takes memory")
	}
	for _, host := range hosts {
		t.Run(host.name+", "+host.how, func(t *testing.T) {
			recording := fdbTable{1: {}}.recording(func(uint32, int) (int, bool) { return host.count, host.count > 0 })
			_, agent := serve(t, recording, snmpagent.Options{Intercept: flood(host.table, host.octets)})
			child := exec.Command(os.Args[0], "-test.run=^TestReadOfWhatHasNoEnd$")
			child.Env = append(os.Environ(), readHere+"="+agent.Addr().String(), readHow+"="+host.how)
			said, err := child.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			var got digest
			if err := json.NewDecoder(strings.NewReader(string(said))).Decode(&got); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			t.Logf("%d rows, %s (%s), %d MiB more memory, %d requests in %v", got.Reading.Rows, got.Reading.Status, got.Reading.Reason, got.Memory>>20, got.Requests, got.Took.Round(time.Millisecond))
			if got.Reading.Status != host.want.Status || host.want.Rows != 0 && got.Reading.Rows != host.want.Rows {
				t.Errorf("want %d rows, %s", host.want.Rows, host.want.Status)
			}
			if got.Memory > mostMemory || got.Took > limitOf(host.how)+time.Second || got.Others == 0 {
				t.Errorf("%d octets of memory, %v, %d other tables", got.Memory, got.Took, got.Others)
			}
		})
	}
}

// flood answers from a table, and whatever else from what there is.
func flood(table endless, octets int) func(snmpagent.Request, *snmpagent.Response) {
	value := smi.Value{Kind: smi.Integer, Num: 3}
	if octets > 0 {
		value = smi.Value{Kind: smi.OctetString, Bytes: make([]byte, octets)}
	}
	return func(request snmpagent.Request, r *snmpagent.Response) {
		if request.Type == snmpagent.GetRequest || len(r.Varbinds) < len(request.Varbinds) {
			return
		}
		last := r.Varbinds[:len(request.Varbinds)]
		r.Varbinds = nil
		for range max(1, int(request.MaxRepetitions)) {
			for i := range last {
				from := last[i].Name
				if len(r.Varbinds) < len(last) {
					from = request.Varbinds[i].Name
				}
				if name := table.next(from); name != nil {
					last[i] = smi.Varbind{Name: name, Value: value}
				}
			}
			r.Varbinds = append(r.Varbinds, last...)
		}
	}
}

// next is the object after one of dot1qTpFdbTable; nil where there is none.
func (e endless) next(after smi.OID) smi.OID {
	entry, in := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1"), layout{ids: true}
	if !after.HasPrefix(entry) || len(after) == len(entry) || after[len(entry)] < 2 || after[len(entry)] > 3 {
		return nil
	}
	column := after[:len(entry)+1]
	at, ok := in.position(after[len(column):])
	if !ok {
		at = position{1, 0}
	}
	if at, ok = e(at); !ok {
		return nil
	}
	return in.index(column.Append(), at)
}

// What a child process is told.
const readHere, readHow = "CAMWARDEN_TEST_READ", "CAMWARDEN_TEST_HOW"

// limitOf is how long a reading may take.
func limitOf(how string) time.Duration {
	if how == "walk in haste" {
		return 2 * time.Second
	}
	return time.Minute
}

// readInChild reads the device at an address, and prints a digest.
func readInChild(t *testing.T, address, how string) {
	d := Device{Name: "sw03", Limit: limitOf(how), Open: func(ctx context.Context) (Source, error) {
		s, err := snmp.Open(ctx, address, []snmp.Credential{{Name: "site", Version: snmp.V2c, Community: "public"}}, snmp.Options{})
		if err != nil {
			return nil, err
		}
		return live{s}, nil
	}}
	sought := blocks
	if how != "seek" {
		sought = nil
	}
	before := peakMemory(t)
	s := All(t.Context(), []Device{d}, sought, nil)[0]
	got := digest{Memory: peakMemory(t) - before, Took: s.To.Sub(s.From), Requests: s.Requests}
	for _, r := range s.Readings {
		switch {
		case r.Table == lan.Dot1qTpFdbTable:
			got.Reading = r
		case r.Status == lan.Complete || r.Status == lan.Absent:
			got.Others++
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(got); err != nil {
		t.Fatal(err)
	}
}

// peakMemory is the most that this process has had resident, or where that is
// not to be seen, what the runtime has from the system.
func peakMemory(t *testing.T) int64 {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		_, after, _ := strings.Cut(string(text), "VmHWM:")
		kilobytes, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return kilobytes << 10
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
