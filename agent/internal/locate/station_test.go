package locate_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/google/go-cmp/cmp"
)

func station(t *testing.T, m lan.MAC, snapshots ...lan.Snapshot) locate.Station {
	t.Helper()
	for _, st := range locate.Stations(snapshots) {
		if st.MAC == m {
			return st
		}
	}
	t.Fatalf("%s is not among the stations", m)
	return locate.Station{}
}

// TestStation: what several devices say of one station is put together, each
// thing once and in order.
func TestStation(t *testing.T) {
	sw := bridge("sw1", base(own(1)), fdb(3, mac(1)), arp(3, mac(1), "10.1.1.9"), hears(3, mac(1), "cam-lobby", lan.LLDPStation))
	nvr := host("nvr", lan.HostSource, arp(2, mac(1), "10.1.1.10"), arp(2, mac(1), "10.1.1.9"))
	st := station(t, mac(1), sw, nvr)
	if diff := cmp.Diff([]string{"10.1.1.9", "10.1.1.10"}, texts(st.IPs)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"cam-lobby"}, st.Names); diff != "" {
		t.Error(diff)
	}
	if st.Neighbor == nil || st.Neighbor.SysName != "cam-lobby" || st.Self != "" {
		t.Errorf("neighbour %v, self %q", st.Neighbor, st.Self)
	}
	var rows []string
	for _, s := range st.Sightings {
		rows = append(rows, s.Of.Source+" "+string(s.Table)+" "+s.Row.Value())
		if !s.Of.To.Equal(readAt) {
			t.Errorf("%s was read at %v", s.Of.Source, s.Of.To)
		}
	}
	want := []string{"nvr.example neighbours " + mac(1).String(), "nvr.example neighbours " + mac(1).String(),
		"sw1.example dot1qTpFdbTable 3", "sw1.example ipNetToMediaTable " + mac(1).String(), "sw1.example lldpRemTable " + mac(1).String()}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if self := station(t, own(1), sw); self.Self != "sw1" {
		t.Errorf("own address of %q", self.Self)
	}
}

// TestManyNames: of a station that answers for a whole network the first
// addresses and names are kept, each once.
func TestManyNames(t *testing.T) {
	var rows []row
	for i := range 200 {
		ip := netip.AddrFrom4([4]byte{10, 1, 1, byte(199 - i)}).String()
		rows = append(rows, arp(3, mac(1), ip), arp(3, mac(1), ip), hears(3, mac(1), fmt.Sprintf("name%03d", 199-i), lan.LLDPRouter))
	}
	st := station(t, mac(1), bridge("sw1", rows...))
	if len(st.IPs) != locate.MaxNames || len(st.Names) != locate.MaxNames {
		t.Errorf("%d addresses and %d names", len(st.IPs), len(st.Names))
	}
	if want := "; it answers for 64 IP addresses at least, as a router or a proxy does, so these may be others'"; !strings.HasSuffix(st.Place.Why, want) {
		t.Errorf("why %q", st.Place.Why)
	}
	if st.IPs[0].String() != "10.1.1.0" || st.IPs[63].String() != "10.1.1.63" || st.Names[0] != "name000" || st.Names[63] != "name063" {
		t.Errorf("%v to %v, %s to %s", st.IPs[0], st.IPs[63], st.Names[0], st.Names[63])
	}
}

// TestManyIPv6Addresses: everybody has several of them, and answers for nobody
// else.
func TestManyIPv6Addresses(t *testing.T) {
	rows := []row{fdb(3, mac(1)), arp(3, mac(1), "10.1.1.1")}
	for i := range 20 {
		rows = append(rows, arp(3, mac(1), fmt.Sprintf("fe80::%x", i+1)))
	}
	if st := station(t, mac(1), bridge("sw1", rows...)); strings.Contains(st.Place.Why, "answers for") {
		t.Errorf("why %q", st.Place.Why)
	}
}

// TestNamesOfHosts: a machine that was read and forwards nothing is named by
// its own interfaces.
func TestNamesOfHosts(t *testing.T) {
	nvr := host("nvr", lan.SwitchSource, func(s *lan.Snapshot) { s.Interfaces[0].MAC = mac(1) })
	st := station(t, mac(1), nvr, bridge("sw1", fdb(3, mac(1))))
	if diff := cmp.Diff([]string{"nvr"}, st.Names); diff != "" || st.Self != "" || describe(st.Place) != "edge sw1 p3 (1)" {
		t.Errorf("self %q, %s: %s", st.Self, describe(st.Place), diff)
	}
}

