package locate

import (
	"cmp"
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// attached describes the port that a station is attached to.
func attached(st *Station, c candidate) Place {
	p, d := c.port, c.port.device
	place := Place{Switch: d.title, Address: d.Source, Port: p.label, IfIndex: p.key.ifIndex, VLAN: cmp.Or(c.vlan, st.vlan()), Sighting: c.row}
	if p.iface != nil {
		place.Alias = p.iface.Alias
	}
	if d.complete && !p.key.heard.known {
		count := c.count()
		place.Stations, place.CountedAt = &count, d.To
	} else if count, ok := p.counted(); ok {
		place.Stations, place.CountedAt = &count, d.Counted.At
	}
	place.judge(st, c)
	if place.Certainty != Uplink {
		place.PoE = d.feeds[p.key.ifIndex]
	}
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

// judge says how sure the place is, and why.
func (place *Place) judge(st *Station, c candidate) {
	p := c.port
	self, between := p.byMAC[st.MAC], p.between(st)
	switch {
	case st.Self != "":
		place.Certainty = Uplink
		place.Why = fmt.Sprintf("it is the address of %s itself, a switch that was read", st.Self)
	case p.virtual != "":
		place.Certainty = Uplink
		place.Why = virtualWhy(p.virtual)
	case len(c.facing) > 0 && !c.direct && p.unread == nil:
		place.Certainty = Shared
		place.Behind, place.Why = c.between()
	case len(p.faces) > 0 && !c.direct:
		place.Certainty = Uplink
		place.Behind, place.Why = p.leadsTo(st)
	case p.unread != nil && p.unread != self && !c.direct:
		place.Certainty = Uplink
		place.Behind = p.unread.name()
		place.Why = fmt.Sprintf("this port leads to %s, a switch that was not read", place.Behind)
	case place.Stations == nil:
		place.Certainty = Port
		place.Behind = between
		place.Why = p.uncountedWhy()
	case *place.Stations == 1 && between == "" && len(p.faces) == 0 && c.doubt != nil:
		place.Certainty = Port
		place.Why = fmt.Sprintf("no other station was learnt on this port, but whether it leads to %s is not known", c.doubt.title)
	case *place.Stations == 1 && between == "" && len(p.faces) == 0:
		place.Certainty = Edge
		place.Why = "no other switch, and no other station, was learnt on this port"
	case p.unread != nil && p.unread == self:
		place.Certainty = Shared
		place.Behind = between
		place.Why = fmt.Sprintf("it is the device through which others are seen on this port, %d stations in all", *place.Stations)
	default:
		place.Certainty = Shared
		place.Behind = between
		place.Why = sharedWhy(*place.Stations, between)
	}
}

// between describes what hangs between a port and those that face it.
func (c *candidate) between() (behind, why string) {
	ports := make([]string, len(c.facing))
	for i, other := range c.facing {
		ports[i] = other.port.device.title + " " + other.port.label
	}
	return "something unmanaged on the way to " + join(ports),
		fmt.Sprintf("this port leads to %s, where it is seen as well, so it hangs between them on something that does not announce itself", join(ports))
}

func virtualWhy(kind string) string {
	if kind == "tunnel" {
		return "this port is a tunnel, so it is somewhere behind the other end"
	}
	return fmt.Sprintf("this port is a %s interface, into which nothing is plugged", kind)
}

func (p *port) uncountedWhy() string {
	switch {
	case p.device.complete:
		return "the switch hears it on this port, and does not say which port of its forwarding table that is, so others on it are not counted"
	case p.device.Sought():
		return "of this switch's forwarding table only the addresses that are looked for were read, so others on this port are not counted"
	case p.device.radioOnly():
		return "of this switch only those are known that are registered by radio, so others on this port are not counted"
	case len(p.device.FDB) == 0:
		return "no forwarding table of this switch could be read, so others on this port are not counted"
	default:
		return "the forwarding table of this switch was not read to its end, so others on this port are not counted"
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
