package snmp

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
)

// rebooting answers from a recording, but from its fourth answer on it is down
// for a time: it refuses by ICMP, or is silent.
func rebooting(recording *capture.Recording, down time.Duration, refuses bool) func(w *wire, id uint32, r *request) {
	var since time.Time
	n := 0
	return func(w *wire, id uint32, r *request) {
		if n++; n == 4 {
			since = time.Now()
		}
		switch {
		case n < 4 || time.Since(since) >= down:
			w.deliver(new(answerTo(recording, id, r)).Append(nil), time.Millisecond)
		case refuses:
			w.deliver(nil, time.Millisecond)
		}
	}
}

// A switch that reboots for a moment is waited for. One that does for longer
// costs a few requests, and is read when it is back.
func TestReadOfARebootingSwitch(t *testing.T) {
	for _, test := range []struct {
		name    string
		down    time.Duration
		refuses bool
		outlast bool
	}{
		{"refuses for 2 s", 2 * time.Second, true, true},
		{"refuses for 120 s", 120 * time.Second, true, false},
		{"is silent for 5 s", 5 * time.Second, false, true},
		{"is silent for 120 s", 120 * time.Second, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, w := overWire(rebooting(columns(many...), test.down, test.refuses), Options{})
				cursors, results := collect(t, len(many))
				began := time.Now()
				s.Read(t.Context(), cursors...)
				took, first := time.Since(began), w.sent
				failed := 0
				for _, r := range results {
					if r.err != nil {
						failed++
						if !errors.Is(r.err, ErrNoAnswer) {
							t.Error(r.err)
						}
					}
				}
				if short := shortSilently(results, many); len(short) > 0 {
					t.Errorf("columns %v are silently short", short)
				}
				t.Logf("%d of %d columns failed, %d requests, %v", failed, len(many), first, took)
				if test.outlast != (failed == 0) {
					t.Errorf("%d columns failed", failed)
				}
				// The attempts that are in vain last their time, and are few.
				if !test.outlast && (took < 4*time.Second || took > 40*time.Second || first > 60) {
					t.Errorf("%d requests in %v", first, took)
				}
				time.Sleep(test.down)
				cursors, results = collect(t, len(many))
				s.Read(t.Context(), cursors...)
				check(t, results, many...)
			})
		})
	}
}
