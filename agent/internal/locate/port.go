package locate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A portKey names a port of a device: by interface; by bridge port where the
// device does not say which interface that is; or by the number that its LLDP
// agent gives it where that stands for neither.
type portKey struct {
	ifIndex lan.IfIndex
	bridge  lan.BridgePort
	heard   lldpPort
}

// An lldpPort is a lldpRemLocalPortNum; the zero value is none.
type lldpPort struct {
	num   uint32
	known bool
}

// A port is one port of a device and what is learnt there. Members of an
// aggregate are the aggregate's port.
type port struct {
	device   *device
	key      portKey
	number   int            // among the ports of the device
	iface    *lan.Interface // nil where ifTable has no row for it
	stations int            // that are learnt there
	speakers []*speaker
	byMAC    map[lan.MAC]*speaker
	byName   map[string]*speaker
	unread   *speaker // a switch or router behind it that was not read

	// What describe finds out when all devices are known:
	label   string    // what stands on the port
	faces   []*device // the read switches behind it, in order of their names
	virtual string    // "tunnel", "loopback" or "VLAN" where nothing can be plugged in

	weighed bool // whether doubt was found out
	doubt   *device
}

func (d *device) port(key portKey) *port {
	if key.ifIndex != 0 {
		key.bridge, key.heard = 0, lldpPort{}
		if aggregate, ok := d.Aggregates[key.ifIndex]; ok {
			key.ifIndex = aggregate
		}
	}
	p := d.ports[key]
	if p == nil {
		p = &port{device: d, key: key, number: len(d.ports), iface: d.ifaces[key.ifIndex]}
		d.ports[key] = p
	}
	return p
}

// blocked tells whether the spanning tree keeps the port from forwarding. It
// blocks the whole of an aggregate or nothing, so its members are not asked.
func (p *port) blocked() bool { return p.iface != nil && p.iface.STP == lan.STPBlocking }

// resolved tells whether it is known which interface the port is.
func (p *port) resolved() bool { return p.key.ifIndex != 0 }

// compare orders ports: by device, interface, bridge port, LLDP port.
func (p *port) compare(q *port) int {
	return cmp.Or(cmp.Compare(p.device.index, q.device.index), cmp.Compare(p.key.ifIndex, q.key.ifIndex),
		cmp.Compare(p.key.bridge, q.key.bridge), cmp.Compare(p.key.heard.num, q.key.heard.num))
}

// describe works out what is behind the ports of a device.
func (s *site) describe(d *device) {
	names := s.lldpPortNames(d)
	var talked []*port // where somebody announces itself
	for _, p := range d.ports {
		p.label = names.label(p)
		p.virtual = virtual(p.iface)
		if len(p.speakers) > 0 {
			talked = append(talked, p)
		}
	}
	for _, other := range s.devices {
		at := d.toward[other.index]
		if at != nil {
			at.faces = append(at.faces, other)
		}
		for _, p := range talked {
			if p != at && other != d && p.hears(other) {
				p.faces = append(p.faces, other)
			}
		}
	}
}

// hears tells whether another read switch announces itself on the port.
func (p *port) hears(d *device) bool {
	return slices.ContainsFunc(p.speakers, func(sp *speaker) bool { return sp.device == d })
}

// access tells whether stations can be plugged into the port, so that it does
// not lead to another switch.
func (p *port) access() bool { return len(p.faces) == 0 && p.unread == nil && p.virtual == "" }

// Interface types (IANAifType-MIB).
const (
	softwareLoopback = 24
	propVirtual      = 53
	tunnel           = 131
	l2vlan           = 135
	l3ipvlan         = 136
)

// virtual says what kind of interface it is where nothing can be plugged into
// it. Cisco gives propVirtual for a VLAN, but for an aggregate as well, and
// a VXLAN has whatever type: there the name decides.
func virtual(i *lan.Interface) string {
	switch {
	case i == nil:
		return ""
	case i.Type == softwareLoopback:
		return "loopback"
	case i.Type == tunnel || named(i, "vxlan"):
		return "tunnel"
	case i.Type == l2vlan || i.Type == l3ipvlan || i.Type == propVirtual && named(i, "vlan", "irb", "bvi", "bdi"):
		return "VLAN"
	default:
		return ""
	}
}

func named(i *lan.Interface, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		return begins(i.Name, prefix) || begins(i.Descr, prefix)
	})
}

// begins tells whether a text begins with a prefix, in small or capital letters.
func begins(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
