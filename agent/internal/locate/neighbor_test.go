package locate_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/google/go-cmp/cmp"
)

// heardOver is a neighbour in the table of another protocol than LLDP.
func heardOver(table lan.Table, port lan.IfIndex, n lan.LLDPNeighbor) row {
	n.Table, n.IfIndex = table, port
	return neighbour(n)
}

// TestWhatForwards: whether a port leads to a switch that was not read is told
// by what announces itself there, and by what else is learnt there.
func TestWhatForwards(t *testing.T) {
	const unknown = lan.LLDPCapabilities(0)
	check(t, []situation{
		{"other(0), as Eltex announces, with stations behind it",
			[]lan.Snapshot{bridge("sw1", fdb(4, own(9), mac(1), mac(2)), hears(4, own(9), "", unknown))},
			map[lan.MAC]string{mac(1): "uplink sw1 p4 (3) behind " + own(9).String(), mac(2): "uplink sw1 p4 (3) behind " + own(9).String(),
				own(9): "shared sw1 p4 (3)"}},
		{"the same, which never sends from its own address",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), hears(4, own(9), "closet", unknown))},
			map[lan.MAC]string{mac(1): "uplink sw1 p4 (1) behind closet", own(9): "shared sw1 p4 (2)"}},
		{"a repeater",
			[]lan.Snapshot{bridge("sw1", fdb(4, own(9), mac(1)), hears(4, own(9), "extender", lan.LLDPRepeater))},
			map[lan.MAC]string{mac(1): "uplink sw1 p4 (2) behind extender", own(9): "shared sw1 p4 (2)"}},
		{"alone with unknown capabilities",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), hears(4, mac(1), "cam", unknown))},
			map[lan.MAC]string{mac(1): "edge sw1 p4 (1)"}},
		{"alone, and heard in several rows",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), hears(4, mac(1), "cam", unknown), hears(4, mac(1), "cam", unknown))},
			map[lan.MAC]string{mac(1): "edge sw1 p4 (1)"}},
		{"nothing but a station, with another beside it",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1), mac(2)), hears(4, mac(1), "cam", lan.LLDPStation))},
			map[lan.MAC]string{mac(1): "shared sw1 p4 (2)", mac(2): "shared sw1 p4 (2) behind cam"}},
		{"several that do not say what they are, on one port",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1), mac(2), mac(3)), hears(4, mac(1), "cam1", unknown), hears(4, mac(2), "cam2", unknown))},
			map[lan.MAC]string{mac(1): "shared sw1 p4 (3) behind cam2", mac(2): "shared sw1 p4 (3) behind cam1", mac(3): "shared sw1 p4 (3) behind cam1"}},
		{"several of the same name are several",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1), mac(2), mac(3)), hears(4, mac(1), "IPCAM", unknown), hears(4, mac(2), "IPCAM", unknown))},
			map[lan.MAC]string{mac(1): "shared sw1 p4 (3) behind IPCAM", mac(2): "shared sw1 p4 (3) behind IPCAM", mac(3): "shared sw1 p4 (3) behind IPCAM"}},
		{"several, one of them a bridge",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1), mac(2)), hears(4, mac(1), "cam", lan.LLDPStation), hears(4, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "shared sw1 p4 (2) behind closet", mac(2): "uplink sw1 p4 (2) behind closet", own(9): "shared sw1 p4 (3) behind cam"}},
		{"a row that says nothing of anybody is nobody",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1), mac(2)), neighbour(lan.LLDPNeighbor{IfIndex: 4}))},
			map[lan.MAC]string{mac(1): "shared sw1 p4 (2)", mac(2): "shared sw1 p4 (2)"}},
	})
}

// proxy answers for nine addresses, 10.1.1.9 the last of them.
func proxy(m lan.MAC) []row {
	var rows []row
	for i := 1; i <= 9; i++ {
		rows = append(rows, arp(9, m, fmt.Sprint("10.1.1.", i)))
	}
	return rows
}

