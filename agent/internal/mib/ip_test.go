package mib

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func TestARP(t *testing.T) {
	dynamic, invalid := integer(3), integer(typeInvalid)
	ip := addr("10.20.0.9")
	tests := []struct {
		name  string
		cells []cell
		want  []lan.ARPEntry
	}{
		{"as in the standard", []cell{{0, "5.10.20.0.9", octets(macText)}, {1, "5.10.20.0.9", dynamic}},
			[]lan.ARPEntry{{IfIndex: 5, IP: ip, MAC: cameraMAC, Index: "5.10.20.0.9"}}},
		{"with the network's number, as in atTable", []cell{{0, "5.1.10.20.0.9", octets(macText)}},
			[]lan.ARPEntry{{IfIndex: 5, IP: ip, MAC: cameraMAC, Index: "5.1.10.20.0.9"}}},
		{"without an ifIndex", []cell{{0, "10.20.0.9", octets(macText)}},
			[]lan.ARPEntry{{IP: ip, MAC: cameraMAC, Index: "10.20.0.9"}}},
		{"with more before the address", []cell{{0, "1.2.3.10.20.0.9", octets(macText)}},
			[]lan.ARPEntry{{IP: ip, MAC: cameraMAC, Index: "1.2.3.10.20.0.9"}}},
		{"without an address", []cell{{0, "7", octets(macText)}}, []lan.ARPEntry{{MAC: cameraMAC, Index: "7"}}},
		{"with an address that is none", []cell{{0, "5.10.20.0.900", octets(macText)}},
			[]lan.ARPEntry{{IfIndex: 5, MAC: cameraMAC, Index: "5.10.20.0.900"}}},
		{"Dell Networking writes the MAC as text", []cell{{0, "5.10.20.0.9", octets("14:A7:8B:B6:D3:41")}},
			[]lan.ARPEntry{{IfIndex: 5, IP: ip, MAC: cameraMAC, Index: "5.10.20.0.9"}}},
		{"invalid(2)", []cell{{0, "5.10.20.0.9", octets(macText)}, {1, "5.10.20.0.9", invalid}}, nil},
		{"incomplete: no MAC", []cell{{0, "5.10.20.0.9", octets("")}, {1, "5.10.20.0.9", dynamic}}, nil},
		{"incomplete: zeros", []cell{{0, "5.10.20.0.9", octets(strings.Repeat("\x00", 6))}}, nil},
		{"broadcast", []cell{{0, "5.10.20.0.255", octets(strings.Repeat("\xff", 6))}}, nil},
		{"multicast", []cell{{0, "5.224.0.0.1", octets("\x01\x00\x5e\x00\x00\x01")}}, nil},
		{"0.0.0.0", []cell{{0, "5.0.0.0.0", octets(macText)}}, nil},
		{"a type without a MAC", []cell{{1, "5.10.20.0.9", dynamic}}, nil},
		{"twelve digits that are not hexadecimal to their end", []cell{{0, "5.10.20.0.9", octets("14a78bb6zz41")}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			d := newARP()
			if told := read(t, d, &s, test.cells...); told != "" || d.Rows() != 1 {
				t.Errorf("%d rows, and it says %q", d.Rows(), told)
			}
			for i := range test.want {
				test.want[i].Table = lan.IPNetToMediaTable
			}
			if diff := cmp.Diff(test.want, s.ARP, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

const (
	ipv6Arcs = "254.128.0.0.0.0.0.0.22.167.139.255.254.182.211.65"
	ipv6Text = "fe80::16a7:8bff:feb6:d341"
)

func TestInetAddress(t *testing.T) {
	v4, v6 := addr("10.20.0.9"), addr(ipv6Text)
	tests := []struct {
		name, index string
		want        netip.Addr
	}{
		{"IPv4", "5.1.4.10.20.0.9", v4},
		{"IPv6", "5.2.16." + ipv6Arcs, v6},
		{"IPv4 with a zone", "5.3.8.10.20.0.9.0.0.0.2", v4},
		{"IPv6 with a zone", "5.4.20." + ipv6Arcs + ".0.0.0.2", v6},
		{"IPv6 said to have a zone, without one", "5.4.16." + ipv6Arcs, v6},
		{"Nexus leaves the length out, IPv4", "5.1.10.20.0.9", v4},
		{"Nexus leaves the length out, IPv6", "5.2." + ipv6Arcs, v6},
		{"Windows puts the length there twice, IPv4", "5.1.5.4.10.20.0.9", v4},
		{"Windows puts the length there twice, IPv6", "5.2.17.16." + ipv6Arcs, v6},
		{"IPv4 that begins as a length does", "5.1.4.4.3.2.1", addr("4.3.2.1")},
		{"IPv4 that begins as a length does, without one", "5.1.3.2.1.0", addr("3.2.1.0")},
		{"IPv4 with a zone, without a length, that begins as one does", "5.3.7.20.0.9.0.0.0.2", addr("7.20.0.9")},
		{"a length that is wrong", "5.1.6.10.20.0.9", netip.Addr{}},
		{"an address cut short", "5.1.10.20.0", netip.Addr{}},
		{"numbers that are no octets", "5.1.4.10.20.0.900", netip.Addr{}},
		{"a DNS name", "5.16.3.97.98.99", netip.Addr{}},
		{"an unknown type", "5.0.0", netip.Addr{}},
		{"nothing after the type", "5.1", netip.Addr{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			d := newPhysical()
			read(t, d, &s, cell{0, test.index, octets(macText)})
			want := []lan.ARPEntry{{IP: test.want, MAC: cameraMAC, Table: lan.IPNetToPhysicalTable, Index: test.index}}
			if test.want.IsValid() {
				want[0].IfIndex = 5
			}
			// Without an address it was seen even so.
			if diff := cmp.Diff(want, s.ARP, compareAddrs); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPhysicalLeavesOutWhatBindsNothing(t *testing.T) {
	const index = "5.1.4.10.20.0.9"
	tests := []struct {
		name        string
		kind, state int64
		want        int
	}{
		{"dynamic(3), reachable(1)", 3, 1, 1},
		{"static(4), unknown(6)", 4, 6, 1},
		{"invalid(2), reachable(1)", typeInvalid, 1, 0},
		{"dynamic(3), invalid(5)", 3, stateInvalid, 0},
		{"dynamic(3), incomplete(7)", 3, stateIncomplete, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			read(t, newPhysical(), &s, cell{0, index, octets(macText)}, cell{1, index, integer(test.kind)}, cell{2, index, integer(test.state)})
			if len(s.ARP) != test.want {
				t.Errorf("got %d entries, want %d", len(s.ARP), test.want)
			}
		})
	}
}

// atTable adds to the newer tables what they do not say, and nothing twice.
func TestATTable(t *testing.T) {
	known := lan.ARPEntry{IfIndex: 5, IP: addr("10.20.0.9"), MAC: cameraMAC, Table: lan.IPNetToMediaTable, Index: "5.10.20.0.9"}
	s := lan.Snapshot{ARP: []lan.ARPEntry{known}}
	d := newAT()
	told := read(t, d, &s,
		cell{0, "5.1.10.20.0.9", octets(macText)},                     // the same
		cell{0, "7.1.10.20.0.9", octets("\x00\x15\x99\x9f\x07\xef")},  // that address in another VRF
		cell{0, "7.1.10.30.0.9", octets(macText)},                     // another address
		cell{0, "7.1.10.30.0.10", octets("0:15:99:9f:7:ef")},          // as text
		cell{0, "7.1.10.30.0.11", octets("")},                         // incomplete
		cell{0, "7.1.10.30.0.12", octets("\xff\xff\xff\xff\xff\xff")}) // a group
	if told != "" || d.Rows() != 6 {
		t.Errorf("%d rows, and it says %q", d.Rows(), told)
	}
	samsung := mac("00:15:99:9f:07:ef")
	want := []lan.ARPEntry{known,
		{IfIndex: 7, IP: addr("10.20.0.9"), MAC: samsung, Table: lan.ATTable, Index: "7.1.10.20.0.9"},
		{IfIndex: 7, IP: addr("10.30.0.9"), MAC: cameraMAC, Table: lan.ATTable, Index: "7.1.10.30.0.9"},
		{IfIndex: 7, IP: addr("10.30.0.10"), MAC: samsung, Table: lan.ATTable, Index: "7.1.10.30.0.10"}}
	if diff := cmp.Diff(want, s.ARP, compareAddrs); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}
