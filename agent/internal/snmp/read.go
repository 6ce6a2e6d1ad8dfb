package snmp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// ErrSilent means that the device has stopped answering.
var ErrSilent = fmt.Errorf("the device has stopped answering: %w", ErrNoAnswer)

// Read reads all the parts of the tree that the cursors stand for, several in
// a request and several requests at a time, and calls Done of each. What goes
// wrong with one is no matter to the others. The error is ErrConfused or nil.
func (s *Session) Read(ctx context.Context, cursors ...*Cursor) error {
	s.opts.Budget.join()
	defer s.opts.Budget.leave()
	r := reading{session: s}
	r.add(cursors)
	for r.live > 0 {
		if err := s.fly(ctx, r.next); err != nil {
			r.endAll(err)
		}
	}
	if r.confused {
		return ErrConfused
	}
	return nil
}

// Walk calls row for every object in the subtree of root, in the order in
// which the device gives them. It returns nil only when the device said that
// the subtree has ended; see Cursor.Done.
func (s *Session) Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.TableTime, errTableTime(s.opts.TableTime))
	defer cancel()
	var result error
	confused := s.Read(ctx, &Cursor{Root: root, Row: row, Done: func(err error) []*Cursor {
		result = err
		return nil
	}})
	return cmp.Or(confused, result)
}

func errTableTime(limit time.Duration) error {
	return fmt.Errorf("%w: not at its end after %v", ErrCut, limit)
}

// A reading is a Read under way.
type reading struct {
	session  *Session
	all      []*Cursor
	live     int       // that are not done
	ready    []*Cursor // for which nothing is on its way; some of them may be done
	doubt    bool      // something was not answered: it may be that nothing is
	confused bool      // by other requests that were on their way
	idle     []*pack   // whose requests have landed, for further ones
	sorted   []int     // the objects of the answer that is looked at, by name
}

func (r *reading) add(cursors []*Cursor) {
	if len(r.all) > 2*r.live {
		r.all = slices.DeleteFunc(r.all, func(c *Cursor) bool { return c.walk.ended }) // they need not be kept
	}
	for _, c := range cursors {
		c.walk = walk{last: c.Root, want: MostRepetitions}
		if c.After != nil {
			c.walk.last = c.After
		}
		if c.Leap != nil || c.Rows > 0 {
			c.walk.want = max(c.Rows, 1)
		}
		r.live++
		r.all = append(r.all, c)
		r.ready = append(r.ready, c)
	}
}

// end is done with a cursor.
func (r *reading) end(c *Cursor, err error) {
	if c.walk.ended {
		return
	}
	c.walk.ended = true
	r.live--
	if err != nil {
		err = fmt.Errorf("after %d rows: %w", c.walk.rows, err)
	}
	if c.Done != nil {
		r.add(c.Done(err))
	}
	c.Next = nil
	c.walk.seen = seen{}
}

func (r *reading) endAll(err error) {
	for r.live > 0 { // there may become more
		for _, c := range slices.Clone(r.all) {
			r.end(c, err)
		}
	}
}

// next packs the next request. It is nil when all cursors wait for answers.
func (r *reading) next() *flight {
	if r.doubt {
		return r.alive()
	}
	if len(r.ready) == 0 {
		return nil
	}
	limit, now := r.session.opts.TableTime, time.Now()
	for i := 0; i < len(r.ready); i++ { // there may become more
		if c := r.ready[i]; !c.walk.began.IsZero() && now.Sub(c.walk.began) > limit {
			r.end(c, errTableTime(limit))
		}
	}
	r.ready = slices.DeleteFunc(r.ready, func(c *Cursor) bool { return c.walk.ended })
	if len(r.ready) == 0 {
		return nil
	}
	p := r.pack()
	if p.waits() {
		p.unpack()
		return nil
	}
	for _, c := range p.cursors {
		c.walk.away = true
	}
	r.ready = slices.DeleteFunc(r.ready, func(c *Cursor) bool { return c.walk.away })
	p.address(now)
	return &p.flight
}

