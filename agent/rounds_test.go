package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/uplink"
)

func TestPauseAfter(t *testing.T) {
	slots := newSchedule(15*time.Minute, "LON-0042", "6f1c")
	failed := func(class uplink.Class, retryAfter time.Duration) outcome {
		return outcome{err: &uplink.Failure{Class: class, RetryAfter: retryAfter, Err: errors.New("x")}, slots: slots}
	}
	const m = time.Minute
	now := slots.next(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), 0).Add(time.Second) // the next slot is in nearly 15 minutes
	for _, test := range []struct {
		name        string
		outcome     outcome
		failures    int
		least, most time.Duration
	}{
		{"first", failed(uplink.Wait, 0), 1, 15 * time.Second, 45 * time.Second},
		{"tenth", failed(uplink.Wait, 0), 10, 14 * m, 16 * m},
		{"settings", failed(uplink.Config, 0), 10, 3 * 60 * m, 9 * 60 * m},
		{"asked to come later", failed(uplink.Wait, 60*m), 10, 60 * m, 76 * m},
		{"asked to come soon", failed(uplink.Wait, 2*m), 1, 2 * m, 3 * m},
		{"no reason known", outcome{err: errors.New("x"), slots: slots}, 1, 7 * m, 23 * m},
		{"no schedule known", outcome{err: failed(uplink.Wait, 0).err}, 10, 30 * m, 90 * m},
	} {
		for range 1000 {
			if got := pauseAfter(test.outcome, test.failures, now); got < test.least || got > test.most {
				t.Fatalf("%s: %v, want from %v to %v", test.name, got, test.least, test.most)
			}
		}
	}
}

// A slowCentre is away at first and then takes so many requests a second, and
// counts them.
type slowCentre struct {
	capacity int
	back     time.Time
	away     int // requests before that
	perTick  map[int64]int
	refused  int
}

func (c *slowCentre) take() error {
	now := time.Now()
	if now.Before(c.back) {
		c.away++
		return &uplink.Failure{Class: uplink.Wait, Err: errors.New("connection refused")}
	}
	second := int64(now.Sub(c.back) / time.Second)
	c.perTick[second]++
	if c.perTick[second] > c.capacity {
		c.refused++
		return &uplink.Failure{Class: uplink.Wait, RetryAfter: time.Minute, Err: errors.New("429")}
	}
	return nil
}

// TestFleetAfterAnOutage has ten thousand sites come back to a centre that was
// away for six hours, in virtual time and with the scheduler of the service:
// each observes at its moments, and each has a backlog.
func TestFleetAfterAnOutage(t *testing.T) {
	if raced {
		t.Skip("ten thousand sites take too long under the race detector")
	}
	const sites, every, outage = 10_000, 15 * time.Minute, 6 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := &slowCentre{capacity: 100, back: time.Now().Add(outage), perTick: map[int64]int{}}
		var mu sync.Mutex // of what follows, and the centre
		var backlogs, requests, delivered int
		var last time.Time
		var ended sync.WaitGroup
		for i := range sites {
			site := &struct{ waiting int }{}
			wake := make(chan struct{}, 1)
			slots := newSchedule(every, fmt.Sprint("site-", i), fmt.Sprint("agent-", i))
			ended.Go(func() {
				for sleep(ctx, time.Until(slots.next(time.Now(), rand.Float64()))) == nil {
					mu.Lock()
					observing := time.Now().Before(c.back) // what comes later is not part of the backlog
					if observing {
						site.waiting++
					}
					mu.Unlock()
					if !observing {
						return
					}
					select {
					case wake <- struct{}{}:
					default:
					}
				}
			})
			r := rounds{wake: wake, log: slog.New(slog.DiscardHandler), note: func(outcome, int, time.Duration) {}, round: func(context.Context) outcome {
				mu.Lock()
				defer mu.Unlock()
				if site.waiting == 0 {
					return outcome{}
				}
				after := !time.Now().Before(c.back)
				if after {
					requests++
				}
				if err := c.take(); err != nil {
					return outcome{left: site.waiting, err: err, slots: slots}
				}
				backlogs++
				delivered += site.waiting
				site.waiting = 0
				last = time.Now()
				return outcome{}
			}}
			ended.Go(func() { _ = r.run(ctx) }) // ends with the context
		}
		time.Sleep(outage + 2*every)
		synctest.Wait()
		mu.Lock()
		peak := 0
		for _, n := range c.perTick {
			peak = max(peak, n)
		}
		drained := last.Sub(c.back)
		mean := float64(requests) / drained.Seconds()
		t.Logf("%d sites, %d reports: drained in %v by %d requests, of which %d were refused; %d a second at most, %.1f on average: %.2f times; %.2f requests for each site's backlog; %d requests while the centre was away",
			sites, delivered, drained.Round(time.Second), requests, c.refused, peak, mean, float64(peak)/mean, float64(requests)/float64(backlogs), c.away)
		if backlogs != sites || delivered < sites*int(outage/every-1) {
			t.Errorf("%d of %d sites have delivered %d reports", backlogs, sites, delivered)
		}
		if float64(peak) > 3*mean || float64(requests) > 1.2*sites || drained > every+every/jitterShare+soonest {
			t.Errorf("a stampede")
		}
		mu.Unlock()
		cancel()
		ended.Wait()
	})
}
