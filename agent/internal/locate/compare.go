package locate

import (
	"cmp"
	"slices"
)

// A sighted port is one on which a switch knows stations that another switch
// knows too; n is how many. The port nil stands for all on which it knows
// none.
type sighted struct {
	p *port
	n int
}

// A comparison is what the stations that two switches both know tell of the
// ports by which they are to each other.
type comparison struct {
	choice
	stations int
}

// compare works out behind which of their ports two switches may be to each
// other: every station that both know is on the one at a, or on the other at
// b. (links) Where that holds of no pair of ports, or of none that is allowed
// by what is known already, some entries are out of date: those pairs are
// taken of which it holds of the most stations, and what they have in common.
func (s *site) compare(a, b *device) comparison {
	c := comparison{choice: choice{a: a.index, b: b.index}}
	towardB, towardA := s.links.port(a.index, b.index), s.links.port(b.index, a.index)
	if !a.bridge || !b.bridge {
		return c
	}
	if towardB != nil || towardA != nil {
		s.tie(a, b)
	}
	if towardB != nil && towardA != nil {
		return c
	}
	o := overlapOf(a, b)
	if len(o.both) == 0 {
		return c
	}
	s.tie(a, b)
	for _, x := range o.a {
		c.stations += x.n
	}
	c.pairs = o.pairs()
	if !slices.ContainsFunc(c.pairs, func(pair [2]*port) bool { return s.links.allows(a.index, b.index, pair) }) {
		o.a, o.b = only(towardB, o.a), only(towardA, o.b)
		p, q := o.best()
		c.pairs = [][2]*port{{p, q}}
	}
	return c
}

// only keeps the port that is known to lead to the other switch, if one is.
func only(known *port, list []sighted) []sighted {
	if known == nil {
		return list
	}
	if i := slices.IndexFunc(list, func(s sighted) bool { return s.p == known }); i >= 0 {
		return list[i : i+1]
	}
	return []sighted{{p: known}}
}

// An overlap counts the stations that two switches both know, by their ports
// at either.
type overlap struct {
	a, b []sighted // most stations first
	both map[[2]*port]int
}

func overlapOf(a, b *device) overlap {
	if len(a.single) > len(b.single) {
		o := overlapOf(b, a)
		turned := make(map[[2]*port]int, len(o.both))
		for pair, n := range o.both {
			turned[[2]*port{pair[1], pair[0]}] = n
		}
		return overlap{a: o.b, b: o.a, both: turned}
	}
	both := make(map[[2]*port]int)
	atA, atB := map[*port]int{nil: 0}, map[*port]int{nil: 0}
	shared(a, b, func(p, q *port) { both[[2]*port{p, q}]++ })
	for pair, n := range both {
		atA[pair[0]] += n
		atB[pair[1]] += n
	}
	return overlap{a: mostFirst(atA), b: mostFirst(atB), both: both}
}

// singleOut picks what tells how switches are joined, for shared to go through: not
// what several networks use, and not what is on two ports.
func (d *device) singleOut() {
	tell := 0
	for mac := range d.seen() {
		if !roaming(mac) {
			tell++
		}
	}
	if d.single = d.sights; tell == len(d.sights) {
		return // as of nearly all switches
	}
	d.single = make([]sight, 0, tell)
	for mac, p := range d.seen() {
		if !roaming(mac) {
			d.single = append(d.single, sight{mac, p})
		}
	}
}

// shared goes through the stations that two switches both know, of which the
// first knows fewer. It looks up those of one that knows far fewer.
func shared(a, b *device, each func(p, q *port)) {
	const far = 8
	if len(a.single)*far < len(b.single) {
		for _, s := range a.single {
			if q := b.at(s.mac); q != nil {
				each(s.port, q)
			}
		}
		return
	}
	rest := b.single
	for _, s := range a.single {
		for len(rest) > 0 && rest[0].mac.Compare(s.mac) < 0 {
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0].mac == s.mac {
			each(s.port, rest[0].port)
		}
	}
}

func mostFirst(counts map[*port]int) []sighted {
	list := make([]sighted, 0, len(counts))
	for p, n := range counts {
		list = append(list, sighted{p, n})
	}
	slices.SortFunc(list, func(x, y sighted) int { return y.n - x.n })
	return list
}

// pairs are the pairs of ports of which the proof holds of all stations, with
// nil for any port; none if it holds of none. Take one station, on p at a and
// on q at b: either p is one of the ports, and the other is where b has all
// stations that a has elsewhere; or q is one, and likewise.
func (o *overlap) pairs() [][2]*port {
	var start [2]*port
	for pair := range o.both { // whichever; but the same each time
		if start[0] == nil || cmp.Or(cmp.Compare(pair[0].number, start[0].number), cmp.Compare(pair[1].number, start[1].number)) < 0 {
			start = pair
		}
	}
	var list [][2]*port
	for side, other := range []int{1, 0} {
		pair := [2]*port{}
		pair[side] = start[side]
		var rest agreed
		for at := range o.both {
			if at[side] != start[side] {
				rest.add(at[other])
			}
		}
		pair[other] = rest.port
		if !rest.differ {
			list = append(list, pair)
		}
	}
	if len(list) == 2 {
		x, y := list[0], list[1]
		for i := range x {
			if y[i] == nil && y[1-i] == x[1-i] {
				x, y = y, x
			}
			if x[i] == nil && x[1-i] == y[1-i] || x == y {
				return [][2]*port{x} // y is one of those that x stands for
			}
		}
	}
	return list
}

// best returns the ports of the pairs for which the proof of compare holds of
// the most stations: nil where these pairs have no port in common.
func (o *overlap) best() (*port, *port) {
	highest := -1
	var p, q agreed
	for _, x := range o.a {
		if x.n+o.b[0].n < highest {
			break // the rest know fewer stations still
		}
		for _, y := range o.b {
			if x.n+y.n < highest || x.n+y.n == highest && p.differ && q.differ {
				break
			}
			holds := x.n + y.n - o.both[[2]*port{x.p, y.p}]
			if holds > highest {
				highest, p, q = holds, agreed{}, agreed{}
			}
			if holds == highest {
				p.add(x.p)
				q.add(y.p)
			}
		}
	}
	return p.port, q.port
}

// agreed is what ports have in common: the port that they all are, or nil.
type agreed struct {
	port        *port
	any, differ bool
}

func (a *agreed) add(p *port) {
	a.differ = a.differ || a.any && p != a.port
	a.any, a.port = true, p
	if a.differ {
		a.port = nil
	}
}
