package mib

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A cell is one object of a table.
type cell struct {
	column int // position in Columns
	index  string
	value  smi.Value
}

func integer(n int64) smi.Value { return smi.Value{Kind: smi.Integer, Num: uint64(n)} }

func octets(s string) smi.Value { return smi.Value{Kind: smi.OctetString, Bytes: []byte(s)} }

func mac(s string) lan.MAC {
	m, err := lan.ParseMAC(s)
	if err != nil {
		panic(err)
	}
	return m
}

var addr = netip.MustParseAddr

func addrs(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, s := range texts {
		all = append(all, addr(s))
	}
	return all
}

// compareAddrs lets cmp compare addresses.
var compareAddrs = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

// read gives a decoder its cells and returns what it has to say of them.
func read(t *testing.T, d Decoder, s *lan.Snapshot, cells ...cell) string {
	t.Helper()
	for _, c := range cells {
		if c.column >= len(d.Columns()) {
			t.Fatalf("%s does not ask for column %d at %s", d.Table(), c.column, c.index)
		}
		d.Row(c.column, smi.MustOID(c.index), c.value)
	}
	return d.Into(s)
}

func TestEveryTableHasADecoderOfItsOwn(t *testing.T) {
	objects := make(map[string]lan.Table)
	tables := make(map[lan.Table]bool)
	for _, d := range Decoders() {
		if tables[d.Table()] {
			t.Errorf("two decoders read a table called %s", d.Table())
		}
		tables[d.Table()] = true
		for _, c := range d.Columns() {
			if other, taken := objects[c.OID.String()]; taken {
				t.Errorf("%s is read for %s and for %s", c.Name, other, d.Table())
			}
			objects[c.OID.String()] = d.Table()
		}
		var s lan.Snapshot
		if unread := d.Into(&s); unread != "" || d.Rows() != 0 {
			t.Errorf("%s says of nothing: %d rows, %q", d.Table(), d.Rows(), unread)
		}
		if diff := cmp.Diff(lan.Snapshot{}, s, compareAddrs); diff != "" {
			t.Errorf("%s makes something of nothing:\n%s", d.Table(), diff)
		}
	}
	for _, d := range ContextDecoders() {
		if objects[d.Columns()[0].OID.String()] != d.Table() {
			t.Errorf("%s is read in contexts alone", d.Table())
		}
	}
}

// Devices give the rows of a column in whatever order, and leave rows out of
// single columns. What belongs together is found even so.
func TestRowsInAnyOrder(t *testing.T) {
	tests := []struct {
		name          string
		first, second []uint32 // the rows of two columns, as they come
	}{
		{"both in order", []uint32{1, 2, 3}, []uint32{1, 2, 3}},
		{"the second backwards", []uint32{1, 2, 3}, []uint32{3, 2, 1}},
		{"the first backwards", []uint32{3, 2, 1}, []uint32{1, 2, 3}},
		{"both mixed", []uint32{2, 3, 1}, []uint32{3, 1, 2}},
		{"the second has fewer", []uint32{1, 2, 3, 4}, []uint32{2, 4}},
		{"the second has more", []uint32{2, 4}, []uint32{1, 2, 3, 4, 5}},
		{"the second has others", []uint32{1, 3}, []uint32{2, 4}},
		{"the second has one behind all", []uint32{1, 2}, []uint32{3}},
		{"the first is empty", nil, []uint32{2, 1}},
		{"the second is empty", []uint32{1, 2}, nil},
		{"a row twice", []uint32{1, 2, 2, 1}, []uint32{2, 2, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got rows[[2]uint32]
			want := make(map[string][2]uint32)
			for column, numbers := range [][]uint32{test.first, test.second} {
				for _, n := range numbers {
					index := smi.OID{9, n}
					got.at(column, index)[column] = n
					both := want[index.String()]
					both[column] = n
					want[index.String()] = both
				}
			}
			checkRows(t, &got, want)
		})
	}
}

// The same by chance, with indexes of several lengths and columns that come
// by turns.
func TestRowsByChance(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var got rows[[2]uint32]
		want := make(map[string][2]uint32)
		for range dice.IntN(12) {
			column := dice.IntN(2)
			index := make(smi.OID, dice.IntN(3))
			for i := range index {
				index[i] = dice.Uint32N(3)
			}
			n := dice.Uint32()
			got.at(column, index)[column] = n
			both := want[index.String()]
			both[column] = n
			want[index.String()] = both
		}
		if checkRows(t, &got, want); t.Failed() {
			return
		}
	}
}

func checkRows(t *testing.T, r *rows[[2]uint32], want map[string][2]uint32) {
	t.Helper()
	got := make(map[string][2]uint32)
	for i, entry := range r.entries {
		got[r.index(i).String()] = entry
	}
	if diff := cmp.Diff(want, got); diff != "" || r.len() != len(want) {
		t.Errorf("%d rows for %d; difference (-want +got):\n%s", r.len(), len(want), diff)
	}
}

func TestUnreadable(t *testing.T) {
	for rows, want := range map[int]string{0: "", 1: "1 row cannot be read: odd", 2: "2 rows cannot be read: odd"} {
		if got := unreadable(rows, "odd"); got != want {
			t.Errorf("%d rows: got %q, want %q", rows, got, want)
		}
	}
}
