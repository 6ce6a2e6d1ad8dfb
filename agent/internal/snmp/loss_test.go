package snmp

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A weather is what a network does to datagrams, each by a chance.
type weather struct {
	lost  float64 // each way
	twice float64
	late  float64 // up to 2.5 s, by when it was asked again
}

// over answers from rows through a weather. There and back takes 2 ms at best.
func (c weather) over(rows []int, dice *rand.Rand) func(w *wire, id uint32, r *request) {
	recording := columns(rows...)
	return func(w *wire, id uint32, r *request) {
		if there, back := roll(dice, c.lost), roll(dice, c.lost); there+back > 0 {
			return
		}
		m := answerTo(recording, id, r)
		datagram := m.Append(nil)
		for range 1 + roll(dice, c.twice) {
			w.deliver(datagram, 2*time.Millisecond+time.Duration(roll(dice, c.late))*time.Duration(dice.Int64N(int64(2500*time.Millisecond))))
		}
	}
}

func roll(dice *rand.Rand, chance float64) int {
	if dice.Float64() < chance {
		return 1
	}
	return 0
}

var weathers = []struct {
	name string
	weather
	least float64 // how many of the walks have to be complete
}{
	{"fair", weather{}, 1},
	{"5 % lost each way", weather{lost: 0.05}, 1},
	{"30 % lost each way", weather{lost: 0.3}, 0.95},
	{"60 % lost each way", weather{lost: 0.6}, 0},
	{"all twice", weather{twice: 1}, 1},
	{"half of them late", weather{late: 0.5}, 1},
	{"all of it", weather{lost: 0.2, twice: 0.5, late: 0.5}, 0.95},
}

// What a walk says is true in any weather: all rows, or an error.
func TestWalksInAnyWeather(t *testing.T) {
	const rows = 60
	for _, test := range weathers {
		t.Run(test.name, func(t *testing.T) {
			const walks = 1000
			complete, requests := 0, 0
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(5, 1))
				for range walks {
					s, w := overWire(test.over([]int{rows}, dice), Options{})
					var got []uint32
					err := s.Walk(t.Context(), table.Append(2), func(vb smi.Varbind) error {
						got = append(got, vb.Name[len(vb.Name)-1])
						return nil
					})
					requests += w.sent
					if err != nil {
						continue
					}
					complete++
					if !slices.Equal(got, upTo(rows)) {
						t.Errorf("a walk is silently short: %d of %d rows", len(got), rows)
					}
				}
			})
			t.Logf("%d of %d walks complete, with %.1f requests each", complete, walks, float64(requests)/walks)
			if float64(complete) < test.least*walks {
				t.Errorf("only %d of %d walks were complete", complete, walks)
			}
		})
	}
}

// So is what is said of each of many columns that are read at once.
func TestReadsInAnyWeather(t *testing.T) {
	for _, test := range weathers {
		t.Run(test.name, func(t *testing.T) {
			const reads = 100
			complete, requests, took := 0, 0, time.Duration(0)
			synctest.Test(t, func(t *testing.T) {
				dice := rand.New(rand.NewPCG(5, 2))
				for range reads {
					s, w := overWire(test.over(many, dice), Options{})
					cursors, results := collect(t, len(many))
					began := time.Now()
					s.Read(t.Context(), cursors...)
					took += time.Since(began)
					requests += w.sent
					for _, i := range shortSilently(results, many) {
						t.Errorf("column %d is silently short: %d of %d rows", i, len(results[i].rows), many[i])
					}
					for _, r := range results {
						if r.err == nil {
							complete++
						}
					}
				}
			})
			columns := reads * len(many)
			t.Logf("%d of %d columns complete, with %d requests and in %v for each %d", complete, columns, requests/reads, took/reads, len(many))
			if float64(complete) < test.least*float64(columns) {
				t.Errorf("only %d of %d columns were complete", complete, columns)
			}
		})
	}
}
