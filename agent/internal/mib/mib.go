// Package mib turns the objects of MIB tables into the words of package lan.
// It is pure: rows go in one by one, in whatever order and shape a device
// gives them, and a snapshot is filled at the end. There is a file for each
// MIB; quirks are named after the device that has them.
package mib

import (
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Column is one column of a table.
type Column struct {
	Name string // the object's name in the MIB
	OID  smi.OID
}

// A Decoder takes the objects of one table and puts what they say into a
// snapshot.
type Decoder interface {
	// Table names the table.
	Table() lan.Table
	// Columns are read in any order after the first, which is the one that the
	// table's rows live by. There may be more of them when it has been read.
	Columns() []Column
	// Row takes the value of a column (by its position in Columns) for the
	// row with this index: the arcs after the column's.
	Row(column int, index smi.OID, value smi.Value)
	// Rows tells how many entries were seen, before any is set aside.
	Rows() int
	// Into adds the entries to the snapshot, and returns what has to be said
	// about those that it could not read; empty when all could be.
	Into(s *lan.Snapshot) (unread string)
}

// Decoders returns a fresh decoder for every table of a device, in the order
// in which they are to be read: a table comes before those that tell more of
// its rows, or the same less well.
func Decoders() []Decoder {
	return slices.Concat([]Decoder{
		newIfTable(), newIfXTable(), newIfStack(), newAggPort(),
		newLLDPLocPort(), newLLDPRem(), newLLDPManAddr(), newMEDClass(), newMEDInventory(),
		newLLDPV2Rem(), newLLDPV2ManAddr(), newMtxrNeighbor(), newTPLinkNeighbor(), newCDP(),
		newHwDynFDB(), newSlMacAddress(), newMtxrWlRtab(), newSTPPort(), newEntity(),
		newPoE(), newCpePort(), newCiscoSBPort(), newMarvellPort(), newTPLinkPoE(), newMtxrPoE(),
		newVtpVlan(), newLogical(), newContextMapping(),
	}, ContextDecoders(), []Decoder{newAT()})
}

// ContextDecoders returns decoders for the tables that differ from context to
// context: Cisco IOS keeps BRIDGE-MIB once for every VLAN, routers their
// address tables once for every VRF.
func ContextDecoders() []Decoder {
	return append(VLANDecoders(), newARP(), newPhysical())
}

// VLANDecoders returns decoders for the tables that differ from VLAN to VLAN.
func VLANDecoders() []Decoder {
	return []Decoder{
		newBasePort(), newVLANCurrent(), newVLANStatic(),
		ForwardingTable(lan.Dot1dTpFdbTable), ForwardingTable(lan.Dot1qTpFdbTable),
	}
}

// unreadable words the set-aside rows of a table.
func unreadable(rows int, why string) string {
	switch rows {
	case 0:
		return ""
	case 1:
		return "1 row cannot be read: " + why
	default:
		return fmt.Sprintf("%d rows cannot be read: %s", rows, why)
	}
}

// rows keeps the entries of a table. Nearly always each column brings the same
// rows in the same order, so an entry is found by its position, and only when
// that fails by its index.
type rows[T any] struct {
	entries []T
	arcs    []uint32 // of all indexes, one after the other
	ends    []int    // where each index ends in arcs
	next    []int    // where each column goes on
	byIndex map[string]int
}

// at returns the entry with this index, adding it where it is new. The
// pointer is good until the next call.
func (r *rows[T]) at(column int, index smi.OID) *T {
	for column >= len(r.next) {
		r.next = append(r.next, 0)
	}
	next := &r.next[column]
	if *next < len(r.entries) && index.Compare(r.index(*next)) == 0 {
		*next++
		return &r.entries[*next-1]
	}
	if n := len(r.entries); n > 0 && index.Compare(r.index(n-1)) == 0 {
		*next = n // another column of the row that came last
		return &r.entries[n-1]
	}
	// Without byIndex all entries came in order: a greater index is a new one.
	if n := len(r.entries); r.byIndex == nil && *next == n && (n == 0 || index.Compare(r.index(n-1)) > 0) {
		*next++
		return r.add(index)
	}
	if i, ok := r.find(index); ok {
		*next = i + 1
		return &r.entries[i]
	}
	*next = len(r.entries) + 1
	return r.add(index)
}

func (r *rows[T]) add(index smi.OID) *T {
	var zero T
	r.entries = append(r.entries, zero)
	r.arcs = append(r.arcs, index...)
	r.ends = append(r.ends, len(r.arcs))
	if r.byIndex != nil {
		r.byIndex[key(index)] = len(r.entries) - 1
	}
	return &r.entries[len(r.entries)-1]
}

func (r *rows[T]) find(index smi.OID) (int, bool) {
	if r.byIndex == nil {
		r.byIndex = make(map[string]int, len(r.entries))
		for i := range r.entries {
			r.byIndex[key(r.index(i))] = i
		}
	}
	i, ok := r.byIndex[key(index)]
	return i, ok
}

// index returns the index of the entry at a position.
func (r *rows[T]) index(i int) smi.OID {
	start := 0
	if i > 0 {
		start = r.ends[i-1]
	}
	return r.arcs[start:r.ends[i]]
}

func (r *rows[T]) len() int { return len(r.entries) }

func key(index smi.OID) string {
	buf := make([]byte, 0, 4*len(index))
	for _, arc := range index {
		buf = append(buf, byte(arc>>24), byte(arc>>16), byte(arc>>8), byte(arc))
	}
	return string(buf)
}

// number returns a value that is a whole number from 0 to limit.
func number(v smi.Value, limit int64) (uint32, bool) {
	n, ok := v.Int()
	if !ok || n < 0 || n > limit {
		return 0, false
	}
	return uint32(n), true
}

const maxUint32 = 1<<32 - 1

// Text is the text that a value holds, cleaned, and whether it holds any.
func Text(v smi.Value) (string, bool) {
	octets, ok := v.Octets()
	return lan.CleanText(octets), ok
}

func text(v smi.Value) string {
	octets, _ := v.Octets()
	return lan.CleanText(octets)
}
