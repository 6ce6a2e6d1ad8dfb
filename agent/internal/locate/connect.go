package locate

import (
	"net"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// connect works out behind which port of each switch every other one is: by
// LLDP first, then by the switches' own addresses, then by the stations that
// two switches both know.
func (s *site) connect() {
	for _, d := range s.devices {
		d.announced()
	}
	s.follow()
	for _, d := range s.devices {
		for _, other := range s.devices {
			if d != other && d.toward[other] == nil {
				d.face(other, s.addressed(d, other))
			}
		}
	}
	for i, d := range s.devices {
		for _, other := range s.devices[:i] {
			compare(d, other)
		}
	}
}

// face notes behind which port another switch is, if that is known.
func (d *device) face(other *device, p *port) {
	if p != nil {
		d.toward[other] = p
	}
}

// announced takes a port on which a read switch announces itself to lead to
// it. One that does so on several ports has spare links, and LLDP does not
// tell which of them carries frames.
func (d *device) announced() {
	spare := make(map[*device]bool)
	for _, p := range d.sortedPorts() {
		for _, n := range p.neighbors {
			if n.device == nil || n.device == d {
				continue
			}
			if known := d.toward[n.device]; known != nil && known != p {
				spare[n.device] = true
			}
			d.toward[n.device] = p
		}
	}
	for other := range spare {
		delete(d.toward, other)
	}
}

// follow extends the links that LLDP shows: what is behind a neighbour is
// behind the port it hangs on.
func (s *site) follow() {
	adjacent := make(map[*device][]*device)
	for _, d := range s.devices {
		for _, other := range s.devices {
			if d.toward[other] != nil {
				adjacent[d] = append(adjacent[d], other)
				if other.toward[d] == nil {
					adjacent[other] = append(adjacent[other], d)
				}
			}
		}
	}
	for _, d := range s.devices {
		for _, first := range adjacent[d] {
			p := d.toward[first]
			visited := map[*device]bool{d: true, first: true}
			for queue := []*device{first}; p != nil && len(queue) > 0; queue = queue[1:] {
				for _, next := range adjacent[queue[0]] {
					if visited[next] {
						continue
					}
					visited[next] = true
					queue = append(queue, next)
					if d.toward[next] == nil {
						d.toward[next] = p
					}
				}
			}
		}
	}
}

// addressed is the port of d on which the addresses of the other are learnt.
func (s *site) addressed(d, other *device) *port {
	votes := make(map[*port]int)
	for mac := range other.own {
		if s.owner[mac] == other {
			votes[d.at[mac]]++
		}
	}
	return most(votes)
}

// most returns the port with the most votes. Where two have as many, nothing
// is told.
func most(votes map[*port]int) *port {
	var best *port
	highest := 0
	for p, n := range votes {
		switch {
		case p == nil || n < highest:
		case n == highest:
			best = nil
		default:
			best, highest = p, n
		}
	}
	return best
}

// compare works out behind which of their ports two switches are to each
// other, from the stations that both know.
//
// On a tree of switches, let p be A's port toward B and q be B's toward A.
// What A sees elsewhere than on p lies on A's side, so B sees it on q: every
// station is on p at A, or on q at B. The ports for which this holds of the
// most stations, so that entries out of date decide nothing against others,
// are taken; where several do as well, what they have in common is. A port on
// which both know no station stands as nil.
func compare(a, b *device) {
	type pair struct{ p, q *port }
	both := make(map[pair]int)
	atA, atB := map[*port]int{nil: 0}, map[*port]int{nil: 0}
	for mac, p := range a.at {
		if q := b.at[mac]; p != nil && q != nil {
			both[pair{p, q}]++
			atA[p]++
			atB[q]++
		}
	}
	if p := a.toward[b]; p != nil {
		atA = map[*port]int{p: atA[p]}
	}
	if q := b.toward[a]; q != nil {
		atB = map[*port]int{q: atB[q]}
	}
	most := -1
	var best []pair
	for p, onP := range atA {
		for q, onQ := range atB {
			holds := onP + onQ - both[pair{p, q}]
			if holds > most {
				most, best = holds, nil
			}
			if holds == most {
				best = append(best, pair{p, q})
			}
		}
	}
	first := best[0]
	if !slices.ContainsFunc(best, func(other pair) bool { return other.p != first.p }) {
		a.face(b, first.p)
	}
	if !slices.ContainsFunc(best, func(other pair) bool { return other.q != first.q }) {
		b.face(a, first.q)
	}
}

// neighbor finds the read switch that an LLDP neighbour of d is: by chassis,
// by management address, or by its system name where no other has the same.
func (s *site) neighbor(d *device, n *lan.LLDPNeighbor) *device {
	if other := s.owner[n.Chassis.MAC]; other != nil {
		return other
	}
	if other := s.owner[n.Port.MAC]; other != nil {
		return other
	}
	var namesakes []*device
	for _, other := range s.devices {
		if !other.bridge || other == d {
			continue
		}
		for _, addr := range n.Addresses {
			if addr.String() == hostOf(other.Source) {
				return other
			}
		}
		if n.SysName != "" && (n.SysName == other.System.Name || n.SysName == other.LLDPLocal.SysName) {
			namesakes = append(namesakes, other)
		}
	}
	if len(namesakes) == 1 {
		return namesakes[0]
	}
	return nil
}

func hostOf(source string) string {
	if host, _, err := net.SplitHostPort(source); err == nil {
		return host
	}
	return strings.Trim(source, "[]")
}
