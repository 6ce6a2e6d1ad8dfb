package snmpagent

import "sync/atomic"

// Rounds counts how many requests to one device had to wait for each other,
// which is what a long way costs: the depth of a request is one more than
// that of any answer that had gone out before it came. The zero value is
// ready for use.
type Rounds struct{ answered, deepest atomic.Int64 }

// Came takes in that a request has come, and returns its depth.
func (r *Rounds) Came() (depth int64) {
	depth = r.answered.Load() + 1
	raise(&r.deepest, depth)
	return depth
}

// Answered takes in that a request of a depth is about to be answered.
func (r *Rounds) Answered(depth int64) { raise(&r.answered, depth) }

// Take returns the greatest depth since it was called last. Nothing may be on
// its way meanwhile.
func (r *Rounds) Take() int64 {
	r.answered.Store(0)
	return r.deepest.Swap(0)
}

func raise(to *atomic.Int64, n int64) {
	for old := to.Load(); old < n && !to.CompareAndSwap(old, n); old = to.Load() {
	}
}
