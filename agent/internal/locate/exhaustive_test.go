package locate_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/google/go-cmp/cmp"
)

// A layout is a tree of managed switches, numbered from 0, and unmanaged ones,
// each of which joins three others at least. (One that joins two, or ends a
// branch, is a link or a port with something on it.)
type layout struct {
	number []int // of the switch that a node is; -1 for an unmanaged one
	next   [][]int
}

func (l layout) add(number int, next ...int) layout {
	n := layout{number: append(slices.Clone(l.number), number)}
	for _, list := range l.next {
		n.next = append(n.next, slices.Clone(list))
	}
	n.next = append(n.next, next)
	for _, node := range next {
		n.next[node] = append(n.next[node], len(l.number))
	}
	return n
}

func (l layout) cut(a, b int) {
	l.next[a] = slices.DeleteFunc(l.next[a], func(n int) bool { return n == b })
	l.next[b] = slices.DeleteFunc(l.next[b], func(n int) bool { return n == a })
}

// layouts are all trees of so many managed switches: 1, 1, 4, 32, 396, 6692, …
// (OEIS A005264). The last switch hangs on a node, stands in a link, hangs on
// an unmanaged one in a link, or is one of the unmanaged ones.
func layouts(switches int) []layout {
	if switches == 1 {
		return []layout{{number: []int{0}, next: [][]int{nil}}}
	}
	last := switches - 1
	var all []layout
	for _, l := range layouts(last) {
		for a := range l.number {
			all = append(all, l.add(last, a))
			if l.number[a] < 0 {
				same := l.add(last)
				same = layout{number: same.number[:len(l.number)], next: same.next[:len(l.number)]}
				same.number[a] = last
				all = append(all, same)
			}
			for _, b := range l.next[a] {
				if a < b {
					in := l.add(last, a, b)
					in.cut(a, b)
					hub := l.add(-1, a, b)
					hub.cut(a, b)
					all = append(all, in, hub.add(last, len(l.number)))
				}
			}
		}
	}
	return all
}

// toward is the neighbour of a node that leads to another.
func (l layout) toward(from, to int) int {
	for _, next := range l.next[from] {
		if l.reaches(next, from, to) {
			return next
		}
	}
	return -1
}

func (l layout) reaches(node, before, to int) bool {
	return node == to || slices.ContainsFunc(l.next[node], func(n int) bool { return n != before && l.reaches(n, node, to) })
}

// A reasoner tries every site of the switches that were read, and keeps what
// agrees with all that they say. It knows of no rule that locate uses.
type reasoner struct {
	names    []string
	at       []map[lan.MAC]string // on which port a switch has a station
	leads    []map[int]string     // by which port a switch has another's address, or hears it
	adjacent [][2]int             // switches that hear each other
	heard    map[lan.MAC][]spot   // where stations announce themselves
	macs     []lan.MAC

	found map[lan.MAC]*answer
}

// An answer is what is left open of one station.
type answer struct {
	possible map[spot]bool // nearest in some site
	certain  map[spot]bool // nearest in every site; nil before the first
}

func newReasoner(w *world, snapshots []lan.Snapshot) *reasoner {
	r := &reasoner{heard: make(map[lan.MAC][]spot), found: make(map[lan.MAC]*answer)}
	owner := make(map[lan.MAC]int)
	busy := make(map[spot]bool) // where frames were learnt
	for i, s := range snapshots {
		r.names = append(r.names, s.System.Name)
		r.at, r.leads = append(r.at, make(map[lan.MAC]string)), append(r.leads, make(map[int]string))
		owner[s.BaseMAC] = i
		for _, e := range s.FDB {
			busy[spot{s.System.Name, "p" + e.IfIndex.String()}] = true
		}
	}
	for i, s := range snapshots {
		for _, e := range s.FDB {
			if other, is := owner[e.MAC]; is {
				r.leads[i][other] = "p" + e.IfIndex.String()
			} else {
				r.at[i][e.MAC] = "p" + e.IfIndex.String()
			}
		}
		for _, n := range s.LLDP {
			port := n.IfIndex
			if aggregate, is := s.Aggregates[port]; is {
				port = aggregate
			}
			here := spot{s.System.Name, "p" + port.String()}
			other, is := owner[n.Chassis.MAC]
			switch {
			case !is:
				r.at[i][n.Chassis.MAC] = here.port
				r.heard[n.Chassis.MAC] = append(r.heard[n.Chassis.MAC], here)
			case busy[here] || busy[w.logical(spot{r.names[other], n.Port.Text})]:
				r.leads[i][other] = here.port
				r.adjacent = append(r.adjacent, [2]int{i, other})
			}
		}
	}
	for _, at := range r.at {
		for m := range at {
			if !slices.Contains(r.macs, m) {
				r.macs = append(r.macs, m)
			}
		}
	}
	for _, m := range r.macs {
		r.found[m] = &answer{possible: make(map[spot]bool)}
	}
	return r
}

