package spool

import (
	"slices"
	"time"
)

// maxGap is the most that the time between two reports adds to the age of the
// older one.
const maxGap = 24 * time.Hour

// A drop is a record that has to go, and why.
type drop struct {
	Entry
	reason string
}

// excess picks the records that have to go for entries, which are sorted by
// sequence number, to keep to the bounds: what is too old, then heartbeats,
// then the rest, each from the oldest on; never keep.
//
// Age is counted along the records put later, at most maxGap for each, and
// without a look at the clock: a machine that starts in 1970, or whose clock
// jumps by years, has not thereby any old report.
func excess(entries []Entry, keep Entry, o Options) []drop {
	var drops []drop
	var files int
	var bytes int64
	var cheap, dear []Entry
	var age time.Duration
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if i+1 < len(entries) {
			age += min(max(entries[i+1].Created.Sub(e.Created), 0), maxGap)
		}
		kept := e.compare(keep) == 0
		if age > o.MaxAge && !kept {
			drops = append(drops, drop{e, "age"})
			continue
		}
		files++
		bytes += e.Size
		switch {
		case kept:
		case e.Kind == Heartbeat:
			cheap = append(cheap, e)
		default:
			dear = append(dear, e)
		}
	}
	slices.Reverse(drops)
	slices.Reverse(cheap)
	slices.Reverse(dear)
	for _, e := range slices.Concat(cheap, dear) {
		switch {
		case files > o.MaxFiles:
			drops = append(drops, drop{e, "number"})
		case bytes > o.MaxBytes:
			drops = append(drops, drop{e, "size"})
		default:
			return drops
		}
		files--
		bytes -= e.Size
	}
	return drops
}

// trim drops what exceeds the bounds. The count is on the disk before the
// first file goes, with the names of all: a crash in between neither forgets a
// loss nor counts it twice.
func (s *Spool) trim(keep Entry) {
	drops := excess(s.entries, keep, s.opts)
	if len(drops) == 0 {
		return
	}
	before := s.tally
	for _, d := range drops {
		s.tally.add(d.Seq, d.reason)
		s.doomed[d.Name()] = true
	}
	if err := s.saveTally(); err != nil {
		s.tally = before
		for _, d := range drops {
			delete(s.doomed, d.Name())
		}
		s.problem = err.Error()
		return
	}
	for _, d := range drops {
		s.opts.Log.Warn("a report was dropped unsent: the spool is full", "seq", d.Seq, "id", d.ID, "bound", d.reason)
		if at, found := s.find(d.Entry); found {
			s.entries = slices.Delete(s.entries, at, at+1)
		}
		s.noteProblem(s.unlink(d.Name()))
	}
}

// clean tries again to unlink what could not be unlinked before.
func (s *Spool) clean() {
	for name := range s.doomed {
		s.noteProblem(s.unlink(name))
	}
}

func (s *Spool) noteProblem(err error) {
	if err != nil {
		s.problem = err.Error()
	}
}
