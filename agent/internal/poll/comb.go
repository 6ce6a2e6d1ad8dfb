package poll

import (
	"encoding/binary"
	"iter"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A table that is too long to be kept, and too short for leaps to be worth
// while, is combed: all of its ports are read, and of the rows those are kept
// that are sought.

// combing reads the ports of the rest of the table, in parts of some databases
// each.
func (s *seeker) combing() []*snmp.Cursor {
	walked := new(packedRows)
	for _, row := range s.early {
		walked.add(row)
	}
	s.combs, s.combed, s.early = true, []*packedRows{walked}, nil
	var list []interval
	var rows []int // in each
	at, more, count := position{}, true, 0
	for _, id := range sortedIDs(s.ids) {
		if count += s.counts.rows[id]; count >= combedTogether {
			list, rows = append(list, interval{first: at, last: position{id, maxMAC}}), append(rows, count)
			at, more = position{id, maxMAC}.after()
			count = 0
		}
	}
	if more {
		list, rows = append(list, interval{first: at, last: position{maxID, maxMAC}}), append(rows, count)
	}
	cursors := s.parts(s.rest(list), 0)
	rows = rows[len(rows)-len(cursors):]
	for i, kept := range s.combed[1:] {
		kept.octets = make([]byte, 0, packedRow*rows[i])
	}
	return cursors
}

// everyCombed are all rows that were combed, in order.
func (s *seeker) everyCombed() iter.Seq[fdbRow] {
	return func(yield func(fdbRow) bool) {
		for _, rows := range s.combed {
			row, rest := fdbRow{}, rows.octets
			for len(rest) > 0 {
				if row, rest = row.next(rest); !yield(row) {
					return
				}
			}
		}
	}
}

// combedContradicted is contradicted of the combed rows, which may be many more
// than are seen otherwise. It goes through them and the claims side by side.
func (s *seeker) combedContradicted() bool {
	slices.SortFunc(s.claims, func(a, b claim) int { return a.after.compare(b.after) })
	rest, last := s.claims, position{}
	var next position // up to where what begins before the row claims that there is none
	for row := range s.everyCombed() {
		at := row.position()
		if at.compare(last) < 0 { // the table is not in order
			rest, next = s.claims, position{}
		}
		for last = at; len(rest) > 0 && rest[0].after.compare(at) < 0; rest = rest[1:] {
			if next.compare(rest[0].next) < 0 {
				next = rest[0].next
			}
		}
		if at.compare(next) < 0 {
			return true
		}
	}
	return false
}

// pickSought picks the rows in the sought intervals. All are kept: many devices
// wait until each has said what addresses are its own.
func (s *seeker) pickSought() []*snmp.Cursor {
	for _, rows := range s.combed {
		if len(rows.octets) < cap(rows.octets)*3/4 {
			rows.octets = slices.Clone(rows.octets) // without what was not needed
		}
	}
	return s.pick(s.sought)
}

// pickFurther picks the rows with further addresses, for which alone they were
// kept.
func (s *seeker) pickFurther(further []interval) []*snmp.Cursor {
	cursors := s.pick(further)
	s.combed = nil
	return cursors
}

// statesTogether is how many states fit one answer, about.
const statesTogether = 48

// pick finds the rows in intervals, and asks for the status of each that tells
// anything: those that stand together are asked for together.
func (s *seeker) pick(wanted []interval) []*snmp.Cursor {
	var cursors []*snmp.Cursor
	from := len(s.found) // where those that stand together begin
	ask := func() {
		for run := range slices.Chunk(s.found[from:], statesTogether) {
			between := []interval{{first: run[0].position(), last: run[len(run)-1].position()}}
			cursors = append(cursors, s.part(between, 1, len(run)))
		}
		from = len(s.found)
	}
	rest, last := wanted, fdbRow{}
	for row := range s.everyCombed() {
		if row.id != last.id || row.mac < last.mac {
			rest = wanted // rows are in order of address in each database
		}
		for last = row; len(rest) > 0 && rest[0].last.mac < row.mac; {
			rest = rest[1:]
		}
		in := len(rest) > 0 && rest[0].first.mac <= row.mac
		if !in || rest[0].owned {
			ask()
		}
		if in {
			s.found = append(s.found, row)
		}
		if in && rest[0].owned {
			from++
		}
	}
	ask()
	return cursors
}

// packedRow is how many octets a packed row takes, where there are few in a
// database; where there are more, their addresses are nearer to each other.
const packedRow = 8

// packedRows are rows in order, each written by what it is more than the one
// before: about 7 octets in place of 16.
type packedRows struct {
	octets []byte
	last   position
}

func (p *packedRows) add(row fdbRow) {
	if row.id != p.last.id {
		p.last.mac = 0
	}
	octets := binary.AppendUvarint(p.octets, uint64(row.id-p.last.id))
	octets = binary.AppendUvarint(octets, row.mac-p.last.mac)
	p.octets = binary.AppendUvarint(octets, uint64(row.port))
	p.last = row.position()
}

// next is the row after one, and what is packed behind it.
func (r fdbRow) next(octets []byte) (fdbRow, []byte) {
	id, octets := unpack(octets)
	if id > 0 {
		r = fdbRow{id: r.id + uint32(id)}
	}
	more, octets := unpack(octets)
	port, octets := unpack(octets)
	return fdbRow{mac: r.mac + more, id: r.id, port: lan.BridgePort(port)}, octets
}

// unpack reads a number, most of which are small.
func unpack(octets []byte) (uint64, []byte) {
	if octets[0] < 0x80 {
		return uint64(octets[0]), octets[1:]
	}
	n, size := binary.Uvarint(octets)
	return n, octets[size:]
}
