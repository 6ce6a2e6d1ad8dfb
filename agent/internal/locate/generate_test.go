package locate_test

import (
	"fmt"
	"math/rand"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A recipe says what kind of site is made up. The shares are of 0 to 1.
type recipe struct {
	switches int     // managed ones
	stations int     // for each of them, on average
	lldp     float64 // share of the managed switches that speak LLDP
	known    float64 // how probably a switch off a station's way to the router knows it
	forgets  float64 // how probably a switch has forgotten what hangs nearer to another one
	hubs     float64 // share of the links with an unmanaged switch in them
	absent   float64 // share of the managed switches that are not read
	rings    bool    // a spare link, one end of which is blocked
	inBand   bool    // the switches are asked over the network that they form
}

// anyRecipe is a small site of whatever kind.
func anyRecipe(seed int64, most int) recipe {
	rng := rand.New(rand.NewSource(seed))
	pick := func(list ...float64) float64 { return list[rng.Intn(len(list))] }
	return recipe{switches: 1 + rng.Intn(most), stations: 1 + rng.Intn(4), lldp: pick(0, 0.5, 1), known: pick(0, 0.3, 0.7, 1),
		forgets: pick(0, 0, 0.3), hubs: pick(0, 0.2, 0.5), rings: rng.Intn(3) == 0, inBand: rng.Intn(2) == 0}
}

// A node is a managed switch, or an unmanaged one.
type node struct {
	id      int
	name    string
	own     lan.MAC // zero for an unmanaged switch
	lldp    bool    // speaks LLDP; an unmanaged switch that passes it on
	absent  bool    // was not read
	qbridge bool    // fills dot1qTpFdbTable, and not dot1dTpFdbTable
	tells   bool    // tells the state of its spanning tree
	first   lan.IfIndex
	ports   lan.IfIndex // so many
	links   []link
	members map[lan.IfIndex]lan.IfIndex
	blocked lan.IfIndex // by the spanning tree; zero for none
}

func (n *node) managed() bool { return !n.own.IsZero() }
func (n *node) read() bool    { return n.managed() && !n.absent }

// port adds a port to a switch. Its ifIndex is not its bridge port.
func (n *node) port() lan.IfIndex {
	n.ports++
	return n.first + n.ports
}

// A cable is one end of what joins two nodes; a link may be several.
type cable struct{ here, there lan.IfIndex }

// A link leads to another node; port is this node's.
type link struct {
	port   lan.IfIndex
	cables []cable
	to     *node
	spare  bool // blocked at one end
}

// A home is where a station truly is.
type home struct {
	node *node
	port lan.IfIndex // zero on an unmanaged switch
	lldp bool        // announces itself
	vlan lan.VLAN
}

// A world is a site that was made up, with the truth about it.
type world struct {
	recipe
	rng   *rand.Rand
	nodes []*node
	homes map[lan.MAC]home
	order []lan.MAC // of the stations
	root  *node     // where everybody's traffic goes
	hops  [][]lan.IfIndex
	ways  [][]*node
}

// newWorld makes up a site: a tree of managed and unmanaged switches.
func newWorld(seed int64, r recipe) *world {
	w := &world{recipe: r, rng: rand.New(rand.NewSource(seed)), homes: make(map[lan.MAC]home)}
	names := w.rng.Perm(r.switches) // the order of names is not that of the tree
	for i := range r.switches {
		n := w.node(fmt.Sprintf("sw%02d", names[i]))
		n.own, n.lldp, n.absent = own(i+1), w.chance(r.lldp), w.chance(r.absent)
		if i > 0 {
			w.hang(n, w.nodes[w.rng.Intn(n.id)])
		}
	}
	w.root = w.pick((*node).managed)
	w.root.absent = false
	for range r.stations * r.switches {
		at := w.nodes[w.rng.Intn(len(w.nodes))]
		if at.managed() && w.chance(0.15) {
			hub := w.hub()
			w.join(hub, at)
			at = hub
		}
		w.settle(at)
	}
	w.settle(w.root) // the router, and who asks
	if r.rings {
		w.ring()
	}
	w.survey()
	return w
}

func (w *world) chance(share float64) bool { return w.rng.Float64() < share }

func (w *world) pick(of func(*node) bool) *node {
	for {
		if n := w.nodes[w.rng.Intn(len(w.nodes))]; of(n) {
			return n
		}
	}
}

func (w *world) node(name string) *node {
	n := &node{id: len(w.nodes), name: name, qbridge: w.chance(0.6), tells: w.chance(0.7),
		first: lan.IfIndex(100 * w.rng.Intn(3)), members: make(map[lan.IfIndex]lan.IfIndex)}
	w.nodes = append(w.nodes, n)
	return n
}

func (w *world) hub() *node {
	hub := w.node("unmanaged")
	hub.lldp = w.chance(0.3)
	return hub
}

// hang puts a switch behind another node, sometimes with an unmanaged switch
// between, sometimes by a link of two cables.
func (w *world) hang(n, to *node) {
	if w.chance(w.hubs) {
		hub := w.hub()
		w.join(hub, to)
		to = hub
	}
	w.join(n, to)
	if !to.managed() || !w.chance(0.2) {
		return
	}
	here, there := &n.links[len(n.links)-1], &to.links[len(to.links)-1]
	here.cables, there.cables = nil, nil
	for range 2 {
		c := cable{n.port(), to.port()}
		n.members[c.here], to.members[c.there] = here.port, there.port
		here.cables, there.cables = append(here.cables, c), append(there.cables, cable{c.there, c.here})
	}
}

func (w *world) join(a, b *node) {
	p, q := a.port(), b.port()
	a.links = append(a.links, link{port: p, cables: []cable{{p, q}}, to: b})
	b.links = append(b.links, link{port: q, cables: []cable{{q, p}}, to: a})
}

// ring adds a link that closes a ring, and is blocked at one end.
func (w *world) ring() {
	a, b := w.pick((*node).managed), w.pick((*node).managed)
	if a == b {
		return
	}
	w.join(a, b)
	a.links[len(a.links)-1].spare, b.links[len(b.links)-1].spare = true, true
	b.blocked = b.links[len(b.links)-1].port
}

func (w *world) settle(n *node) {
	h := home{node: n, lldp: w.chance(w.lldp / 6), vlan: lan.VLAN(10 * (1 + w.rng.Intn(3)))}
	if n.managed() {
		h.port = n.port()
	}
	m := mac(len(w.order) + 1)
	w.homes[m] = h
	w.order = append(w.order, m)
}

// survey notes by which port every node leads to every other, and the way of
// each to the root.
func (w *world) survey() {
	w.hops, w.ways = make([][]lan.IfIndex, len(w.nodes)), make([][]*node, len(w.nodes))
	for _, n := range w.nodes {
		w.hops[n.id] = make([]lan.IfIndex, len(w.nodes))
	}
	for _, to := range w.nodes {
		var walk func(n, before *node, way []*node)
		walk = func(n, before *node, way []*node) {
			way = append(way[:len(way):len(way)], n)
			if to == w.root {
				w.ways[n.id] = way
			}
			for _, l := range n.links {
				if l.to != before && !l.spare {
					for _, back := range l.to.links {
						if back.to == n && !back.spare {
							w.hops[l.to.id][to.id] = back.port
						}
					}
					walk(l.to, n, way)
				}
			}
		}
		walk(to, nil, nil)
	}
}

// seenBy is the port on which a switch has a station.
func (w *world) seenBy(n *node, h home) lan.IfIndex {
	if h.node == n {
		return h.port
	}
	return w.hops[n.id][h.node.id]
}

// snapshots are what the switches say. Of those that were read, the first on
// the way of a station to the root knows it, for every frame of it passes
// there; the others on the way know it unless they have forgotten it, and one
// off the way knows it by chance.
func (w *world) snapshots() []lan.Snapshot {
	list := make([]lan.Snapshot, 0, len(w.nodes))
	byNode := make([]*lan.Snapshot, len(w.nodes))
	for _, n := range w.nodes {
		if n.read() {
			list = append(list, w.snapshot(n))
			byNode[n.id] = &list[len(list)-1]
		}
	}
	for i, m := range w.order {
		w.learn(byNode, m, w.homes[m], w.inBand && i == len(w.order)-1)
		w.announce(byNode, m)
	}
	for _, n := range w.nodes {
		if n.managed() && w.inBand {
			w.learn(byNode, n.own, home{node: n, vlan: 1}, false)
		}
	}
	return list
}

// snapshot is what a switch says of itself, and of the switches that it hears.
func (w *world) snapshot(n *node) lan.Snapshot {
	s := bridge(n.name, base(n.own))
	s.Aggregates, s.Interfaces = n.members, nil
	for i := lan.IfIndex(1); i <= n.ports; i++ {
		iface := lan.Interface{Index: n.first + i, Name: "p" + (n.first + i).String()}
		if n.tells && iface.Index == n.blocked {
			iface.STP = lan.STPBlocking
		}
		s.Interfaces = append(s.Interfaces, iface)
	}
	if !n.qbridge {
		s.Readings = []lan.Reading{{Table: lan.Dot1dTpFdbTable, Status: lan.Complete, Method: lan.Walk}}
	}
	if n.lldp {
		s.LLDPLocal = lan.LLDPLocal{Chassis: lan.LLDPID{Subtype: lan.LLDPMAC, Text: n.own.String(), MAC: n.own}, SysName: n.name}
		for _, l := range n.links {
			for _, c := range l.cables {
				w.hear(&s, c.here, l.to, c.there, n)
			}
		}
	}
	return s
}

// hear adds who announces itself from a node on, to a port of a switch.
func (w *world) hear(s *lan.Snapshot, port lan.IfIndex, from *node, there lan.IfIndex, before *node) {
	switch {
	case !from.lldp:
	case from.managed():
		s.LLDP = append(s.LLDP, lan.LLDPNeighbor{IfIndex: port, SysName: from.name, Enabled: lan.LLDPBridge,
			Chassis: lan.LLDPID{Subtype: lan.LLDPMAC, Text: from.own.String(), MAC: from.own},
			Port:    lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: "p" + there.String()}})
	default:
		for _, l := range from.links {
			if l.to != before {
				w.hear(s, port, l.to, l.cables[0].there, from)
			}
		}
	}
}

