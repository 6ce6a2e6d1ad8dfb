package locate

import (
	"cmp"
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

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
	place.Host = best.title
	if i := best.ifaces[row.IfIndex]; i != nil {
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
		place.Host = sighting.device.title
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