// TestPlace looks at everything that is said about one place.
func TestPlace(t *testing.T) {
	far := bridge("sw1", base(own(1)), fdb(24, mac(1)), hears(24, own(2), "sw2", lan.LLDPBridge))
	near := bridge("sw2", base(own(2)), fdb(3, mac(1)), hears(24, own(1), "sw1", lan.LLDPBridge), func(s *lan.Snapshot) {
		s.Interfaces[2].Alias = "lobby"
		s.FDB = append(s.FDB, lan.FDBEntry{MAC: mac(1), Port: 3, IfIndex: 3, Table: lan.Dot1dTpFdbTable})
		s.FDB[0], s.FDB[1] = s.FDB[1], s.FDB[0]
	})
	got := station(t, mac(1), far, near).Place
	if got.Sighting == nil || got.Sighting.Of.Source != "sw2.example" || got.Sighting.Table != lan.Dot1qTpFdbTable {
		t.Errorf("the place rests on %+v, not on the row that tells the VLAN", got.Sighting)
	}
	got.Sighting = nil
	one := 1
	want := locate.Place{Switch: "sw2", Address: "sw2.example", Port: "p3", IfIndex: 3, Alias: "lobby", VLAN: 20,
		Certainty: locate.Edge, Stations: &one, CountedAt: readAt,
		Why:          "no other switch, and no other station, was learnt on this port",
		Alternatives: []locate.Alternative{{Switch: "sw1", Port: "p24", WhyNot: "sw2 is behind this port"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestSightingOfAPlace: where a switch has a station on two ports, the place
// rests on the row of the port that was chosen.
func TestSightingOfAPlace(t *testing.T) {
	closet := hears(24, own(9), "closet", lan.LLDPBridge)
	for _, s := range []lan.Snapshot{
		bridge("sw1", closet, fdb(3, mac(1)), fdb(24, mac(1))),
		bridge("sw1", closet, fdb(24, mac(1)), fdb(3, mac(1))),
		bridge("sw1", closet, member(3, 30), fdb(24, mac(1)), fdb(3, mac(1))),
	} {
		if p := station(t, mac(1), s).Place; p.Sighting == nil || p.Sighting.Row.Value() != "3" {
			t.Errorf("%s rests on %+v", describe(p), p.Sighting)
		}
	}
	open := station(t, mac(1), bridge("sw1", fdb(3, mac(1)), fdb(4, mac(1)))).Place
	if open.Sighting != nil || open.Switch != "" || open.Port != "" {
		t.Errorf("no port was chosen, and yet: %+v", open)
	}
}

// TestHeardOnOnePort: a station that announces itself is where it is heard,
// though stale entries place it elsewhere.
func TestHeardOnOnePort(t *testing.T) {
	p := station(t, mac(1), bridge("sw1", fdb(4, mac(1))), bridge("sw2", fdb(3, mac(1)), hears(3, mac(1), "cam", lan.LLDPStation))).Place
	if describe(p) != "port sw2 p3 (1)" {
		t.Error(describe(p))
	}
	if diff := cmp.Diff([]locate.Alternative{{Switch: "sw1", Port: "p4", WhyNot: "sw2 hears it announce itself on p3"}}, p.Alternatives); diff != "" {
		t.Error(diff)
	}
}

// TestWhy: every place says why, in a sentence.
func TestWhy(t *testing.T) {
	phone := hears(5, mac(1), "phone", lan.LLDPTelephone)
	tests := map[string]locate.Station{
		"3 stations were learnt on this port, so something that does not announce itself stands between": station(t, mac(1), bridge("sw1", fdb(3, mac(1), mac(2), mac(3)))),
		"phone announces itself on this port, so the station may hang behind it":                         station(t, mac(2), bridge("sw1", fdb(5, mac(1), mac(2)), phone)),
		"3 stations were learnt on this port, where phone announces itself":                              station(t, mac(2), bridge("sw1", fdb(5, mac(1), mac(2), mac(3)), phone)),
		"this port leads to closet, a switch that was not read":                                          station(t, mac(2), bridge("sw1", fdb(24, mac(2)), hears(24, own(9), "closet", lan.LLDPBridge))),
		"it is the device through which others are seen on this port, 2 stations in all":                 station(t, own(9), bridge("sw1", fdb(24, mac(2)), hears(24, own(9), "closet", lan.LLDPBridge))),
		"only the address table of nvr shows it, on cams":                                                station(t, mac(2), host("nvr", lan.HostSource, arp(3, mac(2), "10.1.1.1"))),
		"sw1 knows it, but gives no port that could be read":                                             station(t, mac(2), bridge("sw1", fdb(0, mac(2)))),
		"it is the address of sw1 itself, a switch that was read":                                        station(t, own(1), bridge("sw1", base(own(1)))),
		"no forwarding table of this switch could be read, so others on this port are not counted":       station(t, mac(1), lldpOnly("sw1", own(1), onLocal(3, 1, mac(1), "eth0"))),
		"the forwarding table of this switch was not read to its end, so others on this port are not counted": station(t, mac(2),
			bridge("sw1", table(lan.Dot1qTpFdbTable, lan.Partial), fdb(3, mac(2)))),
		"of this switch only those are known that are registered by radio, so others on this port are not counted": station(t, mac(2),
			bridge("ap", unread, table(lan.MtxrWlRtabTable, lan.Complete), radio(3, mac(2)))),
		"the switch hears it on this port, and does not say which port of its forwarding table that is, so others on it are not counted": station(t, mac(2),
			bridge("sw1", fdb(3, mac(1)), onLocal(7, 1, mac(2), "eth0"))),
	}
	for want, st := range tests {
		if st.Place.Why != want {
			t.Errorf("%s: why %q, want %q", describe(st.Place), st.Place.Why, want)
		}
	}
}

func texts(ips []netip.Addr) []string {
	var list []string
	for _, ip := range ips {
		list = append(list, ip.String())
	}
	return list
}
