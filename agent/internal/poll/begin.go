package poll

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// How a forwarding table is read to begin with: as any other, until it turns
// out to be long.

// unlimited is more rows than any table has.
const unlimited = math.MaxInt

// enough is how many rows of the table are walked before the rest of it is
// read in another way.
func (s *seeker) enough() int {
	switch total := s.counts.total; {
	case s.plain, s.full && (total < rangedFrom || !s.layout.ids):
		return unlimited
	case s.full:
		return orderShows
	case s.trusted && total > s.most:
		return 1
	case !s.counts.taken || s.layout.ids && len(s.counts.rows) == 0:
		return unlimited // without ids it would be a walk as well, one database after the other
	case total > s.most, total > walkedAtOnce && len(s.counts.rows) > 1:
		return orderShows
	case total > 0:
		return unlimited
	}
	return min(triedAtMost, s.most)
}

// begin walks the ports like a column of any other table, and goes on in
// another way when it turns out to be long. A table whose rows do not come in
// order is walked to its end.
func (s *seeker) begin() []*snmp.Cursor {
	s.ids = make(map[uint32]bool)
	s.walked, s.table.reading.Method = true, lan.Walk
	cursors := s.table.walk(1)
	s.watch(cursors[0])
	if s.plain || s.full && !s.layout.ids {
		cursors = append(cursors, s.watchStates(s.table.walk(2))...) // it is walked to its end
	}
	return cursors
}

// states asks for the other column too as soon as it is known that the table
// is walked.
func (s *seeker) states() []*snmp.Cursor {
	there := s.table.decoder.Rows() > 0 || s.counts.total > 0
	if !there || !s.walked || s.table.open == 0 || s.enough() < unlimited {
		return nil
	}
	return s.watchStates(s.table.walk(2))
}

// watch ends the walk of the ports when enough of them was seen.
func (s *seeker) watch(c *snmp.Cursor) {
	row, done, width := c.Row, c.Done, len(c.Root)
	c.Row = func(vb smi.Varbind) error {
		at, ok := s.layout.position(vb.Name[width:])
		s.disorder = s.disorder || !ok || s.count > 0 && at.compare(s.last) <= 0
		enough := s.enough()
		if s.count > 0 && s.count >= enough && !s.disorder {
			s.begun = true
			return errMany
		}
		s.last = at
		s.count++
		if s.early = append(s.early, newRow(at, vb.Value)); s.disorder || s.counts.taken && enough == unlimited {
			s.early = nil // nobody will ask
		}
		return row(vb)
	}
	c.Done = func(err error) []*snmp.Cursor {
		if errors.Is(err, errMany) {
			s.table.open--
			return s.probe()
		}
		s.ended = true
		return s.catchUp(s.watchStates(done(err)))
	}
}

// watchStates notes how far the other column goes. Where that is many rows
// farther than the ports, these are read on first.
func (s *seeker) watchStates(cursors []*snmp.Cursor) []*snmp.Cursor {
	for _, c := range cursors {
		row, done, width, rows := c.Row, c.Done, len(c.Root), 0
		c.Row = func(vb smi.Varbind) error {
			at, ok := s.layout.position(vb.Name[width:])
			if ok && s.reached.compare(at) < 0 {
				s.reached = at
			}
			if rows++; rows > s.enough() && s.ended && !s.caught && !s.disorder && s.last.compare(at) < 0 {
				s.stopped = true
				return errMany
			}
			return row(vb)
		}
		c.Done = func(err error) []*snmp.Cursor {
			if errors.Is(err, errMany) {
				s.table.open--
				return s.catchUp(nil)
			}
			return s.catchUp(done(err))
		}
	}
	return cursors
}

// catchUp reads the ports on, once, where they seemed to end before the other
// column did: an answer that says so may have been wrong.
func (s *seeker) catchUp(more []*snmp.Cursor) []*snmp.Cursor {
	switch {
	case s.table.open > 0 || s.table.err != nil || s.disorder || s.count == 0:
	case !s.caught && s.last.compare(s.reached) < 0:
		s.caught = true
		c := s.table.column(s.columns[0], 0)
		c.After = s.layout.index(slices.Clip(c.Root), s.last)
		s.watch(c)
		more = append(more, c)
	case s.stopped:
		s.stopped = false
		more = append(more, s.table.column(s.columns[1], 1))
	}
	return more
}

var errMany = errors.New("more rows than are worth walking")

// walk reads the table as any other is read.
func (s *seeker) walk() []*snmp.Cursor {
	s.walked, s.table.reading.Method = true, lan.Walk
	return s.table.walk(2)
}

// probes is how many times it is asked what comes after an address that the
// table does not have.
const probes = 4

// probe asks, before anything is sought, what comes after an address that the
// table does not have, where that is known: some agents can only go on from a
// row that they have.
func (s *seeker) probe() []*snmp.Cursor {
	var cursors []*snmp.Cursor
	if s.trusted {
		return s.search()
	}
	shown := s.early[:min(len(s.early), orderShows)]
	for n := len(shown) - 1; n > 0 && len(cursors) < probes; n -= max(len(shown)/probes, 1) {
		at := shown[n].position()
		before, _ := at.before()
		if before == shown[n-1].position() || before.id != at.id {
			continue
		}
		column, right := s.columns[0].OID, false
		s.open++
		cursors = append(cursors, &snmp.Cursor{Root: column, After: s.layout.index(slices.Clip(column), before), Tally: &s.table.reading.Requests,
			Row: func(vb smi.Varbind) error {
				got, ok := s.layout.position(vb.Name[len(column):])
				right = right || ok && got == at
				return nil
			},
			Leap: func(smi.OID) (smi.OID, int) { return nil, 0 },
			Done: func(err error) []*snmp.Cursor {
				s.open--
				s.wrong = s.wrong || !right && (err == nil || errors.Is(err, snmp.ErrOrder))
				switch {
				case s.open > 0:
					return nil
				case s.wrong:
					s.broken = errInexact
					return s.walkOn()
				}
				return s.search()
			}})
	}
	if len(cursors) == 0 {
		return s.search()
	}
	return cursors
}

var errInexact = fmt.Errorf("%w: it does not say what comes after an address that it does not have", snmp.ErrOrder)
