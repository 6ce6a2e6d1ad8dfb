package snmp

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// swapping answers two requests that are under way with each other's objects,
// now and then.
func swapping(t *testing.T, rows []int, dice *rand.Rand, often float64, swaps *int) func(w *wire, id uint32, r *request) {
	recording := columns(rows...)
	return func(w *wire, id uint32, r *request) {
		mine := answerTo(recording, id, r)
		if n := len(w.onTheWay); n > 0 && dice.Float64() < often {
			other, err := snmpagent.ParseMessage(w.onTheWay[n-1].datagram)
			if err != nil {
				t.Fatal(err)
			}
			other.RequestID, mine.RequestID = mine.RequestID, other.RequestID
			w.onTheWay[n-1].datagram = other.Append(nil)
			*swaps++
		}
		w.deliver(mine.Append(nil), time.Millisecond)
	}
}

// A device that confuses its answers is found out: whichever of two requests
// gets the other's objects, no part is said to be complete that is not, and
// the second or third reading has all.
func TestReadWithSwappedAnswers(t *testing.T) {
	long := slices.Repeat([]int{120, 0, 260, 7, 90, 0, 33}, 3)
	readings, again, swaps, complete, columns := 400, 0, 0, 0, 0
	synctest.Test(t, func(t *testing.T) {
		dice := rand.New(rand.NewPCG(3, 9))
		for i := range readings {
			rows := [][]int{many, long}[i%2]
			s, _ := overWire(swapping(t, rows, dice, 0.2, &swaps), Options{})
			s.alone = i%4 > 1
			results, anew := readSurely(t, s, len(rows))
			again += anew
			for _, c := range shortSilently(results, rows) {
				t.Errorf("reading %d: column %d is silently short: %d of %d rows", i, c, len(results[c].rows), rows[c])
			}
			for _, r := range results {
				if columns++; r.err == nil {
					complete++
				}
			}
		}
	})
	t.Logf("%d readings with %d swaps, for which %d were begun anew: %d of %d columns complete", readings, swaps, again, complete, columns)
	if again == 0 || complete < columns {
		t.Error("want all of them, and some begun anew")
	}
}