// logical is the port that a cable is plugged into, of an aggregate the
// aggregate.
func (w *world) logical(s spot) spot {
	for _, n := range w.nodes {
		for member, aggregate := range n.members {
			if n.spot(member) == s {
				return n.spot(aggregate)
			}
		}
	}
	return s
}

// A trial is one layout, whose links are given ports one switch at a time.
type trial struct {
	*reasoner
	layout
	node  []int            // of each switch
	ports []map[int]string // of each switch by the neighbouring node
}

func (r *reasoner) solve() {
	for _, l := range layouts(len(r.names)) {
		t := trial{reasoner: r, layout: l, node: make([]int, len(r.names)), ports: make([]map[int]string, len(r.names))}
		for node, number := range l.number {
			if number >= 0 {
				t.node[number] = node
			}
		}
		if !slices.ContainsFunc(r.adjacent, func(pair [2]int) bool { return t.parted(pair[0], pair[1]) }) {
			t.assign(0)
		}
	}
}

// parted tells whether another managed switch is between two.
func (t *trial) parted(a, b int) bool {
	for node := t.toward(t.node[a], t.node[b]); node != t.node[b]; node = t.toward(node, t.node[b]) {
		if t.number[node] >= 0 {
			return true
		}
	}
	return false
}

// assign gives the links of a switch and of all after it ports, in all ways.
func (t *trial) assign(a int) {
	if a == len(t.names) {
		var all [][][]spot
		for _, m := range t.macs {
			places := t.places(m)
			if len(places) == 0 {
				return // what the tables say of it cannot be in this site
			}
			all = append(all, places)
		}
		for i, m := range t.macs {
			for _, nearest := range all[i] {
				t.found[m].note(nearest)
			}
		}
		return
	}
	t.ports[a] = make(map[int]string)
	for other, port := range t.leads[a] {
		next := t.toward(t.node[a], t.node[other])
		if known, is := t.ports[a][next]; is && known != port {
			return
		}
		t.ports[a][next] = port
	}
	used := make(map[string]bool)
	for _, port := range t.ports[a] {
		if used[port] {
			return
		}
		used[port] = true
	}
	known := make(map[string]bool)
	for _, port := range t.at[a] {
		known[port] = true
	}
	t.fill(a, slices.Sorted(maps.Keys(known)), used)
}

func (t *trial) fill(a int, known []string, used map[string]bool) {
	i := slices.IndexFunc(t.next[t.node[a]], func(next int) bool { return t.ports[a][next] == "" })
	if i < 0 {
		for b := range a {
			if !t.agree(a, b) {
				return
			}
		}
		mine := maps.Clone(t.ports[a])
		t.assign(a + 1)
		t.ports[a] = mine
		return
	}
	next := t.next[t.node[a]][i]
	for _, port := range append(slices.Clone(known), fmt.Sprint("another", i)) {
		if !used[port] {
			t.ports[a][next], used[port] = port, true
			t.fill(a, known, used)
			delete(t.ports[a], next)
			used[port] = false
		}
	}
}

// agree tells whether there is somewhere that two switches see each station
// that both know.
func (t *trial) agree(a, b int) bool {
	p, q := t.ports[a][t.toward(t.node[a], t.node[b])], t.ports[b][t.toward(t.node[b], t.node[a])]
	for m, port := range t.at[a] {
		if other, both := t.at[b][m]; both && port != p && other != q {
			return false
		}
	}
	return true
}

// places are where a station may be in this site: on a port without a link, at
// an unmanaged switch, or in a link, where there may be one more. Each is told
// by the ports that are nearest, of switches that know the station.
func (t *trial) places(m lan.MAC) [][]spot {
	var list [][]spot
	add := func(nearest []spot) {
		if slices.ContainsFunc(t.heard[m], func(s spot) bool { return !slices.Contains(nearest, s) }) {
			return // another switch hears it than those that it is next to
		}
		nearest = slices.DeleteFunc(nearest, func(s spot) bool { return t.at[slices.Index(t.names, s.sw)][m] != s.port })
		if len(nearest) > 0 { // one of them must know it, as every frame of it passes there
			list = append(list, nearest)
		}
	}
	for a, node := range t.node {
		port, knows := t.at[a][m]
		if knows && !slices.Contains(slices.Collect(maps.Values(t.ports[a])), port) && t.seen(m, a, node, node) {
			add([]spot{{t.names[a], port}})
		}
	}
	for node, number := range t.number {
		if number < 0 && t.seen(m, -1, node, node) {
			add(t.around(node, -1))
		}
		for _, next := range t.next[node] {
			if node < next && t.seen(m, -1, node, next) {
				add(append(t.end(node, next), t.end(next, node)...))
			}
		}
	}
	return list
}