func (w *world) learn(byNode []*lan.Snapshot, m lan.MAC, h home, everywhere bool) {
	way := w.ways[h.node.id]
	way = way[:slices.Index(way, h.node)+1]
	var nearest *node
	for i := len(way) - 1; i >= 0 && nearest == nil; i-- {
		if way[i].read() && way[i].own != m {
			nearest = way[i]
		}
	}
	for _, n := range w.nodes {
		if !n.read() || n.own == m {
			continue
		}
		knows := everywhere || slices.Contains(way, n) || w.chance(w.known)
		if forgot := w.chance(w.forgets); n != nearest && (forgot && !everywhere || !knows) {
			continue
		}
		port := w.seenBy(n, h)
		e := lan.FDBEntry{MAC: m, Port: lan.BridgePort(port - n.first), IfIndex: port, Status: lan.FDBLearned, Table: lan.Dot1dTpFdbTable}
		if n.qbridge {
			e.Table, e.VLAN, e.FDBID = lan.Dot1qTpFdbTable, h.vlan, 100+lan.FDBID(h.vlan)/10
			if everywhere { // a router is in every VLAN
				byNode[n.id].FDB = append(byNode[n.id].FDB, e)
				e.VLAN, e.FDBID = h.vlan+1, 199
			}
		}
		byNode[n.id].FDB = append(byNode[n.id].FDB, e)
	}
}

