package mib

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// remark is what Join says of a table.
func remark(s *lan.Snapshot, table lan.Table) string {
	for _, r := range s.Readings {
		if r.Table == table {
			return r.Reason
		}
	}
	return ""
}

func readings() []lan.Reading {
	return []lan.Reading{{Table: lan.Dot1dTpFdbTable}, {Table: lan.Dot1qTpFdbTable}, {Table: lan.LLDPRemTable}}
}

// ethernet are Ethernet interfaces.
func ethernet(indexes ...lan.IfIndex) []lan.Interface {
	all := interfaces(indexes...)
	for i := range all {
		all[i].Type = ifTypeEthernet
	}
	return all
}

// FortiSwitch counts the rows of dot1dBasePortTable, too: the port is a value.
func TestFortiSwitchCountsItsBasePorts(t *testing.T) {
	tests := []struct {
		name  string
		cells []cell
		want  map[lan.BridgePort]lan.IfIndex
	}{
		{"FortiSwitch", []cell{{0, "1", integer(49)}, {0, "2", integer(50)}, {1, "1", integer(46)}, {1, "2", integer(47)}},
			map[lan.BridgePort]lan.IfIndex{46: 49, 47: 50}},
		{"as in the standard", []cell{{0, "1", integer(49)}, {1, "1", integer(1)}}, map[lan.BridgePort]lan.IfIndex{1: 49}},
		{"Cambium PMP says 0", []cell{{0, "1", integer(1)}, {0, "2", integer(2)}, {1, "1", integer(0)}, {1, "2", integer(7)}},
			map[lan.BridgePort]lan.IfIndex{1: 1, 2: 2}},
		{"the same port twice", []cell{{0, "1", integer(1)}, {0, "2", integer(2)}, {1, "1", integer(7)}, {1, "2", integer(7)}},
			map[lan.BridgePort]lan.IfIndex{1: 1, 2: 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			if told := read(t, newBasePort(), &s, test.cells...); told != "" {
				t.Errorf("it says %q", told)
			}
			if diff := cmp.Diff(test.want, s.BridgePorts); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

// TP-Link JetStream counts its ports from 1 and maps them by ifIndex. Its VLAN
// interfaces have the numbers of ports.
func TestTPLinkCountsItsPorts(t *testing.T) {
	all := ethernet(49153, 49154, 49155)
	same := map[lan.BridgePort]lan.IfIndex{49153: 49153, 49154: 49154, 49155: 49155}
	vlan1 := []lan.Interface{{Index: 1, Type: 136}}
	tests := []struct {
		name  string
		more  []lan.Interface
		ports map[lan.BridgePort]lan.IfIndex
		fdb   []lan.BridgePort
		want  []lan.IfIndex
		says  string
	}{
		{"TP-Link", vlan1, same, []lan.BridgePort{1, 2, 3}, []lan.IfIndex{49153, 49154, 49155}, "its ports are counted from 1, where port 1 is ifIndex 49153"},
		{"one port alone, of the number of Vlan-interface1", vlan1, same, []lan.BridgePort{1}, []lan.IfIndex{49153}, "its ports are counted from 1, where port 1 is ifIndex 49153"},
		{"a port that is none", nil, same, []lan.BridgePort{1, 2, 9}, []lan.IfIndex{49153, 49154, 0}, "its ports are counted from 1, where port 1 is ifIndex 49153"},
		{"ports by the map", nil, same, []lan.BridgePort{49153, 49155}, []lan.IfIndex{49153, 49155}, ""},
		{"a map that says something", nil, map[lan.BridgePort]lan.IfIndex{7: 49153, 8: 49154}, []lan.BridgePort{1, 2}, []lan.IfIndex{0, 0}, ""},
		{"ports of these numbers", ethernet(1, 2), same, []lan.BridgePort{1, 2}, []lan.IfIndex{1, 2}, "its ports are ifIndexes, and not those of dot1dBasePortTable"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: slices.Concat(test.more, all), BridgePorts: test.ports,
				FDB: learnt(lan.Dot1qTpFdbTable, test.fdb...), Readings: readings()}
			s.LLDP = []lan.LLDPNeighbor{{LocalPort: 2, Index: "2.1"}}
			Join(&s)
			var got []lan.IfIndex
			for _, e := range s.FDB {
				got = append(got, e.IfIndex)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			if got := remark(&s, lan.Dot1qTpFdbTable); got != test.says {
				t.Errorf("it says %q, want %q", got, test.says)
			}
			if test.name == "TP-Link" && s.LLDP[0].IfIndex != 49154 {
				t.Errorf("the neighbour on port 2 is on ifIndex %d", s.LLDP[0].IfIndex)
			}
		})
	}
}

// Dell SONiC counts the ports of its map from 0 and those of its forwarding
// table from 1. Neighbours that are heard on a port by its name tell so too.
func TestDellSONiCMapsFromZero(t *testing.T) {
	all := []lan.Interface{{Index: 1, Name: "Eth1/1"}, {Index: 2, Name: "Eth1/2"}, {Index: 3, Name: "Eth1/3"}}
	neighbor := func(port uint32, last byte) lan.LLDPNeighbor {
		return lan.LLDPNeighbor{LocalPort: port, Index: "0.1.1", Chassis: lan.LLDPID{MAC: lan.MAC{0x14, 0xa7, 0x8b, 0, 0, last}}}
	}
	fromZero := map[lan.BridgePort]lan.IfIndex{0: 1, 1: 2, 2: 3}
	fromOne := map[lan.BridgePort]lan.IfIndex{1: 2, 2: 3}
	local := map[uint32]lan.LLDPLocalPort{1: {ID: lan.LLDPID{Text: "Eth1/1"}}, 2: {ID: lan.LLDPID{Text: "Eth1/2"}}, 3: {ID: lan.LLDPID{Text: "Eth1/3"}}}
	tests := []struct {
		name  string
		ports map[lan.BridgePort]lan.IfIndex
		heard []lan.LLDPNeighbor
		want  []lan.IfIndex // of the ports 1 and 2
	}{
		{"a map from 0", fromZero, nil, []lan.IfIndex{1, 2}},
		{"a map from 0 that is irregular", map[lan.BridgePort]lan.IfIndex{0: 1, 1: 3, 2: 2}, nil, []lan.IfIndex{3, 2}},
		{"a map from 1", fromOne, nil, []lan.IfIndex{2, 3}},
		{"neighbours heard on the ifIndexes", fromOne, []lan.LLDPNeighbor{neighbor(1, 0), neighbor(2, 1)}, []lan.IfIndex{1, 2}},
		{"neighbours heard on the ports of the map", fromOne, []lan.LLDPNeighbor{neighbor(2, 0), neighbor(3, 1)}, []lan.IfIndex{2, 3}},
		{"one neighbour proves nothing", fromOne, []lan.LLDPNeighbor{neighbor(1, 0)}, []lan.IfIndex{2, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: all, BridgePorts: test.ports, LLDPLocal: lan.LLDPLocal{Ports: local}, LLDP: test.heard, FDB: learnt(lan.Dot1qTpFdbTable, 1, 2)}
			Join(&s)
			if diff := cmp.Diff(test.want, []lan.IfIndex{s.FDB[0].IfIndex, s.FDB[1].IfIndex}); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			for i, n := range s.LLDP {
				if want := lan.IfIndex(test.heard[i].LocalPort); n.IfIndex != want {
					t.Errorf("the neighbour on local port %d is on ifIndex %d", want, n.IfIndex)
				}
			}
		})
	}
}

// Aruba AOS-S leaves single ports out of a map that is regular otherwise.
func TestArubaGapsInTheMap(t *testing.T) {
	tests := []struct {
		name       string
		interfaces []lan.Interface
		ports      map[lan.BridgePort]lan.IfIndex
		want       lan.IfIndex // of bridge port 2
	}{
		{"Aruba AOS-S", ethernet(101, 102, 103), map[lan.BridgePort]lan.IfIndex{1: 101, 3: 103}, 102},
		{"an irregular map", ethernet(101, 102, 113), map[lan.BridgePort]lan.IfIndex{1: 101, 3: 113}, 0},
		{"no such interface", ethernet(101, 103), map[lan.BridgePort]lan.IfIndex{1: 101, 3: 103}, 0},
		{"a VLAN interface", append(ethernet(101, 103), lan.Interface{Index: 102, Type: 53}), map[lan.BridgePort]lan.IfIndex{1: 101, 3: 103}, 0},
		{"one port tells no rule", ethernet(101, 102), map[lan.BridgePort]lan.IfIndex{1: 101}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: test.interfaces, BridgePorts: test.ports, FDB: learnt(lan.Dot1dTpFdbTable, 1, 2, 1), Readings: readings()}
			Join(&s)
			if got := s.FDB[1].IfIndex; got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
			if said := remark(&s, lan.Dot1dTpFdbTable) != ""; said != (test.want != 0) {
				t.Errorf("it says %q", remark(&s, lan.Dot1dTpFdbTable))
			}
		})
	}
}

