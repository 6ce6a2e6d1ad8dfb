package locate_test

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/google/go-cmp/cmp"
)

// withIf changes an interface of a switch.
func withIf(index lan.IfIndex, change func(*lan.Interface)) row {
	return func(s *lan.Snapshot) { change(s.Interface(index)) }
}

// unresolved is an entry of dot1qTpFdbTable whose bridge port no interface is
// known for.
func unresolved(port lan.BridgePort, m lan.MAC) row {
	return func(s *lan.Snapshot) {
		s.FDB = append(s.FDB, lan.FDBEntry{MAC: m, FDBID: 30, VLAN: 30, Port: port, Status: lan.FDBLearned, Table: lan.Dot1qTpFdbTable})
	}
}

// TestUnresolvedPorts: a bridge port that stands for no interface says less
// than one that does.
func TestUnresolvedPorts(t *testing.T) {
	const open = "the device does not say which interface this is"
	tests := []struct {
		name string
		site []lan.Snapshot
		want string
		lost []locate.Alternative
	}{
		{"the same place from the other table", []lan.Snapshot{bridge("sw1", unmapped(18, mac(1)), fdb(3, mac(1)))}, "edge sw1 p3 (1)", nil},
		{"whatever the order", []lan.Snapshot{bridge("sw1", fdb(3, mac(1)), unmapped(18, mac(1)))}, "edge sw1 p3 (1)", nil},
		{"though the resolved one is an uplink", []lan.Snapshot{bridge("sw1", unmapped(18, mac(1)), fdb(3, mac(1)), hears(3, own(9), "closet", lan.LLDPBridge))},
			"uplink sw1 p3 (1) behind closet", nil},
		{"another row of the same table is another place", []lan.Snapshot{bridge("sw1", unresolved(18, mac(1)), fdb(3, mac(1)))}, "edge sw1 p3 (1)",
			[]locate.Alternative{{Switch: "sw1", Port: "bridge port 18", WhyNot: open}}},
		{"two resolved ports stay open", []lan.Snapshot{bridge("sw1", unmapped(18, mac(1)), fdb(3, mac(1)), fdb(4, mac(1)))}, "double [sw1 p3] [sw1 p4]",
			[]locate.Alternative{{Switch: "sw1", Port: "p3", WhyNot: "fits as well as the others"}, {Switch: "sw1", Port: "p4", WhyNot: "fits as well as the others"}}},
		{"nothing better", []lan.Snapshot{bridge("sw1", unmapped(18, mac(1)))}, "edge sw1 bridge port 18 (1)", nil},
		{"what is learnt beside it counts", []lan.Snapshot{bridge("sw1", unmapped(18, mac(1)), unmapped(18, mac(2)), fdb(3, mac(2)))}, "shared sw1 bridge port 18 (2)", nil},
		{"two switches are compared by the port that is known",
			[]lan.Snapshot{bridge("sw1", base(own(1)), unmapped(9, own(2)), fdb(24, own(2)), fdb(24, mac(1))), bridge("sw2", base(own(2)), fdb(24, own(1)), fdb(3, mac(1)))},
			"edge sw2 p3 (1)", []locate.Alternative{{Switch: "sw1", Port: "p24", WhyNot: "sw2 is behind this port"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := station(t, mac(1), test.site...).Place
			if diff := cmp.Diff(test.lost, p.Alternatives); describe(p) != test.want || diff != "" {
				t.Errorf("%s, want %s; alternatives want -, got +\n%s", describe(p), test.want, diff)
			}
		})
	}
}

// TestNothingPlugsIn: tunnels, loopbacks and VLANs are interfaces, and no
// sockets.
func TestNothingPlugsIn(t *testing.T) {
	const (
		tunnel = "this port is a tunnel, so it is somewhere behind the other end"
		vlan   = "this port is a VLAN interface, into which nothing is plugged"
		alone  = "no other switch, and no other station, was learnt on this port"
	)
	tests := []struct {
		name  string
		iface lan.Interface
		want  locate.Certainty
		why   string
	}{
		{"RouterOS EoIP", lan.Interface{Name: "eoip1", Type: 131}, locate.Uplink, tunnel},
		{"VXLAN of any type", lan.Interface{Name: "vxlan100", Type: 6}, locate.Uplink, tunnel},
		{"loopback", lan.Interface{Name: "lo", Type: 24}, locate.Uplink, "this port is a loopback interface, into which nothing is plugged"},
		{"l2vlan", lan.Interface{Name: "eth0.20", Type: 135}, locate.Uplink, vlan},
		{"l3ipvlan", lan.Interface{Name: "Vl20", Type: 136}, locate.Uplink, vlan},
		{"Cisco SVI", lan.Interface{Name: "Vl20", Descr: "Vlan20", Type: 53}, locate.Uplink, vlan},
		{"Juniper IRB", lan.Interface{Name: "irb.20", Type: 53}, locate.Uplink, vlan},
		{"Cisco aggregate", lan.Interface{Name: "Po1", Descr: "Port-channel1", Type: 53}, locate.Edge, alone},
		{"IEEE aggregate", lan.Interface{Name: "ae0", Type: 161}, locate.Edge, alone},
		{"Ethernet", lan.Interface{Name: "Gi0/3", Type: 6}, locate.Edge, alone},
		{"Ethernet called after a VLAN by its administrator", lan.Interface{Name: "Gi0/3", Alias: "vlan 20", Type: 6}, locate.Edge, alone},
		{"bridge that is a port", lan.Interface{Name: "br1", Type: 209}, locate.Edge, alone},
		{"type not told", lan.Interface{Name: "p3"}, locate.Edge, alone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set := withIf(3, func(i *lan.Interface) { *i = test.iface; i.Index = 3 })
			p := station(t, mac(1), bridge("sw1", set, fdb(3, mac(1)))).Place
			if p.Certainty != test.want || p.Why != test.why {
				t.Errorf("%s: %s, want %s: %s", p.Certainty, p.Why, test.want, test.why)
			}
			both := station(t, mac(1), bridge("sw1", set, fdb(3, mac(1)), fdb(4, mac(1)))).Place
			if want := test.want == locate.Uplink; (describe(both) == "edge sw1 p4 (1)") != want {
				t.Errorf("beside an access port: %s", describe(both))
			}
		})
	}
}