// alive asks whether the device answers at all, before everything else is
// asked in vain. It waits for what is on its way. It asks as often as for
// anything else: where a third of the datagrams gets lost each way, three
// requests in a row are for nothing each seventh time.
func (r *reading) alive() *flight {
	if len(r.session.air) > 0 {
		return nil
	}
	return &flight{request: probe, attempts: r.session.attempts(), land: func(_ answer, err error) {
		r.doubt = false
		switch {
		case errors.Is(err, ErrRefused):
			r.endAll(err)
		case err != nil:
			r.endAll(ErrSilent)
		}
	}}
}

// A pack is the cursors of one request.
type pack struct {
	*reading
	cursors     []*Cursor
	repetitions int // 0 for GETNEXT
	canary      bool
	flight      flight
}

// empty is a pack without cursors.
func (r *reading) empty() *pack {
	n := len(r.idle)
	if n == 0 {
		p := &pack{reading: r}
		p.flight.land = p.land
		return p
	}
	p := r.idle[n-1]
	r.idle = r.idle[:n-1]
	return p
}

// unpack makes the pack ready for other cursors.
func (p *pack) unpack() {
	clear(p.cursors)
	p.cursors = p.cursors[:0]
	p.repetitions, p.canary = 0, false
	p.flight.renew()
	p.idle = append(p.idle, p)
}

// canary is an object whose next one is known: sysUpTime. It stands second
// among those of several cursors, and its answer shows that the device looks
// at each of them. One that gives what follows the first alone would make
// every other table seem to be at its end.
var canary = sysUpTime[:len(sysUpTime)-1]

// fewAtOnce is how little of an answer leaves no room for several cursors.
const fewAtOnce = 4

// pack chooses the cursors of the next request. Those that walk share out
// among the requests that may go what one answer holds; those that leap, or
// want a few rows, go with all others that want as many.
func (r *reading) pack() *pack {
	s, first, p := r.session, r.ready[0], r.empty()
	p.cursors = append(p.cursors, first)
	if s.cred.Version == V1 || s.deaf || first.walk.single {
		return p
	}
	p.repetitions = min(first.walk.want, s.bulk)
	if s.alone || first.walk.alone || !s.hasTime || s.bulk < fewAtOnce {
		return p
	}
	like := p.cursors
	for _, c := range r.ready[1:] {
		if !c.walk.single && !c.walk.alone && c.walk.want == first.walk.want {
			like = append(like, c)
		}
	}
	n := max(s.bulk/first.walk.want-1, 1)
	if first.walk.want > 1 && first.Leap == nil {
		slots := max(s.width()-len(s.air), 1)
		n = max(n, min((len(like)+slots-1)/slots, s.bulk-1))
	}
	n = min(n, len(like))
	clear(like[n:])
	if p.cursors = like[:n]; n > 1 {
		p.canary, p.repetitions = true, 1
		p.repetitions = min(first.walk.want, s.bulk/p.size())
	}
	return p
}

// waits tells whether the pack is better sent when more cursors are ready: of
// those that leap each wants little, and what is on its way brings others.
func (p *pack) waits() bool {
	return p.cursors[0].Leap != nil && len(p.session.air) > 0 && p.size() <= p.session.bulk*2/3 && p.repetitions > 0
}

// address makes a request of the pack.
func (p *pack) address(now time.Time) {
	f := &p.flight
	f.attempts = p.session.bulkAttempts(p.size())
	f.names = slices.Grow(f.names, len(p.cursors)+1)
	for i, c := range p.cursors {
		f.names = append(f.names, c.walk.last)
		if i == 0 && p.canary {
			f.names = append(f.names, canary)
		}
		if c.walk.began.IsZero() {
			c.walk.began = now
		}
	}
	f.pdu = gosnmp.GetNextRequest
	if p.repetitions > 0 {
		f.pdu, f.repetitions = gosnmp.GetBulkRequest, p.repetitions
	}
}

// size is how many objects are asked for at once.
func (p *pack) size() int {
	if p.canary {
		return p.repetitions * (len(p.cursors) + 1)
	}
	return p.repetitions * len(p.cursors)
}

// land takes what became of the request.
func (p *pack) land(a answer, err error) {
	defer p.unpack()
	p.tally()
	switch {
	case err == nil:
		p.answered(a)
	case errors.Is(err, ErrRefused), errors.Is(err, ErrDenied):
		p.endAll(err)
	case !errors.Is(err, ErrNoAnswer):
		p.fail(err)
	default:
		// Where nothing else was answered either, it is asked whether it lives.
		p.doubt = p.doubt || !p.session.answeredAt.After(p.flight.began)
		if !p.shrink() {
			p.fail(err)
		}
	}
}

