package locate_test

import (
	"fmt"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// lldpOnly is a switch of which nothing but LLDP was read. It calls its ports
// 1/1 to 1/9.
func lldpOnly(name string, chassis lan.MAC, rows ...row) lan.Snapshot {
	s := host(name, lan.SwitchSource, rows...)
	s.Interfaces = nil
	s.LLDPLocal.Chassis.MAC = chassis
	s.LLDPLocal.Ports = make(map[uint32]lan.LLDPLocalPort)
	for i := uint32(1); i <= 9; i++ {
		s.LLDPLocal.Ports[i] = lan.LLDPLocalPort{ID: lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: fmt.Sprint("1/", i)}}
	}
	return s
}

// onLocal is a neighbour on a lldpRemLocalPortNum that stands for no
// interface; remIndex is its lldpRemIndex, and called what it calls its port.
func onLocal(num, remIndex uint32, chassis lan.MAC, called string) row {
	return neighbour(lan.LLDPNeighbor{LocalPort: num, Index: fmt.Sprintf("0.%d.%d", num, remIndex),
		Chassis: lan.LLDPID{Subtype: lan.LLDPMAC, MAC: chassis}, Port: lan.LLDPID{Text: called}})
}

// TestLLDPAlone: a neighbour is placed by LLDP where there is nothing else.
func TestLLDPAlone(t *testing.T) {
	check(t, []situation{
		{"the port is what lldpLocPortTable calls it",
			[]lan.Snapshot{lldpOnly("sw1", own(1), onLocal(3, 1, mac(1), "eth0"), onLocal(4, 2, mac(2), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 1/3", mac(2): "port sw1 1/4"}},
		{"a description where the id is an address",
			[]lan.Snapshot{describedPorts(lldpOnly("sw1", own(1), onLocal(3, 1, mac(1), "eth0")))},
			map[lan.MAC]string{mac(1): "port sw1 Port 3"}},
		{"a port that is not in lldpLocPortTable",
			[]lan.Snapshot{lldpOnly("sw1", own(1), onLocal(3, 1, mac(1), "eth0"), onLocal(40, 2, mac(2), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 LLDP port 3", mac(2): "port sw1 LLDP port 40"}},
		{"no port is told",
			[]lan.Snapshot{lldpOnly("sw1", own(1), onLocal(0, 1, mac(1), "eth0"), onLocal(4294967295, 2, mac(2), "eth0"))},
			map[lan.MAC]string{mac(1): "seen sw1", mac(2): "seen sw1"}},
		{"two stations on one port",
			[]lan.Snapshot{lldpOnly("sw1", own(1), onLocal(3, 1, mac(1), "eth0"), onLocal(3, 2, mac(2), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 1/3 behind an unnamed device", mac(2): "port sw1 1/3 behind an unnamed device"}},
		{"others on the port are not counted, though the forwarding table was read",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(2)), onLocal(7, 1, mac(1), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 LLDP port 7", mac(2): "edge sw1 p3 (1)"}},
		{"a forwarding table names the port better",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), onLocal(7, 1, mac(1), "eth0"))},
			map[lan.MAC]string{mac(1): "edge sw1 p3 (1)"}},
		{"hearing it there decides against an old entry elsewhere",
			[]lan.Snapshot{bridge("sw1", fdb(3, mac(1)), onLocal(7, 1, mac(1), "eth0")), bridge("sw2", fdb(5, mac(1)))},
			map[lan.MAC]string{mac(1): "port sw1 p3 (1)"}},
		{"what hears one neighbour alone may be no switch: one that learns comes first",
			[]lan.Snapshot{lldpOnly("nvr", own(1), onLocal(1, 1, mac(1), "eth0")), bridge("sw2", fdb(5, mac(1)))},
			map[lan.MAC]string{mac(1): "edge sw2 p5 (1)"}},
		{"what hears several is one",
			[]lan.Snapshot{lldpOnly("sw1", own(1), onLocal(1, 1, mac(1), "eth0"), onLocal(2, 2, mac(2), "eth0")), bridge("sw2", fdb(5, mac(1), mac(2), own(1)))},
			map[lan.MAC]string{mac(1): "port sw1 1/1", mac(2): "port sw1 1/2", own(1): "uplink sw2 p5 (3)"}},
	})
}

// describedPorts gives the ports hardware addresses for ids.
func describedPorts(s lan.Snapshot) lan.Snapshot {
	for i := range s.LLDPLocal.Ports {
		s.LLDPLocal.Ports[i] = lan.LLDPLocalPort{ID: lan.LLDPID{Subtype: lan.LLDPMAC, Text: own(1).String(), MAC: own(1)}, Descr: fmt.Sprint("Port ", i)}
	}
	return s
}

// TestLocalPortsFromZero: an agent that counts lldpRemLocalPortNum from 0 and
// lldpLocPortNum from 1 must not have its neighbours put one port too low.
func TestLocalPortsFromZero(t *testing.T) {
	camera := onLocal(3, 0, mac(1), "eth0")
	check(t, []situation{
		{"a neighbour that was read calls the port by its name",
			[]lan.Snapshot{lldpOnly("sw1", own(1), camera, onLocal(7, 0, own(2), "1/2")), lldpOnly("sw2", own(2), onLocal(1, 0, own(1), "1/8"), onLocal(5, 0, mac(3), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 1/4", mac(3): "port sw2 1/6", own(1): "uplink sw2 1/2", own(2): "uplink sw1 1/8"}},
		{"the same, and the numbers are right",
			[]lan.Snapshot{lldpOnly("sw1", own(1), camera, onLocal(7, 0, own(2), "1/2")), lldpOnly("sw2", own(2), onLocal(2, 0, own(1), "1/7"), onLocal(5, 0, mac(3), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 1/3", mac(3): "port sw2 1/5", own(1): "uplink sw2 1/2", own(2): "uplink sw1 1/7"}},
		{"nothing tells how it counts",
			[]lan.Snapshot{lldpOnly("sw1", own(1), camera, onLocal(7, 0, mac(2), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 LLDP port 3", mac(2): "port sw1 LLDP port 7"}},
		{"a neighbour on the last port: counted from 1",
			[]lan.Snapshot{lldpOnly("sw1", own(1), camera, onLocal(9, 0, mac(2), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 1/3", mac(2): "port sw1 1/9"}},
		{"an agent that keeps to the MIB is contradicted: its numbers stand for nothing",
			[]lan.Snapshot{lldpOnly("sw1", own(1), onLocal(3, 1, mac(1), "eth0"), onLocal(7, 2, own(2), "1/2")), lldpOnly("sw2", own(2), onLocal(2, 1, own(1), "1/8"), onLocal(5, 2, mac(3), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 LLDP port 3", mac(3): "port sw2 1/5", own(1): "uplink sw2 1/2", own(2): "uplink sw1 LLDP port 7"}},
		{"two links say nothing",
			[]lan.Snapshot{lldpOnly("sw1", own(1), camera, onLocal(7, 0, own(2), "1/2"), onLocal(6, 0, own(2), "1/3")),
				lldpOnly("sw2", own(2), onLocal(1, 0, own(1), "1/8"), onLocal(2, 0, own(1), "1/7"), onLocal(9, 0, mac(3), "eth0"))},
			map[lan.MAC]string{mac(1): "port sw1 LLDP port 3", mac(3): "port sw2 1/9", own(1): "ambiguous [sw2 1/1] [sw2 1/2]", own(2): "ambiguous [sw1 LLDP port 6] [sw1 LLDP port 7]"}},
	})
}
