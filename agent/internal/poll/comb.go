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
func (s *seeker) combing(rows int) []*snmp.Cursor {
	s.combs = true
	s.combed = make([]fdbRow, 0, rows)
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

// pickSought picks the rows in the sought intervals, and packs all of them: many
// devices wait until each has said what addresses are its own.
func (s *seeker) pickSought() []*snmp.Cursor {
	rows := s.combed
	slices.SortFunc(rows, fdbRow.compare)
	s.combed, s.packed = nil, pack(rows)
	return s.pick(slices.Values(rows), func(mac uint64) bool { return within(s.sought, mac) })
}

// pickOwn picks the rows with single addresses, given in order.
func (s *seeker) pickOwn(macs []uint64) []*snmp.Cursor {
	rows := unpack(s.packed)
	s.packed = nil
	return s.pick(rows, func(mac uint64) bool {
		_, is := slices.BinarySearch(macs, mac)
		return is && !within(s.sought, mac)
	})
}

// statesTogether is how many states fit one answer, about.
const statesTogether = 48

// pick finds the rows with wanted addresses, and asks for the status of each:
// those that stand together are asked for together.
func (s *seeker) pick(rows iter.Seq[fdbRow], wanted func(mac uint64) bool) []*snmp.Cursor {
	var cursors []*snmp.Cursor
	from := len(s.found) // where those that stand together begin
	ask := func() {
		for run := range slices.Chunk(s.found[from:], statesTogether) {
			between := []interval{{first: run[0].position(), last: run[len(run)-1].position()}}
			cursors = append(cursors, s.part(between, 1, len(run)))
		}
		from = len(s.found)
	}
	for row := range rows {
		if wanted(row.mac) {
			s.found = append(s.found, row)
		} else {
			ask()
		}
	}
	ask()
	return cursors
}

// packedRow is about how many octets a packed row takes.
const packedRow = 7

// pack writes rows, which are in order, each by what it is more than the one
// before: so they take half as much.
func pack(rows []fdbRow) []byte {
	packed := make([]byte, 0, (packedRow+1)*len(rows))
	var last position
	for _, row := range rows {
		if row.id != last.id {
			last.mac = 0
		}
		packed = binary.AppendUvarint(packed, uint64(row.id-last.id))
		packed = binary.AppendUvarint(packed, row.mac-last.mac)
		packed = binary.AppendUvarint(packed, uint64(row.port))
		last = row.position()
	}
	return packed
}

// unpack reads what pack has written.
func unpack(packed []byte) iter.Seq[fdbRow] {
	return func(yield func(fdbRow) bool) {
		var last fdbRow
		rest := packed
		next := func() uint64 {
			n, size := binary.Uvarint(rest)
			rest = rest[size:]
			return n
		}
		for len(rest) > 0 {
			if id := uint32(next()); id > 0 {
				last = fdbRow{id: last.id + id}
			}
			last.mac += next()
			last.port = lan.BridgePort(next())
			if !yield(last) {
				return
			}
		}
	}
}
