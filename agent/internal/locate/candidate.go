package locate

import (
	"cmp"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A candidate is a port on which a device sees the station.
type candidate struct {
	port   *port
	vlan   lan.VLAN
	row    *Sighting   // the row that shows it there
	direct bool        // the station announces itself there, and no bridge is between
	facing []candidate // ports that are as near to it, of other switches that are behind this port
	doubt  *device     // a switch that may be behind this port
}

// A ruledOut candidate is not the station's place, and why says why not.
type ruledOut struct {
	candidate
	why string
}

// candidates are the ports on which a station is seen, in order, and those
// that are ruled out by what the same device says of it. Of very many ports
// some are enough, two of each device at least: while two of one stay, none is
// chosen.
func (s *site) candidates(st *Station) (rest []candidate, out []ruledOut) {
	ports := s.ports(st)
	devices := byDevice(ports)
	rest = make([]candidate, 0, len(ports))
	forwarded := slices.ContainsFunc(devices, func(of []candidate) bool { return of[0].port.device.bridge })
	for _, of := range devices {
		if forwarded && !of[0].port.device.bridge {
			out = append(out, ruleOut(of, "nothing shows that this device forwards")...)
			continue
		}
		kept, lost := onOneDevice(of)
		if most := max(2, maxAlternatives/len(devices)); len(kept) > most {
			lost = append(lost, ruleOut(kept[most:], "too many ports see it to compare them all")...)
			kept = kept[:most]
		}
		rest, out = append(rest, kept...), append(out, lost...)
	}
	return rest, out
}

// ports are all ports on which a station is seen, in order.
func (s *site) ports(st *Station) []candidate {
	all := make([]candidate, 0, len(st.Sightings))
	for i := range st.Sightings {
		if c, ok := s.candidate(st, &st.Sightings[i]); ok {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.port.compare(b.port) })
	merged := all[:0]
	for _, c := range all {
		if last := len(merged) - 1; last >= 0 && merged[last].port == c.port {
			merged[last].merge(c)
		} else {
			merged = append(merged, c)
		}
	}
	return merged
}

// candidate is the port that a row shows, if it does.
func (s *site) candidate(st *Station, sighting *Sighting) (candidate, bool) {
	d := sighting.device
	if s.owner[st.MAC] == d {
		return candidate{}, false
	}
	switch row := sighting.Row.(type) {
	case *lan.FDBEntry:
		if learnt(row) {
			return candidate{port: d.port(portKey{ifIndex: row.IfIndex, bridge: row.Port}), vlan: row.VLAN, row: sighting}, true
		}
	case *lan.LLDPNeighbor:
		if key, ok := heardOn(row); ok {
			return candidate{port: d.port(key), row: sighting, direct: linkLocal(row)}, true
		}
	}
	return candidate{}, false
}

// merge adds another row of the same port. The place rests on the row that
// tells most: the VLAN too, or else the one of the table that knows VLANs.
func (c *candidate) merge(other candidate) {
	c.vlan = cmp.Or(c.vlan, other.vlan)
	c.direct = c.direct || other.direct
	if worth(other.row) > worth(c.row) {
		c.row = other.row
	}
}

// count is how many stations are on the port, this one included: one that only
// announces itself is not among those that are learnt there.
func (c *candidate) count() int {
	if worth(c.row) > 0 {
		return c.port.stations
	}
	return c.port.stations + 1
}

func worth(s *Sighting) int {
	switch row, ok := s.Row.(*lan.FDBEntry); {
	case !ok:
		return 0
	case row.VLAN != 0:
		return 3
	case row.Table == lan.Dot1qTpFdbTable:
		return 2
	default:
		return 1
	}
}

// byDevice cuts a list that is in order into one for each device.
func byDevice(all []candidate) [][]candidate {
	devices := make([][]candidate, 0, len(all))
	for start := 0; start < len(all); {
		end := start + 1
		for end < len(all) && all[end].port.device == all[start].port.device {
			end++
		}
		devices = append(devices, all[start:end:end])
		start = end
	}
	return devices
}

// onOneDevice chooses among the ports of one device. A port whose interface is
// not known says the same as one that is known from another table, only less
// well, and nothing is plugged into a tunnel or a VLAN. Where the station
// announces itself, there it is; and an access port comes before one that
// leads to another switch, where the entry is older, or of another VLAN.
func onOneDevice(all []candidate) (rest []candidate, out []ruledOut) {
	rest = resolved(all)
	choose := func(better func(candidate) bool, why string) {
		if len(rest) > 1 && slices.ContainsFunc(rest, better) {
			worse := slices.DeleteFunc(slices.Clone(rest), better)
			rest = slices.DeleteFunc(slices.Clone(rest), func(c candidate) bool { return !better(c) })
			out = append(out, ruleOut(worse, why)...)
		}
	}
	choose(func(c candidate) bool { return c.port.resolved() }, "the device does not say which interface this is")
	choose(func(c candidate) bool { return c.port.virtual == "" }, "nothing can be plugged in here")
	choose(func(c candidate) bool { return c.direct }, "it announces itself on another port of this device")
	choose(func(c candidate) bool { return c.port.access() }, "this port leads to another switch")
	return rest, out
}

// resolved leaves out the ports without an interface that only repeat what
// another table tells with one.
func resolved(all []candidate) []candidate {
	known := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool { return !c.port.resolved() })
	if len(known) == 0 || len(known) == len(all) {
		return all
	}
	tables := make(map[lan.Table]bool)
	for _, c := range known {
		tables[c.row.Table] = true
	}
	rest := known
	for _, c := range all {
		switch {
		case c.port.resolved():
		case tables[c.row.Table]:
			rest = append(rest, c)
		case len(known) == 1:
			rest[0].direct = rest[0].direct || c.direct
		}
	}
	return rest
}

func ruleOut(list []candidate, why string) []ruledOut {
	out := make([]ruledOut, len(list))
	for i, c := range list {
		out[i] = ruledOut{c, why}
	}
	return out
}
