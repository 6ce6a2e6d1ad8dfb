package poll

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A changing device answers from what its rows are at the time.
type changing struct {
	t      *testing.T
	device Device
	rows   []smi.Varbind
	agent  *snmpagent.Agent
	asked  atomic.Pointer[[]smi.OID]
}

func newChanging(t *testing.T, rows ...[]smi.Varbind) *changing {
	t.Helper()
	c := &changing{t: t, rows: slices.Concat(rows...)}
	c.forget()
	c.set(nil)
	c.device = Device{Name: "sw03", Past: &Past{}, Open: func(ctx context.Context) (Source, error) {
		s, err := snmp.Open(ctx, c.agent.Addr().String(), []snmp.Credential{{Name: "site", Version: snmp.V2c, Community: "public"}}, snmp.Options{})
		if err != nil {
			return nil, err
		}
		return live{s}, nil
	}}
	return c
}

// set changes objects.
func (c *changing) set(changes []smi.Varbind) {
	for _, vb := range changes {
		c.rows = slices.DeleteFunc(c.rows, func(row smi.Varbind) bool { return row.Name.Compare(vb.Name) == 0 })
		c.rows = append(c.rows, vb)
	}
	agent, err := snmpagent.Start("127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"public": capture.New(c.rows)},
		Intercept: func(request snmpagent.Request, _ *snmpagent.Response) {
			asked := slices.Clone(*c.asked.Load())
			for _, vb := range request.Varbinds {
				asked = append(asked, slices.Clone(vb.Name))
			}
			c.asked.Store(&asked)
		}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { agent.Close() })
	c.agent = agent
}

func (c *changing) forget() { c.asked.Store(&[]smi.OID{}) }

// askedFor tells whether anything at or below an object was asked for.
func (c *changing) askedFor(object string) bool {
	root := smi.MustOID(object)
	return slices.ContainsFunc(*c.asked.Load(), func(name smi.OID) bool { return name.HasPrefix(root) })
}

func (c *changing) read(t *testing.T, full bool) lan.Snapshot {
	t.Helper()
	c.device.Full = full
	c.forget()
	return All(t.Context(), []Device{c.device}, blocks, nil)[0]
}

const (
	lldpStampObject = "1.0.8802.1.1.2.1.2.1.0"
	lldpChassis     = "1.0.8802.1.1.2.1.4.1.1.5"
	lagStampObject  = "1.2.840.10006.300.43.1.3.0"
	upTime          = "1.3.6.1.2.1.1.3.0"
)

func ticks(name string, n uint64) smi.Varbind {
	return smi.Varbind{Name: smi.MustOID(name), Value: smi.Value{Kind: smi.TimeTicks, Num: n}}
}

// bigSwitch has long forwarding tables, two of whose stations are sought.
func bigSwitch() ([]smi.Varbind, fdbTable) {
	f := randomTable(rand.New(rand.NewPCG(5, 6)), 4000, 0, 3)
	for _, stations := range f {
		maps.DeleteFunc(stations, func(mac lan.MAC, _ lan.BridgePort) bool { return isSought(mac) })
	}
	f[1][macOf(numberOf(blocks[40].First)+5)] = 7
	f[2][macOf(numberOf(blocks[90].First)+9)] = 8
	rows := slices.Collect(f.recording(honest).All())
	for port := range 48 {
		rows = append(rows, text(fmt.Sprintf("%s.%d", ifDescr, 100+port), fmt.Sprint("Gi0/", port+1)),
			text(fmt.Sprintf("1.3.6.1.2.1.31.1.1.1.18.%d", 100+port), fmt.Sprint("room ", port)),
			text(fmt.Sprintf("1.3.6.1.2.1.31.1.1.1.1.%d", 100+port), fmt.Sprint("Gi0/", port+1)),
			number(fmt.Sprintf("%s.%d", basePort, port+1), uint64(100+port)))
	}
	rows = append(rows, ticks(lldpStampObject, 50), ticks(lagStampObject, 60), text(lldpChassis+".0.3.1", "\x00\x11\x22\x33\x44\x55"),
		number("1.0.8802.1.1.2.1.4.1.1.4.0.3.1", 4), ticks(upTime, 360000))
	return slices.DeleteFunc(rows, func(vb smi.Varbind) bool { return vb.Name.String() == upTime && vb.Value.Num == 100 }), f
}

