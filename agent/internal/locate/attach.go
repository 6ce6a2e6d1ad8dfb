package locate

import (
	"cmp"
	"fmt"
	"slices"
)

// maxAlternatives is the most places that are listed for one station.
const maxAlternatives = 64

// place finds the port nearest to a station among all that see it.
func (s *site) place(st *Station) Place {
	candidates, out := s.candidates(st)
	if len(candidates) == 0 {
		return seen(st)
	}
	all := candidates
	rest, farther := nearest(candidates)
	out = append(farther, out...)
	rest, out = s.weigh(all, rest, out)
	if len(rest) == 1 {
		c := rest[0]
		c.doubt = s.mayLead(c.port)
		place := attached(st, c)
		place.Why += s.protest(all)
		place.list(append(ruleOut(c.facing, "as near: the station is between the two ports"), out...))
		return place
	}
	place := Place{Certainty: Ambiguous, Why: "the tables do not tell which of these ports is nearest to it"}
	if double(rest) {
		place.Certainty = Double
		place.Why = "seen on these access ports at the same time: the address is used twice, or the station moved while the tables were read"
	}
	place.Why += s.protest(all)
	for _, c := range rest {
		place.VLAN = cmp.Or(place.VLAN, c.vlan)
	}
	place.list(append(ruleOut(rest, "fits as well as the others"), out...))
	return place
}

// weigh leaves of the candidates those that may be nearest in some site that
// all tables allow, and of these the one that is nearest in every such site, if
// there is one.
func (s *site) weigh(all, rest []candidate, out []ruledOut) ([]candidate, []ruledOut) {
	if len(rest) < 2 || len(byDevice(all)) < len(all) {
		return rest, out
	}
	others := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool {
		return slices.ContainsFunc(rest, func(r candidate) bool { return r.port == c.port })
	})
	v := s.settle(rest, others)
	if !slices.Contains(v.possible, true) {
		return rest, out // the tables contradict each other
	}
	var left, certain []candidate
	for i, c := range rest {
		switch {
		case v.certain[i]:
			certain = append(certain, c)
		case v.possible[i]:
			left = append(left, c)
		default:
			out = append(out, ruledOut{c, "all tables taken together, it cannot be here"})
		}
	}
	if len(certain) == 0 {
		return left, out
	}
	nearest := certain[0]
	for _, c := range append(certain[1:], left...) {
		if nearest.port.device.toward[c.port.device.index] == nearest.port {
			nearest.facing = append(nearest.facing, c)
		} else {
			out = append(out, ruledOut{c, "no nearer than " + nearest.port.device.title + " " + nearest.port.label})
		}
	}
	return []candidate{nearest}, out
}

// protest says of which switch that sees the station the forwarding tables
// speak against what is announced.
func (s *site) protest(all []candidate) string {
	for _, pair := range s.disputes {
		if slices.ContainsFunc(all, func(c candidate) bool { return c.port.device == pair[0] || c.port.device == pair[1] }) {
			return fmt.Sprintf("; by the forwarding tables alone, %s is behind another port of %s than by what is announced", pair[1].title, pair[0].title)
		}
	}
	return ""
}

// double tells whether the station is on access ports that cannot be two
// views of the same way.
func double(candidates []candidate) bool {
	for i, a := range candidates {
		if !a.port.access() {
			return false
		}
		for _, b := range candidates[:i] {
			towardB, towardA := a.port.device.toward[b.port.device.index], b.port.device.toward[a.port.device.index]
			known := towardA != nil && towardA != b.port && towardB != nil && towardB != a.port
			if a.port.device != b.port.device && !known {
				return false
			}
		}
	}
	return true
}

// list adds the places that were not taken, and says so where they are too
// many.
func (place *Place) list(out []ruledOut) {
	listed := min(len(out), maxAlternatives)
	place.Alternatives = slices.Grow(place.Alternatives, listed)
	for _, c := range out[:listed] {
		place.Alternatives = append(place.Alternatives, Alternative{Switch: c.port.device.title, Port: c.port.label, WhyNot: c.why})
	}
	if more := len(out) - listed; more > 0 {
		place.Why += fmt.Sprintf("; %d more ports that see it are not listed", more)
	}
}
