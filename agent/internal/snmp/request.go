package snmp

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A request asks for objects. repetitions counts only for a GetBulkRequest.
type request struct {
	pdu         gosnmp.PDUType
	names       []smi.OID
	repetitions int
}

// kept is a request that stays good when it is answered: by then a further
// attempt may just be under way.
func (r request) kept() request {
	r.names = slices.Clone(r.names)
	for i, name := range r.names {
		r.names[i] = slices.Clone(name)
	}
	return r
}

// An answer is a response that belongs to its request.
type answer struct {
	varbinds   []smi.Varbind
	status     gosnmp.SNMPError
	errorIndex int // 1-based, 0 when the status is about the whole
	octets     int // of the datagram; 0 where it is not known
}

// kept is an answer that stays good when the next one is read.
func (a answer) kept() answer {
	a.varbinds = slices.Clone(a.varbinds)
	for i, vb := range a.varbinds {
		a.varbinds[i].Name = slices.Clone(vb.Name)
	}
	return a
}

// A flight is a request on its way, until it is answered or given up.
type flight struct {
	request
	attempts int                 // at most
	land     func(answer, error) // takes what became of it; is called once

	attempt  int       // how often it was sent
	began    time.Time // when it was sent first
	sent     time.Time // when it was sent last
	due      time.Time // when its time is over; when it may be sent, while it is not airborne
	ids      []uint32  // of all attempts: a late answer is an answer
	first    [2]uint32 // where these are, as long as they are not more
	company  bool      // others were on their way at the same time
	airborne bool      // sent, and its time is not over
	refused  bool      // this attempt, by ICMP
	refusals int       // attempts in a row that were
	last     error     // what came in place of an answer
}

// renew makes the flight ready for another request.
func (f *flight) renew() {
	clear(f.names)
	f.names = f.names[:0]
	f.ids = f.ids[:0]
	f.repetitions, f.attempt, f.refusals, f.company, f.last = 0, 0, 0, false, nil
}

// maxRefusals is how many attempts in a row that are refused by ICMP end a
// request. One may be a switch that is just starting.
const maxRefusals = 3

// ErrRefused is an answer of the host, by ICMP, that nothing listens there.
var ErrRefused = fmt.Errorf("%w: the host says that nothing listens on this UDP port", ErrNoAnswer)

// over ends an attempt, and tells whether it was the last.
func (f *flight) over() error {
	f.airborne = false
	if f.refusals++; !f.refused {
		f.refusals = 0
	}
	switch {
	case f.refusals == maxRefusals:
		return ErrRefused
	case f.attempt < f.attempts:
		return nil
	case f.last == nil || errors.Is(f.last, errAttemptOver):
		return fmt.Errorf("%w to %d requests", ErrNoAnswer, f.attempts)
	default:
		return fmt.Errorf("%w to %d requests that could be used: %v", ErrNoAnswer, f.attempts, f.last)
	}
}

// errAttemptOver means that nothing at all came in the time of an attempt.
var errAttemptOver = errors.New("the time of the attempt is over")
