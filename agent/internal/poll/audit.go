package poll

import (
	"context"
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// audit seeks in the forwarding tables that have just been walked, and holds
// what it finds against them. A device where a seek misses what is there is
// not sought in any more.
func (r *reader) audit(ctx context.Context) {
	r.past.verified = false
	proven := false
	for _, t := range r.tables {
		if t.seek == nil || t.skipped || t.err != nil || t.rows <= orderShows {
			continue
		}
		again := newTable(mib.ForwardingTable(t.reading.Table), r.context)
		again.seek = &seeker{table: again, columns: t.seek.columns, counts: t.seek.counts, sought: t.seek.sought, layout: t.seek.layout, ids: make(map[uint32]bool)}
		r.source.Read(ctx, again.seek.search()...)
		t.reading.Requests += again.reading.Requests
		switch missed := r.missed(ctx, t, again.seek); {
		case again.seek.broken != nil || missed > 0:
			r.past.Unsorted = "a seek in its forwarding table does not find all that a walk shows, so it is walked each time"
			t.remark = r.past.Unsorted
			return
		case again.err == nil:
			proven = true
		}
	}
	r.past.verified = proven
}

// missed counts the sought rows that the walk has shown and the seek has not,
// and that are still there.
func (r *reader) missed(ctx context.Context, t *table, seek *seeker) int {
	if seek.table.err != nil || seek.broken != nil {
		return 0
	}
	found := make(map[position]bool, len(seek.found))
	for _, row := range seek.found {
		found[row.position] = true
	}
	var names []smi.OID
	for _, e := range r.snapshot.FDB {
		at := position{id: uint32(e.FDBID), mac: numberOf(e.MAC)}
		if e.Table == t.reading.Table && e.Index == "" && r.wants(e.MAC) && !found[at] {
			names = append(names, t.seek.layout.index(slices.Clone(t.seek.columns[0].OID), at))
		}
	}
	if len(names) == 0 {
		return 0
	}
	answers, err := r.source.Get(ctx, names...)
	if err != nil {
		return 0 // it was a change, for all that can be said
	}
	return len(slices.DeleteFunc(answers, func(vb smi.Varbind) bool { return vb.Value.Exception() }))
}

// again walks the forwarding tables of a device where a seek has found an
// address that is new there: who else is on that port is to be known at once.
func (r *reader) again(ctx context.Context) {
	r.full = true
	r.tables = slices.DeleteFunc(r.tables, func(t *table) bool { return t.seek != nil })
	var tables []*table
	for _, table := range []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable} {
		if !slices.Contains(r.skip, table) {
			tables = append(tables, newTable(mib.ForwardingTable(table), r.context))
		}
	}
	r.tables = append(r.tables, tables...)
	r.source.Read(ctx, r.forwarding(tables)...)
}

// aliases reads anew what the administrator calls the ports on which a sought
// address was found: names are remembered, and these are what people go by.
func (r *reader) aliases(ctx context.Context) {
	var names []smi.OID
	var interfaces []*lan.Interface
	for _, e := range r.snapshot.FDB {
		i := r.snapshot.Interface(e.IfIndex)
		if i == nil || !r.wants(e.MAC) || slices.Contains(interfaces, i) {
			continue
		}
		interfaces = append(interfaces, i)
		names = append(names, mib.AliasOf(i.Index))
	}
	if len(names) == 0 {
		return
	}
	answers, err := r.source.Get(ctx, names...)
	if err != nil {
		r.snapshot.Note(lan.IfXTable, fmt.Sprintf("ifAlias could not be read again: %v", err))
		return
	}
	for n, answer := range answers {
		if alias, ok := mib.Text(answer.Value); ok {
			interfaces[n].Alias = alias
		}
	}
}
