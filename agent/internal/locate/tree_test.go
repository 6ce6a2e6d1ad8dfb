package locate_test

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestTwoSwitches: sw1 and sw2 are linked by p24 of both; mac(1) hangs on p3
// of sw2.
func TestTwoSwitches(t *testing.T) {
	lldp1, lldp2 := hears(24, own(2), "sw2", lan.LLDPBridge), hears(24, own(1), "sw1", lan.LLDPBridge)
	check(t, []situation{
		{"both announce themselves",
			[]lan.Snapshot{bridge("sw1", base(own(1)), fdb(24, mac(1)), lldp1), bridge("sw2", base(own(2)), fdb(3, mac(1)), lldp2)},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)", own(1): "uplink sw2 p24 (1)", own(2): "uplink sw1 p24 (2)"}},
		{"known by system name alone",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1)), neighbour(lan.LLDPNeighbor{IfIndex: 24, SysName: "sw2", Enabled: lan.LLDPBridge})),
				bridge("sw2", fdb(3, mac(1)), neighbour(lan.LLDPNeighbor{IfIndex: 24, SysName: "sw1", Enabled: lan.LLDPBridge}))},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)"}},
		{"a namesake of this very switch was not read",
			[]lan.Snapshot{bridge("Switch", fdb(24, mac(1)), neighbour(lan.LLDPNeighbor{IfIndex: 24, SysName: "Switch", Enabled: lan.LLDPBridge}))},
			map[lan.MAC]string{mac(1): "uplink Switch p24 (1) behind Switch"}},
		{"each has learnt the other's address",
			[]lan.Snapshot{bridge("sw1", base(own(1)), fdb(24, mac(1), own(2))), bridge("sw2", base(own(2)), fdb(3, mac(1)), fdb(24, own(1)))},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)", own(1): "uplink sw2 p24 (1)", own(2): "uplink sw1 p24 (2)"}},
		{"other stations tell",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1), mac(2)), fdb(5, mac(8))), bridge("sw2", fdb(3, mac(1)), fdb(4, mac(2)), fdb(24, mac(8)))},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)", mac(2): "edge sw2 p4 (1)", mac(8): "edge sw1 p5 (1)"}},
		{"too few stations: nothing shows that sw1 leads to sw2",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1))), bridge("sw2", fdb(3, mac(1)))},
			map[lan.MAC]string{mac(1): "ambiguous [sw1 p24] [sw2 p3]"}},
		{"nothing shows by which port sw2 leads to sw1, but sw1 leads to sw2, so that no port of sw1 is nearer",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1), mac(2))), bridge("sw2", fdb(3, mac(1)), fdb(4, mac(2)))},
			map[lan.MAC]string{mac(1): "port sw2 p3 (1)", mac(2): "port sw2 p4 (1)"}},
		{"an entry that is out of date decides nothing against the others",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1), mac(2), mac(3)), fdb(5, mac(8), mac(9)), fdb(6, mac(7))),
				bridge("sw2", fdb(3, mac(1)), fdb(4, mac(2)), fdb(6, mac(3), mac(9)), fdb(24, mac(7), mac(8)))},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)", mac(2): "edge sw2 p4 (1)", mac(3): "shared sw2 p6 (2)",
				mac(7): "edge sw1 p6 (1)", mac(8): "shared sw1 p5 (2)", mac(9): "double [sw1 p5] [sw2 p6]"}},
		{"two entries against each other, one of them out of date",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1), mac(2), mac(3)), fdb(5, mac(8), mac(9))),
				bridge("sw2", fdb(3, mac(1)), fdb(4, mac(2)), fdb(6, mac(3), mac(9)), fdb(24, mac(8)))},
			map[lan.MAC]string{mac(1): "port sw2 p3 (1)", mac(2): "port sw2 p4 (1)", mac(3): "shared sw2 p6 (2)",
				mac(8): "shared sw1 p5 (2)", mac(9): "shared sw1 p5 (2)"}},
		{"the switch behind does not list it",
			[]lan.Snapshot{bridge("sw1", base(own(1)), fdb(24, mac(1)), lldp1), bridge("sw2", base(own(2)), fdb(3, mac(2)), lldp2)},
			map[lan.MAC]string{mac(1): "uplink sw1 p24 (1) behind sw2", mac(2): "edge sw2 p3 (1)",
				own(1): "uplink sw2 p24 (1)", own(2): "uplink sw1 p24 (2)"}},
		{"seen by the farther switch alone, which other stations show to face the nearer",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1), mac(2), mac(3))), bridge("sw2", fdb(4, mac(2)), fdb(5, mac(3)))},
			map[lan.MAC]string{mac(1): "uplink sw1 p24 (3) behind sw2", mac(2): "port sw2 p4 (1)", mac(3): "port sw2 p5 (1)"}},
		{"used twice: on an access port of each",
			[]lan.Snapshot{bridge("sw1", base(own(1)), fdb(7, mac(1)), fdb(24, own(2)), lldp1), bridge("sw2", base(own(2)), fdb(3, mac(1)), lldp2)},
			map[lan.MAC]string{mac(1): "double [sw1 p7] [sw2 p3]", own(1): "uplink sw2 p24 (1)", own(2): "uplink sw1 p24 (1)"}},
		{"linked twice, one link blocked: LLDP alone does not tell which",
			[]lan.Snapshot{bridge("sw1", base(own(1)), fdb(23, mac(1), own(2)), lldp1, hears(23, own(2), "sw2", lan.LLDPBridge)),
				bridge("sw2", base(own(2)), fdb(3, mac(1)), fdb(23, own(1)), lldp2, hears(23, own(1), "sw1", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)", own(1): "ambiguous [sw2 p23] [sw2 p24]", own(2): "ambiguous [sw1 p23] [sw1 p24]"}},
	})
}

