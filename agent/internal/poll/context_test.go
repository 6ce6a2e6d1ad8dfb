package poll

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
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
	in10.Context, in10.VLAN, in10.IfIndex = "10", 10, 101
	in20.Context, in20.VLAN, in20.IfIndex = "20", 20, 102
	inVRF.Context, inVRF.Port = "vrf-cameras", 0
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
