package locate_test

import (
	"math/rand"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A node is a managed switch, or an unmanaged one that hangs on a port of a
// managed one.
type node struct {
	name  string
	own   lan.MAC // zero for an unmanaged switch
	lldp  bool    // speaks LLDP; an unmanaged switch that passes it on
	links []link
}

// A link leads to another node; port is this node's.
type link struct {
	port lan.IfIndex
	to   *node
}

// A home is where a station truly is.
type home struct {
	node *node
	port lan.IfIndex // zero on an unmanaged switch
	lldp bool        // announces itself
}

// A world is a site that was made up, with the truth about it.
type world struct {
	rng      *rand.Rand
	managed  []*node
	homes    map[lan.MAC]home
	order    []lan.MAC // of the stations
	root     *node     // where everybody's traffic goes
	known    float64   // how probably a switch off a station's way knows it
	nextPort map[*node]lan.IfIndex
}

// newWorld makes up a tree of 1 to 8 managed switches. Where inBand is set,
// the switches are asked over the network that they form, as they are at most
// sites: all of them know the address of the one who asks, and each has shown
// its own address on the way there.
func newWorld(seed int64, inBand bool) *world {
	w := &world{rng: rand.New(rand.NewSource(seed)), homes: make(map[lan.MAC]home), nextPort: make(map[*node]lan.IfIndex)}
	w.known = []float64{0, 0.2, 0.5, 0.9, 1}[w.rng.Intn(5)]
	speak := []float64{0, 0.5, 1}[w.rng.Intn(3)]
	for i := range 1 + w.rng.Intn(8) {
		n := &node{name: string(rune('a' + w.rng.Intn(26))), own: own(i + 1), lldp: w.rng.Float64() < speak}
		n.name += string(rune('0' + i)) // the order of names is not that of the tree
		if i > 0 {
			w.join(n, w.managed[w.rng.Intn(i)])
		}
		w.managed = append(w.managed, n)
	}
	w.root = w.managed[w.rng.Intn(len(w.managed))]
	for range w.rng.Intn(25) {
		n := w.managed[w.rng.Intn(len(w.managed))]
		if w.rng.Intn(4) > 0 {
			w.settle(n)
			continue
		}
		hub := &node{name: "unmanaged", lldp: w.rng.Intn(2) == 0}
		w.join(hub, n)
		for range 1 + w.rng.Intn(3) {
			w.settle(hub)
		}
	}
	if inBand {
		w.settle(w.root)
	}
	return w
}

func (w *world) port(n *node) lan.IfIndex {
	w.nextPort[n]++
	return w.nextPort[n]
}

func (w *world) join(a, b *node) {
	a.links = append(a.links, link{w.port(a), b})
	b.links = append(b.links, link{w.port(b), a})
}

func (w *world) settle(n *node) {
	h := home{node: n, lldp: w.rng.Intn(6) == 0}
	if !n.own.IsZero() {
		h.port = w.port(n)
	}
	m := mac(len(w.order) + 1)
	w.homes[m] = h
	w.order = append(w.order, m)
}

// way returns the nodes from one to another, both included.
func way(from, to *node) []*node {
	var walk func(n, before *node) []*node
	walk = func(n, before *node) []*node {
		if n == to {
			return []*node{n}
		}
		for _, l := range n.links {
			if l.to != before {
				if rest := walk(l.to, n); rest != nil {
					return append([]*node{n}, rest...)
				}
			}
		}
		return nil
	}
	return walk(from, nil)
}

// toward is the port by which one node leads to another.
func toward(from, to *node) lan.IfIndex {
	next := way(from, to)[1]
	for _, l := range from.links {
		if l.to == next {
			return l.port
		}
	}
	return 0
}

// sees is the port on which a switch has learnt a station.
func (h home) seenBy(n *node) lan.IfIndex {
	if h.node == n {
		return h.port
	}
	return toward(n, h.node)
}

// snapshots are what the switches say. One that lies on the way from a
// station to the root knows the station, any other one by chance.
func (w *world) snapshots(inBand bool) []lan.Snapshot {
	rows := make(map[*node][]row)
	learn := func(m lan.MAC, h home, everywhere bool) {
		passed := make(map[*node]bool)
		for _, n := range way(h.node, w.root) {
			passed[n] = true
		}
		for _, n := range w.managed {
			if n.own != m && (everywhere || passed[n] || w.rng.Float64() < w.known) {
				rows[n] = append(rows[n], fdb(h.seenBy(n), m))
			}
		}
	}
	for i, m := range w.order {
		learn(m, w.homes[m], inBand && i == len(w.order)-1)
		w.announce(m, rows)
	}
	for _, n := range w.managed {
		rows[n] = append(rows[n], base(n.own))
		if inBand {
			learn(n.own, home{node: n}, false)
		}
		for _, l := range n.links {
			if n.lldp && l.to.lldp && !l.to.own.IsZero() {
				rows[n] = append(rows[n], hears(l.port, l.to.own, l.to.name, lan.LLDPBridge))
			}
		}
	}
	list := make([]lan.Snapshot, 0, len(w.managed))
	for _, n := range w.managed {
		list = append(list, bridge(n.name, rows[n]...))
	}
	return list
}

// announce lets the switch that is nearest to a station hear it.
func (w *world) announce(m lan.MAC, rows map[*node][]row) {
	h := w.homes[m]
	n := h.node
	if n.own.IsZero() {
		n = n.links[0].to
	}
	if h.lldp && n.lldp && (h.node == n || h.node.lldp) {
		rows[n] = append(rows[n], hears(h.seenBy(n), m, "", lan.LLDPStation))
	}
}
