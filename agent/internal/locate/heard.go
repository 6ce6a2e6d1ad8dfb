package locate

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A heard switch is one that announces itself by LLDP on a port of another.
type heard struct {
	at    *port
	other *device
	far   *port // the port that it announces itself from; nil where that is not known
}

// hearEachOther takes what LLDP tells of links between switches, and returns
// the pairs that are joined by one.
//
// LLDP is heard over spare links too, which carry no frames. A link is taken
// for one that does where frames were learnt by it or the spanning trees of
// both ends say so, and where no other links that are heard lead round it:
// those might carry them instead.
func (s *site) hearEachOther() [][2]*device {
	var live []heard
	for _, d := range s.devices {
		for _, h := range d.heard {
			s.tie(d, h.other)
			if h.far == nil {
				h.far = onlyHeard(h.other, d, onlyHeard(d, h.other, h.at))
			}
			if h.live() {
				live = append(live, h)
			}
		}
	}
	sure := bridges(live)
	var adjacent [][2]*device
	for _, h := range live {
		d := h.at.device
		if sure[h.at] {
			s.face(d, h.other, h.at)
		}
		if sure[h.at] && sure[h.far] {
			s.face(h.other, d, h.far)
		}
		if sure[h.at] && (h.far == nil || sure[h.far]) {
			adjacent = append(adjacent, [2]*device{d, h.other})
		}
	}
	return adjacent
}

// onlyHeard is the one port on which d hears the other and may forward to it;
// nil where there are several, or where the way back is not known.
func onlyHeard(d, other *device, back *port) *port {
	var only *port
	for _, h := range d.heard {
		if h.other == other && !h.at.blocked() {
			if only != nil && only != h.at {
				return nil
			}
			only = h.at
		}
	}
	if back == nil {
		return nil
	}
	return only
}

// live tells whether a link carries frames.
func (h heard) live() bool {
	if h.at.blocked() || h.far != nil && h.far.blocked() {
		return false
	}
	known := !h.at.device.complete || h.at.stations > 0
	if h.far != nil {
		known = known || !h.other.complete || h.far.stations > 0 || h.at.device.spans() && h.other.spans()
	}
	return known
}

// spans tells whether a device says in what state its spanning tree has ports.
func (d *device) spans() bool {
	return slices.ContainsFunc(d.Interfaces, func(i lan.Interface) bool { return i.STP != 0 })
}

// bridges are the ports without which the switch would not be joined to what
// it hears there: no other links that are heard lead round them. Ports that
// hear each other are on one segment, and the switches and the segments are
// the nodes of a graph, in which these ports are the edges that no cycle has.
func bridges(links []heard) map[*port]bool {
	segment := make(map[*port]*port) // a forest: ports of one segment
	find := func(p *port) *port {
		for segment[p] != nil {
			p = segment[p]
		}
		return p
	}
	ends := make(map[*port]*device)
	for _, h := range links {
		far := h.far
		if far == nil {
			far = &port{device: h.other} // some port of it
		}
		ends[h.at], ends[far] = h.at.device, h.other
		if a, b := find(h.at), find(far); a != b {
			segment[a] = b
		}
	}
	g := graph{edges: make(map[any][]*port), order: make(map[any]int), low: make(map[any]int), sure: make(map[*port]bool)}
	g.sides = func(p *port) [2]any { return [2]any{ends[p], find(p)} }
	for p := range ends {
		for _, side := range g.sides(p) {
			g.edges[side] = append(g.edges[side], p)
		}
	}
	for node := range g.edges {
		if g.order[node] == 0 {
			g.visit(node, nil)
		}
	}
	return g.sure
}

// A graph finds the edges that are on no cycle, as Tarjan did (1974).
type graph struct {
	edges      map[any][]*port
	sides      func(*port) [2]any
	order, low map[any]int
	sure       map[*port]bool
}

func (g *graph) visit(node any, by *port) {
	g.order[node] = len(g.order) + 1
	g.low[node] = g.order[node]
	for _, p := range g.edges[node] {
		if p == by {
			continue
		}
		sides := g.sides(p)
		next := sides[0]
		if next == node {
			next = sides[1]
		}
		if g.order[next] > 0 {
			g.low[node] = min(g.low[node], g.order[next])
			continue
		}
		g.visit(next, p)
		g.low[node] = min(g.low[node], g.low[next])
		if g.low[next] > g.order[node] {
			g.sure[p] = true
		}
	}
}

// farPort is the port that a neighbour announces itself from, by its name or
// its address, if one of the neighbour's has it and no other.
func (d *device) farPort(id lan.LLDPID) *port {
	if d == nil {
		return nil
	}
	var far *port
	for i := range d.Interfaces {
		iface := &d.Interfaces[i]
		same := id.Text != "" && (iface.Name == id.Text || iface.Descr == id.Text) || id.MAC.IsStation() && iface.MAC == id.MAC
		if !same || virtual(iface) != "" {
			continue
		}
		if p := d.port(portKey{ifIndex: iface.Index}); far != nil && far != p {
			return nil
		} else {
			far = p
		}
	}
	return far
}
