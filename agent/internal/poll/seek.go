package poll

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A forwarding table is sorted by FDB id and address, and so are the blocks
// of the makers that are looked for. A seeker goes through both at once: it
// asks for what comes after the beginning of a block. The answer is a station
// in that block, or the next address that the table has, and all blocks
// before that need not be asked for any more.
//
// One such chain of questions would be as many round trips as there are
// blocks. So the table is cut into parts, each with a few blocks in it, that
// are asked for together.

const (
	// walkedAtMost is up to how many rows a table is walked rather than sought
	// in: the others on a port are counted then. walkedInAll is how many rows
	// that makes in all devices together, so that a large site costs a small
	// host no more.
	walkedAtMost, walkedInAll = 1500, 60_000
	// A database of manyRows, as the device says, is cut into parts of
	// partBlocks blocks at once. One of less is a single part. When that turns
	// out to be dense, by cutAfter answers, it is cut into four, and each of
	// these again.
	manyRows, partBlocks, cutAfter = 400, 4, 2
	// combedAtMost is up to how many rows the ports of a table are read all the
	// same where it is not walked, and combedInAll of all devices together: that
	// is no dearer than to leap, and shows the addresses of other switches too.
	// combedTogether is from how many rows on a part is one of its own.
	combedAtMost, combedInAll, combedTogether = 1500, 300_000, 150
	// walkedAgain is up to how many rows a table is walked each time where seeks
	// are known to miss nothing, and what is on each port was counted before.
	walkedAgain = 100
	// walkedAtOnce is from how many rows on the databases are walked at the same
	// time, and not one after the other.
	walkedAtOnce = 300
	// triedAtMost is how many rows are walked before it is sought, where the
	// device does not count them.
	triedAtMost = 400
	// provenAtMost is up to how many rows every answer is held against all
	// others.
	provenAtMost = 20_000
	// orderShows is how many rows show whether a table is sorted. Where it is
	// sorted by port, as on HPE 1910, the first ports have but a few each.
	orderShows = 100
	// rangedFrom is from how many rows on a table is walked in parts at once.
	rangedFrom = 1500
	// What a hostile device can make of a table has an end: maxRows are seen of
	// it, over all its parts, and with more than maxIDs databases it is walked.
	maxRows, maxIDs = 200_000, 500
)

// An interval is a part of a table of which every row is wanted.
type interval struct {
	first, last position
	gap         bool // between known FDB ids: a row there is of one that was not known
	owned       bool // an address that one device calls its own, and no other: in the table of another it is learnt, whatever the state
}

// A seeker reads a forwarding table by leaps, or walks it in parts.
type seeker struct {
	layout  layout
	table   *table
	columns []mib.Column // of the ports, and of the states
	sought  []interval   // in each database; of id 0
	counts  *census      // what the device says of its rows
	full    bool         // every row is wanted
	plain   bool         // and it is walked row by row, for the device is known not to sort
	most    int          // rows up to which it is walked
	comb    int          // rows up to which it is combed
	trusted bool         // a walk has shown, since the device has started, that seeks miss nothing

	ids      map[uint32]bool // databases that are known
	found    []fdbRow
	combs    bool          // every port is read
	combed   []*packedRows // with these rows, part by part in order; of a walk to begin with first
	picked   bool          // those of them that are sought are found
	seen     []position
	claims   []claim
	behind   map[string]bool // what objects follow the table, as the answers have it
	open     int
	broken   error  // why it is not sought in
	rows     [2]int // that were seen of each column
	walked   bool   // in the end it was walked like any other table
	statuses []statusRow
	asked    int        // rows of found whose status was asked for, where it tells anything
	others   []interval // the addresses of other devices, and landmarks
	begun    bool       // it was walked to begin with
	last     position   // up to here
	count    int        // so many rows
	early    []fdbRow   // these
	disorder bool       // they are not in order
	ended    bool       // they seemed to be all
	reached  position   // but the other column came so far
	caught   bool       // so that they were read on
	stopped  bool       // and the other column was not read to its end
	wrong    bool       // it does not say what comes after an address that it does not have
}

var errContradicted = fmt.Errorf("%w: one answer has a row where there is none by another", snmp.ErrOrder)

// A claim is that a table has no row between two positions.
type claim struct{ after, next position }

// denies tells whether there is no row at a position, by what is claimed.
func (c claim) denies(at position) bool { return c.after.compare(at) < 0 && at.compare(c.next) < 0 }

// whyBroken says why a table is not sought in.
func (s *seeker) whyBroken() string {
	switch {
	case errors.Is(s.broken, errManyIDs):
		return "it has more databases than are worth seeking in, so it was walked"
	case errors.Is(s.broken, errContradicted):
		return "its answers contradict each other: its rows are not sorted by address, or some have come or gone meanwhile; so it was walked and not sought in"
	case errors.Is(s.broken, errInexact):
		return "it does not say what comes after an address that it does not have, so it was walked and not sought in"
	}
	return "its rows are not sorted by address, so it was walked and not sought in"
}

