package locate

import (
	"cmp"
	"slices"
)

// links is what is known, or assumed for once, of how the switches of a site
// are joined: behind which port of each switch every other one is. Frames
// follow a tree, whatever spare links there are besides, and the switches are
// among its nodes. Write A→B for the port of A behind which B is.
//
//   - Of three switches, A→B and A→C differ exactly when A is between B and C.
//     Then B→A and B→C are the same port, and so are C→A and C→B. (between)
//   - If A sees a station on p and B sees it on q, then A→B is p or B→A is q:
//     if A→B is another port than p, the station is on A's side of B, so that
//     B sees it where it sees A. (choice)
//
// That is all that tables can say: ports for which both hold of all switches
// and stations are the ports of some tree, with an unmanaged switch wherever
// several meet. For every port splits the rest of the site in two, two splits
// with a side in common empty are edges of one tree (Buneman 1971), and the
// subtrees in which the switches see a station, which meet in pairs, have a
// node in common, where it hangs (Helly).
type links struct {
	n       int
	toward  []*port // A→B at A*n+B; nil where it is not known
	first   []*port // one of these, by A
	several []bool  // whether A has others behind more than one port
	parent  []int32 // the switches behind one port of A, whichever it is, as a forest
	next    []int32 // and as rings
	choices []choice
	broken  bool // what was assumed cannot be
}

// A choice is what is known of A→B and B→A together: they are one of these
// pairs, in which nil stands for any port.
type choice struct {
	a, b  int
	pairs [][2]*port
}

func newLinks(n int) *links {
	l := &links{n: n, toward: make([]*port, n*n), first: make([]*port, n), several: make([]bool, n),
		parent: make([]int32, n*n), next: make([]int32, n*n)}
	for a := range n {
		for b := range n {
			l.parent[a*n+b], l.next[a*n+b] = int32(b), int32(b)
		}
	}
	return l
}

func (l *links) clone() *links {
	c := *l
	c.toward, c.first, c.several = slices.Clone(l.toward), slices.Clone(l.first), slices.Clone(l.several)
	c.parent, c.next = slices.Clone(l.parent), slices.Clone(l.next)
	return &c
}

func (l *links) port(a, b int) *port { return l.toward[a*l.n+b] }

// root stands for the switches that are behind the same port of a as b.
func (l *links) root(a, b int) int {
	row := l.parent[a*l.n : (a+1)*l.n]
	for row[b] != int32(b) {
		row[b] = row[row[b]]
		b = int(row[b])
	}
	return b
}

// set notes that b is behind a port of a, and what follows of that for every
// third switch. It tells whether that can be; what is known already stays.
func (l *links) set(a, b int, p *port) bool {
	if known := l.port(a, b); known != nil {
		l.broken = l.broken || known != p
		return known == p
	}
	next := l.next[a*l.n : (a+1)*l.n]
	l.put(a, b, p)
	for c := int(next[b]); c != b; c = int(next[c]) {
		l.put(a, c, p)
	}
	if !l.several[a] {
		return true // nothing follows, as at most switches, which have all others behind one port
	}
	behind := []int{b}
	for c := int(next[b]); c != b; c = int(next[c]) {
		behind = append(behind, c)
	}
	slices.Sort(behind)
	ok := true
	for _, b := range behind {
		for c := range l.n {
			if q := l.port(a, c); q != nil && q != p {
				ok = l.join(b, a, c) && l.join(c, a, b) && ok
			}
		}
	}
	return ok
}

// join notes that b and c are behind the same port of a.
func (l *links) join(a, b, c int) bool {
	p, q := l.port(a, b), l.port(a, c)
	switch {
	case p != nil && q != nil:
		l.broken = l.broken || p != q
		return p == q
	case p != nil:
		return l.set(a, c, p)
	case q != nil:
		return l.set(a, b, q)
	}
	l.unite(a, b, c)
	return true
}

// unite makes one of the groups of b and c behind ports of a.
func (l *links) unite(a, b, c int) {
	parent, next := l.parent[a*l.n:], l.next[a*l.n:]
	if x, y := l.root(a, b), l.root(a, c); x != y {
		parent[x] = int32(y)
		next[b], next[c] = next[c], next[b] // of two rings one
	}
}

