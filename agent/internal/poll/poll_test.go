package poll

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// errNoAnswer is what a session says of a device that is silent.
var errNoAnswer = fmt.Errorf("after 0 rows: %w to 6 requests", snmp.ErrNoAnswer)

const (
	sysName    = "1.3.6.1.2.1.1.5.0"
	ifDescr    = "1.3.6.1.2.1.2.2.1.2"
	basePort   = "1.3.6.1.2.1.17.1.4.1.2"
	fdbAddress = "1.3.6.1.2.1.17.4.3.1.1"
	fdbPort    = "1.3.6.1.2.1.17.4.3.1.2"
	fdbStatus  = "1.3.6.1.2.1.17.4.3.1.3"
	arpMAC     = "1.3.6.1.2.1.4.22.1.2"
	lldpName   = "1.0.8802.1.1.2.1.4.1.1.9"
)

func number(name string, n uint64) smi.Varbind {
	return smi.Varbind{Name: smi.MustOID(name), Value: smi.Value{Kind: smi.Integer, Num: n}}
}

func text(name, s string) smi.Varbind {
	return smi.Varbind{Name: smi.MustOID(name), Value: smi.Value{Kind: smi.OctetString, Bytes: []byte(s)}}
}

const (
	cameraArcs = ".20.167.139.182.211.65"
	otherArcs  = ".20.167.139.182.211.66"
	cameraText = "\x14\xa7\x8b\xb6\xd3\x41"
)

var camera = lan.MAC{0x14, 0xa7, 0x8b, 0xb6, 0xd3, 0x41}

// rows of a switch with two interfaces, bridge ports 1 and 2, and a camera
// and another station on the second.
func rows() []smi.Varbind {
	return []smi.Varbind{
		text(sysName, "sw03"),
		text(ifDescr+".101", "Gi0/1"), text(ifDescr+".102", "Gi0/2"),
		number(basePort+".1", 101), number(basePort+".2", 102),
		number(fdbPort+cameraArcs, 2), number(fdbPort+otherArcs, 2), number(fdbStatus+cameraArcs, 3), number(fdbStatus+otherArcs, 3),
		text(arpMAC+".101.10.20.0.9", cameraText),
	}
}

// reading returns what became of one table.
func reading(t *testing.T, s lan.Snapshot, table lan.Table, context string) lan.Reading {
	t.Helper()
	var found []lan.Reading
	for _, r := range s.Readings {
		if r.Table == table && r.Context == context {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d readings of %s in context %q", len(found), table, context)
	}
	return found[0]
}

func TestRead(t *testing.T) {
	d := &device{rows: rows()}
	s := Read(t.Context(), d.as("10.0.0.5"))
	want := lan.Snapshot{
		Source: "10.0.0.5", Kind: lan.SwitchSource, Requests: d.requests,
		System:      lan.System{Name: "sw03"},
		Interfaces:  []lan.Interface{{Index: 101, Descr: "Gi0/1"}, {Index: 102, Descr: "Gi0/2"}},
		BridgePorts: map[lan.BridgePort]lan.IfIndex{1: 101, 2: 102},
		FDB: []lan.FDBEntry{
			{MAC: camera, Port: 2, IfIndex: 102, Status: lan.FDBLearned, Table: lan.Dot1dTpFdbTable},
			{MAC: lan.MAC{0x14, 0xa7, 0x8b, 0xb6, 0xd3, 0x42}, Port: 2, IfIndex: 102, Status: lan.FDBLearned, Table: lan.Dot1dTpFdbTable}},
		ARP: []lan.ARPEntry{{IfIndex: 101, IP: netip.MustParseAddr("10.20.0.9"), MAC: camera, Table: lan.IPNetToMediaTable, Index: "101.10.20.0.9"}},
	}
	sum := 0
	for _, r := range s.Readings {
		sum += r.Requests
		r.Requests, r.Elapsed = 0, 0
		want.Readings = append(want.Readings, wantedReading(r.Table))
	}
	diff := cmp.Diff(want, s, cmpopts.IgnoreFields(lan.Snapshot{}, "From", "To"), cmpopts.IgnoreFields(lan.Reading{}, "Requests", "Elapsed"),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }))
	if diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if len(s.Readings) != 1+len(mib.Decoders()) || sum != d.requests || d.closed != 1 {
		t.Errorf("%d readings, %d of %d requests, closed %d times", len(s.Readings), sum, d.requests, d.closed)
	}
}