// search seeks what is wanted of the rest of the table.
func (s *seeker) search() []*snmp.Cursor {
	s.walked = false
	s.table.decoder = mib.ForwardingTable(s.table.decoder.Table()) // which is not asked for what was seen so far
	if s.layout.ids {
		for id := range s.counts.rows {
			s.ids[id] = true
		}
	}
	switch total := s.counts.total; {
	case len(s.ids) > maxIDs:
		s.broken = errManyIDs
		return s.walkOn()
	case s.full, total > 0 && total <= s.most:
		return s.wholly()
	}
	s.table.reading.Method = lan.Seek
	if total := s.counts.total; total > 0 && total <= s.comb {
		return s.combing()
	}
	s.recollect()
	var cursors []*snmp.Cursor
	list := s.rest(s.wanted(s.sought))
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].first.id == list[0].first.id {
			n++
		}
		cursors = append(cursors, s.cut(list[:n], partsOf(s.counts.rows[list[0].first.id]))...)
		list = list[n:]
	}
	return cursors
}

// cut makes so many parts of a list.
func (s *seeker) cut(list []interval, parts int) []*snmp.Cursor {
	var cursors []*snmp.Cursor
	for part := range slices.Chunk(list, max((len(list)+parts-1)/parts, partBlocks)) {
		cursors = append(cursors, s.part(part, 0, 1))
	}
	return cursors
}

// partsOf is how many parts a database of so many rows is read in.
func partsOf(rows int) int {
	if rows < manyRows {
		return 1
	}
	return rows
}

// rest is what of a list lies behind what was walked.
func (s *seeker) rest(list []interval) []interval {
	if !s.begun {
		return list
	}
	next, ok := s.last.after()
	if !ok {
		return nil
	}
	list = slices.DeleteFunc(slices.Clone(list), func(in interval) bool { return in.last.compare(next) < 0 })
	if len(list) > 0 && list[0].first.compare(next) < 0 {
		list[0].first = next
	}
	return list
}

// recollect keeps what is wanted of the rows that were walked to begin with. Of
// a table that is sought in, the others may be other switches.
func (s *seeker) recollect() {
	var others []fdbRow
	for _, row := range s.early {
		if s.full || within(s.sought, row.mac) {
			s.found = append(s.found, row)
		} else {
			others = append(others, row)
		}
	}
	s.early = others
}

// within tells whether an address is in one of the intervals, which are in
// order.
func within(list []interval, mac uint64) bool {
	i, found := find(list, mac)
	return found || i > 0 && mac <= list[i-1].last.mac
}

// find finds the interval that begins with an address, or where it would be.
func find(list []interval, mac uint64) (int, bool) {
	return slices.BinarySearchFunc(list, mac, func(in interval, mac uint64) int { return cmp.Compare(in.first.mac, mac) })
}

// wholly walks the rest of every database at the same time, and all states.
func (s *seeker) wholly() []*snmp.Cursor {
	s.full = true
	rows := min(s.counts.total, maxRows)
	s.statuses = make([]statusRow, 0, rows)
	s.found = make([]fdbRow, 0, rows)
	s.recollect()
	every := s.wanted([]interval{{last: position{mac: maxMAC}}})
	return append(s.parts(s.rest(every), 0), s.parts(every, 1)...)
}

// wanted is what is wanted of the whole table: the given intervals of every
// database that is known, and whatever lies between these.
func (s *seeker) wanted(inEach []interval) []interval {
	if !s.layout.ids {
		return inEach
	}
	var all []interval
	next, more := position{}, true
	for _, id := range sortedIDs(s.ids) {
		if next.id < id {
			all = append(all, interval{first: next, last: position{id - 1, maxMAC}, gap: true})
		}
		all = append(all, inDatabase(id, inEach)...)
		next, more = position{id, maxMAC}.after()
	}
	if more {
		all = append(all, interval{first: next, last: position{maxID, maxMAC}, gap: true})
	}
	return all
}

func sortedIDs(ids map[uint32]bool) []uint32 {
	sorted := make([]uint32, 0, len(ids))
	for id := range ids {
		sorted = append(sorted, id)
	}
	slices.Sort(sorted)
	return sorted
}

func inDatabase(id uint32, inEach []interval) []interval {
	all := make([]interval, len(inEach))
	for i, in := range inEach {
		all[i] = interval{first: position{id, in.first.mac}, last: position{id, in.last.mac}}
	}
	return all
}

// parts makes a cursor for each interval of a list, of which every row is
// wanted.
func (s *seeker) parts(list []interval, column int) []*snmp.Cursor {
	cursors := make([]*snmp.Cursor, len(list))
	for i := range list {
		rows := snmp.MostRepetitions
		if list[i].gap {
			rows = 1
		}
		cursors[i] = s.part(list[i:i+1], column, rows)
	}
	return cursors
}

