package mib

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A camera as the tables of neighbours show it.
var cameraID = lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}

func TestNeighborTables(t *testing.T) {
	v4 := []netip.Addr{addr("10.20.0.9")}
	tests := []struct {
		name    string
		decoder Decoder
		cells   []cell
		want    []lan.LLDPNeighbor
		told    string
	}{
		{"PAN-OS and OcNOS have LLDP-V2-MIB alone", newLLDPV2Rem(),
			[]cell{{remChassis, "0.17.1.3", octets(cameraMAC.String())}, {remChassisSubtype, "0.17.1.3", integer(4)}, {remSysDescr, "9.17.1.3", octets("IPC")},
				{remEnabled, "0.17.1.3", octets("\x28\x00")}},
			[]lan.LLDPNeighbor{{Table: lan.LLDPV2RemTable, LocalPort: noLocalPort, IfIndex: 17, Index: "0.17.1.3", SysDescr: "IPC",
				Chassis: cameraID, Enabled: lan.LLDPBridge | lan.LLDPRouter}}, ""},
		{"LLDP-V2-MIB with the index of LLDP-MIB", newLLDPV2Rem(), []cell{{remSysName, "0.17.1", octets("fw")}}, nil,
			"1 row cannot be read: the index has no local port and neighbour number"},
		{"Cisco C2960X", newCDP(),
			[]cell{{0, "14.2", octets("sw9.example.org")}, {1, "14.2", octets("\x0a\x14\x00\x09")}, {2, "14.2", octets("Cisco IOS")},
				{3, "14.2", octets("Gi0/1")}, {4, "14.2", octets("cisco WS-C2960X")}, {5, "14.2", octets("\x00\x00\x00\x28")}},
			[]lan.LLDPNeighbor{{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 14, Index: "14.2", Enabled: lan.LLDPBridge, Addresses: v4,
				Chassis: lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "sw9.example.org"}, SysName: "sw9.example.org",
				Port: lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: "Gi0/1"}, SysDescr: "Cisco IOS", Platform: "cisco WS-C2960X"}}, ""},
		{"Cisco SG350X gives its address for a name", newCDP(), []cell{{0, "14.2", octets("14a78bb6d341")}},
			[]lan.LLDPNeighbor{{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 14, Index: "14.2",
				Chassis: lan.LLDPID{Subtype: lan.LLDPLocalID, Text: cameraMAC.String(), MAC: cameraMAC}}}, ""},
		{"Nexus writes the serial number behind the name", newCDP(), []cell{{0, "14.2", octets("nx1(FOX1234ABCD)")}},
			[]lan.LLDPNeighbor{{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 14, Index: "14.2", SysName: "nx1",
				Chassis: lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "nx1(FOX1234ABCD)"}}}, ""},
		{"a name of six letters is no address", newCDP(), []cell{{0, "14.2", octets("switch")}},
			[]lan.LLDPNeighbor{{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 14, Index: "14.2", SysName: "switch",
				Chassis: lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "switch"}}}, ""},
		{"CDP with 0.0.0.0, and a phone", newCDP(), []cell{{1, "14.2", octets("\x00\x00\x00\x00")}, {5, "14.2", octets("\x00\x00\x00\x90")}},
			[]lan.LLDPNeighbor{{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 14, Index: "14.2", Enabled: lan.LLDPTelephone | lan.LLDPStation}}, ""},
		{"CDP capabilities that are none", newCDP(), []cell{{5, "14.2", octets("\x28")}, {5, "1", octets("\x28")}},
			[]lan.LLDPNeighbor{{Table: lan.CDPCacheTable, LocalPort: noLocalPort, IfIndex: 14, Index: "14.2"}},
			"1 row cannot be read: the index is no ifIndex and neighbour number"},
		{"MikroTik hears a neighbour by MNDP alone", newMtxrNeighbor(),
			[]cell{{0, "7", integer(15)}, {1, "7", smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 20, 0, 9}}}, {2, "7", octets(macText)},
				{3, "7", octets("6.48")}, {4, "7", octets("MikroTik")}, {5, "7", octets("ap1")}},
			[]lan.LLDPNeighbor{{Table: lan.MtxrNeighborTable, LocalPort: noLocalPort, IfIndex: 15, Index: "7", Chassis: cameraID, Addresses: v4,
				SysDescr: "6.48", Platform: "MikroTik", SysName: "ap1"}}, ""},
		{"RouterOS before 7.7 writes the interface in hexadecimal", newMtxrNeighbor(), []cell{{0, "7", octets("1F")}, {5, "7", octets("ap1")}},
			[]lan.LLDPNeighbor{{Table: lan.MtxrNeighborTable, LocalPort: noLocalPort, IfIndex: 31, Index: "7", SysName: "ap1"}}, ""},
		{"MikroTik says nothing of a neighbour", newMtxrNeighbor(), []cell{{0, "7", octets("*")}, {0, "7.1", integer(1)}}, nil,
			"1 row cannot be read: the index is no neighbour number"},
		{"TP-Link JetStream keeps a table of its own", newTPLinkNeighbor(),
			[]cell{{0, "49167.1", octets("14:A7:8B:B6:D3:41")}, {1, "49167.1", octets("gi1/0/6")}, {2, "49167.1", octets("up")}, {3, "49167.1", octets("sw22")},
				{4, "49167.1", octets("MES2324B")}, {5, "49167.1", octets("Bridge Router ")}, {6, "49167.1", octets("::10.20.0.9")}},
			[]lan.LLDPNeighbor{{Table: lan.LLDPNeighborInfoTable, LocalPort: noLocalPort, IfIndex: 49167, Index: "49167.1", Chassis: cameraID,
				Port: lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "gi1/0/6"}, PortDescr: "up", SysName: "sw22", SysDescr: "MES2324B",
				Enabled: lan.LLDPBridge | lan.LLDPRouter, Addresses: v4}}, ""},
		{"TP-Link JetStream writes no address as ::", newTPLinkNeighbor(), []cell{{6, "49167.1", octets("::")}, {6, "49167", octets("::")}},
			[]lan.LLDPNeighbor{{Table: lan.LLDPNeighborInfoTable, LocalPort: noLocalPort, IfIndex: 49167, Index: "49167.1"}},
			"1 row cannot be read: the index is no ifIndex and neighbour number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			if told := read(t, test.decoder, &s, test.cells...); told != test.told {
				t.Errorf("it says %q, want %q", told, test.told)
			}
			if diff := cmp.Diff(test.want, s.LLDP, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLLDPV2ManagementAddresses(t *testing.T) {
	var s lan.Snapshot
	read(t, newLLDPV2Rem(), &s, cell{remSysName, "0.17.1.3", octets("fw")}, cell{remSysName, "0.17.2.4", octets("sw")})
	told := read(t, newLLDPV2ManAddr(), &s, cell{0, "0.17.1.3.1.4.10.20.0.9", integer(2)}, cell{0, "0.17.2.4.2.16." + ipv6Arcs, integer(2)}, cell{0, "0.17.1.3", integer(2)})
	if want := "1 row cannot be read: the index has no neighbour number and address"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	got := [][]netip.Addr{s.LLDP[0].Addresses, s.LLDP[1].Addresses}
	if diff := cmp.Diff([][]netip.Addr{{addr("10.20.0.9")}, {addr(ipv6Text)}}, got, compareAddrs); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// MikroTik answers only the columns of the addresses that the MIB calls not
// accessible; others are asked for the first column alone.
func TestManagementAddressesInOtherColumns(t *testing.T) {
	var s lan.Snapshot
	read(t, newLLDPRem(), &s, cell{remSysName, "0.16.1", octets("cam")})
	d := newLLDPManAddr()
	if got := len(d.Columns()); got != 3 {
		t.Fatalf("of an empty first column %d columns are left to ask, want 3 with it", got)
	}
	read(t, d, &s, cell{1, "0.16.1.1.4.10.20.0.9", octets("\x0a\x14\x00\x09")})
	if len(s.LLDP[0].Addresses) != 1 || len(d.Columns()) != 2 {
		t.Errorf("addresses %v, %d columns", s.LLDP[0].Addresses, len(d.Columns()))
	}
	d = newLLDPManAddr()
	d.Row(0, smi.MustOID("0.16.1.1.4.10.20.0.9"), integer(2))
	if got := len(d.Columns()); got != 1 {
		t.Errorf("%d columns are asked for where the first has rows", got)
	}
}

// FortiSwitch numbers neighbours otherwise in the table of their addresses; it
// must not be guessed which of two on a port an address is of, nor where some
// of the numbers are the same.
func TestManagementAddressesOfOtherNumbers(t *testing.T) {
	tests := []struct {
		name      string
		neighbors []string
		addresses []string
		want      []int
	}{
		{"alone on their ports", []string{"0.24.3", "0.25.4"}, []string{"0.24.31.1.4.10.20.0.9", "0.25.32.1.4.10.20.0.8"}, []int{1, 1}},
		{"two on a port", []string{"0.24.3", "0.24.4"}, []string{"0.24.31.1.4.10.20.0.9"}, []int{0, 0}},
		{"one has its number", []string{"0.24.3", "0.25.4"}, []string{"0.24.3.1.4.10.20.0.9", "0.25.5.1.4.10.20.0.8"}, []int{1, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			var rem, man []cell
			for _, index := range test.neighbors {
				rem = append(rem, cell{remSysName, index, octets("x")})
			}
			for _, index := range test.addresses {
				man = append(man, cell{0, index, integer(2)})
			}
			read(t, newLLDPRem(), &s, rem...)
			read(t, newLLDPManAddr(), &s, man...)
			for i, want := range test.want {
				if got := len(s.LLDP[i].Addresses); got != want {
					t.Errorf("neighbour %d has %d addresses, want %d", i, got, want)
				}
			}
		})
	}
}

// MikroTik says in its own table on which interface it hears the neighbours
// that lldpRemTable gives without a port.
func TestMikroTikNeighborsGetTheirInterface(t *testing.T) {
	for _, index := range []string{"7", "0.0.7"} {
		s := lan.Snapshot{Interfaces: interfaces(2, 15), BridgePorts: map[lan.BridgePort]lan.IfIndex{0: 2}}
		read(t, newLLDPRem(), &s, cell{remSysName, index, octets("sw")}, cell{remSysName, index[:len(index)-1] + "8", octets("other")})
		read(t, newMtxrNeighbor(), &s, cell{0, "7", integer(15)}, cell{5, "7", octets("sw")})
		Join(&s)
		if len(s.LLDP) != 2 || s.LLDP[0].IfIndex != 15 || s.LLDP[1].IfIndex != 0 {
			t.Errorf("index %s: got %+v", index, s.LLDP)
		}
	}
}

func TestMED(t *testing.T) {
	var s lan.Snapshot
	read(t, newLLDPRem(), &s, cell{remSysName, "5.16.1", octets("cam")}, cell{remSysName, "5.17.2", octets("phone")})
	told := read(t, newMEDClass(), &s, cell{0, "9.16.1", integer(3)}, cell{0, "9.17.2", integer(9)}, cell{0, "9.18.3", integer(3)}, cell{0, "1.2.3.4.5", integer(1)})
	if want := "1 row cannot be read: the index has no local port and neighbour number"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	told = read(t, newMEDInventory(), &s, cell{0, "8.16.1", octets("IPC-HFW2431S")}, cell{1, "8.16.1", octets("Dahua\x00")},
		cell{2, "8.16.1", octets("5A")}, cell{3, "8.16.1", octets("2.8")}, cell{0, "1.2.3.4.5", octets("none")}, cell{0, "8.18.3", octets("gone")})
	if want := "1 row cannot be read: the index has no local port and neighbour number"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	want := []lan.LLDPMED{{Class: 3, Manufacturer: "Dahua", Model: "IPC-HFW2431S", Serial: "5A", Firmware: "2.8", Index: "8.16.1"}, {}}
	if diff := cmp.Diff(want, []lan.LLDPMED{s.LLDP[0].MED, s.LLDP[1].MED}); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}
