package capture

import (
	"iter"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Recording is the rows of one context, sorted by name, each name once. The
// zero value is empty. Nothing changes it after it was made, so that any
// number of readers may share it; what it returns must not be changed.
//
// Where a file repeats a name, the first row counts: a walk that ran in a
// circle repeats rows, and those of its first round belong together.
type Recording struct {
	rows []smi.Varbind
	file []int32 // positions in rows as the file lists them; nil where that is the same
	gaps []Gap   // what is not in it

	// Set only in a view that answers in the file's order:
	place []int32 // where each row stands in file
	lead  []int32 // the highest of file up to each place
}

// New makes a recording of rows, which it copies.
func New(rows []smi.Varbind) *Recording {
	return newRecording(slices.Clone(rows))
}

// newRecording keeps rows.
func newRecording(rows []smi.Varbind) *Recording {
	increasing := true
	for i := 1; i < len(rows) && increasing; i++ {
		increasing = smi.CompareVarbinds(rows[i-1], rows[i]) < 0
	}
	if increasing {
		return &Recording{rows: rows}
	}
	order := make([]int32, len(rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return smi.CompareVarbinds(rows[a], rows[b]) })

	const repeated = -1
	r := &Recording{rows: make([]smi.Varbind, 0, len(rows))}
	rank := make([]int32, len(rows))
	for _, i := range order {
		if n := len(r.rows); n > 0 && smi.CompareVarbinds(r.rows[n-1], rows[i]) == 0 {
			rank[i] = repeated
			continue
		}
		rank[i] = int32(len(r.rows))
		r.rows = append(r.rows, rows[i])
	}
	rank = slices.DeleteFunc(rank, func(n int32) bool { return n == repeated })
	if !slices.IsSorted(rank) {
		r.file = rank
	}
	return r
}

// Len returns the number of rows.
func (r *Recording) Len() int { return len(r.rows) }

// Sorted tells whether the file listed its rows in increasing order, as an
// agent must (RFC 3416, section 4.2.2).
func (r *Recording) Sorted() bool { return r.file == nil }

// Gaps returns what the recording does not hold, as its file says.
func (r *Recording) Gaps() []Gap { return r.gaps }

// All yields the rows sorted by name.
func (r *Recording) All() iter.Seq[smi.Varbind] { return slices.Values(r.rows) }

// Get returns the value of an object, and whether there is one.
func (r *Recording) Get(name smi.OID) (smi.Value, bool) {
	i, found := r.search(name)
	if !found {
		return smi.Value{}, false
	}
	return r.rows[i].Value, true
}

// Next returns the object after name, as GETNEXT does, and whether there is
// one.
func (r *Recording) Next(name smi.OID) (smi.Varbind, bool) {
	place := r.After(name)
	if place == len(r.rows) {
		return smi.Varbind{}, false
	}
	return *r.At(place), true
}

// After returns the place behind a name: how many rows a walk has passed when
// it comes there.
func (r *Recording) After(name smi.OID) int {
	i, found := r.search(name)
	switch {
	case r.place != nil:
		return r.inFile(i, found)
	case found:
		i++
	}
	return i
}

// At returns the row at a place from 0 to before Len, in the order in which
// Next goes through them.
func (r *Recording) At(place int) *smi.Varbind {
	if r.place != nil {
		place = int(r.file[place])
	}
	return &r.rows[place]
}

// InFileOrder returns a view of the recording whose Next goes through the rows
// as the file listed them: so answers an agent that sorts wrongly.
func (r *Recording) InFileOrder() *Recording {
	if r.file == nil {
		return r
	}
	view := *r
	view.place = make([]int32, len(r.file))
	view.lead = make([]int32, len(r.file))
	highest := int32(0)
	for at, i := range r.file {
		highest = max(highest, i)
		view.place[i], view.lead[at] = int32(at), highest
	}
	return &view
}

// inFile is where the file goes on after row i, or, where no row has the name
// asked for, the first place of the file that has row i or a later one.
func (r *Recording) inFile(i int, found bool) int {
	if found {
		return int(r.place[i]) + 1
	}
	at, _ := slices.BinarySearch(r.lead, int32(i))
	return at
}

// below yields the rows in the subtree of root, without root, and counts them.
func (r *Recording) below(root smi.OID) iter.Seq2[int, smi.Varbind] {
	return func(yield func(int, smi.Varbind) bool) {
		first, found := r.search(root)
		if found {
			first++
		}
		for n, row := range r.rows[first:] {
			if !row.Name.HasPrefix(root) || !yield(n, row) {
				return
			}
		}
	}
}

// search returns where name stands or would stand among the rows.
func (r *Recording) search(name smi.OID) (int, bool) {
	return slices.BinarySearchFunc(r.rows, name, func(row smi.Varbind, name smi.OID) int { return row.Name.Compare(name) })
}
