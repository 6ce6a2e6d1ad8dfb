package poll

import (
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A table that is too long to be kept, and too short for leaps to be worth
// while, is combed: all of its ports are read, and of the rows those are kept
// that are sought.

// combing reads the ports of the rest of the table, in parts of some databases
// each.
func (s *seeker) combing(rows int) []*snmp.Cursor {
	s.combs = true
	s.combed, s.seen = make([]fdbRow, 0, rows), make([]position, 0, rows)
	s.recollect()
	var list []interval
	at, more, count := position{}, true, 0
	for _, id := range sortedIDs(s.ids) {
		if count += s.counts.rows[id]; count >= combedTogether {
			list = append(list, interval{first: at, last: position{id, maxMAC}})
			at, more = position{id, maxMAC}.after()
			count = 0
		}
	}
	if more {
		list = append(list, interval{first: at, last: position{maxID, maxMAC}})
	}
	return s.parts(s.rest(list), 0)
}

// pick finds the combed rows with wanted addresses, and asks for the status of
// each: those that stand together are asked for together.
func (s *seeker) pick(wanted func(mac uint64) bool) []*snmp.Cursor {
	var cursors []*snmp.Cursor
	from := -1 // the first of those that stand together
	for i := range len(s.combed) + 1 {
		is := i < len(s.combed) && wanted(s.combed[i].mac)
		switch {
		case is && from < 0:
			from = i
		case !is && from >= 0:
			s.found = append(s.found, s.combed[from:i]...)
			run := []interval{{first: s.combed[from].position(), last: s.combed[i-1].position()}}
			cursors = append(cursors, s.part(run, 1, min(i-from, snmp.MostRepetitions)))
			from = -1
		}
	}
	return cursors
}
