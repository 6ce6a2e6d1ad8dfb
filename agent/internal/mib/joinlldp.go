package mib

import (
	"slices"
	"strconv"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// joinLLDP finds the interface of each local LLDP port. IEEE 802.1AB leaves
// open how lldpLocPortNum is numbered, so what the device calls the port
// decides, then whether the number is a bridge port or an ifIndex.
func joinLLDP(s *lan.Snapshot, known map[lan.IfIndex]bool, names map[string]lan.IfIndex) {
	before := beforeFirstPort(s, lan.Dot1qTpFdbTable)
	resolve := func(num uint32) lan.IfIndex { return lldpIfIndex(s, names, known, num) }
	if countedFromZero(s, resolve) {
		s.Note(lan.LLDPRemTable, "its local ports are counted from 0, those of lldpLocPortTable from 1")
		fromOne := resolve
		resolve = func(num uint32) lan.IfIndex { return fromOne(num + 1) }
	}
	for i := range s.LLDP {
		n := &s.LLDP[i]
		if n.IfIndex != 0 || n.LocalPort == noLocalPort {
			continue // the table says it, or says nothing
		}
		if before != 0 && known[lan.IfIndex(n.LocalPort)+before] {
			n.IfIndex = lan.IfIndex(n.LocalPort) + before // TP-Link JetStream counts its ports here too
			continue
		}
		n.IfIndex = resolve(n.LocalPort)
	}
	s.LLDP = withoutRepeats(s.LLDP)
	s.LLDPLocal.Ports = unresolved(s, known)
}

// unresolved are the LLDP ports that a neighbour is heard on of whose interface
// nothing is known, by either way of counting: the others have told what they
// had to.
func unresolved(s *lan.Snapshot, known map[lan.IfIndex]bool) map[uint32]lan.LLDPLocalPort {
	var ports map[uint32]lan.LLDPLocalPort // nil where there are none
	for _, n := range s.LLDP {
		for _, num := range []uint32{n.LocalPort, n.LocalPort + 1} {
			if local, described := s.LLDPLocal.Ports[num]; described && !known[n.IfIndex] {
				if ports == nil {
					ports = make(map[uint32]lan.LLDPLocalPort)
				}
				ports[num] = local
			}
		}
	}
	return ports
}

// countedFromZero tells whether lldpRemLocalPortNum is one less than
// lldpLocPortNum, as on MICROSENS G6: where the forwarding table knows the
// several neighbours on the next port each, and none on the port that is named.
// Of an aggregate the forwarding table knows them on the aggregate.
func countedFromZero(s *lan.Snapshot, resolve func(uint32) lan.IfIndex) bool {
	if _, described := s.LLDPLocal.Ports[0]; described || len(s.LLDPLocal.Ports) == 0 {
		return false
	}
	learnt := make(map[lan.MAC]lan.IfIndex, len(s.LLDP))
	for _, n := range s.LLDP {
		if n.IfIndex == 0 && n.LocalPort != noLocalPort && n.Chassis.MAC.IsStation() {
			learnt[n.Chassis.MAC] = 0
		}
	}
	for _, e := range s.FDB {
		if _, asked := learnt[e.MAC]; asked && e.IfIndex != 0 {
			learnt[e.MAC] = e.IfIndex
		}
	}
	logical := func(num uint32) lan.IfIndex {
		ifIndex := resolve(num)
		if aggregate, member := s.Aggregates[ifIndex]; member {
			return aggregate
		}
		return ifIndex
	}
	named, next := 0, 0
	for _, n := range s.LLDP {
		switch ifIndex := learnt[n.Chassis.MAC]; {
		case ifIndex == 0:
		case logical(n.LocalPort) == ifIndex:
			named++
		case logical(n.LocalPort+1) == ifIndex:
			next++
		}
	}
	return named == 0 && next > 1
}

func lldpIfIndex(s *lan.Snapshot, names map[string]lan.IfIndex, known map[lan.IfIndex]bool, num uint32) lan.IfIndex {
	local, described := s.LLDPLocal.Ports[num]
	if described {
		if ifIndex := names[local.ID.Text]; ifIndex != 0 && local.ID.Text != "" {
			return ifIndex
		}
		if ifIndex := names[local.Descr]; ifIndex != 0 && local.Descr != "" {
			return ifIndex
		}
		// Juniper gives the ifIndex as a local id.
		if n, err := strconv.ParseUint(local.ID.Text, 10, 32); err == nil && known[lan.IfIndex(n)] && lan.IfIndex(n) == lan.IfIndex(num) {
			return lan.IfIndex(n)
		}
	}
	if num == 0 && !described {
		return 0 // RouterOS counts no local ports
	}
	if ifIndex, ok := s.BridgePorts[lan.BridgePort(num)]; ok && !known[lan.IfIndex(num)] {
		return ifIndex
	}
	if known[lan.IfIndex(num)] {
		return lan.IfIndex(num)
	}
	return 0
}

// interfaceNames maps what the interfaces are called to them; a name that two
// of them bear names neither.
func interfaceNames(s *lan.Snapshot) map[string]lan.IfIndex {
	names := make(map[string]lan.IfIndex, 2*len(s.Interfaces))
	add := func(name string, index lan.IfIndex) {
		if name == "" {
			return
		}
		if other, taken := names[name]; taken && other != index {
			index = 0
		}
		names[name] = index
	}
	for _, i := range s.Interfaces {
		add(i.Name, i.Index)
		add(i.Descr, i.Index)
	}
	return names
}

// withoutRepeats leaves out what a further table of LLDP neighbours says
// again: a device may fill LLDP-MIB, LLDP-V2-MIB and a table of its maker with
// the same. The addresses of both are kept. CDP and MNDP are protocols of
// their own, and what they say stays.
func withoutRepeats(neighbors []lan.LLDPNeighbor) []lan.LLDPNeighbor {
	type origin struct {
		ifIndex lan.IfIndex
		chassis string
		port    string
	}
	first := make(map[origin]int)
	kept := neighbors[:0]
	for _, n := range neighbors {
		o := origin{n.IfIndex, strings.ToLower(n.Chassis.Text), n.Port.Text}
		at, repeated := first[o]
		lldp := n.Table == lan.LLDPV2RemTable || n.Table == lan.LLDPNeighborInfoTable
		if lldp && repeated && o.ifIndex != 0 && kept[at].Table != n.Table {
			for _, addr := range n.Addresses {
				if !slices.Contains(kept[at].Addresses, addr) {
					kept[at].Addresses = append(kept[at].Addresses, addr)
				}
			}
			continue
		}
		if !repeated {
			first[o] = len(kept)
		}
		kept = append(kept, n)
	}
	return kept
}
