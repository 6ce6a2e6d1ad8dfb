package snmp

import (
	"context"
	"time"
)

// A pace keeps requests apart, so that asking is no load for the device. The
// zero value lets every request go at once.
type pace struct {
	every time.Duration // from one to the next
	next  time.Time     // when the next may go
}

func newPace(perSecond int) *pace {
	if perSecond <= 0 {
		return &pace{}
	}
	return &pace{every: time.Second / time.Duration(perSecond)}
}

// ready tells whether a request may go now.
func (p *pace) ready() bool { return p.every == 0 || !time.Now().Before(p.next) }

// wait returns when a request may go, or the context's error.
func (p *pace) wait(ctx context.Context) error {
	if p.ready() {
		return nil
	}
	timer := time.NewTimer(time.Until(p.next))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// sent notes that one has gone. What went without having waited, as gosnmp
// sends between a question and its answer, makes the next wait the longer.
func (p *pace) sent() {
	if p.every == 0 {
		return
	}
	if now := time.Now(); p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(p.every)
}
