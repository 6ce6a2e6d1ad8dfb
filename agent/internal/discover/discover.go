// Package discover decides who may be asked whether it is a switch: of what
// switches say of their neighbours it picks those that claim to be one, at
// addresses where discovery may go. It also tells whether two devices are the
// same one. It asks nobody. What a neighbour announces is anybody's word: every
// station on an access port can announce what it likes.
package discover

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// MaxPerPort is how many switches a port may name, at most, to be believed: a
// port leads to one, or by way of one that announces nothing to a few. Of one
// that names more, none is asked.
const MaxPerPort = 8

// maxAddresses is how many addresses of one neighbour are tried.
const maxAddresses = 3

// Limits say where discovery may go.
type Limits struct {
	Within []netip.Prefix // never outside of these
	Host   []netip.Prefix // the addresses of this host, each with the length of its network's prefix
}

// Allows tells whether an address may be asked: it lies within the limits, and
// it is that of one device other than this host. A broadcast address would
// tell the question to everybody.
func (l Limits) Allows(addr netip.Addr) bool {
	if !addr.IsValid() || addr.Zone() != "" || addr.IsUnspecified() || addr.IsMulticast() {
		return false
	}
	if !slices.ContainsFunc(l.Within, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return false
	}
	own := func(p netip.Prefix) bool { return p.Addr() == addr || lan.Broadcasts(p, addr) }
	return !slices.ContainsFunc(l.Host, own) &&
		!slices.ContainsFunc(l.Within, func(p netip.Prefix) bool { return lan.Broadcasts(p, addr) })
}

// A Candidate is a device that may be a switch.
type Candidate struct {
	Places []*Place // to be tried in this order, at most three
}

// A Place is an address that was announced, and all that was announced with
// it. The candidates that have it share it.
type Place struct {
	Addr    netip.Addr
	Chassis []lan.MAC // that were announced for it
	Whys    []string  // it may be asked: who has named it, each once
}

// Heard is what a number of switches have said of their neighbours.
type Heard struct {
	Candidates []Candidate // those that are alone on their port come first
	Crowded    []string    // ports that name more switches than are believed
	Outside    int         // switches without an address that may be asked
	Others     int         // neighbours that do not claim to be a switch
	Known      int         // switches that are read already
}

// A port is where neighbours were heard.
type port struct {
	snapshot *lan.Snapshot
	ifIndex  lan.IfIndex
	local    uint32
}

// Listen goes through the neighbours that the snapshots show. Each claim is
// held against the known devices by itself, so that a false one cannot hide a
// true one.
func (l Limits) Listen(read []lan.Snapshot, known []Identity) Heard {
	var h Heard
	var ports []port
	claims := make(map[port][]*lan.LLDPNeighbor)
	for i := range read {
		s := &read[i]
		for j := range s.LLDP {
			n := &s.LLDP[j]
			if !isSwitch(n) {
				h.Others++
				continue
			}
			at := port{snapshot: s, ifIndex: n.IfIndex}
			if n.IfIndex == 0 {
				at.local = n.LocalPort
			}
			if claims[at] == nil {
				ports = append(ports, at)
			}
			claims[at] = append(claims[at], n)
		}
	}
	merged := merger{places: make(map[netip.Addr]*Place), first: make(map[netip.Addr][]int)}
	for rank := range MaxPerPort {
		for _, at := range ports {
			here := claims[at]
			switch {
			case len(here) > MaxPerPort:
				if rank == 0 {
					h.Crowded = append(h.Crowded, fmt.Sprintf("%s port %s names %d", at.snapshot.Name(), portName(at.snapshot, here[0]), len(here)))
				}
			case rank < len(here):
				switch c := l.claim(at.snapshot, here[rank]); {
				case slices.ContainsFunc(known, func(id Identity) bool { return id.claimedBy(c, here[rank]) }):
					h.Known++
				case len(c.addresses) == 0:
					h.Outside++
				default:
					merged.add(c)
				}
			}
		}
	}
	h.Candidates = merged.candidates
	return h
}

// isSwitch tells whether a neighbour claims to forward for others, and not to
// be something on a desk, under a ceiling or on a wall that does so too: phones
// and access points announce bridge(2) for the port or the air behind them.
func isSwitch(n *lan.LLDPNeighbor) bool {
	const mostEndpoint = 3 // LLDP-MED classes 1 to 3 are endpoints, 4 is what they are attached to
	switch {
	case !n.Enabled.Has(lan.LLDPBridge | lan.LLDPRouter), n.Enabled.Has(lan.LLDPTelephone | lan.LLDPAccessPoint):
		return false
	case n.MED.Class > 0 && n.MED.Class <= mostEndpoint:
		return false
	default: // Cisco's Aironet access points announce a transparent bridge over CDP, and nothing else
		return !strings.HasPrefix(strings.TrimPrefix(n.Platform, "cisco "), "AIR-")
	}
}

// A claim is what one neighbour announces.
type claim struct {
	addresses []netip.Addr // that may be asked, at most three
	chassis   []lan.MAC
	why       string // it may be asked: who has named it
}

func (l Limits) claim(s *lan.Snapshot, n *lan.LLDPNeighbor) claim {
	c := claim{why: fmt.Sprintf("%s neighbour of %s port %s", n.Protocol(), s.Name(), portName(s, n))}
	if n.Chassis.MAC.IsStation() {
		c.chassis = []lan.MAC{n.Chassis.MAC}
	}
	for _, addr := range n.Addresses {
		if addr = addr.Unmap(); l.Allows(addr) && len(c.addresses) < maxAddresses {
			c.addresses = appendNew(c.addresses, addr)
		}
	}
	return c
}

func appendNew[T comparable](list []T, more ...T) []T {
	for _, one := range more {
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// portName is what stands on the port where a neighbour was heard, as far as
// the device has told so far.
func portName(s *lan.Snapshot, n *lan.LLDPNeighbor) string {
	if i := s.Interface(n.IfIndex); i != nil {
		return i.Label()
	}
	local := s.LLDPLocal.Ports[n.LocalPort]
	if local.ID.MAC.IsZero() && local.ID.Text != "" {
		return local.ID.Text
	}
	return cmp.Or(local.Descr, fmt.Sprintf("number %d", cmp.Or(uint32(n.IfIndex), n.LocalPort)))
}

// A merger makes candidates of claims: several switches, ports and protocols
// may name one device. A claim is one with another only where all that is tried
// for it is tried for the other too, in the same order: what somebody else adds
// to an address must not take its turn. So a device may be two candidates, of
// which the second finds its addresses asked already.
type merger struct {
	candidates []Candidate
	places     map[netip.Addr]*Place
	first      map[netip.Addr][]int // the candidates that begin with an address
}

func (m *merger) add(c claim) {
	var places []*Place
	for _, addr := range c.addresses {
		p := m.places[addr]
		if p == nil {
			p = &Place{Addr: addr}
			m.places[addr] = p
		}
		p.Chassis, p.Whys = appendNew(p.Chassis, c.chassis...), appendNew(p.Whys, c.why)
		places = append(places, p)
	}
	for _, i := range m.first[c.addresses[0]] {
		known := m.candidates[i].Places
		if n := min(len(known), len(places)); slices.Equal(known[:n], places[:n]) {
			if len(places) > n {
				m.candidates[i].Places = places
			}
			return
		}
	}
	m.first[c.addresses[0]] = append(m.first[c.addresses[0]], len(m.candidates))
	m.candidates = append(m.candidates, Candidate{places})
}
