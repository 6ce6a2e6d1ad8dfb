package poll

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
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
	trusted bool         // a walk has shown, since the device has started, that seeks miss nothing

	ids        map[uint32]bool // databases that are known
	found      []fdbRow
	seen       []position
	claims     []claim
	behind     map[string]bool // what objects follow the table, as the answers have it
	open       int
	broken     error  // why it is not sought in
	rows       [2]int // that were seen of each column
	walked     bool   // in the end it was walked like any other table
	statuses   map[position]lan.FDBStatus
	asked      int        // rows of found whose status was asked for
	from       position   // up to here it was walked
	begun      bool       // it was walked so far
	left       []int      // columns that were walked no farther
	disorder   bool       // the rows that were walked are not in order
	rowsWalked []position // some of them
	early      []fdbRow   // those of them that are sought
	wrong      bool       // it does not say what comes after an address that it does not have
}

// A fdbRow is a row that was wanted.
type fdbRow struct {
	position
	port lan.BridgePort
}

// A claim is that a table has no row between two positions.
type claim struct{ after, next position }

// A census is how many rows each database of dot1qTpFdbTable has by
// dot1qFdbDynamicCount. It is a hint: some devices say 0 where there are rows.
type census struct {
	rows  map[uint32]int
	total int
	taken bool // all of it
}

var dot1qFdbDynamicCount = smi.MustOID("1.3.6.1.2.1.17.7.1.2.1.1.2")

// cursor reads the counts.
func (c *census) cursor(tally *int) *snmp.Cursor {
	c.rows = make(map[uint32]int)
	width := len(dot1qFdbDynamicCount)
	return &snmp.Cursor{Root: dot1qFdbDynamicCount, Tally: tally,
		Row: func(vb smi.Varbind) error {
			if n, ok := vb.Value.Int(); ok && n >= 0 && len(vb.Name) > width {
				n = min(n, maxRows)
				c.rows[vb.Name[len(vb.Name)-1]] = int(n)
				c.total = min(c.total+int(n), maxRows)
			}
			return nil
		},
		Done: func(error) []*snmp.Cursor {
			c.taken = true
			return nil
		}}
}

// enough is how many rows of the table are walked before the rest of it is
// read in another way.
func (s *seeker) enough() int {
	const all = math.MaxInt
	switch total := s.counts.total; {
	case s.plain, s.full && (total < rangedFrom || !s.layout.ids):
		return all
	case s.full:
		return orderShows
	case s.trusted && total > s.most:
		return 1
	case !s.counts.taken || s.layout.ids && len(s.counts.rows) == 0:
		return all // without ids it would be a walk as well, one database after the other
	case total > s.most, total > walkedAtOnce && len(s.counts.rows) > 1:
		return orderShows
	case total > 0:
		return all
	}
	return min(triedAtMost, s.most)
}

// begin walks the table like any other, both columns at once, and goes on in
// another way when it turns out to be long. A table whose rows do not come in
// order is walked to its end.
func (s *seeker) begin() []*snmp.Cursor {
	s.ids = make(map[uint32]bool)
	cursors := s.walk()
	for n, c := range cursors {
		s.watch(c, n)
	}
	return cursors
}

