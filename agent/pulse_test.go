package main

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/confirm"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// fed counts how often the service manager hears of a service during five
// minutes in which its tasks do something, once in 30 s.
func fed(t *testing.T, tasks func(*pulses)) int {
	n := 0
	synctest.Test(t, func(t *testing.T) {
		p := &pulses{log: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.watch(ctx, time.Minute, func() error { n++; return nil }) }()
		tasks(p)
		time.Sleep(5*time.Minute - time.Second)
		stop()
		if err := <-done; err != context.Canceled {
			t.Errorf("the watch ended with %v", err)
		}
	})
	return n
}

type slowSender struct{ takes time.Duration }

func (s slowSender) Send(context.Context, []uplink.Report) (uplink.Result, error) {
	time.Sleep(s.takes)
	return uplink.Result{}, nil
}

func TestWatch(t *testing.T) {
	for _, test := range []struct {
		name  string
		tasks func(*pulses)
		want  int
	}{
		{"nothing is due", func(*pulses) {}, 10},
		{"the observation waits for its time", func(p *pulses) { p.observing.within(15 * time.Minute) }, 10},
		{"the observation is stuck", func(p *pulses) { p.observing.within(time.Minute) }, 4}, // and late for a minute
		{"the delivery is stuck", func(p *pulses) { p.delivering.within(time.Minute) }, 4},
		{"a device is read in time", func(p *pulses) { p.observing.within(time.Minute); p.observing.reading() }, 10},
		{"nothing is to be delivered", func(p *pulses) { p.delivering.within(time.Minute); p.delivering.idle() }, 10},
	} {
		if got := fed(t, test.tasks); got != test.want {
			t.Errorf("%s: fed %d times in five minutes, want %d", test.name, got, test.want)
		}
	}
}

// TestWatchSend holds that each batch has its time, and a sender that does not
// come back has no more.
func TestWatchSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		for range 3 {
			if _, err := (beating{slowSender{maxSend}, &p}).Send(t.Context(), nil); err != nil || !p.beats(time.Now()) {
				t.Fatalf("%v, or stuck after a batch that was in time", err)
			}
		}
		if _, err := (beating{slowSender{maxSend + lateness}, &p}).Send(t.Context(), nil); err != nil || p.beats(time.Now()) {
			t.Errorf("%v, or a batch that takes %v is in time", err, maxSend+lateness)
		}
	})
}

// A slowSource takes all the time that a device may take, twice.
type slowSource struct{ poll.Source }

func (slowSource) Read(context.Context, ...*snmp.Cursor) error {
	time.Sleep(poll.MaxTime)
	return nil
}

// TestPulseOfReadings holds that readings beat, each of which has what one
// device may take.
func TestPulseOfReadings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		o := &observer{beat: p.reading}
		source, err := o.beating(func(context.Context) (poll.Source, error) { return slowSource{}, nil })(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := source.Read(t.Context()); err != nil || !p.beats(time.Now()) {
				t.Fatalf("%v, or a device that takes all its time counts as stuck", err)
			}
		}
		time.Sleep(poll.MaxTime + lateness)
		if p.beats(time.Now()) {
			t.Error("an observation that does not get on is not stuck")
		}
	})
}

// TestPulseOfAsking holds that asking which takes all its time does not count
// as stuck, and one that goes on after it does.
func TestPulseOfAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pulse
		p.within(time.Second)
		p.asking()
		time.Sleep(askingTime + confirm.Grace)
		if !p.beats(time.Now()) {
			t.Error("asking that takes all its time counts as stuck")
		}
		time.Sleep(lateness)
		if p.beats(time.Now()) {
			t.Error("asking that does not end counts as alive")
		}
	})
}
