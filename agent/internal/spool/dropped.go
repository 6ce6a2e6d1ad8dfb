package spool

import (
	"slices"
	"strings"
	"time"
)

// Dropped tells what was lost since the last report that told of a loss.
type Dropped struct {
	Count             uint64
	FirstSeq, LastSeq uint64 // all lost ones lie within; zero when Count is
	// Reason is one or more of age, number, size (a bound), disk (it refused a
	// report, and then the next), damage and missing, separated by commas.
	Reason string
	// Total counts the losses of all times. A report that tells of these is
	// put with Record.Declared set to it.
	Total uint64
}

// A State says whether a spool can do its work.
type State string

// The states of a spool.
const (
	OK       State = "ok"
	Degraded State = "degraded" // the disk refuses; reports are in danger
)

// Status describes a spool.
type Status struct {
	State   State
	Problem string    // why it is degraded
	Depth   int       // records that wait
	Bytes   int64     // their size on the disk
	Oldest  time.Time // creation of the oldest; zero when none waits
	Dropped Dropped
}

// Status describes the spool as it is now.
func (s *Spool) Status() Status {
	entries := s.List()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{State: OK, Problem: s.problem, Depth: len(entries), Dropped: s.tally.dropped()}
	if s.problem != "" || s.held != nil {
		st.State = Degraded
	}
	for _, e := range entries {
		st.Bytes += e.Size
		if st.Oldest.IsZero() || e.Created.Before(st.Oldest) {
			st.Oldest = e.Created
		}
	}
	return st
}

// A tally counts losses over all times, so that a report which was made before
// the latest of them and arrives after it cannot make it forgotten.
type tally struct {
	total, reported uint64
	first, last     uint64 // sequence numbers of those not reported
	reasons         []string
}

func (t *tally) add(seq uint64, reason string) {
	t.merge(tally{total: 1, first: seq, last: seq, reasons: []string{reason}})
}

// merge adds what u has not reported.
func (t *tally) merge(u tally) {
	if u.total == u.reported {
		return
	}
	if t.total == t.reported {
		t.first, t.last, t.reasons = u.first, u.last, nil
	}
	t.total += u.total - u.reported
	t.first, t.last = min(t.first, u.first), max(t.last, u.last)
	reasons := slices.Concat(t.reasons, u.reasons)
	slices.Sort(reasons)
	t.reasons = slices.Compact(reasons)
}

// report notes that a report declaring so many has arrived, and says whether
// that was news. While some are left their range stays as wide as it was.
func (t *tally) report(declared uint64) bool {
	declared = min(declared, t.total)
	if declared <= t.reported {
		return false
	}
	t.reported = declared
	if t.total == t.reported {
		t.first, t.last, t.reasons = 0, 0, nil
	}
	return true
}

// raise lifts the count to what a waiting record has already declared, for the
// case that the state file was lost.
func (t *tally) raise(declared uint64) {
	if missing := declared - min(declared, t.total); missing > 0 {
		t.total += missing
		t.reported += missing
	}
}

func (t *tally) dropped() Dropped {
	return Dropped{
		Count: t.total - t.reported, FirstSeq: t.first, LastSeq: t.last,
		Reason: strings.Join(t.reasons, ","), Total: t.total,
	}
}