// Juniper's tables speak of the logical unit or of the port.
func TestJuniperUnitsAreTheirPorts(t *testing.T) {
	named := func(index lan.IfIndex, name string, kind int) lan.Interface {
		return lan.Interface{Index: index, Name: name, Type: kind}
	}
	s := lan.Snapshot{System: lan.System{ObjectID: "1.3.6.1.4.1.2636.1.1.1.2.63"},
		Interfaces: []lan.Interface{named(501, "ge-0/0/1", ifTypeEthernet), named(502, "ge-0/0/1.0", 53), named(511, "ge-0/0/2", ifTypeEthernet),
			named(512, "ge-0/0/2.0", 53), named(600, "ae0", ifTypeLAG), named(601, "ae0.0", 53), named(700, "vtep", 131), named(701, "vtep.32769", 131)},
		Aggregates: map[lan.IfIndex]lan.IfIndex{512: 601}}
	Join(&s)
	want := map[lan.IfIndex]lan.IfIndex{502: 501, 511: 600, 512: 600, 601: 600}
	if diff := cmp.Diff(want, s.Aggregates); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	s.System.ObjectID, s.Aggregates = "1.3.6.1.4.1.26361.1", nil
	if Join(&s); s.Aggregates != nil {
		t.Errorf("of another maker: %v", s.Aggregates)
	}
}

