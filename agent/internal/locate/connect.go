package locate

// connect works out behind which port of each switch every other one is: by
// LLDP first, then by the other protocols in which switches announce
// themselves, by the switches' own addresses, and by the stations that two
// switches both know.
func (s *site) connect() {
	for _, d := range s.devices {
		d.announced(func(sp *speaker) bool { return sp.adjacent })
	}
	s.follow()
	for _, d := range s.devices {
		d.announced(func(*speaker) bool { return true })
		for _, other := range s.devices {
			if d != other && d.toward[other.index] == nil {
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
		d.toward[other.index] = p
	}
}

// announced takes a port on which a read switch announces itself to lead to
// it, unless the spanning tree blocks the port. One that does so on several
// others has spare links, and what it announces does not tell which of them
// carries frames.
func (d *device) announced(counts func(*speaker) bool) {
	on := make(map[*device]*port) // nil where on several
	for _, p := range d.ports {
		if p.blocked() {
			continue
		}
		for _, sp := range p.speakers {
			if sp.device == nil || sp.device == d || !counts(sp) {
				continue
			}
			if known, before := on[sp.device]; before && known != p {
				on[sp.device] = nil
			} else {
				on[sp.device] = p
			}
		}
	}
	for other, p := range on {
		if d.toward[other.index] == nil {
			d.face(other, p)
		}
	}
}

// follow extends the links that LLDP shows: what is behind a neighbour is
// behind the port it hangs on.
func (s *site) follow() {
	adjacent := make([][]*device, len(s.devices))
	for _, d := range s.devices {
		for _, other := range s.devices {
			if d.toward[other.index] != nil || other.toward[d.index] != nil {
				adjacent[d.index] = append(adjacent[d.index], other)
			}
		}
	}
	for _, d := range s.devices {
		var queue []*device
		visited := make([]bool, len(s.devices))
		visited[d.index] = true
		for _, first := range adjacent[d.index] {
			if d.toward[first.index] != nil {
				visited[first.index] = true
				queue = append(queue, first)
			}
		}
		for ; len(queue) > 0; queue = queue[1:] {
			p := d.toward[queue[0].index]
			for _, next := range adjacent[queue[0].index] {
				if !visited[next.index] {
					visited[next.index] = true
					d.face(next, p)
					queue = append(queue, next)
				}
			}
		}
	}
}

// addressed is the port of d on which the addresses of the other are learnt;
// nil where as many are on another.
func (s *site) addressed(d, other *device) *port {
	votes := make(map[*port]int)
	for mac := range other.own {
		if p := d.at[mac]; p != nil && s.owner[mac] == other {
			votes[p]++
		}
	}
	var best *port
	highest := 0
	for p, n := range votes {
		switch {
		case n == highest:
			best = nil
		case n > highest:
			best, highest = p, n
		}
	}
	return best
}
