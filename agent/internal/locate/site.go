package locate

import (
	"cmp"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A site is the devices that were read, indexed.
type site struct {
	devices []*device
	owner   map[lan.MAC]*device // the read switch that an address belongs to; nil where two claim it
	names   map[lan.MAC]string  // sysName of read devices that are no switches
}

// A device is one snapshot, indexed.
type device struct {
	*lan.Snapshot
	bridge   bool             // it forwards: it has a forwarding table, or a bridge address
	complete bool             // its forwarding tables were read to their end
	own      map[lan.MAC]bool // its own addresses
	ports    map[portKey]*port
	at       map[lan.MAC]*port // where it sees an address; nil where on two ports
	toward   map[*device]*port // behind which port another read switch is
}

// A portKey names a port of a device: by interface, or by bridge port where
// the device does not say which interface that is.
type portKey struct {
	ifIndex lan.IfIndex
	bridge  lan.BridgePort
}

// A port is one port of a device and what is learnt there. Members of an
// aggregate are the aggregate's port.
type port struct {
	device    *device
	key       portKey
	stations  map[lan.MAC]bool
	neighbors []neighbor
}

// A neighbor is what announces itself on a port.
type neighbor struct {
	*lan.LLDPNeighbor
	device *device // the read switch that it is; nil where it is none
}

func newSite(snapshots []lan.Snapshot) *site {
	s := &site{owner: make(map[lan.MAC]*device), names: make(map[lan.MAC]string)}
	for i := range snapshots {
		s.devices = append(s.devices, newDevice(&snapshots[i]))
	}
	// What comes out must not depend on the order in which devices were named.
	slices.SortStableFunc(s.devices, func(a, b *device) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.Source, b.Source))
	})
	for _, d := range s.devices {
		s.claim(d)
	}
	for _, d := range s.devices {
		s.learn(d)
	}
	s.connect()
	return s
}

func newDevice(snapshot *lan.Snapshot) *device {
	d := &device{Snapshot: snapshot, bridge: len(snapshot.FDB) > 0 || !snapshot.BaseMAC.IsZero(),
		own: make(map[lan.MAC]bool), ports: make(map[portKey]*port), at: make(map[lan.MAC]*port), toward: make(map[*device]*port)}
	whole, broken := false, false
	for _, r := range snapshot.Readings {
		if r.Table == lan.Dot1dTpFdbTable || r.Table == lan.Dot1qTpFdbTable {
			whole = whole || r.Status == lan.Complete
			broken = broken || r.Status == lan.Partial || r.Status == lan.Failed
		}
	}
	d.complete = whole && !broken
	return d
}

// claim notes which addresses are a device's own.
func (s *site) claim(d *device) {
	own := []lan.MAC{d.BaseMAC, d.LLDPLocal.Chassis.MAC}
	for _, i := range d.Interfaces {
		own = append(own, i.MAC)
	}
	for _, e := range d.FDB {
		if e.Status == lan.FDBSelf {
			own = append(own, e.MAC)
		}
	}
	for _, mac := range own {
		switch {
		case !mac.IsStation():
		case !d.bridge:
			s.names[mac] = d.System.Name
		default:
			if other, claimed := s.owner[mac]; claimed && other != d {
				s.owner[mac] = nil // a virtual address that several of them share
			} else {
				s.owner[mac] = d
				d.own[mac] = true
			}
		}
	}
}

// learn notes which address a device sees where.
func (s *site) learn(d *device) {
	for i := range d.FDB {
		e := &d.FDB[i]
		if !learnt(e) || s.owner[e.MAC] == d {
			continue
		}
		p := d.port(portKey{ifIndex: e.IfIndex, bridge: e.Port})
		p.stations[e.MAC] = true
		if other, seen := d.at[e.MAC]; seen && other != p {
			p = nil
		}
		d.at[e.MAC] = p
	}
	for i := range d.LLDP {
		n := &d.LLDP[i]
		if n.IfIndex != 0 {
			p := d.port(portKey{ifIndex: n.IfIndex})
			p.neighbors = append(p.neighbors, neighbor{n, s.neighbor(d, n)})
		}
	}
}

// learnt tells whether an entry shows a station on a port. Entries set by
// management count: port security pins cameras that way.
func learnt(e *lan.FDBEntry) bool {
	return e.MAC.IsStation() && e.Port != 0 && e.Status != lan.FDBSelf && e.Status != lan.FDBInvalid
}

func (d *device) port(key portKey) *port {
	if key.ifIndex != 0 {
		key.bridge = 0
		if aggregate, ok := d.Aggregates[key.ifIndex]; ok {
			key.ifIndex = aggregate
		}
	}
	p := d.ports[key]
	if p == nil {
		p = &port{device: d, key: key, stations: make(map[lan.MAC]bool)}
		d.ports[key] = p
	}
	return p
}

func (d *device) sortedPorts() []*port {
	ports := make([]*port, 0, len(d.ports))
	for _, p := range d.ports {
		ports = append(ports, p)
	}
	slices.SortFunc(ports, func(a, b *port) int {
		return cmp.Or(cmp.Compare(a.key.ifIndex, b.key.ifIndex), cmp.Compare(a.key.bridge, b.key.bridge))
	})
	return ports
}

// label is what stands on the port.
func (p *port) label() string {
	if p.key.ifIndex == 0 {
		return "bridge port " + p.key.bridge.String()
	}
	if i := p.device.Interface(p.key.ifIndex); i != nil {
		return i.Label()
	}
	return "ifIndex " + p.key.ifIndex.String()
}

// faces returns the read switches behind the port, in order of their names.
func (p *port) faces(s *site) []*device {
	var behind []*device
	for _, d := range s.devices {
		if p.device.toward[d] == p || p.hears(d) {
			behind = append(behind, d)
		}
	}
	return behind
}

// hears tells whether another read switch announces itself on the port.
func (p *port) hears(d *device) bool {
	return d != p.device && slices.ContainsFunc(p.neighbors, func(n neighbor) bool { return n.device == d })
}

// unread returns the neighbour on the port that is a switch or router which
// was not read. Phones and access points forward too, but what hangs behind
// them belongs to this port.
func (p *port) unread() *lan.LLDPNeighbor {
	for _, n := range p.neighbors {
		if n.device == nil && n.Enabled.Has(lan.LLDPBridge|lan.LLDPRouter) && !n.Enabled.Has(lan.LLDPTelephone|lan.LLDPAccessPoint) {
			return n.LLDPNeighbor
		}
	}
	return nil
}
