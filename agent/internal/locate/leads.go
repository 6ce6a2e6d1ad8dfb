package locate

import (
	"fmt"
	"slices"
	"strings"
)

// leadsTo names the switches behind a port, and says why none of them is the
// station's: the one that announces itself there, or else all that are known
// to be behind it; and beyond that one those that could not be read as a
// whole, for the station may be theirs.
func (p *port) leadsTo(st *Station) (behind, why string) {
	next := slices.DeleteFunc(slices.Clone(p.faces), func(d *device) bool { return !p.hears(d) })
	if len(next) == 0 {
		next = p.faces
	}
	var reasons []string
	for _, kind := range []struct {
		one, many string
		holds     func(*device) bool
	}{
		{"which does not list it", "which do not list it", func(d *device) bool { return d.complete && !d.lists(st) && slices.Contains(next, d) }},
		{"which sees it elsewhere", "which see it elsewhere", func(d *device) bool { return d.lists(st) && slices.Contains(next, d) }},
		{"whose forwarding table was not read to its end", "whose forwarding tables were not read to their end",
			func(d *device) bool { return !d.complete && len(d.FDB) > 0 && !d.lists(st) }},
		{"whose forwarding table could not be read", "whose forwarding tables could not be read",
			func(d *device) bool { return !d.complete && len(d.FDB) == 0 }},
	} {
		switch which := slices.DeleteFunc(slices.Clone(p.faces), func(d *device) bool { return !kind.holds(d) }); len(which) {
		case 0:
		case 1:
			reasons = append(reasons, titles(which)+", "+kind.one)
		default:
			reasons = append(reasons, titles(which)+", "+kind.many)
		}
	}
	return titles(next), "this port leads to " + strings.Join(reasons, ", and to ")
}

// lists tells whether the device has the station in its forwarding table.
func (d *device) lists(st *Station) bool {
	_, listed := d.find(st.MAC)
	return listed
}

// titles joins the names of devices: "sw1, sw2 and sw3".
func titles(devices []*device) string {
	names := make([]string, len(devices))
	for i, d := range devices {
		names[i] = d.title
	}
	return join(names)
}

// join makes a phrase of a list, and counts what would make it too long.
func join(names []string) string {
	const most = 8
	if len(names) > most {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
	}
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return names[0]
}
