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
	Addresses []netip.Addr // to be tried in this order, at most three
	Chassis   []lan.MAC    // that were announced for it
	Why       string       // it may be asked: who has named it
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
	merged := merger{addresses: make(map[netip.Addr]int)}
	for rank := range MaxPerPort {
		for _, at := range ports {
			here := claims[at]
			switch {
			case len(here) > MaxPerPort:
				if rank == 0 {
					h.Crowded = append(h.Crowded, fmt.Sprintf("%s port %s names %d", at.snapshot.Name(), portName(at.snapshot, here[0]), len(here)))
				}
			case rank < len(here):
				switch c := l.candidate(at.snapshot, here[rank]); {
				case slices.ContainsFunc(known, func(id Identity) bool { return id.claimedBy(c, here[rank]) }):
					h.Known++
				case len(c.Addresses) == 0:
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

func (l Limits) candidate(s *lan.Snapshot, n *lan.LLDPNeighbor) Candidate {
	c := Candidate{Why: fmt.Sprintf("%s neighbour of %s port %s", n.Protocol(), s.Name(), portName(s, n))}
	if n.Chassis.MAC.IsStation() {
		c.Chassis = []lan.MAC{n.Chassis.MAC}
	}
	for _, addr := range n.Addresses {
		if addr = addr.Unmap(); l.Allows(addr) {
			c.addAddress(addr)
		}
	}
	return c
}

func (c *Candidate) addAddress(addr netip.Addr) {
	if len(c.Addresses) < maxAddresses && !slices.Contains(c.Addresses, addr) {
		c.Addresses = append(c.Addresses, addr)
	}
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

// A merger makes one candidate of the claims that share an address: several
// switches, ports and protocols may name it.
type merger struct {
	candidates []Candidate
	addresses  map[netip.Addr]int
}

func (m *merger) add(c Candidate) {
	at := len(m.candidates)
	for _, addr := range c.Addresses {
		if known, ok := m.addresses[addr]; ok {
			at = known
			break
		}
	}
	if at == len(m.candidates) {
		m.candidates = append(m.candidates, Candidate{Why: c.Why})
	}
	into := &m.candidates[at]
	for _, addr := range c.Addresses {
		into.addAddress(addr)
	}
	for _, addr := range into.Addresses {
		m.addresses[addr] = at
	}
	for _, mac := range c.Chassis {
		if !slices.Contains(into.Chassis, mac) {
			into.Chassis = append(into.Chassis, mac)
		}
	}
}