func (p *pack) tally() {
	for i, c := range p.cursors {
		if i > 0 && c.Tally == p.cursors[i-1].Tally {
			continue // as nearly always
		}
		if c.Tally != nil && !slices.ContainsFunc(p.cursors[:i], func(d *Cursor) bool { return d.Tally == c.Tally }) {
			*c.Tally += p.flight.attempt
		}
	}
}

// fail ends all cursors of the request. One that seems to have ended has
// ended, where it cannot be seen what comes after the object that showed it:
// that one may be of a table that the device cannot read.
func (p *pack) fail(err error) {
	for _, c := range p.cursors {
		if c.strayed() && (errors.Is(err, ErrCut) || errors.Is(err, ErrNoAnswer)) {
			p.end(c, nil)
			continue
		}
		if c.walk.single {
			p.session.restore(c.walk.atOnce) // one object was too much as well: it was not the size
		}
		p.end(c, err)
	}
}

// again makes the cursors ready to be asked for once more.
func (p *pack) again(cursors ...*Cursor) {
	for _, c := range cursors {
		if !c.walk.ended {
			c.walk.away = false
			p.ready = append(p.ready, c)
		}
	}
}

// answered takes an answer, which may be an error.
func (p *pack) answered(a answer) {
	s := p.session
	if p.repetitions > 0 {
		s.bulked = true
	}
	first := p.cursors[0]
	switch {
	case a.status == gosnmp.NoError:
		p.take(a)
		return
	case len(p.cursors) > 1 && a.status != gosnmp.TooBig:
		p.isolate(a.errorIndex)
		return
	case a.status == gosnmp.NoSuchName && first.ordered() && s.cred.Version != V1:
		p.fail(fmt.Errorf("%w: the device answered %v to what comes after %v", ErrOrder, a.status, first.walk.last))
		return
	case a.status == gosnmp.NoSuchName && p.repetitions > 1 && first.walk.rows == 0:
		first.walk.single = true // it may be about any of the rows
		p.again(first)
		return
	case a.status == gosnmp.NoSuchName && (s.cred.Version == V1 || first.walk.rows == 0):
		// The end of everything in SNMPv1. A later version has no such end; an
		// agent that uses it all the same is believed where nothing gets lost.
		p.end(first, nil)
		return
	case (a.status == gosnmp.TooBig || a.status == gosnmp.GenErr) && p.shrink():
		return
	}
	p.fail(fmt.Errorf("%w: the device answered %v to what comes after %v", ErrCut, a.status, first.walk.last))
}

// isolate finds out which of several cursors an error is about: the one that
// the index names, or else each for itself.
func (p *pack) isolate(index int) {
	at := index - 1
	if p.canary && at > 0 {
		at--
	}
	for i, c := range p.cursors {
		c.walk.alone = c.walk.alone || i == at || at < 0 || at >= len(p.cursors)
	}
	p.again(p.cursors...)
}

// lies tells whether an answer to several cursors is not what it seems: the
// device cannot be asked for several parts at once.
func (p *pack) lies(varbinds []smi.Varbind) bool {
	return p.canary && len(varbinds) > 1 && (varbinds[1].Name.Compare(sysUpTime) != 0 || p.mixedUp(varbinds))
}

// take hands out the objects of an answer to the cursors.
func (p *pack) take(a answer) {
	s, varbinds := p.session, a.varbinds
	for i, c := range p.cursors {
		c.look(p.of(varbinds, i))
	}
	switch {
	case p.lies(varbinds):
		s.alone = true
		if !p.flight.company {
			p.again(p.cursors...)
		} else {
			p.giveUp()
		}
		return
	case s.astray || !p.ofAnother(varbinds):
	case p.flight.company:
		s.single = true
		p.giveUp()
		return
	default:
		s.astray, s.single = true, false
	}
	p.manages(a)
	for i, c := range p.cursors {
		rows := p.of(varbinds, i)
		if rows.len() == 0 || c.walk.ended { // cut off where the message was full
			p.again(c)
			continue
		}
		switch ended, err := c.take(rows, s.opts.MaxRows); {
		case err != nil || ended:
			p.end(c, err)
		default:
			p.again(c)
		}
	}
}
