package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// An outcome is what a round of delivery has come to.
type outcome struct {
	accepted int           // reports that have arrived
	left     int           // reports that still wait
	err      error         // why; nil when nobody knows of a reason
	again    time.Duration // then they are tried again so soon
	slots    schedule      // this agent's moments
}

// Rounds deliver when there is something to deliver, and after a failure when
// there is reason to hope.
type rounds struct {
	round    func(context.Context) outcome
	wake     <-chan struct{}    // there is something new
	settings func() []time.Time // when what a failure may come from was last changed
	log      *slog.Logger
	note     func(o outcome, failures int, pause time.Duration) // pause is 0 when nothing has failed
}

// run goes round until the context ends.
func (r *rounds) run(ctx context.Context) error {
	failures := 0
	for {
		o := r.round(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var err error
		switch {
		case o.err != nil:
			failures++
			pause := pauseAfter(o, failures, time.Now())
			level := slog.LevelWarn
			if class, _ := classOf(o.err); class == uplink.Config {
				level = slog.LevelError // time alone will not cure it
			}
			r.note(o, failures, pause)
			r.log.Log(ctx, level, "not delivered; the reports wait in the spool", "waiting", o.left, "next", pause.Round(time.Second), "error", o.err)
			err = r.waitOut(ctx, pause)
		case o.left > 0:
			failures = 0
			r.note(o, 0, 0)
			err = r.waitOut(ctx, o.again)
		default:
			failures = 0
			r.note(o, 0, 0)
			err = r.waitForReports(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func (r *rounds) waitForReports(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-r.wake:
		return nil
	}
}

// waitOut waits out a pause, or until somebody mends what it may come from.
func (r *rounds) waitOut(ctx context.Context, pause time.Duration) error {
	if r.settings == nil {
		return sleep(ctx, pause)
	}
	until, before := time.Now().Add(pause), r.settings()
	for left := pause; left > 0; left = time.Until(until) {
		if err := sleep(ctx, min(left, unconfigured)); err != nil {
			return err
		}
		if !slices.Equal(before, r.settings()) {
			r.log.Info("the configuration or a file of the endpoint has changed; delivery is tried again")
			return nil
		}
	}
	return nil
}

// pauseAfter is how long to wait after so many failures in a row: longer from
// one to the next, but what time alone may cure is tried at each of the agent's
// own moments. So a fleet that was cut off together comes back as spread as it
// reports, and within one interval.
func pauseAfter(o outcome, failures int, now time.Time) time.Duration {
	class, retryAfter := classOf(o.err)
	pause := uplink.Backoff{}.Next(failures, class, retryAfter, rand.Float64())
	if class == uplink.Config || o.slots.every == 0 {
		return pause
	}
	earliest := now.Add(max(retryAfter, soonest))
	return min(pause, o.slots.next(earliest, rand.Float64()).Sub(now))
}

// classOf says what has to change before a delivery can succeed, and how long
// the endpoint asks to wait.
func classOf(err error) (uplink.Class, time.Duration) {
	var failure *uplink.Failure
	if errors.As(err, &failure) {
		return failure.Class, failure.RetryAfter
	}
	return uplink.Config, 0
}

// soonest is the least time from a failure to one of the agent's moments, for
// that to be the next try.
const soonest = 15 * time.Second
