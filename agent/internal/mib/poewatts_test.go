package mib

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// poePorts returns the ports of a device whose tables are read one after the other.
func poePorts(t *testing.T, interfaces []lan.Interface, tables ...func(*lan.Snapshot) string) []lan.PoEPort {
	t.Helper()
	s := lan.Snapshot{Interfaces: interfaces}
	for _, table := range tables {
		if told := table(&s); told != "" {
			t.Errorf("it says %q", told)
		}
	}
	return s.PoE
}

func TestPoEOfCisco(t *testing.T) {
	const searching, noClass = 2, 1
	interfaces := []lan.Interface{{Index: 10001, Descr: "FastEthernet0/1", Name: "Fa0/1"}, {Index: 10004, Descr: "FastEthernet0/4", Name: "Fa0/4"}}
	standard := func(s *lan.Snapshot) string {
		return read(t, newPoE(), s, cell{0, "1.3", integer(searching)}, cell{0, "1.6", integer(deliveringPower)},
			cell{1, "1.3", integer(noClass)}, cell{1, "1.6", integer(3)})
	}
	cisco := func(s *lan.Snapshot) string {
		return read(t, newCpePort(), s, cell{0, "1.3", integer(0)}, cell{0, "1.6", integer(7000)}, cell{0, "1.7", integer(5200)},
			cell{1, "1.3", integer(1007)}, cell{1, "1.6", integer(1010)}, cell{1, "1.7", integer(0)},
			cell{2, "1001", octets("1")}, cell{2, "1007", octets("FastEthernet0/1")}, cell{2, "1010", octets("FastEthernet0/4")})
	}
	// A Catalyst 3560 (of OpenNMS' test data) and a port of no entity.
	want := []lan.PoEPort{{Group: 1, Port: 3, IfIndex: 10001, Class: 1}, {Group: 1, Port: 6, IfIndex: 10004, Delivering: true, Class: 3, Milliwatts: 7000},
		{Group: 1, Port: 7, Delivering: true, Milliwatts: 5200}}
	if diff := cmp.Diff(want, poePorts(t, interfaces, standard, cisco)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	// A Catalyst 2960X (of LibreNMS') was recorded without the standard table.
	alone := []lan.PoEPort{{Group: 1, Port: 3, IfIndex: 10001}, {Group: 1, Port: 6, IfIndex: 10004, Delivering: true, Milliwatts: 7000},
		{Group: 1, Port: 7, Delivering: true, Milliwatts: 5200}}
	if diff := cmp.Diff(alone, poePorts(t, interfaces, cisco)); diff != "" {
		t.Errorf("without pethPsePortTable: difference (-want +got):\n%s", diff)
	}
	// Names that two interfaces bear tell neither.
	for i, port := range poePorts(t, append(interfaces, lan.Interface{Index: 3, Name: "FastEthernet0/4"}), cisco) {
		if want := []lan.IfIndex{10001, 0, 0}[i]; port.IfIndex != want {
			t.Errorf("port %d is interface %d, want %d", port.Port, port.IfIndex, want)
		}
	}
}

// The names of entities are asked for only where a port may be one.
func TestPoEOfCiscoAsksForNamesWhereThereArePorts(t *testing.T) {
	d := newCpePort()
	before := len(d.Columns())
	d.Row(0, []uint32{1, 3}, integer(0))
	if after := len(d.Columns()); before != 2 || after != 3 {
		t.Errorf("%d columns before there is a row, %d then", before, after)
	}
}

func TestPoEByInterface(t *testing.T) {
	// Port 17 of the second unit in a stack of CBS350, and the tenth of an
	// Eltex MES2324 (both of LibreNMS' test data). Nothing has number 80.
	interfaces := []lan.Interface{{Index: 58, Name: "gi1/0/10"}, {Index: 69, Name: "gi2/0/17"}}
	for name, decoder := range map[string]Decoder{"Cisco": newCiscoSBPort(), "Marvell": newMarvellPort()} {
		got := poePorts(t, interfaces, func(s *lan.Snapshot) string {
			return read(t, newPoE(), s, cell{0, "2.69", integer(deliveringPower)}, cell{1, "2.69", integer(3)})
		}, func(s *lan.Snapshot) string {
			return read(t, decoder, s, cell{0, "1.58", integer(1400)}, cell{0, "2.69", integer(1345)}, cell{0, "1.80", integer(-1)})
		})
		want := []lan.PoEPort{{Group: 2, Port: 69, IfIndex: 69, Delivering: true, Class: 3, Milliwatts: 1345},
			{Group: 1, Port: 58, IfIndex: 58, Delivering: true, Milliwatts: 1400}, {Group: 1, Port: 80}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: difference (-want +got):\n%s", name, diff)
		}
	}
}

// An SG2218P (of LibreNMS' test data) feeds a camera at port 1, nothing at the
// recorder's port 11, and an access point at port 15.
func TestPoEOfTPLink(t *testing.T) {
	interfaces := []lan.Interface{{Index: 1, Name: "Vlan-interface1"}, {Index: 49153, Name: "gigabitEthernet 1/0/1"},
		{Index: 49163, Name: "gigabitEthernet 1/0/11"}, {Index: 49167, Descr: "gigabitEthernet 1/0/15"}, {Index: 49168, Name: "gigabitEthernet 2/0/1"}}
	got := poePorts(t, interfaces, func(s *lan.Snapshot) string {
		return read(t, newTPLinkPoE(), s,
			cell{0, "1", integer(20)}, cell{0, "11", integer(0)}, cell{0, "15", integer(66)}, cell{0, "16", integer(64)},
			cell{1, "1", integer(3)}, cell{1, "11", integer(7)}, cell{1, "15", integer(4)},
			cell{2, "1", integer(2)}, cell{2, "11", integer(0)}, cell{2, "15", integer(2)})
	})
	want := []lan.PoEPort{{Port: 1, IfIndex: 49153, Delivering: true, Class: 4, Milliwatts: 2000}, {Port: 11, IfIndex: 49163},
		{Port: 15, IfIndex: 49167, Delivering: true, Class: 5, Milliwatts: 6600}, {Port: 16, Milliwatts: 6400}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// An RB5009 feeds a device at ether1, ifIndex 2 (of LibreNMS' test data). SwOS
// has the row of Port1, ifIndex 1, at index 2.
func TestPoEOfMikroTik(t *testing.T) {
	for name, test := range map[string]struct {
		interfaces []lan.Interface
		port       string
		want       lan.IfIndex
	}{
		"RouterOS": {[]lan.Interface{{Index: 1, Name: "lo"}, {Index: 2, Name: "ether1"}}, "ether1", 2},
		"SwOS":     {[]lan.Interface{{Index: 1, Name: "Port1"}, {Index: 2, Name: "Port2"}}, "Port1", 1},
		"no name":  {[]lan.Interface{{Index: 2, Name: "ether1"}}, "", 0},
	} {
		got := poePorts(t, test.interfaces, func(s *lan.Snapshot) string {
			return read(t, newMtxrPoE(), s, cell{0, "2", octets(test.port)}, cell{1, "2", integer(3)}, cell{2, "2", integer(91)})
		})
		if diff := cmp.Diff([]lan.PoEPort{{Port: 2, IfIndex: test.want, Delivering: true, Milliwatts: 9100}}, got); diff != "" {
			t.Errorf("%s: difference (-want +got):\n%s", name, diff)
		}
	}
}

// Rows with another index than the table's are not read, and numbers that no
// port can deliver are none.
func TestPoEUnread(t *testing.T) {
	for _, d := range []Decoder{newCpePort(), newCiscoSBPort(), newMarvellPort(), newTPLinkPoE(), newMtxrPoE()} {
		var s lan.Snapshot
		if told := read(t, d, &s, cell{0, "1.2.3", integer(7000)}); told == "" || len(s.PoE) > 0 {
			t.Errorf("%s says %q, and gives %+v", d.Table(), told, s.PoE)
		}
	}
	for n, want := range map[int64]uint32{0: 0, 25: 2500, 10_000: 1_000_000, 10_001: 0, -1: 0, maxUint32: 0} {
		if got := milliwatts(integer(n), deciwatt); got != want {
			t.Errorf("%d tenths of a watt: %d mW, want %d", n, got, want)
		}
	}
}
