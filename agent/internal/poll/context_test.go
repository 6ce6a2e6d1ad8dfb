package poll

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// Cisco IOS shows each VLAN's forwarding table, and the map of its ports, to
// a community of its own.
func TestReadContexts(t *testing.T) {
	d := &device{
		rows: []smi.Varbind{text(sysName, "sw03"), text(ifDescr+".101", "Gi0/1"), text(ifDescr+".102", "Gi0/2"), number(basePort+".1", 101)},
		views: map[string]*device{
			"10": {rows: []smi.Varbind{number(basePort+".2", 101), number(fdbPort+cameraArcs, 2)}},
			"20": {rows: []smi.Varbind{number(basePort+".2", 102), number(fdbPort+cameraArcs, 2)}},
			"99": nil, // cannot be reached
			"vrf-cameras": {rows: []smi.Varbind{text(arpMAC+".101.10.20.0.9", cameraText), number(fdbPort+cameraArcs, 0),
				text(lldpName+".0.1.1", "not asked for here")}},
		},
	}
	s := Read(t.Context(), d.as("sw03"))
	entry := lan.FDBEntry{MAC: camera, Port: 2, Table: lan.Dot1dTpFdbTable}
	in10, in20, inVRF := entry, entry, entry
	in10.VLAN, in10.IfIndex = 10, 101
	in20.VLAN, in20.IfIndex = 20, 102
	inVRF.Port = 0
	if diff := cmp.Diff([]lan.FDBEntry{in10, in20, inVRF}, s.FDB); diff != "" {
		t.Errorf("forwarding entries differ (-want +got):\n%s", diff)
	}
	if len(s.ARP) != 1 || s.ARP[0].Context != "vrf-cameras" || len(s.LLDP) != 0 || len(s.Interfaces) != 2 {
		t.Errorf("%d ARP entries, %d neighbours, %d interfaces", len(s.ARP), len(s.LLDP), len(s.Interfaces))
	}
	if diff := cmp.Diff(map[lan.BridgePort]lan.IfIndex{1: 101}, s.BridgePorts); diff != "" {
		t.Errorf("the ports of the device differ (-want +got):\n%s", diff)
	}
	if got := reading(t, s, lan.Dot1dTpFdbTable, "20"); got.Status != lan.Complete || got.Rows != 1 {
		t.Errorf("of context 20 it says %+v", got)
	}
	if got := reading(t, s, lan.Dot1dTpFdbTable, "99"); got.Status != lan.Failed || got.Reason != "reach context 99: it is closed" {
		t.Errorf("of context 99 it says %+v", got)
	}
	sum := d.requests
	for _, name := range []string{"10", "20", "vrf-cameras"} {
		sum += d.views[name].requests
		if d.views[name].closed != 1 {
			t.Errorf("context %s was closed %d times", name, d.views[name].closed)
		}
	}
	if s.Requests != sum {
		t.Errorf("%d requests, want %d", s.Requests, sum)
	}
}

// What a context says of itself comes before what its name says, and the
// interfaces are those of the device.
func TestReadContextWithVLANsOfItsOwn(t *testing.T) {
	const dot1qPort, vlanFDB = "1.3.6.1.2.1.17.7.1.2.2.1.2", "1.3.6.1.2.1.17.7.1.4.2.1.3"
	view := &device{rows: []smi.Varbind{number(dot1qPort+".7"+cameraArcs, 102), number(dot1qPort+".8"+cameraArcs, 101), number(vlanFDB+".0.30", 7)}}
	s := Read(t.Context(), (&device{rows: rows()[:3], views: map[string]*device{"20": view}}).as("sw03"))
	if len(s.FDB) != 2 || s.FDB[0].VLAN != 30 || s.FDB[0].IfIndex != 102 || s.FDB[1].VLAN != 20 || s.FDB[1].IfIndex != 101 {
		t.Errorf("forwarding entries %+v", s.FDB)
	}
}

// A community that is good for one VLAN alone, and a silent context.
func TestReadOfWhatIsOnlyInContexts(t *testing.T) {
	view := &device{rows: append(rows(), text(lldpName+".0.1.1", "cam"))}
	d := &device{views: map[string]*device{"10": {mute: 1}, "vlan-20": view}}
	s := Read(t.Context(), d.as("sw03"))
	if s.Err != "" || s.System.Name != "sw03" || len(s.Interfaces) != 2 || len(s.LLDP) != 1 || s.LLDP[0].Context != "vlan-20" {
		t.Errorf("error %q, system %+v, %d interfaces, neighbours %+v", s.Err, s.System, len(s.Interfaces), s.LLDP)
	}
	if len(s.FDB) != 2 || s.FDB[0].VLAN != 20 || s.FDB[0].IfIndex != 102 {
		t.Errorf("forwarding entries %+v", s.FDB)
	}
}

