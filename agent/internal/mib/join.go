package mib

import "github.com/camwarden/camwarden/agent/internal/lan"

// Join resolves, within one device, what the tables of a snapshot say of each
// other: which interface a bridge port or an LLDP port number stands for, and
// which VLAN a forwarding database. What it finds odd about a table is said
// with the table's reading.
func Join(s *lan.Snapshot) {
	setAside(s)
	known := interfaceSet(s)
	joinUnits(s)
	names := interfaceNames(s)
	joinFDB(s, known, names)
	joinLLDP(s, known, names)
	joinSTP(s)
	noteShapes(s)
}

func interfaceSet(s *lan.Snapshot) map[lan.IfIndex]bool {
	known := make(map[lan.IfIndex]bool, len(s.Interfaces))
	for _, i := range s.Interfaces {
		known[i.Index] = true
	}
	return known
}

func joinFDB(s *lan.Snapshot, known map[lan.IfIndex]bool, names map[string]lan.IfIndex) {
	gaps, heard := mapGaps(s), witnesses(s, names)
	dot1d := newPortResolver(s, lan.Dot1dTpFdbTable, known, gaps, heard)
	dot1q := newPortResolver(s, lan.Dot1qTpFdbTable, known, gaps, heard)
	if !dot1d.isIfIndex && !dot1q.isIfIndex && agreeAsIfIndexes(s.FDB, dot1d, known) {
		dot1q.isIfIndex = true
	}
	vlans := vlanResolver(s, s.FDB)
	for i := range s.FDB {
		switch e := &s.FDB[i]; e.Table {
		case lan.Dot1qTpFdbTable:
			e.IfIndex = dot1q.ifIndex(e.Port)
			e.VLAN = vlans(e.FDBID)
		case lan.Dot1dTpFdbTable:
			e.IfIndex = dot1d.ifIndex(e.Port)
		}
	}
	dot1d.note(s, lan.Dot1dTpFdbTable)
	dot1q.note(s, lan.Dot1qTpFdbTable)
}

// joinSTP gives the interfaces their spanning tree state.
func joinSTP(s *lan.Snapshot) {
	states := make(map[lan.IfIndex]lan.STPState, len(s.STPStates))
	for port, state := range s.STPStates {
		if ifIndex, ok := s.BridgePorts[port]; ok {
			states[ifIndex] = state
		}
	}
	for i := range s.Interfaces {
		if state, ok := states[s.Interfaces[i].Index]; ok {
			s.Interfaces[i].STP = state
		}
	}
}

// vlanResolver says which VLAN a forwarding database is of. Several VLANs
// that learn into one leave it open. Without dot1qVlanFdbId a database is
// taken for the VLAN of its number only when all databases are VLANs that
// the device has by name.
func vlanResolver(s *lan.Snapshot, entries []lan.FDBEntry) func(lan.FDBID) lan.VLAN {
	if len(s.VLANs) > 0 {
		return func(id lan.FDBID) lan.VLAN {
			if vlans := s.VLANs[id]; len(vlans) == 1 {
				return vlans[0]
			}
			return 0
		}
	}
	for _, e := range entries {
		if e.Table != lan.Dot1qTpFdbTable {
			continue
		}
		if _, named := s.VLANNames[lan.VLAN(e.FDBID)]; e.FDBID > lan.MaxVLAN || !named {
			return func(lan.FDBID) lan.VLAN { return 0 }
		}
	}
	return func(id lan.FDBID) lan.VLAN { return lan.VLAN(id) }
}