// wantedReading is what is to be said of a table of rows.
func wantedReading(table lan.Table) lan.Reading {
	counts := map[lan.Table]int{lan.SystemGroup: 1, lan.IfTable: 2, lan.Dot1dBasePortTable: 2, lan.Dot1dTpFdbTable: 2, lan.IPNetToMediaTable: 1}
	r := lan.Reading{Table: table, Method: lan.Walk, Status: lan.Absent, Rows: counts[table]}
	if r.Rows > 0 {
		r.Status = lan.Complete
	}
	if table == lan.SystemGroup {
		r.Method = lan.Get
	}
	return r
}

// What became of the forwarding table, and that it is no matter to the others.
func TestReadSaysHowMuchOfATableWasRead(t *testing.T) {
	cut := fmt.Errorf("after 1 rows: %w: genErr", snmp.ErrCut)
	endless := fmt.Errorf("after 1 rows: %w (200000)", snmp.ErrTooManyRows)
	tests := []struct {
		name  string
		rows  []smi.Varbind // of the table; nil for those of the switch
		fails map[string]failure
		want  lan.Reading
	}{
		{"to its end", nil, nil, lan.Reading{Status: lan.Complete, Rows: 2}},
		// The column of the states shows who is there all the same.
		{"cut in the first column", nil, map[string]failure{fdbPort: {1, cut}},
			lan.Reading{Status: lan.Partial, Rows: 2, Reason: "read dot1dTpFdbPort: after 1 rows: cut short: genErr"}},
		{"cut before the first row", nil, map[string]failure{fdbPort: {0, cut}},
			lan.Reading{Status: lan.Partial, Rows: 2, Reason: "read dot1dTpFdbPort: after 1 rows: cut short: genErr"}},
		{"cut in the second column", nil, map[string]failure{fdbStatus: {0, cut}},
			lan.Reading{Status: lan.Partial, Rows: 2, Reason: "read dot1dTpFdbStatus: after 1 rows: cut short: genErr"}},
		{"without end", nil, map[string]failure{fdbPort: {2, endless}},
			lan.Reading{Status: lan.Partial, Rows: 2, Reason: "read dot1dTpFdbPort: after 1 rows: more rows than are read at most (200000)"}},
		{"more than the device can deliver, but it lives", nil, map[string]failure{fdbPort: {0, errNoAnswer}},
			lan.Reading{Status: lan.Partial, Rows: 2, Reason: "read dot1dTpFdbPort: after 0 rows: no answer to 6 requests"}},
		{"no such table", []smi.Varbind{}, nil, lan.Reading{Status: lan.Absent}},
		{"one of two rows cannot be read", []smi.Varbind{number(fdbPort+cameraArcs, 2), number(fdbPort+".7.7", 2)}, nil,
			lan.Reading{Status: lan.Partial, Rows: 2, Reason: "1 row cannot be read: the index holds no hardware address, and there is no address column"}},
		{"counted rows, and their addresses", []smi.Varbind{number(fdbPort+".1", 2), text(fdbAddress+".1", cameraText)}, nil,
			lan.Reading{Status: lan.Complete, Rows: 1, Reason: "rows indexed otherwise than its MIB says: 1"}},
		{"rows without the first column", []smi.Varbind{number(fdbStatus+cameraArcs, 3)}, nil, lan.Reading{Status: lan.Complete, Rows: 1}},
		{"rows with columns that are not read", []smi.Varbind{text(fdbAddress+".1", cameraText)}, nil,
			lan.Reading{Status: lan.Failed, Reason: "it has rows, but none with dot1dTpFdbPort"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := &device{fails: test.fails}
			for _, vb := range rows() {
				if test.rows == nil || !strings.HasPrefix(vb.Name.String(), "1.3.6.1.2.1.17.4.3.") {
					d.rows = append(d.rows, vb)
				}
			}
			d.rows = append(d.rows, test.rows...)
			s := Read(t.Context(), d.as("sw03"))
			test.want.Table, test.want.Method = lan.Dot1dTpFdbTable, lan.Walk
			got := reading(t, s, lan.Dot1dTpFdbTable, "")
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(lan.Reading{}, "Requests", "Elapsed")); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			if got := reading(t, s, lan.IPNetToMediaTable, ""); s.Err != "" || got.Status != lan.Complete || len(s.ARP) != 1 {
				t.Errorf("the table after it: %+v, error %q", got, s.Err)
			}
		})
	}
}