// conclude is called when all parts are read.
func (s *seeker) conclude() []*snmp.Cursor {
	if s.broken == nil && (len(s.behind) > 1 || s.contradicted()) {
		s.broken = errContradicted
	}
	s.claims = nil
	switch {
	case s.broken != nil:
		return s.walkOn()
	case s.table.err != nil && s.combs && !s.picked: // what was read counts, though its states are not asked for
		s.picked = true
		for row := range s.everyCombed() {
			if within(s.sought, row.mac) {
				s.found = append(s.found, row)
			}
		}
		return nil
	case s.table.err != nil || s.full:
		return nil
	case s.combs && !s.picked:
		s.seen, s.picked = nil, true
		return s.pickSought()
	case s.combs:
		return nil
	}
	return s.askStatuses()
}

// walkOn reads the table as any other after all, and forgets what was sought.
func (s *seeker) walkOn() []*snmp.Cursor {
	s.found, s.combed, s.early, s.statuses = nil, nil, nil, nil
	s.table.err, s.table.asked, s.table.decoder = nil, 0, mib.ForwardingTable(s.table.decoder.Table())
	return s.walk()
}

// askStatuses asks for the status of the rows that were found: an address of
// the switch itself, or a row that is not valid, is no station there.
func (s *seeker) askStatuses() []*snmp.Cursor {
	var cursors []*snmp.Cursor
	for ; s.asked < len(s.found); s.asked++ {
		at := s.found[s.asked].position()
		if i, is := find(s.others, at.mac); is && s.others[i].owned {
			continue
		}
		cursors = append(cursors, s.part([]interval{{first: at, last: at}}, 1, 1))
	}
	return cursors
}

// sight seeks further addresses: those of other switches, and landmarks, which
// tell what is behind a port.
func (s *seeker) sight(further []interval) []*snmp.Cursor {
	if s.walked || s.full || s.broken != nil || s.table.err != nil || s.table.skipped {
		return nil
	}
	if s.combs {
		return s.pickFurther(further)
	}
	s.others = further
	for _, row := range s.early {
		if within(further, row.mac) {
			s.found = append(s.found, row)
		}
	}
	ids := sortedIDs(s.ids)
	if !s.layout.ids {
		ids = []uint32{0}
	}
	var cursors []*snmp.Cursor
	for _, id := range ids {
		rows := s.counts.rows[id]
		if !s.layout.ids {
			rows = s.counts.total
		}
		cursors = append(cursors, s.cut(s.rest(inDatabase(id, further)), partsOf(rows))...)
	}
	if len(cursors) == 0 {
		return s.askStatuses() // which otherwise comes after these
	}
	return cursors
}

// into puts what was found into the snapshot, in order, and counts it: the
// index of each row was of the standard shape, so nothing else is to be made of
// it.
func (s *seeker) into(snapshot *lan.Snapshot) (rows int) {
	slices.SortFunc(s.found, fdbRow.compare)
	s.found = slices.CompactFunc(s.found, func(a, b fdbRow) bool { return a.position() == b.position() })
	slices.SortStableFunc(s.statuses, func(a, b statusRow) int { return a.compare(b.position) })
	snapshot.FDB = slices.Grow(snapshot.FDB, len(s.found))
	rest := s.statuses
	for _, row := range s.found {
		entry := lan.FDBEntry{Table: s.table.reading.Table, FDBID: lan.FDBID(row.id), MAC: macOf(row.mac), Port: row.port}
		for len(rest) > 0 && rest[0].compare(row.position()) < 0 {
			rest = rest[1:]
		}
		if len(rest) > 0 && rest[0].position == row.position() {
			entry.Status = rest[0].status
		}
		snapshot.FDB = append(snapshot.FDB, entry)
	}
	s.early, s.statuses = nil, nil
	return len(s.found)
}

// note says with the reading what came of seeking.
func (s *seeker) note(r *lan.Reading) {
	switch {
	case s.broken != nil:
		r.Reason = joined(r.Reason, s.whyBroken())
	case !s.walked && r.Status == lan.Absent && (s.begun || len(s.seen) > 0 || len(s.ids) > 0):
		r.Status = lan.Complete // it has rows, but none that was sought
	}
}

// contradicted tells whether a row was seen where another answer says that
// there is none: the table is not sorted as its index says.
func (s *seeker) contradicted() bool {
	slices.SortFunc(s.seen, position.compare)
	for _, c := range s.claims {
		i, _ := slices.BinarySearchFunc(s.seen, c.after, position.compare)
		for i < len(s.seen) && s.seen[i] == c.after {
			i++
		}
		if i < len(s.seen) && c.denies(s.seen[i]) {
			return true
		}
	}
	return s.combedContradicted()
}