// silentIn is a device of whose contexts some are silent.
type silentIn struct {
	*device
	mute map[string]bool
	told []string
}

func (d *silentIn) Contexts(*lan.Snapshot) []string { return d.told }

func (d *silentIn) In(_ context.Context, name string) (Source, error) {
	d.requests += 3
	switch view := d.views[name]; {
	case d.mute[name]:
		return nil, fmt.Errorf("open context %s: %w", name, snmp.ErrNoAnswer)
	case view == nil:
		return nil, fmt.Errorf("open context %s: %w", name, snmp.ErrDenied)
	default:
		return view, nil
	}
}

// Contexts are asked until two in a row are silent. One that refuses, or that
// falls silent alone, says nothing of the others.
func TestReadGivesUpSilentContexts(t *testing.T) {
	view := func() *device { return &device{rows: []smi.Varbind{number(fdbPort+cameraArcs, 2)}} }
	d := &silentIn{device: &device{rows: rows(), views: map[string]*device{"20": view(), "40": {mute: 1}, "60": view(), "90": view()}},
		mute: map[string]bool{"10": true, "50": true, "70": true, "80": true},
		told: []string{"10", "20", "30", "31", "32", "40", "60", "70", "80", "90", "cams"}}
	s := Read(t.Context(), Device{Name: "sw03", Open: func(context.Context) (Source, error) { return d, nil }})
	const skipped = "not asked: two contexts before it, one after the other, gave no answer, while the device does in its default one"
	for name, want := range map[string]string{"10": "open context 10: no answer", "20": "", "30": "open context 30: not let in", "32": "open context 32: not let in",
		"40": "the device has stopped answering", "60": "", "70": "open context 70: no answer", "80": "open context 80: no answer", "90": skipped, "cams": skipped} {
		got := reading(t, s, lan.Dot1dTpFdbTable, name)
		if got.Reason != want || (got.Status == lan.Complete) != (want == "") {
			t.Errorf("of context %s it says %+v, want %q", name, got, want)
		}
	}
	if got := reading(t, s, lan.IPNetToMediaTable, "cams"); got.Status != lan.Failed || got.Reason != skipped {
		t.Errorf("of the addresses of a context that may be a VRF's it says %+v", got)
	}
	if d.views["90"].requests != 0 {
		t.Error("a context was asked after two in a row were silent")
	}
	sum := d.requests
	for _, view := range d.views {
		sum += view.requests
	}
	if s.Requests != sum {
		t.Errorf("%d requests, want %d", s.Requests, sum)
	}
}

// A device that has fallen silent altogether is told from contexts that are.
func TestReadTellsASilentDeviceFromSilentContexts(t *testing.T) {
	whole := &device{rows: rows()}
	Read(t.Context(), whole.as("sw03"))
	d := &silentIn{device: &device{rows: rows(), mute: whole.requests + 1}, mute: map[string]bool{"10": true, "20": true}, told: []string{"10", "20", "30"}}
	s := Read(t.Context(), Device{Name: "sw03", Open: func(context.Context) (Source, error) { return d, nil }})
	if got := reading(t, s, lan.Dot1dTpFdbTable, "30"); got.Reason != Silent {
		t.Errorf("of the context after them it says %+v", got)
	}
}

// In the contexts of its VLANs Cisco shows the address table of the whole
// device again.
func TestContextDecoders(t *testing.T) {
	cisco := lan.Snapshot{System: lan.System{ObjectID: "1.3.6.1.4.1.9.1.1208"}, Interfaces: []lan.Interface{{Index: 1}}, ARP: []lan.ARPEntry{{}}}
	other, blind, bare := cisco, cisco, cisco
	other.System.ObjectID = ""
	blind.ARP, bare.Interfaces = nil, nil
	tests := []struct {
		what    string
		s       lan.Snapshot
		context string
		want    []mib.Decoder
	}{
		{"a VLAN", cisco, "vlan-20", mib.VLANDecoders()},
		{"a VRF", cisco, "cams", mib.ContextDecoders()},
		{"another maker's VLAN", other, "20", mib.ContextDecoders()},
		{"no addresses beside it", blind, "20", mib.ContextDecoders()},
		{"nothing beside it", bare, "20", mib.Decoders()},
	}
	for _, test := range tests {
		if got := ContextDecoders(&test.s, test.context); len(got) != len(test.want) {
			t.Errorf("%s: %d tables are read, want %d", test.what, len(got), len(test.want))
		}
	}
}

