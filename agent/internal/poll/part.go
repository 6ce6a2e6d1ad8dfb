package poll

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A part is a few intervals in a row.
type part struct {
	*seeker
	column int // of the decoder
	base   smi.OID
	cursor *snmp.Cursor
	rest   []interval  // that are not passed yet; shared with other parts
	prev   position    // where it has come to; there is no row between this and the next that it sees
	blind  bool        // there is no position before the first
	kept   *packedRows // rows of a table that is combed
	want   int
	leaps  int
	ids    []uint32 // databases that were not known
}

// part makes a cursor for a list of intervals. It asks for so many rows at
// once to begin with.
func (s *seeker) part(list []interval, column, rows int) *snmp.Cursor {
	s.open++
	p := &part{seeker: s, column: column, base: s.columns[column].OID, rest: list, want: rows}
	if s.combs && column == 0 {
		p.kept = new(packedRows)
		s.combed = append(s.combed, p.kept)
	}
	p.cursor = &snmp.Cursor{Root: p.base, After: p.goTo(list[0].first), Rows: p.want, Row: p.row, Leap: p.leap, Done: p.done, Tally: &s.table.reading.Requests}
	if until, ok := list[len(list)-1].last.after(); ok && (s.layout.ids || until.id == 0) {
		p.cursor.Until = p.object(until)
	}
	return p.cursor
}

func (p *part) object(at position) smi.OID { return p.layout.index(slices.Clip(p.base), at) }

// goTo is the object after which the next one is at the position or behind
// it. It is one with a whole index: not every agent knows what comes after
// half of one.
func (p *part) goTo(at position) smi.OID {
	before, ok := at.before()
	p.prev, p.blind = before, !ok
	if !ok {
		return p.base
	}
	return p.object(before)
}

var errManyIDs = errors.New("more databases than are worth seeking in")

var errShape = fmt.Errorf("%w: its index is not of the standard shape", snmp.ErrOrder)

// row takes in a row, wanted or not.
func (p *part) row(vb smi.Varbind) error {
	at, ok := p.layout.position(vb.Name[len(p.base):])
	if !ok {
		return errShape
	}
	if p.rows[p.column]++; p.rows[p.column] > maxRows {
		return fmt.Errorf("%w (%d)", snmp.ErrTooManyRows, maxRows)
	}
	combed := false
	for _, in := range p.rest {
		if at.compare(in.first) < 0 {
			break
		}
		if at.compare(in.last) > 0 {
			continue
		}
		switch {
		case in.gap:
			if p.ids = append(p.ids, at.id); len(p.ids) > maxIDs {
				return errManyIDs
			}
		case p.combs && p.column == 0:
			p.kept.add(newRow(at, vb.Value))
			combed = true
		case p.column == 0:
			p.found = append(p.found, newRow(at, vb.Value))
		default:
			n, _ := vb.Value.Int()
			p.statuses = append(p.statuses, statusRow{at, lan.FDBStatus(min(max(n, 0), int64(lan.FDBMgmt)))})
		}
		break
	}
	if p.column == 0 && len(p.seen) < provenAtMost {
		if !combed { // those are proven by themselves
			p.seen = append(p.seen, at)
		}
		if alone := (p.full || p.combs) && !p.rest[0].gap; !p.blind && !alone { // no other part sees what is between its rows
			p.claims = append(p.claims, claim{p.prev, at})
		}
		p.prev, p.blind = at, false
	}
	return nil
}

// leap says where to go on after a row.
func (p *part) leap(last smi.OID) (smi.OID, int) {
	at, _ := p.layout.position(last[len(p.base):]) // row has read it
	for len(p.rest) > 0 && p.rest[0].last.compare(at) <= 0 {
		p.rest = p.rest[1:]
	}
	if p.leaps++; len(p.rest) == 0 || p.leaps >= cutAfter && len(p.rest) > partBlocks {
		return nil, 0 // done goes on with the rest in more parts
	}
	switch in := p.rest[0]; {
	case at.compare(in.first) < 0:
		p.want = 1
		return p.goTo(in.first), p.want
	case in.gap: // all about this database is asked for elsewhere
		next, ok := position{at.id, maxMAC}.after()
		if !ok {
			return nil, 0
		}
		p.want = 1
		return p.goTo(next), p.want
	}
	p.want = min(2*p.want, snmp.MostRepetitions)
	return last, p.want
}

// done takes in how a part has ended.
func (p *part) done(err error) []*snmp.Cursor {
	p.open--
	p.table.reading.Elapsed = time.Since(p.table.start)
	var cursors []*snmp.Cursor
	if err == nil && len(p.rest) > 0 && p.column == 0 {
		p.end()
	}
	switch {
	case err == nil && p.leaps >= cutAfter && len(p.rest) > partBlocks:
		cursors = p.further()
	case errors.Is(err, snmp.ErrOrder), errors.Is(err, errManyIDs):
		p.broken = err
	case err != nil && p.table.err == nil:
		p.table.err = fmt.Errorf("read %s: %w", p.columns[p.column].Name, err)
	}
	if p.broken == nil && p.table.err == nil {
		cursors = append(cursors, p.unknown()...)
	}
	if p.open > 0 {
		return cursors
	}
	return p.conclude()
}

// end claims that there is nothing from where the part has come to up to where
// it ended: the object behind it, or the end of the table. A device that says
// so in the middle of a table is found out by the rows that others see there.
func (p *part) end() {
	if p.blind || p.leaps >= cutAfter && len(p.rest) > partBlocks {
		return
	}
	next := position{maxID, maxMAC}
	if behind := p.cursor.Next; behind.HasPrefix(p.base) {
		next, _ = p.layout.position(behind[len(p.base):]) // of no standard shape it claims nothing
	} else {
		if p.behind == nil {
			p.behind = make(map[string]bool)
		}
		p.behind[behind.String()] = true // one and the same for all parts
	}
	if len(p.claims) < provenAtMost {
		p.claims = append(p.claims, claim{p.prev, next})
	}
}

// further goes on with the rest of a part in four.
func (p *part) further() []*snmp.Cursor {
	rest := slices.Clone(p.rest)
	if next, ok := p.prev.after(); ok && rest[0].first.compare(next) < 0 {
		rest[0].first = next
	}
	return p.cut(rest, 4)
}

// unknown are cursors for databases that were not known.
func (p *part) unknown() []*snmp.Cursor {
	var cursors []*snmp.Cursor
	slices.Sort(p.ids)
	for _, id := range slices.Compact(p.ids) {
		if p.seeker.ids[id] || len(p.seeker.ids) > maxIDs {
			continue // known by now, or of no use
		}
		p.seeker.ids[id] = true
		if p.full {
			whole := inDatabase(id, []interval{{last: position{mac: maxMAC}}})
			cursors = append(cursors, p.parts(whole, 0)...)
			cursors = append(cursors, p.parts(whole, 1)...)
		} else {
			cursors = append(cursors, p.cut(inDatabase(id, p.sought), 1)...)
		}
	}
	p.ids = nil
	if len(p.seeker.ids) > maxIDs {
		p.broken = errManyIDs
	}
	return cursors
}