// put notes that b is behind a port of a.
func (l *links) put(a, b int, p *port) {
	l.toward[a*l.n+b] = p
	l.first[a] = cmp.Or(l.first[a], p)
	l.several[a] = l.several[a] || p != l.first[a]
}

// allows tells whether a pair of ports agrees with what is known.
func (l *links) allows(a, b int, pair [2]*port) bool {
	p, q := l.port(a, b), l.port(b, a)
	return (p == nil || pair[0] == nil || p == pair[0]) && (q == nil || pair[1] == nil || q == pair[1])
}

// implies tells whether a pair of ports follows from what is known.
func (l *links) implies(a, b int, pair [2]*port) bool {
	return (pair[0] == nil || pair[0] == l.port(a, b)) && (pair[1] == nil || pair[1] == l.port(b, a))
}

// take assumes a pair of ports.
func (l *links) take(a, b int, pair [2]*port) {
	if pair[0] != nil {
		l.set(a, b, pair[0])
	}
	if pair[1] != nil {
		l.set(b, a, pair[1])
	}
}

// narrow takes of every choice what is left of it, until nothing more follows,
// and returns the choices that are still open.
func (l *links) narrow(choices []choice) []choice {
	for {
		var open []choice
		changed := false
		for _, c := range choices {
			left := slices.DeleteFunc(slices.Clone(c.pairs), func(pair [2]*port) bool { return !l.allows(c.a, c.b, pair) })
			switch {
			case len(left) == 0:
				l.broken = true
				continue
			case slices.ContainsFunc(left, func(pair [2]*port) bool { return l.implies(c.a, c.b, pair) }):
				continue
			}
			changed = changed || len(left) < len(c.pairs) || len(left) == 1
			l.take(c.a, c.b, common(left))
			if len(left) > 1 {
				open = append(open, choice{c.a, c.b, left})
			}
		}
		choices = open
		if !changed || l.broken {
			return open
		}
	}
}

// common are the ports in which pairs agree.
func common(pairs [][2]*port) [2]*port {
	same := pairs[0]
	for _, pair := range pairs[1:] {
		for i := range same {
			if same[i] != pair[i] {
				same[i] = nil
			}
		}
	}
	return same
}

// possible tells whether some site agrees with what is known and assumed. It
// tries one thing after the other, each at most once, and takes it for
// possible when the tries run out.
func (l *links) possible(tries *int) bool {
	l.choices = l.narrow(l.choices)
	if l.broken {
		return false
	}
	if *tries--; *tries < 0 {
		return true
	}
	if len(l.choices) > 0 {
		c := l.choices[0]
		for _, pair := range c.pairs {
			try := l.clone()
			try.take(c.a, c.b, pair)
			if try.possible(tries) {
				return true
			}
		}
		return false
	}
	i := slices.IndexFunc(l.open(), func(open bool) bool { return open })
	if i < 0 {
		return true
	}
	a, b := i/l.n, i%l.n
	for _, p := range l.ports(a) {
		try := l.clone()
		try.set(a, b, p)
		if try.possible(tries) {
			return true
		}
	}
	return false
}

// open tells which ports are not known yet.
func (l *links) open() []bool {
	open := make([]bool, len(l.toward))
	for i, p := range l.toward {
		open[i] = p == nil && i/l.n != i%l.n
	}
	return open
}

// ports are the ports of a switch by which other switches may be: those that
// lead to one, and one more. Where all choices are made, it does not matter
// which one that is.
func (l *links) ports(a int) []*port {
	var list []*port
	for b := range l.n {
		if p := l.port(a, b); p != nil && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return append(list, new(port))
}

// part is what is known of some of the switches alone.
func (l *links) part(devices []int) *links {
	part := newLinks(len(devices))
	number := make(map[int]int, len(devices))
	for i, d := range devices {
		number[d] = i
	}
	for i, a := range devices {
		for j, b := range devices {
			if p := l.port(a, b); p != nil {
				part.put(i, j, p)
			}
			if first := slices.IndexFunc(devices, func(c int) bool { return c != a && l.root(a, c) == l.root(a, b) }); i != j && first >= 0 {
				part.unite(i, j, first)
			}
		}
	}
	for _, c := range l.choices {
		a, knownA := number[c.a]
		b, knownB := number[c.b]
		if knownA && knownB {
			part.choices = append(part.choices, choice{a, b, c.pairs})
		}
	}
	return part
}
