package snmp

import (
	"sync/atomic"
	"time"
)

// A window is how many requests may be on their way to one device. It starts
// at one and grows only while answers come as quick as the quickest so far:
// what makes a switch slower is more than it should be asked.
type window struct {
	size  float64
	quick time.Duration // the quickest answer so far
}

// maxWindow is the most that one device is asked at once. More has no use:
// at 5 ms a round trip it is 1,600 requests a second.
const maxWindow = 8

func newWindow() window { return window{size: 1} }

// answered takes in how long an answer took. Half a window of slow answers
// in a row halves it.
func (w *window) answered(took time.Duration) {
	if w.quick == 0 || took < w.quick {
		w.quick = took
	}
	const jitter = 3 * time.Millisecond
	switch {
	case took <= w.quick+w.quick/2+jitter:
		w.size = min(w.size+1, maxWindow)
	case took > 3*w.quick+2*jitter:
		w.size = max(w.size*0.75, 1)
	}
}

// lost takes in that an answer did not come in time.
func (w *window) lost() { w.size = max(w.size/2, 1) }

// A Budget bounds the requests that are on their way to all devices together.
// It is shared out evenly among the sessions that ask; each has one at least.
// A nil budget is without limit.
type Budget struct {
	total  int64
	asking atomic.Int64
}

// NewBudget returns a budget of so many requests.
func NewBudget(total int) *Budget { return &Budget{total: int64(total)} }

func (b *Budget) join() {
	if b != nil {
		b.asking.Add(1)
	}
}

func (b *Budget) leave() {
	if b != nil {
		b.asking.Add(-1)
	}
}

// share is what one session may have on its way.
func (b *Budget) share() int {
	if b == nil {
		return maxWindow
	}
	return int(max(b.total/max(b.asking.Load(), 1), 1))
}

// width is how many requests may be on their way by now.
func (s *Session) width() int {
	if s.single {
		return 1
	}
	return min(int(s.window.size), s.opts.Budget.share(), s.line.room())
}
