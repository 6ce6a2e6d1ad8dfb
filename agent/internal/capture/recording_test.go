package capture

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// numbered makes rows 1.N with their place as the value.
func numbered(arcs ...uint32) []smi.Varbind {
	var rows []smi.Varbind
	for i, arc := range arcs {
		rows = append(rows, smi.Varbind{Name: smi.OID{1, arc}, Value: number(smi.Integer, int64(i))})
	}
	return rows
}

// walk follows Next from a name and returns the last arc of every row.
func walk(r *Recording, from smi.OID) []uint32 {
	var arcs []uint32
	for row, ok := r.Next(from); ok && len(arcs) < 20; row, ok = r.Next(row.Name) {
		arcs = append(arcs, row.Name[1])
	}
	return arcs
}

func TestRecordingOrder(t *testing.T) {
	tests := []struct {
		name             string
		listed           []uint32
		sorted           bool
		bySorted, byFile []uint32
	}{
		{"none", nil, true, nil, nil},
		{"sorted", []uint32{2, 4, 6}, true, []uint32{2, 4, 6}, []uint32{2, 4, 6}},
		{"repeated", []uint32{2, 4, 4, 6}, true, []uint32{2, 4, 6}, []uint32{2, 4, 6}},
		{"unsorted", []uint32{4, 2, 8, 6}, false, []uint32{2, 4, 6, 8}, []uint32{4, 2, 8, 6}},
		{"unsorted and repeated", []uint32{4, 2, 4, 6, 2}, false, []uint32{2, 4, 6}, []uint32{4, 2, 6}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := New(numbered(test.listed...))
			if r.Sorted() != test.sorted {
				t.Errorf("Sorted() = %t, want %t", r.Sorted(), test.sorted)
			}
			if diff := cmp.Diff(test.bySorted, walk(r, smi.OID{1})); diff != "" {
				t.Errorf("by name (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.byFile, walk(r.InFileOrder(), smi.OID{1})); diff != "" {
				t.Errorf("in the file's order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRecordingGet(t *testing.T) {
	r := New(numbered(4, 2, 4))
	if got, ok := r.Get(smi.OID{1, 4}); !ok || got.Num != 0 {
		t.Errorf("Get(1.4) = %v, %t, want the first row of that name", got, ok)
	}
	for _, missing := range []smi.OID{nil, {1}, {1, 3}, {1, 4, 0}, {1, 5}} {
		if got, ok := r.Get(missing); ok {
			t.Errorf("Get(%s) = %v, want nothing", missing, got)
		}
	}
	if _, ok := new(Recording).Next(nil); ok {
		t.Error("the empty recording has a row")
	}
}

// An agent that sorts wrongly still finds the first row after a name that it
// does not have; the rows before it in the file are never reached from there.
func TestInFileOrderBetweenRows(t *testing.T) {
	r := New(numbered(10, 30, 20, 50, 40)).InFileOrder()
	tests := []struct {
		from uint32
		want []uint32
	}{
		{5, []uint32{10, 30, 20, 50, 40}},
		{15, []uint32{30, 20, 50, 40}},
		{35, []uint32{50, 40}},
		{40, nil},
		{55, nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, walk(r, smi.OID{1, test.from})); diff != "" {
			t.Errorf("from %d (-want +got):\n%s", test.from, diff)
		}
	}
}

func TestNewCopies(t *testing.T) {
	rows := numbered(1, 2)
	r := New(rows)
	rows[0].Name = smi.OID{9}
	if got := slices.Collect(r.All()); got[0].Name[0] != 1 {
		t.Error("changing the rows changed the recording")
	}
}

// Rows must not share memory in which appending to one changes the next.
func TestRowsAreClipped(t *testing.T) {
	r := readText(t, "1.3.1|4|ab\n1.3.2|4|cd\n")
	first, _ := r.Next(nil)
	_ = append(first.Name, 77)
	_ = append(first.Value.Bytes, 'x')
	if got, ok := r.Get(smi.OID{1, 3, 2}); !ok || got.String() != "cd" {
		t.Errorf("the second row became %q, found %t", got, ok)
	}
}
