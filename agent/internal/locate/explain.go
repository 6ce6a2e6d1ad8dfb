package locate

import (
	"cmp"
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// attached describes the port that a station is attached to.
func (s *site) attached(st *Station, c candidate) Place {
	p, d := c.port, c.port.device
	place := Place{Switch: d.Name(), Address: d.Source, Port: p.label(), IfIndex: p.key.ifIndex, VLAN: cmp.Or(c.vlan, st.vlan()), Sighting: c.row}
	if i := d.Interface(p.key.ifIndex); i != nil {
		place.Alias = i.Alias
	}
	if d.complete {
		count := p.count(st.MAC)
		place.Stations, place.CountedAt = &count, d.To
	}
	s.judge(st, c, &place)
	return place
}

// vlan is the VLAN that a station is in by all switches that tell one; zero
// when they differ.
func (st *Station) vlan() lan.VLAN {
	var vlan lan.VLAN
	for _, sighting := range st.Sightings {
		e, ok := sighting.Row.(*lan.FDBEntry)
		if !ok || e.VLAN == 0 || e.VLAN == vlan {
			continue
		}
		if vlan != 0 {
			return 0
		}
		vlan = e.VLAN
	}
	return vlan
}

// count is how many stations are on the port, the given one included.
func (p *port) count(mac lan.MAC) int {
	if p.stations[mac] {
		return len(p.stations)
	}
	return len(p.stations) + 1
}

// judge says how sure the place is, and why.
func (s *site) judge(st *Station, c candidate, place *Place) {
	p := c.port
	faces, unread := p.faces(s), p.unread()
	if unread != nil && neighborMAC(unread) == st.MAC {
		unread = nil // the station is that switch itself
	}
	between := p.between(st)
	switch {
	case st.Self != "":
		place.Certainty = Uplink
		place.Why = fmt.Sprintf("it is the address of %s itself, a switch that was read", st.Self)
	case len(faces) > 0 && !c.direct:
		place.Certainty = Uplink
		place.Behind = faces[0].Name()
		place.Why = fmt.Sprintf("this port leads to %s, which does not list it", faces[0].Name())
	case unread != nil && !c.direct:
		place.Certainty = Uplink
		place.Behind = neighborName(unread)
		place.Why = fmt.Sprintf("this port leads to %s, a switch that was not read", place.Behind)
	case place.Stations == nil:
		place.Certainty = Port
		place.Behind = between
		place.Why = "the forwarding table of this switch was not read to its end, so others on this port are not counted"
	case *place.Stations == 1 && between == "" && len(faces) == 0:
		place.Certainty = Edge
		place.Why = "no other switch, and no other station, was learnt on this port"
	default:
		place.Certainty = Shared
		place.Behind = between
		place.Why = sharedWhy(*place.Stations, between)
	}
}

func sharedWhy(stations int, between string) string {
	switch {
	case between != "" && stations <= 2:
		return fmt.Sprintf("%s announces itself on this port, so the station may hang behind it", between)
	case between != "":
		return fmt.Sprintf("%d stations were learnt on this port, where %s announces itself", stations, between)
	case stations > 1:
		return fmt.Sprintf("%d stations were learnt on this port, so something that does not announce itself stands between", stations)
	default:
		return "another switch is heard on this port"
	}
}

// between names another neighbour that announces itself on the port.
func (p *port) between(st *Station) string {
	for _, n := range p.neighbors {
		if n.device == nil && neighborMAC(n.LLDPNeighbor) != st.MAC && n.Port.MAC != st.MAC {
			return neighborName(n.LLDPNeighbor)
		}
	}
	return ""
}

func neighborName(n *lan.LLDPNeighbor) string {
	return cmp.Or(n.SysName, n.SysDescr, n.Chassis.Text, "an unnamed device")
}

// seen describes a station that only address tables, or a forwarding table
// without a port, show. The host's own table comes first: it is the one that
// sees a recorder's private cameras.
func seen(st *Station) Place {
	var best *device
	var row *lan.ARPEntry
	place := Place{Certainty: Seen}
	for _, sighting := range st.Sightings {
		entry, isARP := sighting.Row.(*lan.ARPEntry)
		d := sighting.device
		switch {
		case !isARP:
		case best == nil || d.Kind == lan.HostSource && best.Kind != lan.HostSource:
			best, row = d, entry
		}
	}
	if best == nil {
		return seenWithoutPort(st)
	}
	place.Host = best.Name()
	if i := best.Interface(row.IfIndex); i != nil {
		place.Interface = i.Label()
	}
	place.Why = fmt.Sprintf("only the address table of %s shows it", place.Host)
	if place.Interface != "" {
		place.Why += ", on " + place.Interface
	}
	return place
}

func seenWithoutPort(st *Station) Place {
	place := Place{Certainty: Seen, Why: "no port is given for it"}
	for _, sighting := range st.Sightings {
		place.Host = sighting.device.Name()
		place.Why = fmt.Sprintf("%s knows it, but gives no port that could be read", place.Host)
		switch row := sighting.Row.(type) {
		case *lan.FDBEntry:
			place.VLAN = cmp.Or(place.VLAN, row.VLAN)
		case *lan.OwnAddress:
			place.Why = fmt.Sprintf("it is the address of %s itself, a switch that was read", place.Host)
			return place
		}
	}
	return place
}