// A device that is silent costs its attempts once, not for every table and
// every context.
func TestReadDoesNotAskASilentDeviceForEverything(t *testing.T) {
	all := &device{rows: rows()}
	Read(t.Context(), all.as("sw03"))
	for _, mute := range []int{1, 2, 5, 20} {
		t.Run(fmt.Sprint("after ", mute-1), func(t *testing.T) {
			d := &device{rows: rows(), mute: mute, views: map[string]*device{"20": {rows: rows()}}}
			s := Read(t.Context(), d.as("sw03"))
			if d.requests > mute+2 { // whether there are rows in other columns, and whether it lives
				t.Errorf("%d requests, %d of them unanswered", d.requests, d.requests-mute+1)
			}
			if d.views["20"].requests != 0 {
				t.Error("its context was asked")
			}
			if len(s.Readings) != 2+len(mib.Decoders()) {
				t.Errorf("%d readings: what was not asked has to be said as well", len(s.Readings))
			}
			last := reading(t, s, lan.Dot1dTpFdbTable, "20")
			if last.Status != lan.Failed || last.Reason != "the device has stopped answering" {
				t.Errorf("of the context it says %+v", last)
			}
			if last := reading(t, s, lan.IPNetToPhysicalTable, ""); last.Status != lan.Failed || last.Reason != "the device has stopped answering" {
				t.Errorf("of the last table it says %+v", last)
			}
			if mute == 1 && s.Err != "it answered, but no table could be read" {
				t.Errorf("the error is %q", s.Err)
			}
		})
	}
}

func TestReadOfWhatCannotBeReached(t *testing.T) {
	s := Read(t.Context(), Device{Name: "sw03", Open: func(context.Context) (Source, error) { return nil, errors.New("open sw03: no route") }})
	if s.Err != "open sw03: no route" || s.Source != "sw03" || len(s.Readings) != 0 || s.To.Before(s.From) {
		t.Errorf("got %+v", s)
	}
}

func TestReadInContextThatHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := Read(ctx, (&device{rows: rows()}).as("sw03"))
	for _, r := range s.Readings {
		if r.Status != lan.Failed || !strings.Contains(r.Reason, context.Canceled.Error()) {
			t.Errorf("got %+v", r)
		}
	}
	if s.Err == "" {
		t.Error("no error is told")
	}
}

func TestReadTakesTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Read(t.Context(), (&device{rows: rows(), delay: time.Second}).as("sw03"))
		all := s.To.Sub(s.From)
		for _, r := range s.Readings {
			if r.Elapsed < time.Duration(r.Requests)*time.Second || r.Elapsed > all || r.Requests == 0 {
				t.Errorf("%s took %v with %d requests", r.Table, r.Elapsed, r.Requests)
			}
		}
		if all != time.Duration(s.Requests)*time.Second {
			t.Errorf("all took %v, with %d requests", all, s.Requests)
		}
	})
}

func TestAll(t *testing.T) {
	const n = MaxDevices + 8
	var devices []Device
	var reading, most atomic.Int32
	for i := range n {
		d := (&device{rows: rows()}).as(fmt.Sprint(i))
		open := d.Open
		d.Open = func(ctx context.Context) (Source, error) {
			if now := reading.Add(1); now > most.Load() {
				most.Store(now)
			}
			defer reading.Add(-1)
			time.Sleep(time.Duration(n-i) * time.Second)
			switch i % 10 {
			case 3:
				panic("a decoder did not expect this")
			case 7:
				return nil, errors.New("no route")
			}
			return open(ctx)
		}
		devices = append(devices, d)
	}
	synctest.Test(t, func(t *testing.T) {
		told := make(map[string]int)
		busy := false // no lock: done is to be called by one at a time
		snapshots := All(t.Context(), devices, nil, func(s lan.Snapshot) {
			if busy {
				t.Error("done is called twice at a time")
			}
			busy = true
			time.Sleep(time.Millisecond)
			told[s.Source]++
			busy = false
		})
		if len(snapshots) != n || len(told) != n {
			t.Fatalf("%d snapshots, %d told", len(snapshots), len(told))
		}
		for i, s := range snapshots {
			if s.Source != devices[i].Name || told[s.Source] != 1 {
				t.Errorf("snapshot %d is of %s and was told %d times", i, s.Source, told[s.Source])
			}
			wantErr := map[int]string{3: fmt.Sprintf("read %d: a decoder did not expect this", i), 7: "no route"}[i%10]
			if s.Err != wantErr || wantErr == "" && len(s.FDB) != 2 {
				t.Errorf("device %d: error %q and %d entries, want %q", i, s.Err, len(s.FDB), wantErr)
			}
		}
	})
	if got := most.Load(); got != MaxDevices {
		t.Errorf("at most %d devices were read at once, want %d", got, MaxDevices)
	}
}

