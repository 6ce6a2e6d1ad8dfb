package mib

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// column positions in lldpRemColumns
const (
	remChassis = iota
	remChassisSubtype
	remPortSubtype
	remPort
	remPortDescr
	remSysName
	remSysDescr
	remEnabled
)

func TestLLDPNeighbors(t *testing.T) {
	camera := lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}
	tests := []struct {
		name  string
		cells []cell
		want  []lan.LLDPNeighbor
		told  string
	}{
		{"TimeMark, port and number, as in the standard",
			[]cell{{remChassis, "0.16.1", octets(macText)}, {remChassisSubtype, "0.16.1", integer(4)}, {remPortSubtype, "0.16.1", integer(5)},
				{remPort, "0.16.1", octets("eth0")}, {remPortDescr, "0.16.1", octets("LAN")}, {remSysName, "0.16.1", octets("cam-lobby")},
				{remSysDescr, "0.16.1", octets("IPC")}, {remEnabled, "0.16.1", octets("\x01\x00")}},
			[]lan.LLDPNeighbor{{LocalPort: 16, Chassis: camera, Port: lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: "eth0"}, PortDescr: "LAN",
				SysName: "cam-lobby", SysDescr: "IPC", Enabled: lan.LLDPStation, Index: "0.16.1"}}, ""},
		{"FortiGate and ERS4950 move the TimeMark between columns",
			[]cell{{remChassis, "100.16.1", octets(macText)}, {remChassisSubtype, "200.16.1", integer(4)}, {remSysName, "300.16.1", octets("cam")}},
			[]lan.LLDPNeighbor{{LocalPort: 16, Chassis: lan.LLDPID{Subtype: lan.LLDPOtherID, Text: "14a78bb6d341"}, SysName: "cam", Index: "100.16.1"}}, ""},
		{"MikroTik gives the number alone",
			[]cell{{remChassis, "3", octets(macText)}, {remChassisSubtype, "3", integer(4)}},
			[]lan.LLDPNeighbor{{LocalPort: noLocalPort, Chassis: camera, Index: "3"}}, ""},
		{"TP-Link TL-SX3016F leaves the TimeMark out",
			[]cell{{remChassis, "16.1", octets(macText)}, {remChassisSubtype, "16.1", integer(4)}},
			[]lan.LLDPNeighbor{{LocalPort: 16, Chassis: camera, Index: "16.1"}}, ""},
		{"Timetra adds a destination address",
			[]cell{{remChassis, "0.16.1.2", octets(macText)}, {remChassisSubtype, "0.16.1.2", integer(4)}},
			[]lan.LLDPNeighbor{{LocalPort: 16, Chassis: camera, Index: "0.16.1.2"}}, ""},
		{"two neighbours on one port",
			[]cell{{remSysName, "0.16.1", octets("phone")}, {remSysName, "0.16.2", octets("cam")}},
			[]lan.LLDPNeighbor{{LocalPort: 16, SysName: "phone", Index: "0.16.1"}, {LocalPort: 16, SysName: "cam", Index: "0.16.2"}}, ""},
		{"port 0 is a port", []cell{{remSysName, "0.0.1", octets("cam")}}, []lan.LLDPNeighbor{{LocalPort: 0, SysName: "cam", Index: "0.0.1"}}, ""},
		{"an index too long", []cell{{remSysName, "0.16.1.2.3", octets("cam")}}, nil,
			"1 row cannot be read: the index has no local port and neighbour number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			if told := read(t, newLLDPRem(), &s, test.cells...); told != test.told {
				t.Errorf("it says %q, want %q", told, test.told)
			}
			if diff := cmp.Diff(test.want, s.LLDP, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLLDPID(t *testing.T) {
	const chassis, port = true, false
	tests := []struct {
		name    string
		chassis bool
		subtype int64
		octets  string
		want    lan.LLDPID
	}{
		{"a chassis by its MAC", chassis, 4, macText, lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}},
		{"a port by its MAC", port, 3, macText, lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}},
		{"AOS-CX and RouterOS write the MAC as text", chassis, 4, "14:a7:8b:b6:d3:41", lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}},
		{"six letters are a MAC where the subtype says so", chassis, 4, "switch", lan.LLDPID{Subtype: lan.LLDPMAC, Text: "73:77:69:74:63:68", MAC: mac("73:77:69:74:63:68")}},
		{"six letters are a name where the subtype says so", port, 5, "eth0/1", lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: "eth0/1"}},
		{"TP-Link gives a MAC as local id", port, 7, "14-A7-8B-B6-D3-41", lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "14-A7-8B-B6-D3-41", MAC: cameraMAC}},
		{"an IP address as local id is no MAC", port, 7, "192.168.100.200", lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "192.168.100.200"}},
		{"Eltex MES2324P: five octets are an IP address", chassis, 5, "\x01\x0a\x77\x1f\x0e", lan.LLDPID{Subtype: lan.LLDPNetworkAddress, Text: "10.119.31.14", IP: addr("10.119.31.14")}},
		{"an IPv6 address", port, 4, "\x02\xfe\x80" + strings.Repeat("\x00", 13) + "\x01", lan.LLDPID{Subtype: lan.LLDPNetworkAddress, Text: "fe80::1", IP: addr("fe80::1")}},
		{"an IP address as text", chassis, 5, "10.119.31.14", lan.LLDPID{Subtype: lan.LLDPNetworkAddress, Text: "10.119.31.14", IP: addr("10.119.31.14")}},
		{"a network address of another family", chassis, 5, "\x06" + macText, lan.LLDPID{Subtype: lan.LLDPNetworkAddress, Text: "0614a78bb6d341"}},
		{"a local id with NUL behind it", port, 7, "port 1\x00\x00", lan.LLDPID{Subtype: lan.LLDPLocalID, Text: "port 1"}},
		{"a subtype that is unknown", chassis, 99, macText, lan.LLDPID{Text: "14a78bb6d341"}},
		{"an id without octets", port, 7, "", lan.LLDPID{Subtype: lan.LLDPLocalID}},
		{"an id that is too long for a text", port, 1, strings.Repeat("\xff", 300), lan.LLDPID{Subtype: lan.LLDPInterfaceAlias, Text: strings.Repeat("ff", 127)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := portID(test.subtype, []byte(test.octets))
			if test.chassis {
				got = chassisID(test.subtype, []byte(test.octets))
			}
			if diff := cmp.Diff(test.want, got, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLLDPManagementAddresses(t *testing.T) {
	v4, v6 := addr("10.20.0.9"), addr(ipv6Text)
	tests := []struct {
		name, neighbour, index string
		want                   []netip.Addr
	}{
		{"IPv4", "0.16.1", "0.16.1.1.4.10.20.0.9", []netip.Addr{v4}},
		{"IPv6", "0.16.1", "0.16.1.2.16." + ipv6Arcs, []netip.Addr{v6}},
		{"another TimeMark, as on ERS4950", "4711.16.1", "0.16.1.1.4.10.20.0.9", []netip.Addr{v4}},
		{"MikroTik leaves the length out, IPv4", "0.16.1", "0.16.1.1.10.20.0.9", []netip.Addr{v4}},
		{"MikroTik leaves the length out, IPv6", "0.16.1", "0.16.1.2." + ipv6Arcs, []netip.Addr{v6}},
		{"FortiSwitch counts the neighbours otherwise here", "0.16.24", "0.16.3.1.4.10.20.0.9", []netip.Addr{v4}},
		{"another port", "0.17.1", "0.16.1.1.4.10.20.0.9", nil},
		{"a hardware address", "0.16.1", "0.16.1.6.6." + macArcs, nil},
		{"127.0.0.1, of some agents", "0.16.1", "0.16.1.1.4.127.0.0.1", nil},
		{"0.0.0.0, of some agents", "0.16.1", "0.16.1.1.4.0.0.0.0", nil},
		{"numbers that are no octets", "0.16.1", "0.16.1.1.4.10.20.0.900", nil},
		{"too few octets", "0.16.1", "0.16.1.1.10.20.0", nil},
		{"a family alone", "0.16.1", "0.16.1.1", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			read(t, newLLDPRem(), &s, cell{remSysName, test.neighbour, octets("cam")})
			// The same with another TimeMark is the same.
			told := read(t, newLLDPManAddr(), &s, cell{0, test.index, integer(2)}, cell{0, "9" + test.index[1:], integer(2)})
			if told != "" {
				t.Errorf("it says %q", told)
			}
			if diff := cmp.Diff(test.want, s.LLDP[0].Addresses, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

// MikroTik and MICROSENS leave the address out of the index.
func TestManagementAddressesByValue(t *testing.T) {
	tests := []struct {
		name, neighbour, index, value string
		want                          []netip.Addr
	}{
		{"MikroTik", "0.6.2", "0.6.2", "10.20.0.9", []netip.Addr{addr("10.20.0.9")}},
		{"in octets", "0.6.2", "0.6.2", "\x0a\x14\x00\x09", []netip.Addr{addr("10.20.0.9")}},
		{"IPv6", "0.6.2", "0.6.2", ipv6Text, []netip.Addr{addr(ipv6Text)}},
		{"another neighbour", "0.6.2", "0.6.3", "10.20.0.9", nil},
		{"text that is no address", "0.6.2", "0.6.2", "nowhere", nil},
		{"127.0.0.1", "0.6.2", "0.6.2", "127.0.0.1", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			read(t, newLLDPRem(), &s, cell{remSysName, test.neighbour, octets("x")}, cell{remSysName, "0.6.9", octets("y")})
			told := read(t, newLLDPManAddr(), &s, cell{0, test.index, integer(2)}, cell{1, test.index, octets(test.value)})
			if told != "" {
				t.Errorf("it says %q", told)
			}
			if diff := cmp.Diff(test.want, s.LLDP[0].Addresses, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLLDPLocalPorts(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newLLDPLocPort(), &s,
		cell{0, "16", octets("Gi0/16")}, cell{0, "17", octets(macText)}, cell{0, "1.2", octets("none")},
		cell{1, "16", integer(5)}, cell{1, "17", integer(3)}, cell{2, "16", octets("lobby")})
	if want := "1 row cannot be read: the index is no lldpLocPortNum"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	want := map[uint32]lan.LLDPLocalPort{
		16: {ID: lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: "Gi0/16"}, Descr: "lobby"},
		17: {ID: lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}},
	}
	if diff := cmp.Diff(want, s.LLDPLocal.Ports, compareAddrs); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}
