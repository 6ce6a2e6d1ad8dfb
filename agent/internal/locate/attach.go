package locate

import (
	"cmp"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A candidate is a port on which a switch sees the station.
type candidate struct {
	port   *port
	vlan   lan.VLAN
	row    *Sighting // the row that shows it there
	direct bool      // the station announces itself there over LLDP
}

// place finds the port nearest to a station among all that see it.
func (s *site) place(st *Station) Place {
	candidates := s.candidates(st)
	if len(candidates) == 0 {
		return seen(st)
	}
	rest, lost := s.nearest(candidates)
	var place Place
	switch {
	case len(rest) == 1:
		place = s.attached(st, rest[0])
	case s.double(rest):
		place = several(rest, Double, "seen on these access ports at the same time: the address is used twice, or the station moved while the tables were read")
	default:
		place = several(rest, Ambiguous, "the tables do not tell which of these ports is nearest to it")
	}
	place.Alternatives = append(place.Alternatives, lost...)
	return place
}

func (s *site) candidates(st *Station) []candidate {
	byPort := make(map[*port]*candidate)
	add := func(p *port) *candidate {
		if byPort[p] == nil {
			byPort[p] = &candidate{port: p}
		}
		return byPort[p]
	}
	for _, d := range s.devices {
		if d.bridge && s.owner[st.MAC] != d {
			d.candidates(st, add)
		}
	}
	list := make([]candidate, 0, len(byPort))
	for _, c := range byPort {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.port.device.Name(), b.port.device.Name()),
			cmp.Compare(a.port.device.Source, b.port.device.Source),
			cmp.Compare(a.port.key.ifIndex, b.port.key.ifIndex), cmp.Compare(a.port.key.bridge, b.port.key.bridge))
	})
	return list
}

func (d *device) candidates(st *Station, add func(*port) *candidate) {
	for i := range st.Sightings {
		sighting := &st.Sightings[i]
		if sighting.device != d {
			continue
		}
		switch row := sighting.Row.(type) {
		case *lan.FDBEntry:
			if learnt(row) {
				c := add(d.port(portKey{ifIndex: row.IfIndex, bridge: row.Port}))
				c.vlan = cmp.Or(c.vlan, row.VLAN)
				if c.row == nil || c.row.Table == lan.Dot1dTpFdbTable && row.Table == lan.Dot1qTpFdbTable {
					c.row = sighting
				}
			}
		case *lan.LLDPNeighbor:
			if row.IfIndex != 0 {
				c := add(d.port(portKey{ifIndex: row.IfIndex}))
				c.row, c.direct = cmp.Or(c.row, sighting), true
			}
		}
	}
}

// nearest leaves out every candidate that is known to be further away than
// another, and says of each why.
func (s *site) nearest(candidates []candidate) (rest []candidate, lost []Alternative) {
	for _, c := range candidates {
		why := ""
		for _, other := range candidates {
			if other.port != c.port {
				if why = s.farther(c, other); why != "" {
					break
				}
			}
		}
		if why == "" {
			rest = append(rest, c)
			continue
		}
		lost = append(lost, Alternative{Switch: c.port.device.Name(), Port: c.port.label(), WhyNot: why})
	}
	if len(rest) == 0 { // the tables contradict each other
		return candidates, nil
	}
	return rest, lost
}

// farther says why a is certainly farther from the station than b; empty when
// that is not certain.
//
// On a tree of switches A and B, let p be the port on which A sees the
// station and q the one on which B does. The station is behind B exactly when
// p leads to B and q does not lead to A. Where q is known not to lead to A, it
// is enough that nothing speaks against p: the way from A to the station then
// enters B by another port than q and leaves it by q.
func (s *site) farther(a, b candidate) string {
	if b.direct && !a.direct {
		return b.port.device.Name() + " hears it announce itself on " + b.port.label()
	}
	if a.port.device == b.port.device {
		return s.fartherOnOneSwitch(a, b)
	}
	towardB, towardA := a.port.device.toward[b.port.device], b.port.device.toward[a.port.device]
	if towardA != nil && towardA != b.port && (towardB == nil || towardB == a.port) {
		return b.port.device.Name() + " is behind this port"
	}
	return ""
}

// fartherOnOneSwitch prefers an access port to one that leads to another
// switch: the entry there is older, or of another VLAN.
func (s *site) fartherOnOneSwitch(a, b candidate) string {
	if s.uplink(a.port) && !s.uplink(b.port) {
		return "this port leads to another switch"
	}
	return ""
}

func (s *site) uplink(p *port) bool { return len(p.faces(s)) > 0 || p.unread() != nil }

// double tells whether the station is on access ports that cannot be two
// views of the same way.
func (s *site) double(candidates []candidate) bool {
	for i, a := range candidates {
		if s.uplink(a.port) {
			return false
		}
		for _, b := range candidates[:i] {
			towardB, towardA := a.port.device.toward[b.port.device], b.port.device.toward[a.port.device]
			known := towardA != nil && towardA != b.port && towardB != nil && towardB != a.port
			if a.port.device != b.port.device && !known {
				return false
			}
		}
	}
	return true
}

func several(candidates []candidate, certainty Certainty, why string) Place {
	place := Place{Certainty: certainty, Why: why}
	for _, c := range candidates {
		place.VLAN = cmp.Or(place.VLAN, c.vlan)
		place.Alternatives = append(place.Alternatives, Alternative{Switch: c.port.device.Name(), Port: c.port.label(), WhyNot: "fits as well as the others"})
	}
	return place
}
