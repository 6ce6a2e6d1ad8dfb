package spool

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dropped tells of lost reports.
type Dropped struct {
	Count             uint64
	FirstSeq, LastSeq uint64 // all lost ones lie within; zero when Count is
	// Reason is one or more of superseded (a heartbeat by a later one), age,
	// number, size, space (a bound), disk (it refused a report, and then the
	// next), damage, missing and rejected (set aside, and then one too many of
	// those), separated by commas.
	Reason string
}

// plus joins the losses of both.
func (d Dropped) plus(e Dropped) Dropped {
	if d.Count == 0 {
		return e
	}
	if e.Count == 0 {
		return d
	}
	reasons := slices.Concat(strings.Split(d.Reason, ","), strings.Split(e.Reason, ","))
	slices.Sort(reasons)
	return Dropped{
		Count:    d.Count + e.Count,
		FirstSeq: min(d.FirstSeq, e.FirstSeq), LastSeq: max(d.LastSeq, e.LastSeq),
		Reason: strings.Join(slices.Compact(reasons), ","),
	}
}

// minus takes out losses that are told. What is left lies within the range as
// it was.
func (d Dropped) minus(count uint64) Dropped {
	if count >= d.Count {
		return Dropped{}
	}
	d.Count -= count
	return d
}

// fields are the words that tell of d in a first line.
func (d Dropped) fields() []string {
	reason := d.Reason
	if reason == "" {
		reason = "-"
	}
	return []string{decimal(d.Count), decimal(d.FirstSeq), decimal(d.LastSeq), reason}
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// parseDropped is the inverse of fields.
func parseDropped(fields []string) (Dropped, error) {
	d := Dropped{Reason: fields[3]}
	if d.Reason == "-" {
		d.Reason = ""
	}
	var err error
	for i, to := range []*uint64{&d.Count, &d.FirstSeq, &d.LastSeq} {
		n, numErr := strconv.ParseUint(fields[i], 10, 64)
		*to, err = n, errors.Join(err, numErr)
	}
	return d, err
}

// valid tells whether a first line can hold d.
func (d Dropped) valid() bool {
	word := func(r rune) bool { return r >= 'a' && r <= 'z' || r == ',' }
	return len(d.Reason) <= 128 && strings.IndexFunc(d.Reason, not(word)) < 0
}

// A tally accounts for every lost report. Each is told of once: in a report
// that has arrived, in one that waits, or in the next one. So of these four
// numbers the last follows from the others, and is the only one that a crash
// could make wrong:
//
//	lost = arrived + declared by what waits + pending
//
// A report that declares losses takes nothing but its own file to be safe, and
// when it is lost itself, what it declared is pending again.
type tally struct {
	lost    uint64  // reports, of all times
	arrived uint64  // as many were declared in reports that the endpoint has
	pending Dropped // the next report is to declare these
}

// lose counts a lost report and takes back what it has declared.
func (t *tally) lose(e Entry, reason string) {
	t.lost++
	t.pending = t.pending.plus(Dropped{Count: 1, FirstSeq: e.Seq, LastSeq: e.Seq, Reason: reason}).plus(e.declared)
}

// declare notes that a report which tells of d has begun to wait.
func (t *tally) declare(d Dropped) {
	t.lost += d.Count - min(d.Count, t.pending.Count) // more than is known here: the state file was lost
	t.pending = t.pending.minus(d.Count)
}

// balance works out what is pending, given what the waiting reports declare.
// highest is the highest sequence number of all.
func (t *tally) balance(declared, highest uint64) {
	t.lost = max(t.lost, t.arrived+declared)
	pending := t.lost - t.arrived - declared
	if pending > t.pending.Count { // who declared the others is gone, and with it which they were
		t.pending = t.pending.plus(Dropped{Count: pending - t.pending.Count, FirstSeq: 1, LastSeq: highest, Reason: "damage"})
	}
	t.pending = t.pending.minus(t.pending.Count - pending)
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
	Dropped Dropped   // what no waiting report tells of yet
}

// Status describes the spool as it is now.
func (s *Spool) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.list()
	st := Status{State: OK, Problem: s.problem, Depth: len(entries), Dropped: s.tally.pending}
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
