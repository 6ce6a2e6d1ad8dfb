package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/report"
)

func TestScheduleNext(t *testing.T) {
	const every = 15 * time.Minute
	for site := range 200 {
		s := newSchedule(every, fmt.Sprint("site-", site), "agent")
		now := time.Date(2026, 11, 23, 12, 7, 31, 0, time.UTC)
		first := s.next(now, 0)
		if wait := first.Sub(now); wait <= 0 || wait > every {
			t.Fatalf("site %d: waits %v, want more than 0 and at most %v", site, wait, every)
		}
		if second := s.next(first, 0); second.Sub(first) != every {
			t.Fatalf("site %d: %v after %v, want %v", site, second, first, every)
		}
		if late := s.next(now, 1).Sub(first); late != every/jitterShare {
			t.Fatalf("site %d: full jitter is %v, want %v", site, late, every/jitterShare)
		}
		if restarted := newSchedule(every, fmt.Sprint("site-", site), "agent"); restarted != s {
			t.Fatalf("site %d: another phase after a restart", site)
		}
	}
}

// TestScheduleSpreads holds the phases of a fleet against an even spread.
func TestScheduleSpreads(t *testing.T) {
	const sites, every = 10_000, 15 * time.Minute
	perMinute := make(map[int]int)
	for site := range sites {
		perMinute[int(newSchedule(every, fmt.Sprint("LON-", site), fmt.Sprint(site)).phase/time.Minute)]++
	}
	for minute, n := range perMinute {
		if mean := sites / 15; n > 2*mean || n < mean/2 {
			t.Errorf("minute %d has %d of %d sites; the mean is %d", minute, n, sites, mean)
		}
	}
	if len(perMinute) != 15 {
		t.Errorf("only %d of 15 minutes are used", len(perMinute))
	}
}

// TestScheduleInAnyYear holds that no clock, however wrong, keeps an agent from
// its work.
func TestScheduleInAnyYear(t *testing.T) {
	const every = 15 * time.Minute
	for _, now := range []time.Time{
		time.Unix(0, 0), time.Unix(3, 1), time.Unix(-1, 0), time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2036, 2, 7, 6, 28, 16, 0, time.UTC), time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC), time.Date(2106, 2, 7, 6, 28, 16, 0, time.UTC),
		time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), {},
	} {
		for site := range 100 {
			if wait := newSchedule(every, fmt.Sprint(site), "agent").next(now, 0).Sub(now); wait <= 0 || wait > every {
				t.Errorf("at %v: waits %v", now, wait)
			}
		}
	}
}

// TestHeartbeatsAreNotLate holds that somebody who waits for a report each
// interval gets one: the one before the observation that would be too late.
func TestHeartbeatsAreNotLate(t *testing.T) {
	for _, test := range []struct{ every, report, most time.Duration }{
		{15 * time.Minute, 15 * time.Minute, 15*time.Minute + 15*time.Minute/jitterShare}, // each observation
		{15 * time.Minute, 6 * time.Hour, 6 * time.Hour},
		{time.Minute, time.Hour, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			dice := rand.New(rand.NewPCG(1, 2))
			c := config.Schedule{Every: test.every, ReportEvery: test.report}
			slots := newSchedule(test.every, "LON-0042", "6f1c")
			last := sent{at: time.Now(), basis: "same"}
			for range 500 {
				time.Sleep(time.Until(slots.next(time.Now(), dice.Float64())))
				if _, due := last.kind(&report.Report{}, "same", c); due {
					if gap := time.Since(last.at); gap > test.most {
						t.Fatalf("every %v, report every %v: nothing for %v", test.every, test.report, gap)
					}
					last.at = time.Now()
				}
			}
			if time.Since(last.at) > test.most {
				t.Errorf("nothing for %v in the end", time.Since(last.at))
			}
		})
	}
}
