package mib

import (
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Join resolves, within one device, what the tables of a snapshot say of each
// other: which interface a bridge port or an LLDP port number stands for, and
// which VLAN a forwarding database.
func Join(s *lan.Snapshot) {
	entries := s.FDB
	known := interfaceSet(s)
	dot1d := portResolver{bridgePorts: s.BridgePorts, interfaces: known}
	dot1q := dot1d
	dot1d.isIfIndex = portsAreIfIndexes(entries, lan.Dot1dTpFdbTable, s.BridgePorts, known)
	dot1q.isIfIndex = portsAreIfIndexes(entries, lan.Dot1qTpFdbTable, s.BridgePorts, known) ||
		!dot1d.isIfIndex && agreeAsIfIndexes(entries, dot1d, known)
	vlans := vlanResolver(s, entries)
	for i := range entries {
		e := &entries[i]
		if e.Table == lan.Dot1qTpFdbTable {
			e.IfIndex = dot1q.ifIndex(e.Port)
			e.VLAN = vlans(e.FDBID)
		} else {
			e.IfIndex = dot1d.ifIndex(e.Port)
		}
	}
	joinLLDP(s, known)
}

func interfaceSet(s *lan.Snapshot) map[lan.IfIndex]bool {
	known := make(map[lan.IfIndex]bool, len(s.Interfaces))
	for _, i := range s.Interfaces {
		known[i.Index] = true
	}
	return known
}

// A portResolver says which interface the port value of a forwarding entry
// stands for.
type portResolver struct {
	bridgePorts map[lan.BridgePort]lan.IfIndex
	interfaces  map[lan.IfIndex]bool
	isIfIndex   bool // the device writes the ifIndex where the bridge port belongs
}

func (r portResolver) ifIndex(port lan.BridgePort) lan.IfIndex {
	if port == 0 {
		return 0 // known, but not learnt on a port (RFC 4188)
	}
	if !r.isIfIndex {
		return r.bridgePorts[port]
	}
	if r.interfaces[lan.IfIndex(port)] {
		return lan.IfIndex(port)
	}
	return 0
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

// joinLLDP finds the interface of each local LLDP port. IEEE 802.1AB leaves
// open how lldpLocPortNum is numbered, so what the device calls the port
// decides, then whether the number is a bridge port or an ifIndex.
func joinLLDP(s *lan.Snapshot, known map[lan.IfIndex]bool) {
	names := interfaceNames(s)
	for i := range s.LLDP {
		n := &s.LLDP[i]
		if n.LocalPort != noLocalPort {
			n.IfIndex = lldpIfIndex(s, names, known, n.LocalPort)
		}
	}
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
