package mib

import (
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A portResolver says which interface the port value of a forwarding entry
// stands for.
type portResolver struct {
	bridgePorts map[lan.BridgePort]lan.IfIndex
	interfaces  map[lan.IfIndex]bool
	isIfIndex   bool                           // the device writes the ifIndex where the bridge port belongs
	before      lan.IfIndex                    // the ifIndex before that of port 1, on a device that counts its ports; else zero
	gaps        map[lan.BridgePort]lan.IfIndex // ports that the map leaves out
	filled      map[lan.BridgePort]bool        // those of them that were asked for
}

func newPortResolver(s *lan.Snapshot, table lan.Table, known map[lan.IfIndex]bool, gaps map[lan.BridgePort]lan.IfIndex, heard map[lan.MAC]lan.IfIndex) portResolver {
	r := portResolver{bridgePorts: s.BridgePorts, interfaces: known, before: beforeFirstPort(s, table),
		gaps: gaps, filled: make(map[lan.BridgePort]bool)}
	r.isIfIndex = r.before == 0 && (mapCountsFromZero(s) || portsAreIfIndexes(s.FDB, table, s.BridgePorts, known) || heardAsIfIndexes(s, table, heard))
	return r
}

func (r portResolver) ifIndex(port lan.BridgePort) lan.IfIndex {
	if port == 0 {
		return 0 // known, but not learnt on a port (RFC 4188)
	}
	candidate := lan.IfIndex(port) + r.before
	if r.before == 0 && !r.isIfIndex {
		if ifIndex, ok := r.bridgePorts[port]; ok {
			return ifIndex
		}
		if candidate = r.gaps[port]; candidate != 0 {
			r.filled[port] = true
		}
	}
	if r.interfaces[candidate] {
		return candidate
	}
	return 0
}

// note says what is odd about the ports of a table.
func (r portResolver) note(s *lan.Snapshot, table lan.Table) {
	switch {
	case r.before != 0:
		s.Note(table, fmt.Sprintf("its ports are counted from 1, where port 1 is ifIndex %d", r.before+1))
	case r.isIfIndex && len(r.bridgePorts) > 0:
		s.Note(table, "its ports are ifIndexes, and not those of dot1dBasePortTable")
	case r.isIfIndex:
		s.Note(table, "its ports are ifIndexes")
	case len(r.filled) > 0:
		s.Note(table, fmt.Sprintf("dot1dBasePortTable leaves out %d of its ports, which are taken for the interfaces in the gaps", len(r.filled)))
	}
}

// beforeFirstPort finds the ifIndex before the first port of a device whose
// map names each port by its ifIndex, while its forwarding table counts them
// from 1: TP-Link JetStream has ports 49153 to 49170 in the one, and 1 to 18
// in the other. Zero is for all other devices.
func beforeFirstPort(s *lan.Snapshot, table lan.Table) lan.IfIndex {
	first := lan.IfIndex(maxUint32)
	for port, ifIndex := range s.BridgePorts {
		if lan.IfIndex(port) != ifIndex {
			return 0
		}
		first = min(first, ifIndex)
	}
	count := lan.IfIndex(len(s.BridgePorts))
	if count == 0 || first <= count+1 {
		return 0
	}
	ports := make(map[lan.IfIndex]bool, len(s.Interfaces)) // that a station may be learnt on
	for _, i := range s.Interfaces {
		ports[i.Index] = i.Type == 0 || isPort(i.Type)
	}
	before, learnt, same, counted := first-1, 0, 0, 0
	for _, e := range s.FDB {
		if e.Table != table || e.Port == 0 {
			continue
		}
		learnt++
		port := lan.IfIndex(e.Port)
		if ports[port] {
			same++
		}
		if _, mapped := s.BridgePorts[e.Port+lan.BridgePort(before)]; mapped && port <= count {
			counted++
		}
	}
	if 2*counted <= learnt || counted <= same {
		return 0
	}
	return before
}

// mapGaps finds the ports that a map leaves out while it has the same
// difference between port and ifIndex everywhere: Aruba AOS-S does so for
// single ports. Only an Ethernet interface or an aggregate that no port is
// mapped to can be one.
func mapGaps(s *lan.Snapshot) map[lan.BridgePort]lan.IfIndex {
	if len(s.BridgePorts) < 2 {
		return nil
	}
	mapped := make(map[lan.IfIndex]bool, len(s.BridgePorts))
	var difference int64
	for port, ifIndex := range s.BridgePorts {
		d := int64(ifIndex) - int64(port)
		if len(mapped) > 0 && d != difference {
			return nil
		}
		difference = d
		mapped[ifIndex] = true
	}
	gaps := make(map[lan.BridgePort]lan.IfIndex)
	for _, i := range s.Interfaces {
		if port := int64(i.Index) - difference; isPort(i.Type) && !mapped[i.Index] && port > 0 && port <= maxUint32 {
			gaps[lan.BridgePort(port)] = i.Index
		}
	}
	return gaps
}

// Values of ifType (IANAifType-MIB) that a port of a switch may have.
const (
	ifTypeEthernet        = 6
	ifTypeFastEther       = 62
	ifTypeFastEtherFX     = 69
	ifTypeGigabitEthernet = 117
)

func isPort(ifType int) bool {
	switch ifType {
	case ifTypeEthernet, ifTypeFastEther, ifTypeFastEtherFX, ifTypeGigabitEthernet, ifTypeLAG:
		return true
	default:
		return false
	}
}

// portsAreIfIndexes tells whether a table's ports have to be ifIndexes:
// because the device has no map (UniFi, FortiSwitch, Zyxel), or because most
// of them are not in it while each is an ifIndex (ERS4950, Dell SONiC).
func portsAreIfIndexes(entries []lan.FDBEntry, table lan.Table, bridgePorts map[lan.BridgePort]lan.IfIndex, known map[lan.IfIndex]bool) bool {
	mapped, interfaces, all := 0, 0, 0
	for _, e := range entries {
		if e.Table != table || e.Port == 0 {
			continue
		}
		all++
		if _, ok := bridgePorts[e.Port]; ok {
			mapped++
		}
		if known[lan.IfIndex(e.Port)] {
			interfaces++
		}
	}
	return all > 0 && 2*mapped < all && interfaces > mapped
}

// agreeAsIfIndexes compares the two tables where both know an address. Alcatel
// OmniSwitch writes bridge ports into one and ifIndexes into the other.
func agreeAsIfIndexes(entries []lan.FDBEntry, dot1d portResolver, known map[lan.IfIndex]bool) bool {
	byMAC := make(map[lan.MAC]lan.BridgePort)
	for _, e := range entries {
		if e.Table == lan.Dot1dTpFdbTable && e.Port != 0 {
			byMAC[e.MAC] = e.Port
		}
	}
	asPort, asIfIndex := 0, 0
	for _, e := range entries {
		if e.Table != lan.Dot1qTpFdbTable || e.Port == 0 {
			continue
		}
		port, ok := byMAC[e.MAC]
		if !ok {
			continue
		}
		switch ifIndex := dot1d.ifIndex(port); {
		case e.Port == port:
			asPort++
		case lan.IfIndex(e.Port) == ifIndex && known[ifIndex]:
			asIfIndex++
		}
	}
	return asIfIndex > asPort
}