// Allied Telesis AT-IFS802SP fills dot1qTpFdbTable with addresses that are
// none, and dot1dTpFdbTable with the right ones.
func TestAlliedTelesisFillsOneTableWithRubbish(t *testing.T) {
	entries := func(table lan.Table, macs ...string) []lan.FDBEntry {
		var all []lan.FDBEntry
		for i, m := range macs {
			all = append(all, lan.FDBEntry{Table: table, MAC: mac(m), Port: lan.BridgePort(i + 1)})
		}
		return all
	}
	dot1d, dot1q := lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable
	right := []string{"fc:ec:da:2c:a6:c9", "14:a7:8b:b6:d3:41"}
	rubbish := []string{"22:f4:cc:46:96:01", "8b:b6:d3:41:00:02"}
	tests := []struct {
		name     string
		d, q     []string
		dot1dHas int
		dot1qHas int
		says     string
	}{
		{"AT-IFS802SP", right, rubbish, 2, 0, "its 2 rows are set aside: dot1dTpFdbTable shows other stations, and most of these are no addresses that are in use"},
		{"the other way round", rubbish, right, 0, 2, ""},
		{"something in common", right, append([]string{right[0]}, rubbish...), 2, 3, ""},
		{"both look well", right, []string{"44:19:b6:00:00:01", "44:19:b6:00:00:02"}, 2, 2, ""},
		{"both look odd", []string{"22:00:00:00:00:01", "22:00:00:00:00:02"}, rubbish, 2, 2, ""},
		{"one row proves nothing", right, rubbish[:1], 2, 1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{FDB: append(entries(dot1d, test.d...), entries(dot1q, test.q...)...), Readings: readings()}
			Join(&s)
			count := make(map[lan.Table]int)
			for _, e := range s.FDB {
				count[e.Table]++
			}
			if count[dot1d] != test.dot1dHas || count[dot1q] != test.dot1qHas {
				t.Errorf("%v are left", count)
			}
			if got := remark(&s, dot1q); got != test.says {
				t.Errorf("it says %q, want %q", got, test.says)
			}
		})
	}
}