func TestOwnAddresses(t *testing.T) {
	vrrp := lan.MAC{0, 0, 0x5e, 0, 1, 1}
	self := entry(0, lan.FDBSelf, vrrp, vrrp)
	check(t, []situation{
		{"its own address in its own table is no station there",
			[]lan.Snapshot{bridge("sw1", base(own(1)), fdb(3, own(1)))},
			map[lan.MAC]string{own(1): "seen sw1"}},
		{"shared by two devices, it belongs to neither",
			[]lan.Snapshot{bridge("a", self, fdb(24, mac(1))), bridge("b", self, fdb(24, mac(2))), bridge("c", fdb(9, vrrp))},
			map[lan.MAC]string{vrrp: "edge c p9 (1)", mac(1): "edge a p24 (1)", mac(2): "edge b p24 (1)"}},
		{"nor to the third of three",
			[]lan.Snapshot{bridge("a", self), bridge("b", self), bridge("c", self), bridge("d", fdb(9, vrrp))},
			map[lan.MAC]string{vrrp: "edge d p9 (1)"}},
	})
}

// TestChain: LLDP links sw1 to sw2 and sw2 to sw3; what hangs on sw3 is
// behind sw2 for sw1 as well.
func TestChain(t *testing.T) {
	site := []lan.Snapshot{
		bridge("sw1", base(own(1)), fdb(24, mac(1)), hears(24, own(2), "sw2", lan.LLDPBridge)),
		bridge("sw2", base(own(2)), fdb(22, mac(1)), hears(23, own(1), "sw1", lan.LLDPBridge), hears(22, own(3), "sw3", lan.LLDPBridge)),
		bridge("sw3", base(own(3)), fdb(3, mac(1)), fdb(24, mac(9)), hears(24, own(2), "sw2", lan.LLDPBridge)),
	}
	if got := places(site...)[mac(1)]; got != "edge sw3 p3 (1)" {
		t.Errorf("with all three: %s", got)
	}
	if got := places(site[0], site[2])[mac(1)]; got != "ambiguous [sw1 p24] [sw3 p3]" {
		t.Errorf("without the one between: %s", got)
	}
	oneWay := places(site[0], bridge("sw2", base(own(2)), fdb(22, mac(1))), site[2])[mac(1)]
	if oneWay != "edge sw3 p3 (1)" {
		t.Errorf("with the one between hearing nobody: %s", oneWay)
	}
}

// TestWhatIsHeardTells: what a switch hears by LLDP hangs next to it, so that
// those farther away see it where they see that switch.
func TestWhatIsHeardTells(t *testing.T) {
	vrrp := lan.MAC{0, 0, 0x5e, 0, 1, 1}
	check(t, []situation{
		{"a station that is in no table of that switch, so that sw2 is where sw1 sees it",
			[]lan.Snapshot{bridge("sw1", fdb(1, mac(3), mac(6))), bridge("sw2", fdb(2, mac(3)), hears(1, mac(6), "", lan.LLDPStation))},
			map[lan.MAC]string{mac(3): "port sw2 p2 (1)", mac(6): "port sw2 p1 (1)"}},
		{"a switch that was not read may be heard by a spare link: sw2 need not be where sw1 has its frames",
			[]lan.Snapshot{bridge("sw1", fdb(2, own(9)), fdb(3, mac(1))), bridge("sw2", fdb(4, mac(1)), hears(9, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "ambiguous [sw1 p3] [sw2 p4]", own(9): "port sw2 p9 (1)"}},
		{"the address of a router in several networks says nothing of how they are joined",
			[]lan.Snapshot{bridge("sw1", fdb(1, vrrp), fdb(3, mac(1))), bridge("sw2", fdb(2, vrrp), fdb(4, mac(2)))},
			map[lan.MAC]string{vrrp: "ambiguous [sw1 p1] [sw2 p2]", mac(1): "edge sw1 p3 (1)", mac(2): "edge sw2 p4 (1)"}},
	})
}
