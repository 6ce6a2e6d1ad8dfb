package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Subtree is a part of a device's objects that holds something to be read.
type Subtree struct {
	OID     smi.OID
	Tables  []lan.Table // what it is read for
	Columns []smi.OID   // the columns in it that are read
}

// Subtrees returns the subtrees that hold every object of Scalars, but for the
// stamps, and of some decoders: the groups of the scalars and the entries of
// the tables, in order, none of them inside another. Where only columns may be
// asked for, each is one.
func Subtrees(decoders []Decoder) []Subtree {
	var all []Subtree
	for _, scalar := range Scalars() {
		if isStamp(scalar) {
			continue // nothing else of its group is of use
		}
		all = append(all, Subtree{OID: scalar[:len(scalar)-2], Tables: []lan.Table{lan.SystemGroup}})
	}
	for _, decoder := range decoders {
		for _, column := range decoder.Columns() {
			s := Subtree{OID: column.OID[:len(column.OID)-1], Tables: []lan.Table{decoder.Table()}, Columns: []smi.OID{column.OID}}
			if OnlyColumns(decoder.Table()) {
				s.OID = column.OID
			}
			all = append(all, s)
		}
	}
	order.By(all, func(a, b Subtree) int { return a.OID.Compare(b.OID) })
	var merged []Subtree
	for _, s := range all {
		if len(merged) == 0 || !s.OID.HasPrefix(merged[len(merged)-1].OID) {
			merged = append(merged, s)
			continue
		}
		into := &merged[len(merged)-1]
		into.Columns = append(into.Columns, s.Columns...)
		if !slices.Contains(into.Tables, s.Tables[0]) {
			into.Tables = append(into.Tables, s.Tables...)
		}
	}
	return merged
}
