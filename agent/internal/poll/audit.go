package poll

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// samples is how many rows of a table are sought, beside those that are sought
// anyway, to see that seeks find what is there.
const samples = 20

const missesRows = "a seek in its forwarding table does not find all that a walk shows, so it is walked each time"

// suspect remembers a device whose forwarding table could not be sought in.
func (r *reader) suspect() {
	sought, chance := false, false
	for _, t := range r.tables {
		switch {
		case t.seek == nil:
		case t.seek.broken == nil:
			sought = sought || t.reading.Method == lan.Seek
		case r.byChance(t.seek):
			chance = true
		case r.past.Unsorted == "":
			r.past.Unsorted = t.seek.whyBroken()
		}
	}
	if sought || chance {
		r.past.contradicted = chance
	}
}

// byChance tells whether a seek was given up for answers that contradict each
// other, for the first time: a row that has come or gone between them makes a
// table look so too.
func (r *reader) byChance(s *seeker) bool {
	return errors.Is(s.broken, errContradicted) && !r.past.contradicted
}

// audit seeks in the forwarding tables that have just been walked, and holds
// what it finds against them. A device where a seek misses what is there is
// not sought in any more.
func (r *reader) audit(ctx context.Context) {
	r.past.verified = make(map[lan.Table]bool)
	for _, t := range r.tables {
		if t.seek == nil || t.skipped || t.err != nil || t.rows <= orderShows {
			continue
		}
		rows := r.audited(t)
		again := newTable(mib.ForwardingTable(t.reading.Table), r.context)
		again.seek = &seeker{table: again, columns: t.seek.columns, counts: t.seek.counts, sought: around(rows, t.seek.sought),
			layout: t.seek.layout, ids: make(map[uint32]bool)}
		for at := range rows {
			again.seek.ids[at.id] = again.seek.ids[at.id] || t.seek.layout.ids
		}
		err := r.source.Read(ctx, again.seek.search()...)
		t.reading.Requests += again.reading.Requests
		if err != nil {
			continue // what the seek has missed says nothing of the order
		}
		missed, sure := r.missed(ctx, t, again.seek, rows)
		switch {
		case again.seek.broken != nil && r.byChance(again.seek):
			r.past.contradicted = true
		case again.seek.broken != nil:
			r.past.Unsorted = again.seek.whyBroken()
			t.remark = r.past.Unsorted
		case missed > 0:
			r.past.Unsorted = missesRows
			t.remark = r.past.Unsorted
		default:
			r.past.verified[t.reading.Table] = sure && again.err == nil
		}
	}
}

// audited are the rows of a table that a seek has to find: those that are
// sought, and some others from all over the table.
func (r *reader) audited(t *table) map[position]bool {
	var others []position
	rows := make(map[position]bool)
	for _, e := range r.snapshot.FDB {
		at := position{uint32(e.FDBID), numberOf(e.MAC)}
		switch {
		case e.Table != t.reading.Table || e.Index != "":
		case r.wants(e.MAC):
			rows[at] = true
		default:
			others = append(others, at)
		}
	}
	for n := 0; n < len(others); n += max(len(others)/samples, 1) {
		rows[others[n]] = true
	}
	return rows
}

// around are the sought intervals, and one for each of the rows.
func around(rows map[position]bool, sought []interval) []interval {
	all := slices.Clone(sought)
	for at := range rows {
		if !within(sought, at.mac) {
			all = append(all, interval{first: position{mac: at.mac}, last: position{mac: at.mac}})
		}
	}
	order.By(all, func(a, b interval) int { return a.first.compare(b.first) })
	return slices.CompactFunc(all, func(a, b interval) bool { return a.first == b.first })
}

// missed counts the rows that the walk has shown and the seek has not, and
// that a walk from the row before still shows. It is not sure where that could
// not be found out.
func (r *reader) missed(ctx context.Context, t *table, seek *seeker, rows map[position]bool) (missed int, sure bool) {
	if seek.table.err != nil || seek.broken != nil {
		return 0, false
	}
	absent := maps.Clone(rows)
	for _, row := range seek.found {
		delete(absent, row.position())
	}
	if len(absent) == 0 {
		return 0, len(rows) > 0
	}
	// One more walk tells: what a GET says of a row is not what a walk shows
	// (RouterOS).
	sure = true
	width := len(t.seek.columns[0].OID)
	confused := r.source.Read(ctx, &snmp.Cursor{Root: t.seek.columns[0].OID, Tally: &t.reading.Requests,
		Row: func(vb smi.Varbind) error {
			if at, ok := t.seek.layout.position(vb.Name[width:]); ok && absent[at] {
				missed++
			}
			return nil
		},
		Done: func(err error) []*snmp.Cursor {
			sure = err == nil
			return nil
		}})
	return missed, sure && confused == nil
}

// again walks the forwarding tables of a device where a seek has found an
// address that is new there: who else is on that port is to be known at once.
// What the seek has found stands where that does not succeed.
func (r *reader) again(ctx context.Context) {
	var tables []*table
	for _, t := range r.tables {
		if t.seek != nil {
			fresh := newTable(mib.ForwardingTable(t.reading.Table), r.context)
			fresh.reading.Requests = t.reading.Requests
			tables = append(tables, fresh)
		}
	}
	r.full = true
	confused := r.source.Read(ctx, r.forwarding(tables)...)
	if confused != nil || slices.ContainsFunc(tables, func(t *table) bool { return t.err != nil }) {
		r.full = false
		for _, t := range r.tables {
			if t.seek != nil {
				t.remark = "an address is new there, and to walk it for that did not succeed"
			}
		}
		return
	}
	r.tables = append(slices.DeleteFunc(r.tables, func(t *table) bool { return t.seek != nil }), tables...)
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
