package locate_test

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/google/go-cmp/cmp"
)

// A situation is a few tables and where its stations are then.
type situation struct {
	name string
	site []lan.Snapshot
	want map[lan.MAC]string
}

func check(t *testing.T, situations []situation) {
	t.Helper()
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			if diff := cmp.Diff(s.want, places(s.site...)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestOneSwitch(t *testing.T) {
	phone := lan.LLDPBridge | lan.LLDPTelephone
	pinned := lan.FDBMgmt
	check(t, []situation{
		{"alone on an access port",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), fdb(4, mac(2)))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)", mac(2): "edge sw1 p4 (1)"}},
		{"three on a port, and nothing announces itself",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1), mac(2), mac(3)))},
			map[lan.MAC]string{mac(1): "shared sw1 p3 (3)", mac(2): "shared sw1 p3 (3)", mac(3): "shared sw1 p3 (3)"}},
		{"the same station in two VLANs and tables is one",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1), mac(1)), func(s *lan.Snapshot) {
				s.FDB = append(s.FDB, lan.FDBEntry{MAC: mac(1), Port: 3, IfIndex: 3, VLAN: 30, Table: lan.Dot1dTpFdbTable})
			})},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)"}},
		{"telephone alone",
			[]lan.Snapshot{bridge("sw1", fdb(5, mac(1)), hears(5, mac(1), "phone", phone))},
			map[lan.MAC]string{mac(1): "edge sw1 p5 (1)"}},
		{"telephone with a PC behind it",
			[]lan.Snapshot{bridge("sw1", fdb(5, mac(1), mac(2)), hears(5, mac(1), "phone", phone))},
			map[lan.MAC]string{mac(1): "shared sw1 p5 (2)", mac(2): "shared sw1 p5 (2) behind phone"}},
		{"telephone that gives its IP address as chassis id",
			[]lan.Snapshot{bridge("sw1", fdb(5, mac(1), mac(2)), neighbour(lan.LLDPNeighbor{IfIndex: 5, SysName: "phone", Enabled: phone,
				Chassis: lan.LLDPID{Subtype: lan.LLDPNetworkAddress, Text: "10.1.1.9"}, Port: lan.LLDPID{Subtype: lan.LLDPMAC, MAC: mac(1)}}))},
			map[lan.MAC]string{mac(1): "shared sw1 p5 (2)", mac(2): "shared sw1 p5 (2) behind phone"}},
		{"access point that calls itself a bridge",
			[]lan.Snapshot{bridge("sw1", fdb(20, mac(1), mac(2), mac(3)), hears(20, mac(1), "ap", lan.LLDPBridge|lan.LLDPAccessPoint))},
			map[lan.MAC]string{mac(1): "shared sw1 p20 (3)", mac(2): "shared sw1 p20 (3) behind ap", mac(3): "shared sw1 p20 (3) behind ap"}},
		{"behind a bridge that was not read",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1)), hears(24, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "uplink sw1 p24 (1) behind closet", own(9): "shared sw1 p24 (2)"}},
		{"a bridge that was not read is where it is heard",
			[]lan.Snapshot{bridge("sw1", fdb(24, own(9)), hears(24, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{own(9): "edge sw1 p24 (1)"}},
		{"on two access ports at once",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), fdb(4, mac(1)))},
			map[lan.MAC]string{mac(1): "double [sw1 p3] [sw1 p4]"}},
		{"on an access port and an uplink of one switch",
			[]lan.Snapshot{bridge("sw1", fdb(24, mac(1)), fdb(3, mac(1)), hears(24, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)", own(9): "shared sw1 p24 (2)"}},
		{"members of an aggregate are one port",
			[]lan.Snapshot{bridge("sw1", member(1, 30), member(2, 30), fdb(1, mac(1)), fdb(30, mac(2)))},
			map[lan.MAC]string{mac(1): "shared sw1 p30 (2)", mac(2): "shared sw1 p30 (2)"}},
		{"a neighbour heard on a member is behind the aggregate",
			[]lan.Snapshot{bridge("sw1", member(1, 30), fdb(30, mac(1)), hears(1, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "uplink sw1 p30 (1) behind closet", own(9): "shared sw1 p30 (2)"}},
		{"a neighbour whose local port stands for no interface",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), hears(0, mac(1), "cam", lan.LLDPStation), hears(0, mac(2), "other", lan.LLDPStation))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)", mac(2): "seen sw1"}},
		{"heard, and not in the forwarding table",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), hears(4, mac(2), "cam", lan.LLDPStation))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)", mac(2): "edge sw1 p4 (1)"}},
		{"port 0 was not learnt",
			[]lan.Snapshot{bridge("sw1", fdb(0, mac(1)), fdb(3, mac(2)))},
			map[lan.MAC]string{mac(1): "seen sw1", mac(2): "edge sw1 p3 (1)"}},
		{"states of entries",
			[]lan.Snapshot{bridge("sw1", entry(3, lan.FDBSelf, mac(1)), entry(3, lan.FDBInvalid, mac(2)), entry(3, pinned, mac(3)), entry(4, 0, mac(4)))},
			map[lan.MAC]string{mac(3): "edge sw1 p3 (1)", mac(4): "edge sw1 p4 (1)"}},
		{"group and zero addresses are no stations",
			[]lan.Snapshot{bridge("sw1", fdb(3, lan.MAC{1, 0, 0x5e, 0, 0, 1}, lan.MAC{}), arp(3, lan.MAC{}, "10.1.1.1"), arp(3, lan.MAC{0x33, 0x33, 0, 0, 0, 1}, "ff02::1"))},
			map[lan.MAC]string{}},
		{"a bridge port that stands for no interface",
			[]lan.Snapshot{bridge("sw1", unmapped(7, mac(1)), unmapped(8, mac(2)))},
			map[lan.MAC]string{mac(1): "edge sw1 bridge port 7 (1)", mac(2): "edge sw1 bridge port 8 (1)"}},
		{"an interface that is not in ifTable",
			[]lan.Snapshot{bridge("sw1", fdb(77, mac(1)))},
			map[lan.MAC]string{mac(1): "edge sw1 ifIndex 77 (1)"}},
		{"no name: the address stands for it",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), func(s *lan.Snapshot) { s.System.Name = "" })},
			map[lan.MAC]string{mac(1): "edge sw1.example p3 (1)"}},
	})
}

