package locate

import (
	"cmp"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// connect works out behind which port of each switch every other one is: by
// LLDP first, then by the other protocols in which switches announce
// themselves, by the switches' own addresses, and by the stations that two
// switches both know. What contradicts an earlier one of these is left out.
//
// Where switches announce themselves, it is worked out without that first, so
// that an answer can say where the forwarding tables speak against it.
func (s *site) connect() {
	s.links = newLinks(len(s.devices))
	forwarding := s.links
	addressed := s.addressed()
	if slices.ContainsFunc(s.devices, func(d *device) bool { return len(d.heard) > 0 }) {
		s.faceAll(addressed)
		s.compareAll()
		s.links = newLinks(len(s.devices))
	}
	adjacent := s.hearEachOther()
	for _, d := range s.devices {
		s.announced(d)
	}
	s.faceAll(addressed)
	for _, link := range adjacent {
		s.nothingBetween(link[0], link[1])
	}
	for _, d := range s.devices {
		if d.bridge {
			s.next(d)
		}
	}
	s.compareAll()
	for _, d := range s.devices {
		d.toward = s.links.toward[d.index*s.links.n:][:s.links.n]
		d.single = nil // of a large site they are many
	}
	s.dispute(forwarding)
}

// dispute lists the pairs of switches of which the forwarding tables, by
// themselves, show the second behind another port of the first, or leave no
// choice but of other ports.
func (s *site) dispute(forwarding *links) {
	for _, c := range forwarding.choices {
		if !slices.ContainsFunc(c.pairs, func(pair [2]*port) bool { return s.links.allows(c.a, c.b, pair) }) {
			s.disputes = append(s.disputes, [2]*device{s.devices[c.a], s.devices[c.b]})
		}
	}
	for _, d := range s.devices {
		for _, other := range s.devices {
			p, q := s.links.port(d.index, other.index), forwarding.port(d.index, other.index)
			if p != nil && q != nil && p != q {
				s.disputes = append(s.disputes, [2]*device{d, other})
			}
		}
	}
}

// faceAll takes each switch to be behind the port on which its addresses are
// learnt.
func (s *site) faceAll(addressed [][]*port) {
	for i, d := range s.devices {
		for j, other := range s.devices {
			if p := addressed[i][j]; p != nil {
				s.face(d, other, p)
			}
		}
	}
}

// face notes behind which port another switch is, unless that contradicts what
// is known.
func (s *site) face(d, other *device, p *port) {
	s.links.set(d.index, other.index, p)
	s.links.broken = false
}

// nothingBetween notes that every other switch sees two behind the same port,
// as no switch that was read passes LLDP on (IEEE 802.1D, reserved addresses).
func (s *site) nothingBetween(a, b *device) {
	for _, c := range s.devices {
		if c != a && c != b && c.bridge {
			s.links.join(c.index, a.index, b.index)
		}
	}
	s.links.broken = false
}

// next: what announces itself by LLDP on the port of d where its frames arrive
// hangs there, and no other switch is between. So all that see it see it where
// they see d.
func (s *site) next(d *device) {
	for i := range d.LLDP {
		n := &d.LLDP[i]
		key, ok := heardOn(n)
		if !ok || !linkLocal(n) || s.neighbor(d, n) != nil {
			continue
		}
		mac := s.neighborMAC(d, n)
		arrives := d.arrives(mac, d.port(key), n)
		for _, other := range s.devices {
			if p := other.at(mac); p != nil && other != d && other.bridge {
				s.tie(d, other)
				if arrives {
					s.face(other, d, p)
				}
			}
		}
	}
	d.settle()
}

// arrives tells whether the frames of a neighbour arrive on the port on which
// it is heard. That of a switch may be a spare link, but a station that is in
// no forwarding table has merely been silent since, but for its announcements.
func (d *device) arrives(mac lan.MAC, p *port, n *lan.LLDPNeighbor) bool {
	if _, listed := d.find(mac); !listed && d.arrived[mac] == nil && mac.IsStation() && p.resolved() && !p.blocked() && !n.Enabled.Has(lan.LLDPBridge|lan.LLDPRouter) {
		if d.arrived == nil {
			d.arrived = make(map[lan.MAC]*port)
		}
		d.arrived[mac] = p
	}
	return d.at(mac) == p
}

// announced takes a port on which a read switch announces itself in another
// way than LLDP to lead to it, unless the spanning tree blocks the port. One
// that does so on several others has spare links, and what it announces does
// not tell which of them carries frames.
func (s *site) announced(d *device) {
	on := make(map[*device]*port) // nil where on several
	for _, p := range d.ports {
		if p.blocked() {
			continue
		}
		for _, sp := range p.speakers {
			if sp.device == nil || sp.device == d {
				continue
			}
			if known, before := on[sp.device]; before && known != p {
				on[sp.device] = nil
			} else {
				on[sp.device] = p
			}
		}
	}
	for _, other := range s.devices {
		if p := on[other]; p != nil && s.links.port(d.index, other.index) == nil && !d.spare(p, other) {
			s.face(d, other, p)
		}
	}
}

// spare tells whether another switch is heard on a port by LLDP. Then it is
// for hearEachOther to say whether that link carries frames.
func (d *device) spare(p *port, other *device) bool {
	return slices.ContainsFunc(d.heard, func(h heard) bool { return h.at == p && h.other == other })
}

// addressed are the ports of each switch on which the addresses of each other
// are learnt, by their indexes: that of most of them, and nil where as many are
// on another.
func (s *site) addressed() [][]*port {
	all := make([][]*port, len(s.devices))
	votes := make([][]sighted, len(s.devices))
	for i, d := range s.devices {
		for mac, p := range d.seen() {
			if other := s.owner[mac]; other != nil && other != d {
				votes[other.index] = vote(votes[other.index], p)
			}
		}
		all[i] = make([]*port, len(s.devices))
		for other, list := range votes {
			most := 0
			for _, v := range list {
				if v.n > most {
					all[i][other], most = v.p, v.n
				} else if v.n == most {
					all[i][other] = nil
				}
			}
			votes[other] = list[:0]
		}
	}
	return all
}

// vote adds a port to a list that counts how often each was added.
func vote(list []sighted, p *port) []sighted {
	if i := slices.IndexFunc(list, func(v sighted) bool { return v.p == p }); i >= 0 {
		list[i].n++
		return list
	}
	return append(list, sighted{p, 1})
}

// compareAll compares the switches in pairs. What most stations tell is taken
// first, so that entries out of date decide nothing against others.
func (s *site) compareAll() {
	for _, d := range s.devices {
		d.singleOut()
	}
	var found []comparison
	for i, d := range s.devices {
		for _, other := range s.devices[:i] {
			if c := s.compare(d, other); c.stations > 0 {
				found = append(found, c)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b comparison) int { return cmp.Compare(b.stations, a.stations) })
	choices := make([]choice, len(found))
	for i, c := range found {
		choices[i] = c.choice
	}
	for s.links.choices = s.links.narrow(choices); s.links.broken; s.links.choices = s.links.narrow(s.links.choices) {
		s.links.broken = false
	}
}

// roaming tells an address that several routers use, each in its networks
// (VRRP, HSRP, GLBP): it says nothing of how two switches are joined.
func roaming(mac lan.MAC) bool {
	switch [5]byte(mac[:5]) {
	case [5]byte{0, 0, 0x5e, 0, 1}, [5]byte{0, 0, 0x5e, 0, 2}, [5]byte{0, 0, 0x0c, 7, 0xac}:
		return true
	}
	return [3]byte(mac[:3]) == [3]byte{0, 7, 0xb4} || [4]byte(mac[:4]) == [4]byte{0, 0, 0x0c, 0x9f} ||
		[4]byte(mac[:4]) == [4]byte{0, 5, 0x73, 0xa0}
}
