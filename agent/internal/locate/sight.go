package locate

import (
	"cmp"
	"iter"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A sight is an address and a port on which a device sees it.
type sight struct {
	mac  lan.MAC
	port *port
}

func (s sight) compare(t sight) int {
	return cmp.Or(s.mac.Compare(t.mac), cmp.Compare(s.port.number, t.port.number))
}

// learn notes which address a device sees where, each port of it once. Ports
// whose interface is known are numbered first, and so come first in order.
func (s *site) learn(d *device) {
	d.sights = make([]sight, 0, len(d.FDB))
	var p *port
	var key portKey // of p: many rows in a row are of one port
	for _, resolved := range []bool{true, false} {
		for i := range d.FDB {
			e := &d.FDB[i]
			if (e.IfIndex != 0) != resolved || !learnt(e) || s.owner[e.MAC] == d {
				continue
			}
			if at := (portKey{ifIndex: e.IfIndex, bridge: e.Port}); p == nil || at != key {
				p, key = d.port(at), at
			}
			d.sights = append(d.sights, sight{e.MAC, p})
		}
	}
	slices.SortFunc(d.sights, sight.compare)
	d.sights = slices.Compact(d.sights)
	for _, at := range d.sights {
		at.port.stations++
	}
}

// find is where in the order of a device's sights an address is, or belongs.
func (d *device) find(mac lan.MAC) (int, bool) {
	return slices.BinarySearchFunc(d.sights, mac, func(at sight, mac lan.MAC) int { return at.mac.Compare(mac) })
}

// at is where a device sees an address; nil where on two ports, or nowhere.
func (d *device) at(mac lan.MAC) *port {
	i, listed := d.find(mac)
	if !listed {
		return d.arrived[mac]
	}
	return alone(d.sights[i:])
}

// settle puts in order what has arrived.
func (d *device) settle() {
	if len(d.arrived) == 0 {
		return
	}
	for mac, p := range d.arrived {
		d.sights = append(d.sights, sight{mac, p})
	}
	slices.SortFunc(d.sights, sight.compare)
	d.arrived = nil
}

// alone is the port on which the first address of a list is; nil where on two.
// A row that tells a bridge port alone says the same as one that tells the
// interface, only less well.
func alone(list []sight) *port {
	if len(list) > 1 && list[1].mac == list[0].mac && list[1].port.resolved() == list[0].port.resolved() {
		return nil
	}
	return list[0].port
}

// seen goes through all addresses that a device sees on one port alone.
func (d *device) seen() iter.Seq2[lan.MAC, *port] {
	return func(yield func(lan.MAC, *port) bool) {
		for i, at := range d.sights {
			if i > 0 && at.mac == d.sights[i-1].mac {
				continue
			}
			if p := alone(d.sights[i:]); p != nil && !yield(at.mac, p) {
				return
			}
		}
	}
}

// sees tells whether a device sees an address on a port, be it on others too.
func (d *device) sees(mac lan.MAC, p *port) bool {
	_, is := slices.BinarySearchFunc(d.sights, sight{mac, p}, sight.compare)
	return is
}
