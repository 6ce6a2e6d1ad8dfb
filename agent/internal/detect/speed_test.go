package detect

import (
	"runtime"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

const manyStations = 50_000

// crowd is a large site: of a hundred stations three are flagged, ten of a
// maker of many things, and four locally administered; one announces itself.
func crowd(t testing.TB) []locate.Station {
	t.Helper()
	blocks := registry.Embedded().Prefixes(func(string) bool { return true })
	prefixes := map[int][3]byte{0: {0x44, 0x19, 0xb6}, 1: {0x14, 0xa7, 0x8b}, 2: {0x14, 0xba, 0x88}}
	for i := 3; i < 13; i++ {
		prefixes[i] = [3]byte{0xe0, 0xcc, 0x7a}
	}
	for i := 13; i < 17; i++ {
		prefixes[i] = [3]byte{0x7a, 0x3c, byte(i)}
	}
	stations := make([]locate.Station, manyStations)
	for i := range stations {
		mac := blocks[i%len(blocks)].First
		if prefix, ok := prefixes[i%100]; ok {
			copy(mac[:], prefix[:])
		}
		mac[4], mac[5] = byte(i>>8), byte(i)
		entry := &lan.FDBEntry{MAC: mac, FDBID: 20, VLAN: 20, Port: 3, IfIndex: 103, Status: lan.FDBLearned, Table: lan.Dot1qTpFdbTable}
		st := locate.Station{MAC: mac, Sightings: []locate.Sighting{{Of: readFrom("10.0.0.5"), Table: lan.Dot1qTpFdbTable, Row: entry}}}
		if i%100 < 4 {
			st.Sightings = append(st.Sightings, says("IPC-HDW5421S", 0))
		}
		st.Place = locate.Place{Switch: "sw1", Address: "10.0.0.5", Port: "Gi0/3", IfIndex: 103, VLAN: 20, Certainty: locate.Edge, Sighting: &st.Sightings[0]}
		stations[i] = st
	}
	return stations
}

func embeddedRules(t testing.TB) Rules {
	t.Helper()
	catalog, err := watchlist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	rules := Rules{Registry: registry.Embedded(), Catalog: catalog, At: readAt}
	for _, id := range []string{"uk-2022-nil", "us-fcc-covered", "us-ndaa-889"} {
		list, _ := catalog.List(id)
		rules.Lists = append(rules.Lists, list)
	}
	return rules
}

// TestJudgingAllocates holds the memory that judging a large site takes, all
// that it allocates counted: 20 MiB.
func TestJudgingAllocates(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates for its own purposes")
	}
	const most = 20 << 20
	rules, stations := embeddedRules(t), crowd(t)
	Judge(locate.Site{Stations: stations[:1]}, rules) // decodes the registry, which is there once
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	j := Judge(locate.Site{Stations: stations}, rules)
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d stations, %d findings: %.1f MiB", len(stations), len(j.Findings), float64(allocated)/(1<<20))
	if allocated > most || len(j.Findings) < manyStations*3/100 {
		t.Errorf("%d bytes for %d findings, want at most %d", allocated, len(j.Findings), most)
	}
}

func BenchmarkJudge50000(b *testing.B) {
	rules, stations := embeddedRules(b), crowd(b)
	b.ReportAllocs()
	for b.Loop() {
		Judge(locate.Site{Stations: stations}, rules)
	}
}