// announce lets the switches nearest to a station hear it.
func (w *world) announce(byNode []*lan.Snapshot, m lan.MAC) {
	h := w.homes[m]
	if !h.lldp {
		return
	}
	var spread func(n, before *node, port lan.IfIndex)
	spread = func(n, before *node, port lan.IfIndex) {
		switch {
		case !n.lldp:
		case n.managed():
			if s := byNode[n.id]; s != nil {
				hears(port, m, "", lan.LLDPStation)(s)
			}
		default:
			for _, l := range n.links {
				if l.to != before {
					spread(l.to, n, l.cables[0].there)
				}
			}
		}
	}
	spread(h.node, nil, h.port)
}

// A spot is a port of a switch, as a place names it.
type spot struct{ sw, port string }

func (n *node) spot(port lan.IfIndex) spot { return spot{n.name, "p" + port.String()} }

// A segment is what lies between the ports of switches that were read.
type segment struct {
	ports []spot
	macs  []lan.MAC // of what hangs there
}

// segment tells where a station truly is: the ports nearest to it, and who
// else is there.
func (w *world) segment(h home) segment {
	if h.node.read() {
		return segment{ports: []spot{h.node.spot(h.port)}, macs: make([]lan.MAC, 1)}
	}
	var s segment
	var walk func(n, before *node)
	walk = func(n, before *node) {
		if n.managed() {
			s.macs = append(s.macs, n.own)
		}
		for _, m := range w.order {
			if w.homes[m].node == n {
				s.macs = append(s.macs, m)
			}
		}
		for _, l := range n.links {
			switch {
			case l.to == before || l.spare:
			case l.to.read():
				s.ports = append(s.ports, l.to.spot(w.hops[l.to.id][n.id]))
			default:
				walk(l.to, n)
			}
		}
	}
	walk(h.node, nil)
	return s
}
