package locate

import "slices"

// A sighted port is one on which a switch knows stations that another switch
// knows too; n is how many. The port nil stands for all on which it knows
// none.
type sighted struct {
	p *port
	n int
}

// compare works out behind which of their ports two switches are to each
// other, from the stations that both know.
//
// On a tree of switches, let p be A's port toward B and q be B's toward A.
// What A sees elsewhere than on p lies on A's side, so B sees it on q: every
// station is on p at A, or on q at B. The ports for which this holds of the
// most stations, so that entries out of date decide nothing against others,
// are taken; where several do as well, what they have in common is.
func compare(a, b *device) {
	if len(a.at) > len(b.at) {
		a, b = b, a
	}
	towardB, towardA := a.toward[b.index], b.toward[a.index]
	if towardB != nil && towardA != nil {
		return
	}
	o := overlapOf(a, b)
	o.a, o.b = only(towardB, o.a), only(towardA, o.b)
	p, q := o.best()
	a.face(b, p)
	b.face(a, q)
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
	both := make(map[[2]*port]int)
	atA, atB := map[*port]int{nil: 0}, map[*port]int{nil: 0}
	for mac, p := range a.at {
		if q := b.at[mac]; p != nil && q != nil {
			both[[2]*port{p, q}]++
			atA[p]++
			atB[q]++
		}
	}
	return overlap{a: mostFirst(atA), b: mostFirst(atB), both: both}
}

func mostFirst(counts map[*port]int) []sighted {
	list := make([]sighted, 0, len(counts))
	for p, n := range counts {
		list = append(list, sighted{p, n})
	}
	slices.SortFunc(list, func(x, y sighted) int { return y.n - x.n })
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
