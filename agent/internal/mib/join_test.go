package mib

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// interfaces are interfaces without names.
func interfaces(indexes ...lan.IfIndex) []lan.Interface {
	var all []lan.Interface
	for _, index := range indexes {
		all = append(all, lan.Interface{Index: index})
	}
	return all
}

// learnt is a table with a row for each of the ports; the rows of two tables
// at the same position are of the same station.
func learnt(table lan.Table, ports ...lan.BridgePort) []lan.FDBEntry {
	var entries []lan.FDBEntry
	for i, port := range ports {
		entries = append(entries, lan.FDBEntry{Table: table, MAC: lan.MAC{0x14, 0xa7, 0x8b, 0, 0, byte(i)}, Port: port})
	}
	return entries
}

func TestJoinFindsTheInterfaceOfABridgePort(t *testing.T) {
	ports := map[lan.BridgePort]lan.IfIndex{1: 101, 2: 102, 3: 103}
	dot1d, dot1q := lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable
	tests := []struct {
		name       string
		interfaces []lan.Interface
		ports      map[lan.BridgePort]lan.IfIndex
		fdb        []lan.FDBEntry
		want       []lan.IfIndex
	}{
		{"by the map", interfaces(101, 102, 103), ports, learnt(dot1d, 1, 3, 2), []lan.IfIndex{101, 103, 102}},
		{"by the map, though ports of the number exist", interfaces(1, 2, 3, 101, 102, 103), ports, learnt(dot1q, 1, 3), []lan.IfIndex{101, 103}},
		{"known but not learnt on a port", interfaces(101), ports, learnt(dot1d, 0, 1), []lan.IfIndex{0, 101}},
		{"by the map, though all but one of its ports are interfaces too", interfaces(1, 3, 7, 101, 102, 103), ports, learnt(dot1d, 1, 3, 7), []lan.IfIndex{101, 103, 0}},
		{"by the map, though it lacks most ports", interfaces(101, 102, 103), ports, learnt(dot1d, 1, 8, 9), []lan.IfIndex{101, 0, 0}},
		{"port 0 is none, whatever the map says", interfaces(101), map[lan.BridgePort]lan.IfIndex{0: 101, 1: 101}, learnt(dot1d, 0), []lan.IfIndex{0}},
		{"a port that the map lacks", interfaces(7, 101, 102), ports, learnt(dot1d, 1, 2, 7), []lan.IfIndex{101, 102, 0}},
		{"UniFi has no map: the port is the ifIndex", interfaces(1, 2), nil, learnt(dot1q, 2, 1), []lan.IfIndex{2, 1}},
		{"no map, and no such interface either", interfaces(101), nil, learnt(dot1q, 2), []lan.IfIndex{0}},
		{"no map, and one interface of several", interfaces(2), nil, learnt(dot1q, 2, 5), []lan.IfIndex{2, 0}},
		{"ERS4950 has ifIndexes in the table, in spite of a map", interfaces(101, 102, 103), ports, learnt(dot1q, 102, 103), []lan.IfIndex{102, 103}},
		{"Alcatel OmniSwitch: bridge ports here, ifIndexes there", interfaces(1, 2, 3, 4, 101, 102, 103),
			map[lan.BridgePort]lan.IfIndex{1: 3, 2: 4, 3: 1, 4: 2}, append(learnt(dot1d, 1, 2), learnt(dot1q, 3, 4)...), []lan.IfIndex{3, 4, 3, 4}},
		{"two tables that agree", interfaces(1, 2, 3, 4), map[lan.BridgePort]lan.IfIndex{1: 3, 2: 4, 3: 1, 4: 2},
			append(learnt(dot1d, 1, 2), learnt(dot1q, 1, 2)...), []lan.IfIndex{3, 4, 3, 4}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: test.interfaces, BridgePorts: test.ports, FDB: test.fdb}
			Join(&s)
			var got []lan.IfIndex
			for _, entry := range s.FDB {
				got = append(got, entry.IfIndex)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJoinFindsTheVLANOfADatabase(t *testing.T) {
	names := map[lan.VLAN]string{10: "office", 20: "cameras"}
	tests := []struct {
		name  string
		vlans map[lan.FDBID][]lan.VLAN
		names map[lan.VLAN]string
		ids   []lan.FDBID
		want  []lan.VLAN
	}{
		{"by the map", map[lan.FDBID][]lan.VLAN{1: {10}, 2: {20}}, names, []lan.FDBID{2, 1}, []lan.VLAN{20, 10}},
		{"several VLANs learn into one", map[lan.FDBID][]lan.VLAN{1: {10, 20}, 2: {30}}, names, []lan.FDBID{1, 2}, []lan.VLAN{0, 30}},
		{"a database that the map lacks", map[lan.FDBID][]lan.VLAN{1: {10}}, names, []lan.FDBID{20}, []lan.VLAN{0}},
		{"no map: the number of a VLAN by name", nil, names, []lan.FDBID{20, 10}, []lan.VLAN{20, 10}},
		{"no map, and one number is no VLAN", nil, names, []lan.FDBID{20, 30}, []lan.VLAN{0, 0}},
		{"no map, and a number that only looks like VLAN 20", nil, names, []lan.FDBID{65536 + 20}, []lan.VLAN{0}},
		{"no map and no names", nil, nil, []lan.FDBID{20}, []lan.VLAN{0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{VLANs: test.vlans, VLANNames: test.names}
			for _, id := range test.ids {
				s.FDB = append(s.FDB, lan.FDBEntry{Table: lan.Dot1qTpFdbTable, FDBID: id})
			}
			s.FDB = append(s.FDB, lan.FDBEntry{Table: lan.Dot1dTpFdbTable})
			Join(&s)
			var got []lan.VLAN
			for _, entry := range s.FDB {
				got = append(got, entry.VLAN)
			}
			if diff := cmp.Diff(append(test.want, 0), got); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJoinFindsTheInterfaceOfAnLLDPPort(t *testing.T) {
	named := []lan.Interface{{Index: 101, Name: "Gi0/1", Descr: "GigabitEthernet0/1"}, {Index: 102, Name: "Gi0/2"}, {Index: 5, Name: "mgmt"},
		{Index: 7, Name: "same"}, {Index: 8, Name: "same"}}
	ports := map[lan.BridgePort]lan.IfIndex{1: 101, 2: 102, 5: 102}
	id := func(s string) lan.LLDPLocalPort { return lan.LLDPLocalPort{ID: lan.LLDPID{Text: s}} }
	tests := []struct {
		name  string
		port  uint32
		local map[uint32]lan.LLDPLocalPort
		want  lan.IfIndex
	}{
		{"its id is an ifName", 9, map[uint32]lan.LLDPLocalPort{9: id("Gi0/2")}, 102},
		{"its id is an ifDescr", 9, map[uint32]lan.LLDPLocalPort{9: id("GigabitEthernet0/1")}, 101},
		{"its description is an ifName", 9, map[uint32]lan.LLDPLocalPort{9: {ID: lan.LLDPID{Text: macText}, Descr: "Gi0/2"}}, 102},
		{"Juniper gives the ifIndex as a local id", 102, map[uint32]lan.LLDPLocalPort{102: id("102")}, 102},
		{"its name wins over its number", 5, map[uint32]lan.LLDPLocalPort{5: id("Gi0/1")}, 101},
		{"its number is a bridge port", 1, nil, 101},
		{"its number is an ifIndex", 101, nil, 101},
		{"its number is both", 5, nil, 5},
		{"its number is neither", 99, nil, 0},
		{"two interfaces have its name", 9, map[uint32]lan.LLDPLocalPort{9: id("same")}, 0},
		{"it has no name", 9, map[uint32]lan.LLDPLocalPort{9: {}}, 0},
		{"MikroTik does not tell", noLocalPort, map[uint32]lan.LLDPLocalPort{noLocalPort: id("Gi0/1")}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: named, BridgePorts: ports, LLDPLocal: lan.LLDPLocal{Ports: test.local},
				LLDP: []lan.LLDPNeighbor{{LocalPort: test.port}}}
			Join(&s)
			if got := s.LLDP[0].IfIndex; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

// Of the LLDP ports those are kept that a neighbour is heard on and of whose
// interface nothing else is known, by either way of counting.
func TestJoinKeepsLLDPPorts(t *testing.T) {
	port := func(s string) lan.LLDPLocalPort { return lan.LLDPLocalPort{ID: lan.LLDPID{Text: s}} }
	all := map[uint32]lan.LLDPLocalPort{1: port("Gi0/1"), 2: port("Gi0/2"), 7: port("Gi0/7"), 8: port("Gi0/8"), 20: port("Gi0/20")}
	s := lan.Snapshot{Interfaces: []lan.Interface{{Index: 101, Name: "Gi0/1"}}, BridgePorts: map[lan.BridgePort]lan.IfIndex{20: 120},
		LLDPLocal: lan.LLDPLocal{Ports: all}, LLDP: []lan.LLDPNeighbor{{LocalPort: 1}, {LocalPort: 7}, {LocalPort: 20}}}
	Join(&s)
	want := map[uint32]lan.LLDPLocalPort{7: all[7], 8: all[8], 20: all[20]}
	if got := s.LLDPLocal.Ports; !maps.Equal(got, want) || s.LLDP[2].IfIndex != 120 || len(all) != 5 {
		t.Errorf("port 20 is of interface %d; of %d ports are left %v, want %v", s.LLDP[2].IfIndex, len(all), got, want)
	}
}

// An interface without a name must not be found by an empty one.
func TestJoinDoesNotMatchEmptyNames(t *testing.T) {
	s := lan.Snapshot{Interfaces: interfaces(101), LLDPLocal: lan.LLDPLocal{Ports: map[uint32]lan.LLDPLocalPort{9: {}}},
		LLDP: []lan.LLDPNeighbor{{LocalPort: 9}}}
	Join(&s)
	if s.LLDP[0].IfIndex != 0 {
		t.Errorf("got %d", s.LLDP[0].IfIndex)
	}
}
