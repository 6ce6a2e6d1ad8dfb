package snmp

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Some device may answer two requests that are on their way together each with
// what the other asked for. One of them then seems to be at its end, as what
// comes is behind what it asked for. The other one shows what has happened:
// what it gets is before what it asked for. So an end counts only when all
// that was on its way with it has been answered.

// An ending is a cursor that is at its end as far as its answer tells.
type ending struct {
	cursor *Cursor
	with   []*flight // that were on their way, and still are
}

// settle ends a cursor, as soon as that is certain.
func (p *pack) settle(c *Cursor) {
	if len(p.session.air) == 0 {
		p.end(c, nil)
		return
	}
	p.ends = append(p.ends, &ending{c, slices.Clone(p.session.air)})
}

// release ends the cursors that have waited for a flight alone.
func (r *reading) release(landed *flight) {
	var certain []*Cursor
	r.ends = slices.DeleteFunc(r.ends, func(e *ending) bool {
		e.with = slices.DeleteFunc(e.with, func(f *flight) bool { return f == landed })
		if len(e.with) > 0 {
			return false
		}
		certain = append(certain, e.cursor)
		return true
	})
	for _, c := range certain {
		r.end(c, nil)
	}
}

// ofAnother tells whether an answer has objects before what was asked for.
func (p *pack) ofAnother(varbinds []smi.Varbind) bool {
	for i, c := range p.cursors {
		for vb := range p.of(varbinds, i) {
			if !vb.Value.Exception() && vb.Name.Compare(c.walk.last) < 0 && (c.isOutside(vb.Name) || c.ordered()) {
				return true
			}
			break
		}
	}
	return false
}

// confused asks again for everything that may have got the answer to another
// request, and for one thing at a time from now on.
func (p *pack) confused() {
	p.again(p.cursors...)
	if !p.sent.company {
		return
	}
	p.session.single = true
	for _, e := range p.ends {
		e.cursor.walk.back()
		p.again(e.cursor)
	}
	p.ends = nil
	for _, f := range p.session.air {
		f.suspect = true
	}
}

// back takes back the object after which the cursor seemed to have ended.
func (w *walk) back() {
	if w.stray {
		w.stray, w.last = false, w.before
	}
}
