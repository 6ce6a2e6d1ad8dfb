package snmp

// How much is asked for at once: a device that leaves a long answer unsent,
// because it would be fragmented or because it cannot build it, is asked for
// less before it is given up.

// bulkAttempts is how often an answer of a size is asked for before it is
// taken to be too long: not often where none of its length has come yet.
// Otherwise it was more likely lost, and asking for less would make more to
// get lost.
func (s *Session) bulkAttempts(size int) int {
	if size <= 1 || size <= s.proven {
		return s.attempts()
	}
	return min(s.opts.Attempts, 2)
}

// attempts is how often one request is sent at most: more often where answers
// are known to get lost. Of the hundreds of requests for a large table none
// may fail.
func (s *Session) attempts() int {
	if s.lossy {
		return 2 * s.opts.Attempts
	}
	return s.opts.Attempts
}

// frame is how many octets of an answer are sure to fit one Ethernet frame.
// Longer ones are fragmented, and fragments get lost.
const frame = 1400

// manages takes in that an answer has come, and asks for more from then on
// where it was whole and more would fit.
func (p *pack) manages(a answer) {
	s, objects := p.session, len(a.varbinds)
	if p.repetitions == 0 {
		s.deaf = s.deaf || !s.bulked && p.cursors[0].walk.single
		return
	}
	s.proven = max(s.proven, objects)
	width := len(p.flight.names)
	switch {
	case objects < p.repetitions*width || objects+width <= s.bulk:
		// It had no more, or no room for it; or it was not asked for so much.
	case s.failed > 0:
		s.bulk = max(s.bulk, min(2*s.bulk, s.failed/2))
	case a.octets > 0:
		s.bulk = max(s.bulk, min(objects*frame/a.octets, 2*objects, s.opts.most))
	}
}

// shrink asks for less from now on: half, and after one at a time GETNEXT. It
// returns false when there is nothing less to ask for. A device that has
// answered no GETBULK at all is soon asked without.
func (p *pack) shrink() bool {
	s, size := p.session, p.size()
	if size == 0 { // GETNEXT
		return false
	}
	for _, c := range p.cursors {
		if c.walk.atOnce == 0 {
			c.walk.atOnce = s.bulk
		}
		c.walk.single = size == 1
	}
	if size > 1 {
		part := 2
		if !s.bulked {
			part = 4
		}
		s.failed = size
		s.bulk = max(min(s.bulk, size/part), 1)
		s.proven = 0 // rows may be longer in this table
	}
	p.again(p.cursors...)
	return true
}

// restore asks for as much again as before.
func (s *Session) restore(bulk int) {
	if bulk > 0 {
		s.bulk, s.failed = bulk, 0
	}
}
