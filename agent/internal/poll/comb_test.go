package poll

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
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
	if got := slices.Collect(packed.all()); !slices.Equal(got, rows) {
		t.Errorf("%d rows, not as they went in", len(got))
	}
	if octets := len(packed.octets); octets > 9*len(rows) {
		t.Errorf("%d octets for %d rows", octets, len(rows))
	}
	if got := slices.Collect(pack(nil).all()); len(got) > 0 {
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
