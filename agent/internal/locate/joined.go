package locate

import (
	"cmp"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/order"
)

// A Link says how two switches hang together: one port of each, as far as the
// tables tell. Together the links of a site make trees, as frames see it;
// spare links are not among them.
type Link struct{ A, B End }

// An End is one end of a link.
type End struct {
	Switch  string // named as in Place; what it announces itself where it was not read
	Address string // how it was asked; empty where it was not read
	Port    string // empty where it is not known
}

// A node is a switch of the tree that joined makes: one that was read, or one
// that was only heard.
type node struct {
	device *device
	heard  *speaker
	above  *node // in the set of nodes that are joined already; nil for the one that stands for it
}

func (n *node) root() *node {
	for n.above != nil {
		n = n.above
	}
	return n
}

func (n *node) end(p *port) End {
	end := End{}
	if p != nil {
		end.Port = p.label
	}
	if n.device == nil {
		end.Switch = n.heard.name()
		return end
	}
	end.Switch, end.Address = n.device.title, n.device.Source
	return end
}

// joined makes a tree of what is known of the switches, the best known first:
// two that were read and have nothing between them, then those that were not
// read and announce themselves, then what only one of two tells.
func (s *site) joined() []Link {
	nodes := make([]*node, len(s.devices))
	for i, d := range s.devices {
		nodes[i] = &node{device: d}
	}
	var links []Link
	join := func(a, b *node, p, q *port) {
		if x, y := a.root(), b.root(); x != y {
			y.above = x
			links = append(links, Link{a.end(p), b.end(q)})
		}
	}
	var middle *device // the last that was between two: a core switch is between very many
	pairs := func(good func(p, q *port) bool) {
		for i, a := range s.devices {
			for j, b := range s.devices[:i] {
				p, q := a.toward[j], b.toward[i]
				if !good(p, q) || nodes[i].root() == nodes[j].root() || middle != nil && middle.between(i, j) {
					continue
				}
				if middle = s.between(i, j); middle == nil {
					join(nodes[j], nodes[i], q, p)
				}
			}
		}
	}
	pairs(func(p, q *port) bool { return p != nil && q != nil && p.unread == nil && q.unread == nil })
	s.joinUnread(nodes, join)
	pairs(func(p, q *port) bool { return p != nil && q != nil })
	pairs(func(p, q *port) bool { return p != nil || q != nil })
	return links
}

// joinUnread joins the switches that were only heard, each once.
func (s *site) joinUnread(nodes []*node, join func(a, b *node, p, q *port)) {
	var unread []*node
	for i, d := range s.devices {
		var ports []*port
		for _, p := range d.ports {
			if p.unread != nil && p.virtual == "" {
				ports = append(ports, p)
			}
		}
		slices.SortFunc(ports, func(p, q *port) int { return p.compare(q) })
		for _, p := range ports {
			at := slices.IndexFunc(unread, func(n *node) bool { return n.heard.same(p.unread) })
			if at < 0 {
				at = len(unread)
				unread = append(unread, &node{heard: p.unread})
			}
			join(nodes[i], unread[at], p, nil)
		}
	}
}

// same tells whether two announcements are of one device.
func (sp *speaker) same(other *speaker) bool {
	if sp.mac.IsStation() || other.mac.IsStation() {
		return sp.mac == other.mac
	}
	return sp.first.SysName != "" && sp.first.SysName == other.first.SysName
}

// between is another switch that was read and is between two; nil where there
// is none.
func (s *site) between(a, b int) *device {
	for _, c := range s.devices {
		if c.between(a, b) {
			return c
		}
	}
	return nil
}

// between tells whether the switch is between two others: it sees them behind
// different ports.
func (d *device) between(a, b int) bool {
	p, q := d.toward[a], d.toward[b]
	return d.index != a && d.index != b && p != nil && q != nil && p != q
}

// sortLinks orders links by their names.
func sortLinks(links []Link) []Link {
	order.By(links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(x.A.Switch, y.A.Switch), cmp.Compare(x.A.Address, y.A.Address), cmp.Compare(x.A.Port, y.A.Port),
			cmp.Compare(x.B.Switch, y.B.Switch), cmp.Compare(x.B.Address, y.B.Address))
	})
	return links
}