// What IOS shows in its default context is the forwarding table of VLAN 1, and
// no proof for any VLAN that was not read.
func TestHiddenVLANs(t *testing.T) {
	const ios, nexus, sg = "1.3.6.1.4.1.9.1.1208", "1.3.6.1.4.1.9.12.3.1.3.1084", "1.3.6.1.4.1.9.6.1.83.10.1"
	tests := []struct {
		name    string
		product string
		told    []lan.VLAN
		read    map[string]lan.ReadStatus
		want    lan.ReadStatus
	}{
		{"no VLAN is told of or read", ios, nil, nil, lan.Partial},
		{"those that are told of were read", ios, []lan.VLAN{1, 20, 30}, map[string]lan.ReadStatus{"vlan-20": lan.Complete, "vlan-30": lan.Absent}, lan.Complete},
		{"one was not asked", ios, []lan.VLAN{1, 20, 30}, map[string]lan.ReadStatus{"20": lan.Complete}, lan.Partial},
		{"one failed", ios, []lan.VLAN{1, 20, 30}, map[string]lan.ReadStatus{"20": lan.Complete, "30": lan.Failed}, lan.Partial},
		{"there is only VLAN 1", ios, []lan.VLAN{1}, nil, lan.Complete},
		{"some were read, and none is told of", ios, nil, map[string]lan.ReadStatus{"20": lan.Complete}, lan.Complete},
		{"only a VRF was read", ios, nil, map[string]lan.ReadStatus{"cams": lan.Complete}, lan.Partial},
		{"Nexus", nexus, []lan.VLAN{1, 20}, nil, lan.Complete},
		{"a Cisco switch that is no IOS", sg, nil, nil, lan.Complete},
	}
	for _, test := range tests {
		s := lan.Snapshot{System: lan.System{ObjectID: test.product}, Contexts: lan.Contexts{VLANs: test.told}, Readings: []lan.Reading{
			{Table: lan.Dot1dTpFdbTable, Status: lan.Complete}, {Table: lan.IPNetToMediaTable, Status: lan.Complete}}}
		for name, status := range test.read {
			s.Readings = append(s.Readings, lan.Reading{Table: lan.Dot1dTpFdbTable, Context: name, Status: status})
		}
		hiddenVLANs(&s)
		if got := s.Readings[0].Status; got != test.want || s.Readings[1].Status != lan.Complete {
			t.Errorf("%s: %s, and the addresses %s", test.name, got, s.Readings[1].Status)
		}
		for _, r := range s.Readings[2:] {
			if r.Status != test.read[r.Context] {
				t.Errorf("%s: context %s became %s", test.name, r.Context, r.Status)
			}
		}
	}
}

// The stations of the default context are those of VLAN 1, on a switch that
// has it.
func TestDefaultVLAN(t *testing.T) {
	for _, test := range []struct {
		told []lan.VLAN
		want lan.VLAN
	}{{[]lan.VLAN{1, 20}, 1}, {nil, 0}} {
		s := lan.Snapshot{System: lan.System{ObjectID: "1.3.6.1.4.1.9.1.1208"}, Contexts: lan.Contexts{VLANs: test.told}, FDB: []lan.FDBEntry{
			{Table: lan.Dot1dTpFdbTable}, {Table: lan.Dot1qTpFdbTable}}}
		nameDefaultVLAN(&s)
		merge(&s, lan.Snapshot{FDB: []lan.FDBEntry{{Table: lan.Dot1dTpFdbTable}}}, "cams")
		if s.FDB[0].VLAN != test.want || s.FDB[1].VLAN != 0 || s.FDB[2].VLAN != 0 {
			t.Errorf("told of %v: %+v", test.told, s.FDB)
		}
	}
}

// Tables of makers are asked for where they can be, and one with communities
// in it is not looked through.
func TestReadAsksForWhatADeviceMayHave(t *testing.T) {
	const mtxr, vtp, logical = "1.3.6.1.4.1.14988.1.1.11.1.1", "1.3.6.1.4.1.9.9.46.1.3.1.1", "1.3.6.1.2.1.47.1.2.1.1"
	for product, want := range map[string]map[string]bool{
		"1.3.6.1.4.1.9.1.1208": {mtxr: false, vtp: true, logical: true},
		"1.3.6.1.4.1.14988.1":  {mtxr: true, vtp: false, logical: false},
		"":                     {mtxr: true, vtp: true, logical: true},
	} {
		d := &device{rows: rows()}
		if product != "" {
			d.rows = append(d.rows, smi.Varbind{Name: smi.MustOID("1.3.6.1.2.1.1.2.0"), Value: smi.Value{Kind: smi.ObjectIdentifier, OID: smi.MustOID(product)}})
		}
		Read(t.Context(), d.as("sw03"))
		got := map[string]bool{mtxr: false, vtp: false, logical: false}
		for _, asked := range d.asked {
			for table := range got {
				got[table] = got[table] || strings.HasPrefix(asked, table)
			}
			if asked == logical {
				t.Errorf("%s: the table with the communities is looked through", product)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (want -, got +):\n%s", product, diff)
		}
	}
}
