package poll

import (
	"encoding/binary"
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
	return s.pick(rows, func(mac uint64) bool { return within(s.sought, mac) })
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

// pick finds the rows with wanted addresses, and asks for the status of each:
// those that stand together are asked for together.
func (s *seeker) pick(rows []fdbRow, wanted func(mac uint64) bool) []*snmp.Cursor {
	var cursors []*snmp.Cursor
	from := -1 // the first of those that stand together
	for i := range len(rows) + 1 {
		is := i < len(rows) && wanted(rows[i].mac)
		switch {
		case is && from < 0:
			from = i
		case !is && from >= 0:
			s.found = append(s.found, rows[from:i]...)
			run := []interval{{first: rows[from].position(), last: rows[i-1].position()}}
			cursors = append(cursors, s.part(run, 1, min(i-from, snmp.MostRepetitions)))
			from = -1
		}
	}
	return cursors
}

// pack writes rows, which are in order, each by what it is more than the one
// before: about 7 octets instead of 16.
func pack(rows []fdbRow) []byte {
	var packed []byte
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
	return slices.Clone(packed) // without what it has grown to
}

// unpack reads what pack has written.
func unpack(packed []byte) []fdbRow {
	var rows []fdbRow
	var last fdbRow
	next := func() uint64 {
		n, size := binary.Uvarint(packed)
		packed = packed[size:]
		return n
	}
	for len(packed) > 0 {
		if id := uint32(next()); id > 0 {
			last = fdbRow{id: last.id + id}
		}
		last.mac += next()
		last.port = lan.BridgePort(next())
		rows = append(rows, last)
	}
	return rows
}