// TestIncomplete: others on the port are counted only when the forwarding
// table was read to its end.
func TestIncomplete(t *testing.T) {
	cut := table(lan.Dot1qTpFdbTable, lan.Partial)
	check(t, []situation{
		{"cut short", []lan.Snapshot{bridge("sw1", cut, fdb(3, mac(1)))}, map[lan.MAC]string{mac(1): "port sw1 p3"}},
		{"one of two tables failed", []lan.Snapshot{bridge("sw1", table(lan.Dot1dTpFdbTable, lan.Failed), fdb(3, mac(1)))},
			map[lan.MAC]string{mac(1): "port sw1 p3"}},
		{"the other table is absent", []lan.Snapshot{bridge("sw1", table(lan.Dot1dTpFdbTable, lan.Absent), fdb(3, mac(1)))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)"}},
		{"another table is cut short", []lan.Snapshot{bridge("sw1", table(lan.LLDPRemTable, lan.Partial), fdb(3, mac(1)))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)"}},
		{"only LLDP was read", []lan.Snapshot{bridge("sw1", unread, table(lan.Dot1qTpFdbTable, lan.Absent), base(own(1)), hears(3, mac(1), "cam", lan.LLDPStation))},
			map[lan.MAC]string{mac(1): "port sw1 p3", own(1): "seen sw1"}},
		{"several that the part shows", []lan.Snapshot{bridge("sw1", cut, fdb(3, mac(1), mac(2)))},
			map[lan.MAC]string{mac(1): "port sw1 p3", mac(2): "port sw1 p3"}},
		{"an uplink stays one", []lan.Snapshot{bridge("sw1", cut, fdb(24, mac(1)), hears(24, own(9), "closet", lan.LLDPBridge))},
			map[lan.MAC]string{mac(1): "uplink sw1 p24 behind closet", own(9): "port sw1 p24"}},
	})
}

func TestAddressTables(t *testing.T) {
	check(t, []situation{
		{"private cameras of a recorder",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1))), host("nvr", lan.HostSource, arp(3, mac(7), "192.168.254.2"))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)", mac(7): "seen nvr cams"}},
		{"this host before another device",
			[]lan.Snapshot{host("core", lan.SwitchSource, arp(2, mac(7), "10.1.1.7")), host("nvr", lan.HostSource, arp(3, mac(7), "10.1.1.7"))},
			map[lan.MAC]string{mac(7): "seen nvr cams"}},
		{"another device alone",
			[]lan.Snapshot{host("core", lan.SwitchSource, arp(2, mac(7), "10.1.1.7"))},
			map[lan.MAC]string{mac(7): "seen core eth0"}},
		{"an interface that is not known",
			[]lan.Snapshot{host("core", lan.SwitchSource, arp(9, mac(7), "10.1.1.7"))},
			map[lan.MAC]string{mac(7): "seen core"}},
		{"a forwarding table tells more",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(7))), host("nvr", lan.HostSource, arp(3, mac(7), "10.1.1.7"))},
			map[lan.MAC]string{mac(7): "edge sw1 p3 (1)"}},
	})
}