// What does not change by itself is read once, and again when a device has
// started anew or says that it has changed.
func TestPastSparesTables(t *testing.T) {
	rows, _ := bigSwitch()
	c := newChanging(t, rows)
	first := c.read(t, true)
	if len(first.FDB) < 3000 || c.device.Past.Walked().IsZero() {
		t.Fatalf("%d rows of the first reading, walked: %v", len(first.FDB), c.device.Past.Walked())
	}
	second := c.read(t, false)
	for _, object := range []string{ifDescr, basePort, "1.3.6.1.2.1.47.1.1.1.1"} {
		if c.askedFor(object) {
			t.Errorf("%s was asked for again", object)
		}
	}
	if !c.askedFor(lldpChassis) {
		t.Error("LLDP was left out before its stamp was seen to move")
	}
	if diff := cmp.Diff(wanted(first), wanted(second)); diff != "" || len(wanted(second)) != 2 {
		t.Errorf("what is sought differs (-first +second):\n%s", diff)
	}
	for _, e := range second.FDB {
		if i := second.Interface(e.IfIndex); i == nil || i.Label() != fmt.Sprint("Gi0/", e.Port) {
			t.Errorf("port %d is %+v", e.Port, i)
		}
	}
	if r := reading(t, second, lan.IfTable, ""); r.Status != lan.Complete || r.Rows != 48 || r.Requests != 0 || !strings.Contains(r.Reason, "as read at ") {
		t.Errorf("of the interfaces it says %+v", r)
	}
	if second.Requests >= first.Requests/4 {
		t.Errorf("%d requests, and %d at first", second.Requests, first.Requests)
	}

	c.set([]smi.Varbind{ticks(lldpStampObject, 70)}) // it moves
	c.read(t, false)
	quiet := c.read(t, false)
	if c.askedFor(lldpChassis) || len(quiet.LLDP) != 1 || quiet.LLDP[0].Chassis.MAC != (lan.MAC{0, 0x11, 0x22, 0x33, 0x44, 0x55}) {
		t.Errorf("LLDP asked for: %v; neighbours %+v", c.askedFor(lldpChassis), quiet.LLDP)
	}
	c.set([]smi.Varbind{ticks(lldpStampObject, 80)})
	if c.read(t, false); !c.askedFor(lldpChassis) {
		t.Error("LLDP was not asked for when its stamp had moved")
	}
	c.set([]smi.Varbind{ticks(lagStampObject, 90)})
	if c.read(t, false); !c.askedFor(ifDescr) {
		t.Error("the interfaces were not asked for when aggregates had changed")
	}
	c.set([]smi.Varbind{ticks(upTime, 100)})
	if c.read(t, false); !c.askedFor(ifDescr) || !c.askedFor(lldpChassis) {
		t.Error("not everything was asked for when the switch had started anew")
	}
}

// What people call a port is read anew where something was found.
func TestPastReadsAliasesOfFindings(t *testing.T) {
	rows, _ := bigSwitch()
	c := newChanging(t, rows)
	c.read(t, true)
	c.set([]smi.Varbind{text("1.3.6.1.2.1.31.1.1.1.18.106", "lobby"), text("1.3.6.1.2.1.31.1.1.1.18.120", "cellar")})
	s := c.read(t, false)
	if got := s.Interface(106).Alias; got != "lobby" {
		t.Errorf("the port of a finding is called %q", got)
	}
	if c.askedFor("1.3.6.1.2.1.31.1.1.1.18.120") {
		t.Error("another port was asked for as well")
	}
}

