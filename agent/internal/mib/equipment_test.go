package mib

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func TestPoE(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newPoE(), &s, cell{0, "1.1", integer(deliveringPower)}, cell{0, "1.2", integer(2)}, cell{0, "3", integer(3)},
		cell{1, "1.1", integer(4)}, cell{1, "1.2", integer(9)})
	if want := "1 row cannot be read: the index is no group and port"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	if diff := cmp.Diff([]lan.PoEPort{{Group: 1, Port: 1, Delivering: true, Class: 4}, {Group: 1, Port: 2}}, s.PoE); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// The chassis counts, the first of a stack; not its modules.
func TestEntity(t *testing.T) {
	var s lan.Snapshot
	read(t, newEntity(), &s, cell{0, "1", integer(11)}, cell{0, "1001", integer(entClassChassis)}, cell{0, "2001", integer(entClassChassis)},
		cell{1, "1", octets("stack")}, cell{1, "1001", octets("WS-C2960X-48TS-L")}, cell{2, "1001", octets("FOC1")}, cell{2, "2001", octets("FOC2")})
	if s.System.Model != "WS-C2960X-48TS-L" || s.System.Serial != "FOC1" {
		t.Errorf("got %+v", s.System)
	}
	s = lan.Snapshot{}
	read(t, newEntity(), &s, cell{0, "1", integer(9)}, cell{2, "1", octets("module")})
	if s.System != (lan.System{}) {
		t.Errorf("without a chassis: %+v", s.System)
	}
}

func TestSTPState(t *testing.T) {
	s := lan.Snapshot{Interfaces: interfaces(101, 102), BridgePorts: map[lan.BridgePort]lan.IfIndex{1: 101, 2: 102}}
	told := read(t, newSTPPort(), &s, cell{0, "1", integer(5)}, cell{0, "2", integer(2)}, cell{0, "3", integer(7)}, cell{0, "1.1", integer(2)})
	if want := "1 row cannot be read: the index is no bridge port"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	Join(&s)
	if s.Interfaces[0].STP != 5 || s.Interfaces[1].STP != lan.STPBlocking || s.STPStates[3] != 0 {
		t.Errorf("got %+v, %v", s.Interfaces, s.STPStates)
	}
}

func TestPrivateForwardingTables(t *testing.T) {
	tests := []struct {
		name    string
		decoder Decoder
		index   string
		value   int64
		want    *lan.FDBEntry
	}{
		{"Huawei S5720", newHwDynFDB(), macArcs + ".211.1.48", 11, &lan.FDBEntry{Table: lan.HwDynFdbTable, VLAN: 211, Port: 11, IfIndex: 11}},
		{"Huawei S5720, an instance by name", newHwDynFDB(), macArcs + ".5000.2.97.98", 11, &lan.FDBEntry{Table: lan.HwDynFdbTable, Port: 11, IfIndex: 11}},
		{"Huawei S5720, without a VLAN", newHwDynFDB(), macArcs, 11, nil},
		{"Huawei S5720, no address", newHwDynFDB(), "1.2.3.4.5.600.211.1.48", 11, nil},
		{"Alcatel OmniSwitch with AOS 6", newSlMacAddress(), "1001.11." + macArcs, 1, &lan.FDBEntry{Table: lan.SlMacAddressTable, VLAN: 11, Port: 1001, IfIndex: 1001}},
		{"Alcatel OmniSwitch, an aggregate", newSlMacAddress(), "40000001.11." + macArcs, 1, &lan.FDBEntry{Table: lan.SlMacAddressTable, VLAN: 11, Port: 40000001, IfIndex: 40000001}},
		{"MikroTik, registered by radio", newMtxrWlRtab(), macArcs + ".2", 0, &lan.FDBEntry{Table: lan.MtxrWlRtabTable, Port: 2, IfIndex: 2}},
		{"MikroTik, without the interface", newMtxrWlRtab(), macArcs, 0, nil},
		{"MikroTik, an address that is none", newMtxrWlRtab(), "1.2.3.4.5.600.2", 0, nil},
		{"Alcatel OmniSwitch, an index too short", newSlMacAddress(), "11." + macArcs, 1, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: interfaces(2, 11, 1001, 40000001)}
			told := read(t, test.decoder, &s, cell{0, test.index, integer(test.value)})
			Join(&s)
			if test.want == nil {
				if told == "" || len(s.FDB) > 0 {
					t.Errorf("it says %q, and gives %+v", told, s.FDB)
				}
				return
			}
			test.want.MAC, test.want.Index = cameraMAC, test.index
			if diff := cmp.Diff([]lan.FDBEntry{*test.want}, s.FDB); diff != "" || told != "" {
				t.Errorf("it says %q; difference (-want +got):\n%s", told, diff)
			}
		})
	}
}

// An RB411AR (of OpenNMS' test data) has two computers registered at wlan1,
// which is ifIndex 2, and shows no forwarding table. Its address table has the
// same stations on the same interface.
func TestMikroTikShowsWhoIsRegisteredByRadio(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newMtxrWlRtab(), &s,
		cell{0, "0.27.99.205.169.253.2", octets("\x00\x1b\x63\xcd\xa9\xfd")}, cell{0, "96.51.75.8.23.168.2", octets("\x60\x33\x4b\x08\x17\xa8")})
	read(t, newARP(), &s, cell{0, "2.192.168.0.17", octets("\x00\x1b\x63\xcd\xa9\xfd")}, cell{0, "2.192.168.0.16", octets("\x60\x33\x4b\x08\x17\xa8")})
	Join(&s)
	if told != "" || len(s.FDB) != 2 || len(s.ARP) != 2 {
		t.Fatalf("it says %q, and gives %+v", told, s)
	}
	for i, e := range s.FDB {
		if e.MAC != s.ARP[i].MAC || e.IfIndex != s.ARP[i].IfIndex || e.VLAN != 0 {
			t.Errorf("registered %+v, in the address table %+v", e, s.ARP[i])
		}
	}
}
