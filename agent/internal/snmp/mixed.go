package snmp

import (
	"iter"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// mixedUp tells whether objects of an answer to several cursors stand where
// others belong: the answer itself shows one that a cursor would pass over. So
// answers an agent that leaves out columns which have ended, or has an object
// twice.
func (p *pack) mixedUp(varbinds []smi.Varbind) bool {
	apart := p.apart(varbinds)
	var places []place // once they are needed
	for i, c := range p.cursors {
		after := c.walk.last
		for vb := range p.of(varbinds, i) {
			if places == nil && (!apart || vb.Value.Exception() || c.isOutside(vb.Name)) {
				places = p.places(varbinds)
			}
			if vb.Value.Exception() {
				if vb.Name.Compare(after) != 0 && vb.Name.Compare(c.walk.last) != 0 && p.isOf(vb.Name, places) {
					return true
				}
				break
			}
			outside := c.isOutside(vb.Name)
			if order := vb.Name.Compare(after); order == 0 || order < 0 && outside || order > 0 && (outside || !apart) && passesOver(places, i, after, vb.Name) {
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
	for i := 1; p.canary && i < len(varbinds); i += len(p.sent.names) {
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
		for vb := range p.of(varbinds, i) {
			if !vb.Name.HasPrefix(c.Root) && ofOne(vb.Name) {
				return false
			}
		}
	}
	return true
}

// of are the objects of an answer that belong to cursor i.
func (p *pack) of(varbinds []smi.Varbind, i int) iter.Seq[smi.Varbind] {
	if p.canary && i > 0 {
		i++
	}
	return func(yield func(smi.Varbind) bool) {
		for ; i < len(varbinds) && yield(varbinds[i]); i += len(p.sent.names) {
		}
	}
}

// isOf tells whether a name is of the request or of its answer. An exception
// has the name of the object that nothing comes after.
func (p *pack) isOf(name smi.OID, places []place) bool {
	is := func(other smi.OID) bool { return name.Compare(other) == 0 }
	return slices.ContainsFunc(p.sent.names, is) || slices.ContainsFunc(places, func(at place) bool { return is(at.name) })
}

// A place is an object of an answer, and for which cursor it stands there.
type place struct {
	name   smi.OID
	cursor int // -1 for the canary
}

// places are those of all objects of an answer, by name.
func (p *pack) places(varbinds []smi.Varbind) []place {
	places := make([]place, 0, len(varbinds))
	for at, vb := range varbinds {
		cursor := at % len(p.sent.names)
		switch {
		case vb.Value.Exception():
			continue
		case p.canary && cursor == 1:
			cursor = -1
		case p.canary && cursor > 1:
			cursor--
		}
		places = append(places, place{vb.Name, cursor})
	}
	slices.SortFunc(places, func(a, b place) int { return a.name.Compare(b.name) })
	return places
}

// passesOver tells whether one of the objects of other cursors is between two
// of a cursor's own.
func passesOver(places []place, cursor int, after, next smi.OID) bool {
	i, _ := slices.BinarySearchFunc(places, after, func(at place, name smi.OID) int { return at.name.Compare(name) })
	for ; i < len(places) && places[i].name.Compare(next) < 0; i++ {
		if places[i].cursor != cursor && places[i].name.Compare(after) > 0 {
			return true
		}
	}
	return false
}
