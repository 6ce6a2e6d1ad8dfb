package snmp

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// mixedUp tells whether objects of an answer to several cursors stand where
// others belong: the answer itself shows one that a cursor would pass over. So
// answers an agent that leaves out columns which have ended, or has an object
// twice.
func (p *pack) mixedUp(varbinds []smi.Varbind) bool {
	apart := p.apart(varbinds)
	p.sorted = p.sorted[:0] // until they are needed
	for i, c := range p.cursors {
		after, rows, plain := c.walk.last, p.of(varbinds, i), 0
		if apart && c.walk.plain > 0 { // nothing is between these
			plain = c.walk.plain
			after = rows.at(plain - 1).Name
		}
		for n := plain; n < rows.len(); n++ {
			vb := rows.at(n)
			exception := vb.Value.Exception()
			outside := !exception && c.isOutside(vb.Name)
			if len(p.sorted) == 0 && (!apart || exception || outside) {
				p.sort(varbinds)
			}
			if exception {
				if vb.Name.Compare(after) != 0 && vb.Name.Compare(c.walk.last) != 0 && p.isOf(vb.Name, varbinds) {
					return true
				}
				break
			}
			if order := vb.Name.Compare(after); order == 0 || order < 0 && outside || order > 0 && (outside || !apart) && p.passesOver(varbinds, i, after, vb.Name) {
				return true
			}
			if outside {
				break
			}
			after = vb.Name
		}
	}
	return false
}

// apart tells whether the cursors are of different columns, and no object of a
// column stands for the canary or the cursor of another: then none of them is
// between two objects of one column.
func (p *pack) apart(varbinds []smi.Varbind) bool {
	ofOne := func(name smi.OID) bool {
		return slices.ContainsFunc(p.cursors, func(c *Cursor) bool { return name.HasPrefix(c.Root) })
	}
	for i := 1; p.canary && i < len(varbinds); i += len(p.flight.names) {
		if ofOne(varbinds[i].Name) {
			return false
		}
	}
	for i, c := range p.cursors {
		if !c.walk.last.HasPrefix(c.Root) {
			return false
		}
		for _, other := range p.cursors[:i] {
			if c.Root.HasPrefix(other.Root) || other.Root.HasPrefix(c.Root) {
				return false
			}
		}
		rows := p.of(varbinds, i)
		for n := c.walk.plain; n < rows.len(); n++ {
			if name := rows.at(n).Name; !name.HasPrefix(c.Root) && ofOne(name) {
				return false
			}
		}
	}
	return true
}

// A share is what an answer has for one of its cursors: one object in each of
// its rows, which are so wide as there were names in the request.
type share struct {
	varbinds []smi.Varbind
	width    int
}

func (s share) len() int { return (len(s.varbinds) + s.width - 1) / s.width }

func (s share) at(i int) *smi.Varbind { return &s.varbinds[i*s.width] }

// from is what there is from the object at i on.
func (s share) from(i int) share {
	s.varbinds = s.varbinds[min(i*s.width, len(s.varbinds)):]
	return s
}

// of are the objects of an answer that belong to cursor i.
func (p *pack) of(varbinds []smi.Varbind, i int) share {
	if p.canary && i > 0 {
		i++
	}
	return share{varbinds[min(i, len(varbinds)):], len(p.flight.names)}
}

// isOf tells whether a name is of the request or of its answer. An exception
// has the name of the object that nothing comes after.
func (p *pack) isOf(name smi.OID, varbinds []smi.Varbind) bool {
	return slices.ContainsFunc(p.flight.names, func(other smi.OID) bool { return name.Compare(other) == 0 }) ||
		slices.ContainsFunc(p.sorted, func(at int) bool { return name.Compare(varbinds[at].Name) == 0 })
}

// sort finds out in which order the objects of an answer are by name, all but
// exceptions. It takes the canary's first, and then those of one cursor after
// the other: so they nearly always are in order already.
func (p *pack) sort(varbinds []smi.Varbind) {
	width := len(p.flight.names)
	for column := range width {
		if column < 2 {
			column = 1 - column
		}
		for at := column; at < len(varbinds); at += width {
			if !varbinds[at].Value.Exception() {
				p.sorted = append(p.sorted, at)
			}
		}
	}
	slices.SortFunc(p.sorted, func(a, b int) int { return varbinds[a].Name.Compare(varbinds[b].Name) })
}

// cursorAt is the cursor for which an object of an answer stands there, and -1
// for the canary.
func (p *pack) cursorAt(at int) int {
	switch cursor := at % len(p.flight.names); {
	case p.canary && cursor == 1:
		return -1
	case p.canary && cursor > 1:
		return cursor - 1
	default:
		return cursor
	}
}

// passesOver tells whether one of the objects of other cursors is between two
// of a cursor's own.
func (p *pack) passesOver(varbinds []smi.Varbind, cursor int, after, next smi.OID) bool {
	i, _ := slices.BinarySearchFunc(p.sorted, after, func(at int, name smi.OID) int { return varbinds[at].Name.Compare(name) })
	for _, at := range p.sorted[i:] {
		name := varbinds[at].Name
		if name.Compare(next) >= 0 {
			break
		}
		if p.cursorAt(at) != cursor && name.Compare(after) > 0 {
			return true
		}
	}
	return false
}