// Switches that are down cost their own time, not that of the others.
func TestAllIsNotHeldUpByTheSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const long = 10 * time.Second
		var devices []Device
		for i := range 2 * maxReading {
			d := (&device{rows: rows()}).as(fmt.Sprint(i))
			open := d.Open
			d.Open = func(ctx context.Context) (Source, error) {
				if i < maxReading+10 {
					time.Sleep(long)
					return nil, errors.New("no answer")
				}
				return open(ctx)
			}
			devices = append(devices, d)
		}
		start := time.Now()
		for i, s := range All(t.Context(), devices, nil, nil) {
			if took := s.To.Sub(start); (i < maxReading+10) != (took == long) {
				t.Errorf("device %d was done after %v", i, took)
			}
		}
		if took := time.Since(start); took != long {
			t.Errorf("all took %v", took)
		}
	})
}

func TestAllOfNothing(t *testing.T) {
	if got := All(t.Context(), nil, nil, nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := All(t.Context(), []Device{(&device{rows: rows()}).as("sw03")}, nil, nil); len(got) != 1 || got[0].Err != "" {
		t.Errorf("got %v", got)
	}
}

// odd fails in ways that no device should.
type odd struct {
	*device
	get  error
	walk string // what it panics with
}

func (o odd) Get(ctx context.Context, names ...smi.OID) ([]smi.Varbind, error) {
	if o.get != nil {
		return nil, o.get
	}
	return o.device.Get(ctx, names...)
}

func (o odd) Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error {
	if o.walk != "" {
		panic(o.walk)
	}
	return o.device.Walk(ctx, root, row)
}

func (o odd) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	return OneByOne(ctx, o, cursors)
}

func TestReadWithoutTheSystemGroup(t *testing.T) {
	o := odd{device: &device{rows: rows()}, get: fmt.Errorf("%w: genErr", snmp.ErrCut)}
	s := Read(t.Context(), Device{Name: "sw03", Open: func(context.Context) (Source, error) { return o, nil }})
	if got := reading(t, s, lan.SystemGroup, ""); got.Status != lan.Failed || got.Reason != "cut short: genErr" {
		t.Errorf("of the system group it says %+v", got)
	}
	if s.Err != "" || len(s.FDB) != 2 {
		t.Errorf("error %q, %d forwarding entries", s.Err, len(s.FDB))
	}
}

func TestReadOfADeviceThatHasNothing(t *testing.T) {
	s := Read(t.Context(), (&device{}).as("sw03"))
	for _, r := range s.Readings {
		if r.Status != lan.Absent || r.Rows != 0 || r.Reason != "" {
			t.Errorf("got %+v", r)
		}
	}
	if s.Err != "" || len(s.Readings) != 1+len(mib.Decoders()) {
		t.Errorf("error %q, %d readings", s.Err, len(s.Readings))
	}
}

func TestReadOutlastsAPanic(t *testing.T) {
	o := odd{device: &device{rows: rows()}, walk: "index out of range"}
	s := Read(t.Context(), Device{Name: "sw03", Open: func(context.Context) (Source, error) { return o, nil }})
	if s.Err != "read sw03: index out of range" || s.To.IsZero() || o.closed != 1 {
		t.Errorf("error %q, to %v, closed %d times", s.Err, s.To, o.closed)
	}
}

// What the devices of one round name is read in the next, and each is handed
// on once, in the order in which it was named.
func TestExplore(t *testing.T) {
	links := map[string][]string{"": {"sw01", "sw02"}, "sw01": {"sw03"}, "sw02": {"sw04"}, "sw03": {"sw05"}}
	var rounds, told []string
	further := func(read []lan.Snapshot) []Device {
		var names []string
		var next []Device
		if len(read) == 0 {
			read = []lan.Snapshot{{}} // where the way begins
		}
		for _, s := range read {
			names = append(names, s.Source)
			for _, name := range links[s.Source] {
				d := (&device{rows: rows()}).as(name)
				d.Found = "named by " + s.Source
				next = append(next, d)
			}
		}
		rounds = append(rounds, strings.Join(names, " "))
		return next
	}
	var got []string
	for _, s := range Explore(t.Context(), nil, further, nil, func(s lan.Snapshot) { told = append(told, s.Source) }) {
		if s.Err != "" || len(s.FDB) != 2 {
			t.Errorf("%s: error %q, %d entries", s.Source, s.Err, len(s.FDB))
		}
		got = append(got, s.Source+" "+s.Found)
	}
	if want := []string{"sw01 named by ", "sw02 named by ", "sw03 named by sw01", "sw04 named by sw02", "sw05 named by sw03"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"", "sw01 sw02", "sw03 sw04", "sw05"}; !slices.Equal(rounds, want) {
		t.Errorf("rounds %q, want %q", rounds, want)
	}
	if len(told) != len(got) {
		t.Errorf("told of %q", told)
	}
}