// TestHeardOnALoopback: UniFi counts bridge ports where the ifIndex of a
// loopback is the same number.
func TestHeardOnALoopback(t *testing.T) {
	lo := withIf(1, func(i *lan.Interface) { i.Name, i.Type = "lo", 24 })
	got := places(bridge("sw1", lo, fdb(9, mac(1)), hears(1, mac(1), "cam", lan.LLDPStation)))[mac(1)]
	if got != "edge sw1 p9 (1)" {
		t.Error(got)
	}
}

// TestNamesakes: where devices are called the same, their addresses tell which
// one is meant.
func TestNamesakes(t *testing.T) {
	called := func(source string, rows ...row) lan.Snapshot {
		s := bridge("Switch", rows...)
		s.Source = source
		return s
	}
	far := called("10.0.0.1", base(own(1)), fdb(24, mac(1), mac(2)), hears(24, own(2), "Switch", lan.LLDPBridge))
	near := called("10.0.0.2", base(own(2)), fdb(3, mac(1)), hears(24, own(1), "Switch", lan.LLDPBridge))
	p := station(t, mac(1), far, near).Place
	want := []locate.Alternative{{Switch: "Switch (10.0.0.1)", Port: "p24", WhyNot: "Switch (10.0.0.2) is behind this port"}}
	if diff := cmp.Diff(want, p.Alternatives); p.Switch != "Switch (10.0.0.2)" || p.Address != "10.0.0.2" || diff != "" {
		t.Errorf("on %s at %s: %s", p.Switch, p.Address, diff)
	}
	behind := station(t, mac(2), far, near).Place
	if describe(behind) != "uplink Switch (10.0.0.1) p24 (2) behind Switch (10.0.0.2)" {
		t.Error(describe(behind))
	}
	if self := station(t, own(2), far, near); self.Self != "Switch (10.0.0.2)" {
		t.Errorf("own address of %s", self.Self)
	}
	nameless := bridge("", fdb(3, mac(1)))
	if p := station(t, mac(1), nameless, bridge("sw2")).Place; p.Switch != ".example" {
		t.Errorf("a switch without a name is called %s", p.Switch)
	}
}