// An address that is new on a port has the switch walked: who else is there is
// to be known at once.
func TestPastWalksForNewcomers(t *testing.T) {
	rows, _ := bigSwitch()
	c := newChanging(t, rows)
	c.read(t, true)
	if s := c.read(t, false); !s.Sought() {
		t.Fatal("it was not sought in")
	}
	newcomer := macOf(numberOf(blocks[70].First) + 3)
	c.set([]smi.Varbind{number("1.3.6.1.2.1.17.7.1.2.2.1.2.1."+smi.OID(newcomer.Arcs()).String(), 9)})
	s := c.read(t, false)
	if s.Sought() || len(s.FDB) < 3000 || len(wanted(s)) != 3 {
		t.Errorf("sought in: %v; %d rows, %d of them wanted", s.Sought(), len(s.FDB), len(wanted(s)))
	}
	if s = c.read(t, false); !s.Sought() || len(wanted(s)) != 3 {
		t.Errorf("afterwards: sought in %v, %d wanted", s.Sought(), len(wanted(s)))
	}
}

// Only where a walk has shown that seeks miss nothing may a seek say that
// something is gone; and where one misses something, none is made any more.
func TestAudit(t *testing.T) {
	rows, f := bigSwitch()
	c := newChanging(t, rows)
	c.read(t, true)
	if r := reading(t, c.read(t, false), lan.Dot1qTpFdbTable, ""); r.Method != lan.Seek || !r.Verified || r.Status != lan.Complete {
		t.Errorf("after an audit it says %+v", r)
	}
	c.set([]smi.Varbind{ticks(upTime, 100)})
	if r := reading(t, c.read(t, false), lan.Dot1qTpFdbTable, ""); r.Verified {
		t.Errorf("after a start it says %+v", r)
	}

	// A device that gives the rows of a database only to who walks there.
	hidden := 0
	liar := newChanging(t, rows)
	column := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")
	sought := liar.device.Open
	liar.device.Open = func(ctx context.Context) (Source, error) {
		s, err := sought(ctx)
		return lying{s, column, f, &hidden}, err
	}
	first := liar.read(t, true)
	if liar.device.Past.Unsorted == "" || !strings.Contains(reading(t, first, lan.Dot1qTpFdbTable, "").Reason, "does not find all") {
		t.Errorf("unsorted %q; it says %+v; %d rows were hidden", liar.device.Past.Unsorted, reading(t, first, lan.Dot1qTpFdbTable, ""), hidden)
	}
	if s := liar.read(t, false); s.Sought() || len(wanted(s)) != 2 {
		t.Errorf("the next time: sought in %v, %d wanted", s.Sought(), len(wanted(s)))
	}
}

// A lying source leaves sought rows out where it is leapt, and not where it is
// walked.
type lying struct {
	Source
	column smi.OID
	table  fdbTable
	hidden *int
}

func (l lying) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	return l.Source.Read(ctx, l.hide(cursors)...)
}

func (l lying) hide(cursors []*snmp.Cursor) []*snmp.Cursor {
	for _, c := range cursors {
		row, done := c.Row, c.Done
		if c.Leap == nil || c.Root.Compare(l.column) != 0 {
			continue
		}
		c.Row = func(vb smi.Varbind) error {
			mac, _ := lan.MACFromArcs(vb.Name)
			if isSought(mac) {
				*l.hidden++
				return nil
			}
			return row(vb)
		}
		c.Done = func(err error) []*snmp.Cursor { return l.hide(done(err)) }
	}
	return cursors
}

func isSought(mac lan.MAC) bool {
	return slices.ContainsFunc(blocks, func(in lan.MACRange) bool { return mac.Compare(in.First) >= 0 && mac.Compare(in.Last) <= 0 })
}