// MICROSENS G6 counts lldpRemLocalPortNum from 0 and lldpLocPortNum from 1.
// Where the forwarding table knows the neighbours, it tells which is meant.
func TestMicrosensCountsLocalPortsFromZero(t *testing.T) {
	local := map[uint32]lan.LLDPLocalPort{}
	var all []lan.Interface
	for n, name := range []string{"1/1", "2/1", "2/2", "3/1"} {
		local[uint32(n+1)] = lan.LLDPLocalPort{ID: lan.LLDPID{Text: name}}
		all = append(all, lan.Interface{Index: lan.IfIndex(100 + n + 1), Name: name})
	}
	neighbor := func(port uint32, last byte) lan.LLDPNeighbor {
		return lan.LLDPNeighbor{LocalPort: port, Index: "0.1.1", Chassis: lan.LLDPID{MAC: lan.MAC{0x14, 0xa7, 0x8b, 0, 0, last}}}
	}
	tests := []struct {
		name  string
		ports []lan.BridgePort // where the forwarding table has the neighbours on local ports 1 and 3
		want  []lan.IfIndex
	}{
		{"MICROSENS G6", []lan.BridgePort{2, 4}, []lan.IfIndex{102, 104}},
		{"the ports that are named", []lan.BridgePort{1, 3}, []lan.IfIndex{101, 103}},
		{"one moved on", []lan.BridgePort{2, 3}, []lan.IfIndex{101, 103}},
		{"one alone proves nothing", []lan.BridgePort{2}, []lan.IfIndex{101, 103}},
		{"the neighbours were not learnt", nil, []lan.IfIndex{101, 103}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := lan.Snapshot{Interfaces: all, LLDPLocal: lan.LLDPLocal{Ports: local}, LLDP: []lan.LLDPNeighbor{neighbor(1, 0), neighbor(3, 1)},
				BridgePorts: map[lan.BridgePort]lan.IfIndex{1: 101, 2: 102, 3: 103, 4: 104}, FDB: learnt(lan.Dot1dTpFdbTable, test.ports...), Readings: readings()}
			Join(&s)
			if diff := cmp.Diff(test.want, []lan.IfIndex{s.LLDP[0].IfIndex, s.LLDP[1].IfIndex}); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			if said := remark(&s, lan.LLDPRemTable) != ""; said != (test.want[0] == 102) {
				t.Errorf("it says %q", remark(&s, lan.LLDPRemTable))
			}
		})
	}
}

// A device may say the same of a neighbour in several tables of LLDP.
func TestNeighborsOnce(t *testing.T) {
	chassis := lan.LLDPID{Text: cameraMAC.String(), MAC: cameraMAC}
	upper := lan.LLDPID{Text: "14:A7:8B:B6:D3:41", MAC: cameraMAC}
	s := lan.Snapshot{Interfaces: interfaces(16, 17), LLDP: []lan.LLDPNeighbor{
		{LocalPort: 16, Index: "0.16.1", Chassis: chassis},
		{Table: lan.LLDPV2RemTable, LocalPort: noLocalPort, IfIndex: 16, Index: "0.16.1.1", Chassis: upper, Addresses: addrs("10.20.0.9")},
		{Table: lan.LLDPV2RemTable, LocalPort: noLocalPort, IfIndex: 17, Index: "0.17.1.1", Chassis: chassis},
		{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 16, Index: "16.1", Chassis: chassis},
		{LocalPort: 16, Index: "0.16.2", Chassis: chassis},
	}}
	Join(&s)
	var got []string
	for _, n := range s.LLDP {
		got = append(got, n.Index)
	}
	if diff := cmp.Diff([]string{"0.16.1", "0.17.1.1", "16.1", "0.16.2"}, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(addrs("10.20.0.9"), s.LLDP[0].Addresses, compareAddrs); diff != "" {
		t.Errorf("the address of the repeated neighbour: %s", diff)
	}
}

// Netgear's chassis address is that of no port, and a cheap camera sends its
// chassis, port and nothing else: neither is left out.
func TestNeighborsThatSayLittle(t *testing.T) {
	var s lan.Snapshot
	read(t, newLLDPRem(), &s, cell{remChassis, "0.16.1", octets(macText)}, cell{remChassis, "0.17.2", octets("cam")},
		cell{remChassisSubtype, "0.16.1", integer(4)}, cell{remChassisSubtype, "0.17.2", integer(7)}, cell{remPort, "0.17.2", octets(macText)}, cell{remPortSubtype, "0.17.2", integer(3)})
	if len(s.LLDP) != 2 || s.LLDP[0].Chassis.MAC != cameraMAC || s.LLDP[1].Port.MAC != cameraMAC || s.LLDP[1].Chassis.Text != "cam" {
		t.Errorf("got %+v", s.LLDP)
	}
}

// A reading says in what other shape the device writes the index.
func TestShapesAreSaid(t *testing.T) {
	s := lan.Snapshot{Readings: readings(), FDB: []lan.FDBEntry{{Table: lan.Dot1dTpFdbTable, MAC: cameraMAC, Index: "142"}, {Table: lan.HwDynFdbTable, Index: "1"}},
		LLDP: []lan.LLDPNeighbor{{LocalPort: noLocalPort, Index: "3"}, {LocalPort: noLocalPort, Index: "4"}, {Table: lan.CDPCacheTable, Index: "1.2"}}}
	Join(&s)
	want := []string{"rows indexed otherwise than its MIB says: 1", "", "parts of its index, which should be 3: 1; neighbours whose port it does not tell: 2"}
	for i, r := range s.Readings {
		if r.Reason != want[i] {
			t.Errorf("%s: it says %q, want %q", r.Table, r.Reason, want[i])
		}
	}
}
