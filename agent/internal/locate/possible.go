package locate

import (
	"encoding/binary"
	"slices"
)

const (
	// maxScope is the most switches that are reasoned about together. What
	// cannot be of some switches of a site cannot be of the whole.
	maxScope = 12
	// triesAtOnce and triesInAll bound the work. What has not been shown to be
	// impossible by then counts as possible.
	triesAtOnce = 1000
	triesInAll  = 40000
)

// A verdict says of candidates, in their order, which may be nearest to the
// station, and which certainly are: no other is nearer in any site that the
// tables allow.
type verdict struct{ possible, certain []bool }

// settle holds the candidates that are left against every site that agrees
// with all tables. The first ones are to be judged, the others are those that
// are known to be farther away. Of every device there is at most one. Of very
// many that are left, only what is known anyway is used.
//
// A is nearest exactly when all others that know the station see it where they
// see A.
func (s *site) settle(rest []candidate, others []candidate) verdict {
	all := append(slices.Clone(rest), others...)
	all = all[:max(len(rest), min(len(all), maxScope-1))]
	key := []byte{byte(len(rest))}
	for _, c := range all {
		key = binary.AppendUvarint(binary.AppendUvarint(key, uint64(c.port.device.index)), uint64(c.port.number))
	}
	if v, known := s.verdicts[string(key)]; known {
		return v
	}
	v := verdict{possible: make([]bool, len(rest)), certain: make([]bool, len(rest))}
	for i := range rest {
		v.possible[i] = len(all) >= maxScope || s.possible(s.nearest(all, i, nil))
	}
	for i := range rest {
		v.certain[i] = v.possible[i]
		for j := range rest {
			v.certain[i] = v.certain[i] && (j == i || !v.possible[j] || !s.mayBeFarther(all, i, j))
		}
	}
	s.verdicts[string(key)] = v
	return v
}

// nearest assumes that of all candidates one is nearest. Another device may be
// in the scope, behind them.
func (s *site) nearest(all []candidate, i int, another *device) *links {
	scope := slices.Clone(all)
	if another != nil {
		scope = append(scope, candidate{port: &port{device: another}})
	}
	l := s.around(scope)
	for j, other := range all {
		if j != i {
			l.set(j, i, other.port)
		}
	}
	return l
}

// mayBeFarther tells whether in some site j is nearest and i is not as near:
// because i is not where j sees the station, or because another switch is
// between i and j, and the station between that one and j.
func (s *site) mayBeFarther(all []candidate, i, j int) bool {
	a, b := all[i].port.device, all[j].port.device
	if known := b.toward[a.index]; known == nil && len(all) >= maxScope || known != nil && known != all[j].port {
		return true
	}
	if b.toward[a.index] == nil {
		l := s.nearest(all, j, nil)
		for _, q := range l.choosable(j, i) {
			if q != all[j].port && s.with(l, func(l *links) { l.set(j, i, q) }) {
				return true
			}
		}
	}
	return slices.ContainsFunc(s.devices, func(c *device) bool {
		return c.bridge && c != a && c != b && s.mayBeBetween(all, i, j, c)
	})
}

// mayBeBetween tells whether a switch may be between candidate i and the
// nearest, j.
func (s *site) mayBeBetween(all []candidate, i, j int, c *device) bool {
	a, b := all[i].port.device.index, all[j].port.device.index
	if p, q := s.links.port(c.index, a), s.links.port(c.index, b); p != nil && q != nil {
		return p != q
	}
	if s.links.root(c.index, a) == s.links.root(c.index, b) || s.tied(c) != s.tied(s.devices[a]) {
		return false
	}
	if len(all) >= maxScope {
		return true
	}
	k := slices.IndexFunc(all, func(other candidate) bool { return other.port.device == c })
	if k >= 0 {
		c = nil
	} else {
		k = len(all)
	}
	l := s.nearest(all, j, c)
	for _, p := range l.choosable(k, i) {
		for _, q := range l.choosable(k, j) {
			if p != q && s.with(l, func(l *links) { l.set(k, i, p); l.set(k, j, q) }) {
				return true
			}
		}
	}
	return false
}

// with tells whether some site agrees with what is known and with more.
func (s *site) with(l *links, assume func(*links)) bool {
	try := l.clone()
	assume(try)
	return s.possible(try)
}

// choosable are the ports of a behind which b may be; for all that nothing is
// said of, one stands.
func (l *links) choosable(a, b int) []*port {
	list := l.ports(a)
	for _, c := range l.choices {
		for _, pair := range c.pairs {
			for i, d := range []int{c.a, c.b} {
				if d == a && pair[i] != nil && !slices.Contains(list, pair[i]) {
					list = append(list, pair[i])
				}
			}
		}
	}
	return list
}

// around is what is known of the switches of candidates, and of others as
// long as there is room.
func (s *site) around(candidates []candidate) *links {
	var scope []int
	for _, c := range candidates {
		scope = append(scope, c.port.device.index)
	}
	for _, d := range s.devices {
		if len(scope) < maxScope && d.bridge && !slices.Contains(scope, d.index) {
			scope = append(scope, d.index)
		}
	}
	return s.links.part(scope)
}

func (s *site) possible(l *links) bool {
	tries := min(triesAtOnce, s.tries)
	granted := tries
	possible := l.possible(&tries)
	s.tries -= granted - max(tries, 0)
	return possible
}

// mayLead is a switch of which it is not known whether it is behind a port;
// nil if there is none. A switch that shares no station with this one,
// directly or over others, is part of another network.
func (s *site) mayLead(p *port) *device {
	if !p.weighed {
		p.weighed = true
		for _, d := range s.devices {
			if d.bridge && d != p.device && s.links.port(p.device.index, d.index) == nil && s.tied(p.device) == s.tied(d) {
				l := s.around([]candidate{{port: p}, {port: &port{device: d}}})
				if s.with(l, func(l *links) { l.set(0, 1, p) }) {
					p.doubt = d
					break
				}
			}
		}
	}
	return p.doubt
}

// tie notes that two switches are of one network.
func (s *site) tie(a, b *device) {
	if x, y := s.tied(a), s.tied(b); x != y {
		x.of = y
	}
}

// tied is the switch that stands for all of its network.
func (s *site) tied(d *device) *device {
	for d.of != nil {
		d = d.of
	}
	return d
}
