package discover

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func prefixes(t *testing.T, texts string) []netip.Prefix {
	t.Helper()
	var list []netip.Prefix
	for _, text := range strings.Fields(texts) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func mac(n byte) lan.MAC { return lan.MAC{0x00, 0x1b, 0x21, 0, 0, n} }

// named is a neighbour that claims to be a bridge.
func named(port uint32, chassis lan.MAC, addresses ...string) lan.LLDPNeighbor {
	n := lan.LLDPNeighbor{LocalPort: port, IfIndex: lan.IfIndex(port), Chassis: lan.LLDPID{Subtype: lan.LLDPMAC, MAC: chassis}, Enabled: lan.LLDPBridge}
	for _, text := range addresses {
		n.Addresses = append(n.Addresses, netip.MustParseAddr(text))
	}
	return n
}

// naming is a switch with so many ports, which names neighbours.
func naming(name string, neighbors ...lan.LLDPNeighbor) lan.Snapshot {
	s := lan.Snapshot{Source: name, LLDP: neighbors}
	s.System.Name = name
	for i := range 24 {
		s.Interfaces = append(s.Interfaces, lan.Interface{Index: lan.IfIndex(i + 1), Name: fmt.Sprintf("Gi0/%d", i+1)})
	}
	return s
}

func TestAllows(t *testing.T) {
	l := Limits{Within: prefixes(t, "10.0.0.0/16 10.9.9.9/32 10.8.0.0/31 2001:db8::/64"), Host: prefixes(t, "10.0.20.9/24 127.0.0.1/8")}
	for text, want := range map[string]bool{
		"10.0.0.2": true, "10.0.255.254": true, "10.9.9.9": true, "10.8.0.0": true, "10.8.0.1": true, "2001:db8::1": true, "2001:db8::": true,
		"10.1.0.2": false, "192.0.2.1": false, "2001:db8:1::1": false,
		"10.0.20.9":   false,                     // this host
		"10.0.20.255": false, "10.0.20.0": false, // everybody in this host's network
		"10.0.255.255": false, "10.0.0.0": false, // everybody within
		"0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "::": false, "ff02::1": false, "127.0.0.1": false,
		"fe80::1%eth0": false, "2001:db8::1%eth0": false,
	} {
		if got := l.Allows(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
	if l.Allows(netip.Addr{}) || (Limits{}).Allows(netip.MustParseAddr("10.0.0.2")) {
		t.Error("no address, or no limits, and yet allowed")
	}
	everything := Limits{Within: prefixes(t, "0.0.0.0/0 ::/0")}
	for _, text := range []string{"0.0.0.0", "255.255.255.255", "239.1.1.1", "ff02::1", "::"} {
		if everything.Allows(netip.MustParseAddr(text)) {
			t.Errorf("%s is allowed within everything", text)
		}
	}
}

// What is no switch is not asked, though it may forward frames of others.
func TestListenToSwitchesAlone(t *testing.T) {
	with := func(change func(*lan.LLDPNeighbor)) lan.LLDPNeighbor {
		n := named(24, mac(3), "10.0.0.5")
		change(&n)
		return n
	}
	for _, test := range []struct {
		name  string
		n     lan.LLDPNeighbor
		asked bool
	}{
		{"a bridge", with(func(*lan.LLDPNeighbor) {}), true},
		{"a router", with(func(n *lan.LLDPNeighbor) { n.Enabled = lan.LLDPRouter }), true},
		{"an LLDP-MED switch", with(func(n *lan.LLDPNeighbor) { n.MED.Class = 4 }), true},
		{"over CDP", with(func(n *lan.LLDPNeighbor) { n.Table, n.Platform = lan.CDPCacheTable, "cisco WS-C2960" }), true},
		{"over LLDP-V2-MIB", with(func(n *lan.LLDPNeighbor) { n.Table = lan.LLDPV2RemTable }), true},
		{"a station", with(func(n *lan.LLDPNeighbor) { n.Enabled = lan.LLDPStation }), false},
		{"a camera that tells no capability", with(func(n *lan.LLDPNeighbor) { n.Enabled = 0 }), false},
		{"a phone with a port for a desk", with(func(n *lan.LLDPNeighbor) { n.Enabled |= lan.LLDPTelephone }), false},
		{"an access point", with(func(n *lan.LLDPNeighbor) { n.Enabled |= lan.LLDPAccessPoint }), false},
		{"an LLDP-MED endpoint", with(func(n *lan.LLDPNeighbor) { n.MED.Class = 3 }), false},
		{"a Cisco Aironet over CDP", with(func(n *lan.LLDPNeighbor) { n.Table, n.Platform = lan.CDPCacheTable, "cisco AIR-AP1852E-B-K9" }), false},
		{"without an address", named(24, mac(3)), false},
		{"outside", named(24, mac(3), "10.1.0.5"), false},
	} {
		l := Limits{Within: prefixes(t, "10.0.0.0/16")}
		h := l.Listen([]lan.Snapshot{naming("sw00", test.n)}, nil)
		if asked := len(h.Candidates) == 1; asked != test.asked || len(h.Candidates)+h.Others+h.Outside != 1 {
			t.Errorf("%s: got %+v", test.name, h)
		}
	}
}

func TestListenSaysWhy(t *testing.T) {
	l := Limits{Within: prefixes(t, "10.0.0.0/16")}
	over := func(table lan.Table, n lan.LLDPNeighbor) lan.LLDPNeighbor { n.Table = table; return n }
	s := naming("sw00", named(24, mac(3), "10.0.0.5"), over(lan.CDPCacheTable, named(7, mac(4), "10.0.0.6")), named(99, mac(5), "10.0.0.7"),
		lan.LLDPNeighbor{LocalPort: 3, Enabled: lan.LLDPBridge, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.8")}})
	s.LLDPLocal.Ports = map[uint32]lan.LLDPLocalPort{3: {ID: lan.LLDPID{Text: "ge.1.3"}}} // a device whose ports are not joined yet
	var got []string
	for _, c := range l.Listen([]lan.Snapshot{s}, nil).Candidates {
		got = append(got, fmt.Sprint(c.Places[0].Addr, " ", strings.Join(c.Places[0].Whys, ", ")))
	}
	want := []string{"10.0.0.5 LLDP neighbour of sw00 port Gi0/24", "10.0.0.6 CDP neighbour of sw00 port Gi0/7",
		"10.0.0.7 LLDP neighbour of sw00 port number 99", "10.0.0.8 LLDP neighbour of sw00 port ge.1.3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// One device, whoever names it and by whatever protocol, is one candidate, and
// of each address all is kept that was announced with it. Whoever names other
// addresses with it is another candidate: each keeps its own.
func TestListenMerges(t *testing.T) {
	l := Limits{Within: prefixes(t, "10.0.0.0/16")}
	cdp := named(24, lan.MAC{}, "10.0.0.5")
	cdp.Table = lan.CDPCacheTable
	lldp := named(24, mac(3), "10.0.0.5", "::ffff:10.0.0.5", "10.1.0.5", "10.0.1.5")
	for _, order := range [][]lan.LLDPNeighbor{{lldp, cdp}, {cdp, lldp}} {
		h := l.Listen([]lan.Snapshot{naming("sw00", order...)}, nil)
		if got := shown(h.Candidates); len(got) != 1 || !strings.HasPrefix(got[0], "10.0.0.5 10.0.1.5: [00:1b:21:00:00:03] ") || len(h.Candidates[0].Places[0].Whys) != 2 {
			t.Errorf("got %q", got)
		}
	}
	h := l.Listen([]lan.Snapshot{
		naming("sw00", named(1, mac(9), "10.0.0.201", "10.0.0.202", "10.0.0.8"), named(24, mac(3), "10.0.0.7", "10.0.0.8")),
		naming("sw01", named(1, mac(8), "10.0.0.7", "10.0.0.201", "10.0.0.202"), named(2, mac(4), "10.0.0.7", "10.0.0.8", "10.0.0.9", "10.0.0.10")),
	}, nil)
	const ofFirst = "[00:1b:21:00:00:03 00:1b:21:00:00:08 00:1b:21:00:00:04] [LLDP neighbour of sw00 port Gi0/24 LLDP neighbour of sw01 port Gi0/1 LLDP neighbour of sw01 port Gi0/2]"
	want := []string{
		"10.0.0.201 10.0.0.202 10.0.0.8: [00:1b:21:00:00:09 00:1b:21:00:00:08] [LLDP neighbour of sw00 port Gi0/1 LLDP neighbour of sw01 port Gi0/1]",
		"10.0.0.7 10.0.0.8 10.0.0.9: " + ofFirst,
		"10.0.0.7 10.0.0.201 10.0.0.202: " + ofFirst,
	}
	if diff := cmp.Diff(want, shown(h.Candidates)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// shown prints the addresses of each candidate, and what was announced with the
// first of them.
func shown(candidates []Candidate) []string {
	var texts []string
	for _, c := range candidates {
		var addresses []string
		for _, p := range c.Places {
			addresses = append(addresses, p.Addr.String())
		}
		texts = append(texts, fmt.Sprintf("%s: %v %v", strings.Join(addresses, " "), c.Places[0].Chassis, c.Places[0].Whys))
	}
	return texts
}

func TestListenLeavesOutTheKnown(t *testing.T) {
	l := Limits{Within: prefixes(t, "10.0.0.0/16")}
	known := []Identity{{Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}}, {Own: []lan.MAC{mac(3)}}, {Ports: []lan.MAC{mac(4)}}}
	h := l.Listen([]lan.Snapshot{naming("sw00", named(1, mac(9), "10.0.0.2"), named(2, mac(3), "10.0.0.3"), named(3, mac(4), "10.0.0.4"),
		named(4, mac(3), "10.1.0.3"), named(5, mac(5), "10.0.0.5"))}, known)
	if len(h.Candidates) != 1 || h.Candidates[0].Places[0].Chassis[0] != mac(5) || h.Known != 4 || h.Outside != 0 {
		t.Errorf("got %+v", h)
	}
	// A false claim to be a known switch, at the address of one that is new,
	// hides the new one from nobody.
	for _, order := range [][]lan.LLDPNeighbor{
		{named(1, mac(3), "10.0.0.5"), named(2, mac(5), "10.0.0.5")},
		{named(1, mac(9), "10.0.0.5", "10.0.0.2"), named(2, mac(5), "10.0.0.5")},
	} {
		h := l.Listen([]lan.Snapshot{naming("sw00", order...)}, known)
		if len(h.Candidates) != 1 || h.Candidates[0].Places[0].Chassis[0] != mac(5) {
			t.Errorf("got %+v", h)
		}
	}
}

// A station that announces a thousand switches keeps no other from being
// asked, and none of its own is.
func TestListenToAHostilePort(t *testing.T) {
	l := Limits{Within: prefixes(t, "10.0.0.0/16")}
	var neighbors []lan.LLDPNeighbor
	for i := range 1000 {
		neighbors = append(neighbors, named(13, lan.MAC{2, 0, 0, 0, byte(i >> 8), byte(i)}, fmt.Sprintf("10.0.%d.%d", 100+i/250, 1+i%250)))
	}
	neighbors = append(neighbors, named(24, mac(3), "10.0.0.5"))
	h := l.Listen([]lan.Snapshot{naming("sw00", neighbors...)}, nil)
	if len(h.Candidates) != 1 || h.Candidates[0].Places[0].Addr.String() != "10.0.0.5" {
		t.Errorf("%d candidates", len(h.Candidates))
	}
	if len(h.Crowded) != 1 || h.Crowded[0] != "sw00 port Gi0/13 names 1000" {
		t.Errorf("crowded: %v", h.Crowded)
	}
	// As many as are believed come after those that are alone on their port.
	h = l.Listen([]lan.Snapshot{naming("sw00", append(neighbors[:MaxPerPort:MaxPerPort], neighbors[1000])...)}, nil)
	if len(h.Candidates) != MaxPerPort+1 || h.Candidates[1].Places[0].Addr.String() != "10.0.0.5" {
		t.Errorf("got %+v", h)
	}
}

func TestSame(t *testing.T) {
	booted := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		a, b Identity
		want bool
	}{
		{"nothing known", Identity{}, Identity{}, false},
		{"one address of its own", Identity{Own: []lan.MAC{mac(1), mac(2)}}, Identity{Own: []lan.MAC{mac(2)}}, true},
		{"that of an interface", Identity{Own: []lan.MAC{mac(1)}, Ports: []lan.MAC{mac(7)}}, Identity{Own: []lan.MAC{mac(7)}}, true},
		{"interfaces alone, of which two devices may show the same", Identity{Ports: []lan.MAC{mac(7)}}, Identity{Ports: []lan.MAC{mac(7)}}, false},
		{"other addresses, all else the same", Identity{Own: []lan.MAC{mac(1)}, Name: "sw", Engine: "80", Booted: booted}, Identity{Own: []lan.MAC{mac(2)}, Name: "sw", Engine: "80", Booted: booted}, false},
		{"name and engine", Identity{Name: "rt", Engine: "80"}, Identity{Name: "rt", Engine: "80"}, true},
		{"name and another engine", Identity{Name: "rt", Engine: "80", Booted: booted}, Identity{Name: "rt", Engine: "81", Booted: booted}, false},
		{"engine alone", Identity{Engine: "80"}, Identity{Engine: "80"}, false},
		{"name alone", Identity{Name: "rt"}, Identity{Name: "rt"}, false},
		{"name and boot", Identity{Name: "rt", Engine: "80", Booted: booted}, Identity{Name: "rt", Own: []lan.MAC{mac(1)}, Booted: booted.Add(-3 * time.Second)}, true},
		{"name, and booted later", Identity{Name: "rt", Booted: booted}, Identity{Name: "rt", Booted: booted.Add(time.Minute)}, false},
		{"booted together", Identity{Booted: booted}, Identity{Booted: booted}, false},
	} {
		if test.a.Same(test.b) != test.want || test.b.Same(test.a) != test.want {
			t.Errorf("%s: want %v", test.name, test.want)
		}
	}
}

func TestIdentityOf(t *testing.T) {
	from := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := naming("sw00")
	s.From, s.BaseMAC, s.System.UpTime = from, mac(1), time.Hour
	s.LLDPLocal.Chassis.MAC = mac(1)
	s.Interfaces[0].MAC = mac(2)
	want := Identity{Own: []lan.MAC{mac(1)}, Ports: []lan.MAC{mac(2)}, Name: "sw00", Booted: from.Add(-time.Hour)}
	if diff := cmp.Diff(want, IdentityOf(&s)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if got := IdentityOf(&lan.Snapshot{From: from}); !got.Booted.IsZero() || len(got.Own)+len(got.Ports) > 0 {
		t.Errorf("of nothing: %+v", got)
	}
}
