package snmp

import (
	"errors"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// ErrConfused means that the device has answered a request with what another
// one asked for that was on its way at the same time: nothing that was read
// with it can be believed, what has ended without an error no more than the
// rest. From then on the session asks in another way.
var ErrConfused = errors.New("the device confuses the answers to requests on their way together")

// Some device may answer two requests that are on their way together each with
// what the other asked for. One of them then seems to be at its end, as what
// comes is behind what it asked for. The other one shows what has happened:
// what it gets is before what it asked for, or not as several are answered. By
// then the first may be done: so everything is in doubt.

// giveUp ends a reading of which nothing can be believed.
func (r *reading) giveUp() {
	r.confused = true
	r.endAll(ErrConfused)
}

// ofAnother tells whether an answer has objects before what was asked for.
func (p *pack) ofAnother(varbinds []smi.Varbind) bool {
	for i, c := range p.cursors {
		rows := p.of(varbinds, i)
		if rows.len() == 0 || c.walk.plain > 0 {
			continue
		}
		if vb := rows.at(0); !vb.Value.Exception() && vb.Name.Compare(c.walk.last) < 0 && (c.isOutside(vb.Name) || c.ordered()) {
			return true
		}
	}
	return false
}
