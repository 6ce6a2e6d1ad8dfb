package locate

import (
	"net/netip"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// gather collects the rows that show each wanted station, in order of address,
// and the addresses of the others.
func (s *site) gather(wanted Wanted) ([]Station, []lan.MAC) {
	most := 0
	for _, d := range s.devices {
		if wanted == nil {
			most = max(most, len(d.FDB)) // at most sites some switch knows nearly everybody
		}
	}
	byMAC := make(map[lan.MAC]int, most)
	stations := make([]Station, 0, most)
	var others []lan.MAC
	speaks := s.speaking()
	station := func(mac lan.MAC) *Station {
		i, known := byMAC[mac]
		if known {
			return &stations[i]
		}
		agent := s.agent(mac)
		plain := wanted != nil && !wanted(mac, agent)
		if plain && !speaks[mac] && s.owner[mac] == nil && agent == nil {
			others = append(others, mac)
			return nil
		}
		byMAC[mac] = len(stations)
		stations = append(stations, Station{MAC: mac, Agent: agent})
		if plain && s.owner[mac] != nil {
			s.named[mac] = true
		}
		return &stations[len(stations)-1]
	}
	for _, d := range s.devices {
		s.gatherDevice(d, station)
	}
	for i := range stations {
		st := &stations[i]
		if owner := s.owner[st.MAC]; owner != nil {
			st.Self = owner.title
		}
		if name := s.names[st.MAC]; name != "" {
			st.Names = append(st.Names, name)
		}
		slices.SortFunc(st.IPs, netip.Addr.Compare)
		st.IPs = first(slices.Compact(st.IPs))
		slices.Sort(st.Names)
		st.Names = first(slices.Compact(st.Names))
	}
	slices.SortFunc(stations, func(a, b Station) int { return a.MAC.Compare(b.MAC) })
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

func (s *site) gatherDevice(d *device, station func(lan.MAC) *Station) {
	saw := func(st *Station, table lan.Table, row Row) {
		if st == nil || s.named[st.MAC] {
			return // one of the others, or of the switches
		}
		st.Sightings = append(st.Sightings, Sighting{Of: d.Snapshot, Table: table, Row: row, device: d})
	}
	if own := (&lan.OwnAddress{MAC: d.BaseMAC}); own.MAC.IsStation() {
		saw(station(own.MAC), lan.SystemGroup, own)
	}
	for i := range d.FDB {
		e := &d.FDB[i]
		if e.MAC.IsStation() && e.Status != lan.FDBSelf && e.Status != lan.FDBInvalid && s.owner[e.MAC] != d {
			saw(station(e.MAC), e.Table, e)
		}
	}
	for i := range d.ARP {
		e := &d.ARP[i]
		if !e.MAC.IsStation() {
			continue
		}
		st := station(e.MAC)
		if st != nil && e.IP.IsValid() {
			st.IPs = append(st.IPs, e.IP)
		}
		saw(st, e.Table, e)
	}
	for i := range d.LLDP {
		n := &d.LLDP[i]
		mac := s.neighborMAC(d, n)
		if !mac.IsStation() {
			continue
		}
		st := station(mac)
		if st.Neighbor == nil || linkLocal(n) {
			st.Neighbor = n
		}
		if n.SysName != "" {
			st.Names = append(st.Names, n.SysName)
		}
		saw(st, n.Source(), n)
	}
}
