package locate

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// gather collects the rows that show each wanted station, in order of address,
// and the addresses of the others.
func (s *site) gather(wanted Wanted) ([]Station, []lan.MAC) {
	type known struct {
		*Station
		named bool
	}
	most := 0
	for _, d := range s.devices {
		if wanted == nil {
			most = max(most, len(d.FDB)) // at most sites some switch knows nearly everybody
		}
	}
	byMAC := make(map[lan.MAC]known, most)
	var others []lan.MAC
	speaks := s.speaking()
	station := func(mac lan.MAC) (*Station, bool) {
		if k := byMAC[mac]; k.Station != nil {
			return k.Station, !k.named
		}
		agent := s.agent(mac)
		plain := wanted != nil && !wanted(mac, agent)
		if plain && !speaks[mac] && s.owner[mac] == nil && agent == nil {
			others = append(others, mac)
			return nil, false
		}
		named := plain && s.owner[mac] != nil
		if named {
			s.named[mac] = true
		}
		st := &Station{MAC: mac, Agent: agent}
		byMAC[mac] = known{st, named}
		return st, !named
	}
	for _, d := range s.devices {
		s.gatherDevice(d, station)
	}
	stations := make([]Station, 0, len(byMAC))
	for _, mac := range slices.SortedFunc(maps.Keys(byMAC), lan.MAC.Compare) {
		st := *byMAC[mac].Station
		if owner := s.owner[mac]; owner != nil {
			st.Self = owner.title
		}
		if name := s.names[mac]; name != "" {
			st.Names = append(st.Names, name)
		}
		slices.SortFunc(st.IPs, netip.Addr.Compare)
		st.IPs = first(slices.Compact(st.IPs))
		slices.Sort(st.Names)
		st.Names = first(slices.Compact(st.Names))
		stations = append(stations, st)
	}
	slices.SortFunc(others, lan.MAC.Compare)
	return stations, slices.Compact(others)
}

// agent is the device read over SNMP that an address belongs to; nil where
// there is none.
func (s *site) agent(mac lan.MAC) *Agent {
	d := s.agents[mac]
	if d == nil {
		return nil
	}
	return &Agent{Source: d.Source, At: d.To, System: d.System}
}

// speaking are the addresses that announce themselves.
func (s *site) speaking() map[lan.MAC]bool {
	speaks := make(map[lan.MAC]bool)
	for _, d := range s.devices {
		for i := range d.LLDP {
			speaks[s.neighborMAC(d, &d.LLDP[i])] = true
		}
	}
	return speaks
}

// first is what is kept of a list.
func first[T any](list []T) []T { return slices.Clip(list[:min(len(list), MaxNames)]) }

// gatherDevice collects the rows of one device. station tells whose an address
// is, nil where it is one of the others', and whether its rows are kept.
func (s *site) gatherDevice(d *device, station func(lan.MAC) (st *Station, keep bool)) {
	saw := func(mac lan.MAC, table lan.Table, row Row) *Station {
		st, keep := station(mac)
		if keep {
			st.Sightings = append(st.Sightings, Sighting{Of: d.Snapshot, Table: table, Row: row, device: d})
		}
		return st
	}
	if own := (&lan.OwnAddress{MAC: d.BaseMAC}); own.MAC.IsStation() {
		saw(own.MAC, lan.SystemGroup, own)
	}
	for i := range d.FDB {
		e := &d.FDB[i]
		if e.MAC.IsStation() && e.Status != lan.FDBSelf && e.Status != lan.FDBInvalid && s.owner[e.MAC] != d {
			saw(e.MAC, e.Table, e)
		}
	}
	for i := range d.ARP {
		e := &d.ARP[i]
		if !e.MAC.IsStation() {
			continue
		}
		if st := saw(e.MAC, e.Table, e); st != nil && e.IP.IsValid() {
			st.IPs = append(st.IPs, e.IP)
		}
	}
	for i := range d.LLDP {
		n := &d.LLDP[i]
		mac := s.neighborMAC(d, n)
		if !mac.IsStation() {
			continue
		}
		st := saw(mac, n.Source(), n)
		if st.Neighbor == nil || linkLocal(n) {
			st.Neighbor = n
		}
		if n.SysName != "" {
			st.Names = append(st.Names, n.SysName)
		}
	}
}
