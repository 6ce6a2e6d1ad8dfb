package confirm

import (
	"context"
	"sync"
	"time"
)

// No more than mostPackets leave within a second. The span is longer, for what
// the system sends by itself a little later: it acknowledges what comes.
const (
	mostPackets = 5
	paceSpan    = 1250 * time.Millisecond
)

// A pace keeps packets apart, those of all questions together.
type pace struct {
	span time.Duration
	turn chan struct{} // is full while somebody has it

	mu   sync.Mutex
	sent []time.Time // of the last packets, within the span
}

func newPace(span time.Duration) *pace { return &pace{span: span, turn: make(chan struct{}, 1)} }

// exclusive waits for its turn; nobody else sends until what it returns is
// called. A conversation over TCP, of which the system sends a part, has it
// alone.
func (p *pace) exclusive(ctx context.Context) (done func(), err error) {
	select {
	case p.turn <- struct{}{}:
		return func() { <-p.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// take waits until n packets may leave, and counts them. The caller has the
// turn.
func (p *pace) take(ctx context.Context, n int) error {
	for {
		wait := p.room(time.Now(), n)
		if wait <= 0 {
			return nil
		}
		if err := p.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// room counts n packets if they may leave now, and else tells how long to wait.
func (p *pace) room(now time.Time, n int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.sent) > 0 && now.Sub(p.sent[0]) >= p.span {
		p.sent = p.sent[1:]
	}
	if over := len(p.sent) + n - mostPackets; over > 0 {
		return p.span - now.Sub(p.sent[min(over, len(p.sent))-1])
	}
	p.note(now, n)
	return 0
}

// gone counts n packets that the system has sent.
func (p *pace) gone(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(time.Now(), n)
}

func (p *pace) note(now time.Time, n int) {
	for range n {
		p.sent = append(p.sent, now)
	}
}

// unsent takes back the last n packets, which were not sent.
func (p *pace) unsent(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = p.sent[:max(len(p.sent)-n, 0)]
}

func (p *pace) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
