package poll

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

func pack(rows []fdbRow) *packedRows {
	packed := new(packedRows)
	for _, row := range rows {
		packed.add(row)
	}
	return packed
}

// What is packed comes out again, at the ends of what there can be and between.
func TestPack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rows := []fdbRow{{}, {mac: maxMAC, port: 1<<32 - 1}, {id: 1}, {id: 1}, {id: maxID, mac: 1}, {id: maxID, mac: maxMAC, port: 7}}
	for range 1000 {
		rows = append(rows, fdbRow{mac: random.Uint64N(maxMAC + 1), id: random.Uint32N(20), port: lan.BridgePort(random.Uint32N(60))})
	}
	slices.SortFunc(rows, fdbRow.compare)
	packed := pack(rows)
	if got := slices.Collect((&seeker{combed: []*packedRows{packed}}).everyCombed()); !slices.Equal(got, rows) {
		t.Errorf("%d rows, not as they went in", len(got))
	}
	if octets := len(packed.octets); octets > 9*len(rows) {
		t.Errorf("%d octets for %d rows", octets, len(rows))
	}
	if got := slices.Collect((&seeker{combed: []*packedRows{pack(nil)}}).everyCombed()); len(got) > 0 {
		t.Errorf("got %v of nothing", got)
	}
}

// A combed row where another part of the table says that there is none shows
// that the table is not sorted.
func TestCombedRowsContradict(t *testing.T) {
	for _, test := range []struct {
		at   position
		want bool
	}{{position{10, 5}, false}, {position{10, 6}, true}, {position{20, 8}, true}, {position{20, 9}, false}, {position{30, 1}, false}} {
		s := &seeker{claims: []claim{{after: position{10, 5}, next: position{20, 9}}}, combed: []*packedRows{pack([]fdbRow{{mac: test.at.mac, id: test.at.id}})}}
		if got := s.contradicted(); got != test.want {
			t.Errorf("a row at %v: contradicted %v, want %v", test.at, got, test.want)
		}
	}
}

// Where a part of a combed table cannot be read, what was read of the others
// counts all the same, and it is said.
func TestCombedRowsCount(t *testing.T) {
	recording := randomTable(rand.New(rand.NewPCG(5, 5)), 1200, 100, 4).recording(honest)
	column := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")
	bad := lan.FDBID(0) // the last database
	for vb := range recording.All() {
		if vb.Name.HasPrefix(column) {
			bad = lan.FDBID(vb.Name[len(column)])
		}
	}
	device, _ := serve(t, recording, snmpagent.Options{Intercept: func(request snmpagent.Request, r *snmpagent.Response) {
		for _, vb := range r.Varbinds {
			if vb.Name.HasPrefix(column) && lan.FDBID(vb.Name[len(column)]) == bad {
				r.Status, r.Index, r.Varbinds = snmpagent.GenErr, 1, nil
				return
			}
		}
	}})
	rowsOf := func(s lan.Snapshot) []string {
		var rows []string
		for _, e := range s.FDB {
			in := func(r lan.MACRange) bool { return e.MAC.Compare(r.First) >= 0 && e.MAC.Compare(r.Last) <= 0 }
			if e.FDBID != bad && slices.ContainsFunc(blocks, in) {
				rows = append(rows, fmt.Sprint(e.FDBID, e.MAC, e.Port))
			}
		}
		slices.Sort(rows)
		return rows
	}
	got := readAll(t.Context(), []Device{device}, nil, blocks, func(int) (int, int) { return 300, maxRows }, nil)[0]
	if diff := cmp.Diff(rowsOf(plain(t, recording)), rowsOf(got)); diff != "" {
		t.Errorf("difference (-table +combed):\n%s", diff)
	}
	if r := reading(t, got, lan.Dot1qTpFdbTable, ""); r.Status != lan.Partial {
		t.Errorf("%+v", r)
	}
}

// Answers that contradict each other once are no proof that a table is not
// sorted: a row may have come or gone meanwhile. Twice in a row they are.
func TestContradictionByChance(t *testing.T) {
	contradicted, sound := &table{seek: &seeker{broken: errContradicted}}, &table{seek: &seeker{}}
	sound.reading.Method = lan.Seek
	past := &Past{}
	for i, seen := range [][]*table{{contradicted}, {sound}, {contradicted, sound}, {contradicted, sound}} {
		(&reader{past: past, tables: seen}).suspect()
		if suspected := past.Unsorted != ""; suspected != (i == 3) {
			t.Errorf("after reading %d: %q", i, past.Unsorted)
		}
	}
	past = &Past{}
	if (&reader{past: past, tables: []*table{{seek: &seeker{broken: errInexact}}}}).suspect(); past.Unsorted == "" {
		t.Error("a device that cannot go on from any place is not remembered")
	}
}