// TestOtherProtocols: CDP tells no hardware address, and goes through switches
// that do not speak it.
func TestOtherProtocols(t *testing.T) {
	cdp := lan.LLDPNeighbor{SysName: "cam", Chassis: lan.LLDPID{Text: "cam"}, Addresses: []netip.Addr{netip.MustParseAddr("10.1.1.9")}}
	check(t, []situation{
		{"heard over LLDP and CDP, one device",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), hears(4, mac(1), "cam", lan.LLDPStation), heardOver(lan.CDPCacheTable, 4, cdp))},
			map[lan.MAC]string{mac(1): "edge sw1 p4 (1)"}},
		{"heard over CDP alone, it is the station that has its address",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), arp(9, mac(1), "10.1.1.9"), heardOver(lan.CDPCacheTable, 4, cdp))},
			map[lan.MAC]string{mac(1): "edge sw1 p4 (1)"}},
		{"but not where that is learnt on another port",
			[]lan.Snapshot{bridge("sw1", fdb(5, mac(1)), fdb(4, mac(2)), arp(9, mac(1), "10.1.1.9"), heardOver(lan.CDPCacheTable, 4, cdp))},
			map[lan.MAC]string{mac(1): "edge sw1 p5 (1)", mac(2): "uplink sw1 p4 (1) behind cam"}},
		{"nor where two have the address",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), arp(9, mac(1), "10.1.1.9"), arp(9, mac(2), "10.1.1.9"), heardOver(lan.CDPCacheTable, 4, cdp))},
			map[lan.MAC]string{mac(1): "uplink sw1 p4 (1) behind cam", mac(2): "seen sw1 p9"}},
		{"nor where that station answers for a whole network",
			[]lan.Snapshot{bridge("sw1", append(proxy(mac(1)), fdb(4, mac(1)), heardOver(lan.CDPCacheTable, 4, cdp))...)},
			map[lan.MAC]string{mac(1): "uplink sw1 p4 (1) behind cam"}},
		{"alone without capabilities, it makes no uplink of its port",
			[]lan.Snapshot{bridge("sw1", fdb(4, mac(1)), fdb(5, mac(1)), heardOver(lan.CDPCacheTable, 4, lan.LLDPNeighbor{Chassis: lan.LLDPID{MAC: mac(1)}}))},
			map[lan.MAC]string{mac(1): "double [sw1 p4] [sw1 p5]"}},
		{"heard through a switch that does not speak it",
			[]lan.Snapshot{
				bridge("sw1", base(own(1)), fdb(24, mac(1)), heardOver(lan.CDPCacheTable, 24, lan.LLDPNeighbor{SysName: "cam", Chassis: lan.LLDPID{MAC: mac(1)}})),
				bridge("sw2", base(own(2)), fdb(3, mac(1)), fdb(24, own(1)))},
			map[lan.MAC]string{mac(1): "edge sw2 p3 (1)", own(1): "uplink sw2 p24 (1)", own(2): "seen sw2"}},
		{"a switch that is heard through another is not next to it, so that it may be elsewhere",
			[]lan.Snapshot{
				bridge("sw1", base(own(1)), fdb(2, mac(1)), hears(1, own(2), "sw2", lan.LLDPBridge)),
				bridge("sw2", base(own(2)), hears(24, own(1), "sw1", lan.LLDPBridge), heardOver(lan.MtxrNeighborTable, 24, lan.LLDPNeighbor{Chassis: lan.LLDPID{MAC: own(3)}})),
				bridge("sw3", base(own(3)), fdb(24, own(1)), fdb(3, mac(1)))},
			map[lan.MAC]string{mac(1): "port sw3 p3 (1)", own(1): "uplink sw2 p24 (1)", own(2): "uplink sw1 p1 (1)", own(3): "uplink sw2 p24 (1)"}},
	})
}

// TestNeighborOfAStation: what it announces over LLDP comes before what it
// announces otherwise, whatever the order of the rows.
func TestNeighborOfAStation(t *testing.T) {
	lldp := hears(4, mac(1), "by-lldp", lan.LLDPStation)
	cdp := heardOver(lan.CDPCacheTable, 4, lan.LLDPNeighbor{SysName: "by-cdp", Chassis: lan.LLDPID{MAC: mac(1)}})
	for _, s := range []lan.Snapshot{bridge("sw1", lldp, cdp), bridge("sw1", cdp, lldp)} {
		st := station(t, mac(1), s)
		if st.Neighbor.SysName != "by-lldp" {
			t.Errorf("announces %s", st.Neighbor.SysName)
		}
		tables := map[lan.Table]bool{}
		for _, sighting := range st.Sightings {
			tables[sighting.Table] = true
		}
		if diff := cmp.Diff(map[lan.Table]bool{lan.LLDPRemTable: true, lan.CDPCacheTable: true}, tables); diff != "" {
			t.Error(diff)
		}
	}
}
