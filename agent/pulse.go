package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/camwarden/camwarden/agent/internal/confirm"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/uplink"
	"github.com/camwarden/camwarden/installer"
)

// A pulse shows that a task gets on: before each thing that it does or waits
// for, the task says within what time it will be heard of again.
type pulse struct {
	mu    sync.Mutex
	due   time.Time // zero: it waits for what may never come
	doing string    // for people
}

// lateness is how much later a task may be heard of than it has said: a busy
// or sleeping machine is slow, but not stuck.
const lateness = time.Minute

func (p *pulse) within(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = time.Now().Add(d + lateness)
}

// idle says that the task waits for what may never come.
func (p *pulse) idle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = time.Time{}
}

func (p *pulse) beats(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.due.IsZero() || now.Before(p.due)
}

// says tells people what the task does or waits for, and whether that is new.
func (p *pulse) says(text string) (news bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	news = p.doing != text
	p.doing = text
	return news
}

func (p *pulse) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.doing
}

// pulses are those of the service's two tasks.
type pulses struct {
	observing, delivering pulse
	log                   *slog.Logger
}

// says tells the service manager of what a task does or waits for, as it
// changes.
func (p *pulses) says(task *pulse, text string) {
	if !task.says(text) {
		return
	}
	all := p.observing.text()
	if other := p.delivering.text(); other != "" {
		all += "; " + other
	}
	p.logError(installer.Doing(all))
}

// delivered tells what has come of a delivery.
func (p *pulses) delivered(left int, err error) {
	switch {
	case err != nil:
		p.says(&p.delivering, "the endpoint does not take reports, which wait in the spool: "+err.Error())
	case left == 0:
		p.says(&p.delivering, "all is delivered")
	default:
		p.says(&p.delivering, "reports wait to be delivered")
	}
}

func (p *pulses) logError(err error) {
	if err != nil {
		p.log.Warn("the service manager cannot be told how the service is", "error", err)
	}
}

// watch says that the service is alive for as long as both tasks get on, twice
// in an interval, so that the service manager restarts one that does not. It
// ends only with the context, or when nobody asks: the interval is zero.
func (p *pulses) watch(ctx context.Context, interval time.Duration, alive func() error) error {
	if interval == 0 {
		return nil
	}
	for {
		now := time.Now()
		switch {
		case !p.observing.beats(now):
			p.log.Error("the observation is stuck; the service manager restarts the service")
		case !p.delivering.beats(now):
			p.log.Error("the delivery is stuck; the service manager restarts the service")
		default:
			p.logError(alive())
		}
		if err := sleep(ctx, interval/2); err != nil {
			return err
		}
	}
}

// reading tells that the observation gets on, so that as much time as one
// device may take begins anew.
func (p *pulse) reading() { p.within(poll.MaxTime) }

// asking tells that stations are about to be asked, or that one was: all of
// them together have this time.
func (p *pulse) asking() { p.within(askingTime + confirm.Grace) }

// maxSend is the time within which a batch is delivered or has failed: what
// the short retries and the last attempt of them take at most.
const maxSend = 3 * time.Minute

// A beating sender has a pulse for each batch.
type beating struct {
	sender
	pulse *pulse
}

func (b beating) Send(ctx context.Context, reports []uplink.Report) (uplink.Result, error) {
	b.pulse.within(maxSend)
	return b.sender.Send(ctx, reports)
}