// watch ends the walk of a column when enough of it was seen.
func (s *seeker) watch(c *snmp.Cursor, column int) {
	row, done, width := c.Row, c.Done, len(c.Root)
	rows, last := 0, position{}
	c.Row = func(vb smi.Varbind) error {
		at, ok := s.layout.position(vb.Name[width:])
		s.disorder = s.disorder || !ok || rows > 0 && at.compare(last) <= 0
		if rows > 0 && rows >= s.enough() && !s.disorder {
			if !s.begun || last.compare(s.from) < 0 {
				s.from, s.begun = last, true
			}
			return errMany
		}
		last = at
		rows++
		if column == 0 && len(s.rowsWalked) < orderShows {
			s.rowsWalked = append(s.rowsWalked, at)
		}
		if column == 0 && slices.ContainsFunc(s.sought, func(in interval) bool { return in.first.mac <= at.mac && at.mac <= in.last.mac }) {
			n, _ := vb.Value.Int()
			s.early = append(s.early, fdbRow{at, lan.BridgePort(min(max(n, 0), math.MaxUint32))})
		}
		return row(vb)
	}
	c.Done = func(err error) []*snmp.Cursor {
		if errors.Is(err, errMany) {
			s.left = append(s.left, column)
			err = nil
		}
		more := done(err)
		switch {
		case s.table.open > 0 || len(s.left) == 0 || s.table.err != nil:
			return more
		case !s.disorder:
			return s.probe()
		}
		for _, column := range s.left { // the other one shows that it has to be walked
			more = append(more, s.table.column(s.columns[column], column))
		}
		return more
	}
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
	for n := len(s.rowsWalked) - 1; n > 0 && len(cursors) < probes; n -= max(len(s.rowsWalked)/probes, 1) {
		at := s.rowsWalked[n]
		before, _ := at.before()
		if before == s.rowsWalked[n-1] || before.id != at.id {
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

// whyBroken says why a table is not sought in.
func (s *seeker) whyBroken() string {
	switch {
	case errors.Is(s.broken, errManyIDs):
		return "it has more databases than are worth seeking in, so it was walked"
	case errors.Is(s.broken, errInexact):
		return "it does not say what comes after an address that it does not have, so it was walked and not sought in"
	}
	return "its rows are not sorted by address, so it was walked and not sought in"
}

// search seeks what is wanted of the rest of the table.
func (s *seeker) search() []*snmp.Cursor {
	s.walked = false
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
		cursors = append(cursors, s.part(part, 0))
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
	next, ok := s.from.after()
	if !ok {
		return nil
	}
	list = slices.DeleteFunc(slices.Clone(list), func(in interval) bool { return in.last.compare(next) < 0 })
	if len(list) > 0 && list[0].first.compare(next) < 0 {
		list[0].first = next
	}
	return list
}

// wholly walks the rest of every database at the same time.
func (s *seeker) wholly() []*snmp.Cursor {
	s.full = true
	rows := min(s.counts.total, maxRows)
	s.statuses = make(map[position]lan.FDBStatus, rows)
	s.found = make([]fdbRow, 0, rows)
	all := s.rest(s.wanted([]interval{{last: position{mac: maxMAC}}}))
	return append(s.parts(all, 0), s.parts(all, 1)...)
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

// parts makes a cursor for each interval of a list.
func (s *seeker) parts(list []interval, column int) []*snmp.Cursor {
	cursors := make([]*snmp.Cursor, len(list))
	for i := range list {
		cursors[i] = s.part(list[i:i+1], column)
	}
	return cursors
}

// conclude is called when all parts are read.
func (s *seeker) conclude() []*snmp.Cursor {
	if s.broken == nil && (len(s.behind) > 1 || s.contradicted()) {
		s.broken = snmp.ErrOrder
	}
	s.claims = nil
	switch {
	case s.broken != nil:
		return s.walkOn()
	case s.table.err != nil || s.full:
		return nil
	}
	return s.askStatuses()
}

// walkOn reads the table as any other after all, and forgets what was sought.
func (s *seeker) walkOn() []*snmp.Cursor {
	s.found, s.statuses = nil, nil
	s.table.err, s.table.asked, s.table.decoder = nil, 0, mib.ForwardingTable(s.table.decoder.Table())
	return s.walk()
}

// askStatuses asks for the status of the rows that were found: an address of
// the switch itself, or a row that is not valid, is no station there.
func (s *seeker) askStatuses() []*snmp.Cursor {
	if s.statuses == nil {
		s.statuses = make(map[position]lan.FDBStatus)
	}
	var cursors []*snmp.Cursor
	for ; s.asked < len(s.found); s.asked++ {
		at := s.found[s.asked].position
		s.open++
		p := &part{seeker: s, column: 1, base: s.columns[1].OID, rest: []interval{{first: at, last: at}}}
		cursors = append(cursors, &snmp.Cursor{Root: p.base, After: p.goTo(at), Row: p.row, Done: p.done, Tally: &s.table.reading.Requests,
			Leap: func(smi.OID) (smi.OID, int) { return nil, 0 }})
	}
	return cursors
}

// sight seeks single addresses as well: those of other switches, which tell
// what is behind a port.
func (s *seeker) sight(macs []uint64) []*snmp.Cursor {
	if s.walked || s.full || s.broken != nil || s.table.err != nil || s.table.skipped {
		return nil
	}
	var further []interval
	for _, mac := range macs {
		at := interval{first: position{mac: mac}, last: position{mac: mac}}
		if !slices.ContainsFunc(s.sought, func(in interval) bool { return in.first.mac <= mac && mac <= in.last.mac }) {
			further = append(further, at)
		}
	}
	if len(further) == 0 {
		return nil
	}
	if !s.layout.ids {
		return s.cut(s.rest(further), partsOf(s.counts.total))
	}
	var cursors []*snmp.Cursor
	for _, id := range sortedIDs(s.ids) {
		cursors = append(cursors, s.cut(s.rest(inDatabase(id, further)), partsOf(s.counts.rows[id]))...)
	}
	return cursors
}

// feed gives the decoder what was found, in order.
func (s *seeker) feed() {
	if s.walked {
		return
	}
	slices.SortFunc(s.found, func(a, b fdbRow) int { return a.compare(b.position) })
	s.found = slices.CompactFunc(s.found, func(a, b fdbRow) bool { return a.position == b.position })
	var index smi.OID
	for _, row := range s.found {
		index = s.layout.index(index[:0], row.position)
		s.table.decoder.Row(0, index, smi.Value{Kind: smi.Integer, Num: uint64(row.port)})
		if status, told := s.statuses[row.position]; told {
			s.table.decoder.Row(1, index, smi.Value{Kind: smi.Integer, Num: uint64(status)})
		}
	}
}

// note says with the reading what came of seeking.
func (s *seeker) note(r *lan.Reading) {
	switch {
	case s.broken != nil:
		r.Reason = joined(r.Reason, s.whyBroken())
	case !s.walked && r.Status == lan.Absent && (len(s.seen) > 0 || len(s.ids) > 0):
		r.Status = lan.Complete // it has rows, but none that was sought
	}
}

// contradicted tells whether a row was seen where another answer says that
// there is none: the table is not sorted as its index says.
func (s *seeker) contradicted() bool {
	slices.SortFunc(s.seen, position.compare)
	s.seen = slices.Compact(s.seen)
	for _, c := range s.claims {
		i, found := slices.BinarySearchFunc(s.seen, c.after, position.compare)
		if found {
			i++
		}
		if i < len(s.seen) && s.seen[i].compare(c.next) < 0 {
			return true
		}
	}
	return false
}
