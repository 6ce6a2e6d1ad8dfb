package mib

import "github.com/camwarden/camwarden/agent/internal/lan"

// witnesses says on which interface a device hears each neighbour, where what
// it calls the port leaves no doubt.
func witnesses(s *lan.Snapshot, names map[string]lan.IfIndex) map[lan.MAC]lan.IfIndex {
	heard := make(map[lan.MAC]lan.IfIndex)
	for _, n := range s.LLDP {
		ifIndex := n.IfIndex
		if local, described := s.LLDPLocal.Ports[n.LocalPort]; ifIndex == 0 && described && local.ID.Text != "" {
			ifIndex = names[local.ID.Text]
		}
		if ifIndex != 0 && n.Chassis.MAC.IsStation() {
			heard[n.Chassis.MAC] = ifIndex
		}
	}
	return heard
}

// heardAsIfIndexes tells whether the neighbours that a forwarding table has
// learnt are on the ports of the table when these are taken for ifIndexes,
// and not when they are looked up in the map.
func heardAsIfIndexes(s *lan.Snapshot, table lan.Table, heard map[lan.MAC]lan.IfIndex) bool {
	if len(heard) == 0 {
		return false
	}
	asPort, asIfIndex := 0, 0
	for _, e := range s.FDB {
		ifIndex, known := heard[e.MAC]
		switch {
		case !known || e.Table != table:
		case s.BridgePorts[e.Port] == ifIndex:
			asPort++
		case lan.IfIndex(e.Port) == ifIndex:
			asIfIndex++
		}
	}
	return asIfIndex > 1 && asIfIndex > asPort
}

// mapCountsFromZero tells whether dot1dBasePortTable counts the ports from 0,
// which in a forwarding table means that there is none: the table of Dell
// SONiC counts them from 1, as the ifIndexes do.
func mapCountsFromZero(s *lan.Snapshot) bool {
	if s.BridgePorts[0] != 1 {
		return false
	}
	for port, ifIndex := range s.BridgePorts {
		if lan.IfIndex(port)+1 != ifIndex {
			return false
		}
	}
	return true
}