// seen tells whether all switches but one that know a station see it where
// they see a node, or where of two nodes in a link they see the farther one.
func (t *trial) seen(m lan.MAC, but, node, other int) bool {
	for a, at := range t.at {
		port, knows := at[m]
		if !knows || a == but {
			continue
		}
		to := node
		if t.node[a] == node {
			to = other
		}
		if port != t.ports[a][t.toward(t.node[a], to)] {
			return false
		}
	}
	return true
}

// around are the ports that are nearest to an unmanaged switch.
func (t *trial) around(node, before int) []spot {
	var list []spot
	for _, next := range t.next[node] {
		if next != before {
			list = append(list, t.end(next, node)...)
		}
	}
	return list
}

// end is the port of a node to another one, or those beyond it.
func (t *trial) end(node, before int) []spot {
	if a := t.number[node]; a >= 0 {
		return []spot{{t.names[a], t.ports[a][before]}}
	}
	return t.around(node, before)
}

// note adds a place where a station may be.
func (a *answer) note(nearest []spot) {
	if a.certain == nil {
		a.certain = make(map[spot]bool)
		for _, s := range nearest {
			a.certain[s] = true
		}
	}
	maps.DeleteFunc(a.certain, func(s spot, _ bool) bool { return !slices.Contains(nearest, s) })
	for _, s := range nearest {
		a.possible[s] = true
	}
}

// reason tells what is left open of every station, network by network: of
// switches that nothing ties to each other none is behind another.
func (w *world) reason(snapshots []lan.Snapshot) map[lan.MAC]*answer {
	_, tied := w.evidence(snapshots)
	left := make(map[lan.MAC]*answer)
	for len(snapshots) > 0 {
		var network, others []lan.Snapshot
		for _, s := range snapshots {
			if tied(s.System.Name, snapshots[0].System.Name) {
				network = append(network, s)
			} else {
				others = append(others, s)
			}
		}
		r := newReasoner(w, network)
		r.solve()
		maps.Copy(left, r.found)
		snapshots = others
	}
	return left
}

// TestExhaustively holds what is answered of small sites against every site
// that agrees with the tables: where one port is right in all of them, such a
// port is named, and where none is, exactly those that are right in some.
func TestExhaustively(t *testing.T) {
	named, open := 0, 0
	for _, size := range []struct{ switches, sites, stations int }{{2, 400, 3}, {3, 400, 2}, {4, 200, 2}, {5, 20, 2}, {6, 2, 1}} {
		for seed := range int64(size.sites) {
			r := anyRecipe(seed, 8)
			r.switches, r.stations = size.switches, size.stations
			w := newWorld(seed, r)
			snapshots := w.snapshots()
			left := w.reason(snapshots)
			for _, st := range locate.Stations(snapshots) {
				found := left[st.MAC]
				if found == nil {
					continue
				}
				if len(found.certain) > 0 {
					named++
					if !found.certain[spot{st.Place.Switch, st.Place.Port}] {
						t.Errorf("seed %d %+v: %s: %s, which is certainly on %v", seed, r, st.MAC, describe(st.Place), found.certain)
					}
					continue
				}
				open++
				fits := make(map[spot]bool)
				for _, a := range st.Place.Alternatives {
					if a.WhyNot == "fits as well as the others" {
						fits[spot{a.Switch, a.Port}] = true
					}
				}
				if diff := cmp.Diff(found.possible, fits, cmp.AllowUnexported(spot{})); diff != "" || st.Place.Certainty != locate.Ambiguous {
					t.Errorf("seed %d %+v: %s: %s: want -, got +\n%s", seed, r, st.MAC, describe(st.Place), diff)
				}
			}
			if t.Failed() {
				t.FailNow()
			}
		}
	}
	t.Logf("%d are named, %d are open", named, open)
	if named == 0 || open == 0 {
		t.Error("the sites do not show both")
	}
}
