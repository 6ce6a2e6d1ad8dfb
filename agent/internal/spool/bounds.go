package spool

import (
	"slices"
	"time"
)

// maxGap is the most that the time between two reports adds to the age of the
// older one.
const maxGap = 24 * time.Hour

// minFree is how much of a large disk is left to others; of a small one it is
// a twentieth.
const minFree = 100 << 20

// A drop is a record that has to go, and why.
type drop struct {
	Entry
	reason string
}

// A limit bounds the size of all records. Its name is the reason for a drop.
type limit struct {
	bytes int64
	name  string
}

// excess picks the records that have to go for entries, which are sorted by
// sequence number, to keep to the bounds, and never one that is spared:
//
//   - heartbeats that a later one has superseded, and what is too old;
//   - then, only as far as number and size ask for it, each from the oldest on:
//     the last heartbeat; snapshots but for the first and the last of each day;
//     the rest.
//
// Age is counted along the records put later, at most maxGap for each, and
// without a look at the clock: a machine that starts in 1970, or whose clock
// jumps by years, has not thereby any old report.
func excess(entries []Entry, spared func(Entry) bool, o Options, size limit) []drop {
	var drops []drop
	var left []Entry
	var bytes int64
	var age time.Duration
	superseded := false
	for i, e := range slices.Backward(entries) {
		if i+1 < len(entries) {
			age += min(max(entries[i+1].Created.Sub(e.Created), 0), maxGap)
		}
		switch {
		case superseded && e.Kind == Heartbeat && !spared(e):
			drops = append(drops, drop{e, "superseded"})
		case age > o.MaxAge && !spared(e):
			drops = append(drops, drop{e, "age"})
		default:
			left = append(left, e)
			bytes += e.Size
		}
		superseded = superseded || e.Kind == Heartbeat
	}
	slices.Reverse(drops)
	slices.Reverse(left)
	files := len(left)
	for _, e := range cheapestFirst(left) {
		over := ""
		switch {
		case files > o.MaxFiles:
			over = "number"
		case bytes > size.bytes:
			over = size.name
		default:
			return drops
		}
		if !spared(e) {
			drops = append(drops, drop{e, over})
			files--
			bytes -= e.Size
		}
	}
	return drops
}

// cheapestFirst puts records into the order in which they can be done without.
func cheapestFirst(entries []Entry) []Entry {
	var heartbeats, thinned, rest []Entry
	day := func(e Entry) string { return e.Created.UTC().Format(time.DateOnly) }
	var snapshots []int // in entries
	for i, e := range entries {
		if e.Kind == Snapshot {
			snapshots = append(snapshots, i)
		}
	}
	inner := map[int]bool{}
	for n := 1; n+1 < len(snapshots); n++ {
		before, at, after := entries[snapshots[n-1]], entries[snapshots[n]], entries[snapshots[n+1]]
		inner[snapshots[n]] = day(before) == day(at) && day(at) == day(after)
	}
	for i, e := range entries {
		switch {
		case e.Kind == Heartbeat:
			heartbeats = append(heartbeats, e)
		case inner[i]:
			thinned = append(thinned, e)
		default:
			rest = append(rest, e)
		}
	}
	return slices.Concat(heartbeats, thinned, rest)
}

// sizeLimit is how large the spool may be. On a disk that others have filled
// it may not grow: the record just put has to be made room for, while emptying
// the spool would help nobody.
func (s *Spool) sizeLimit(put Entry) limit {
	own := limit{s.opts.MaxBytes, "size"}
	free, total, err := s.disk.space(s.dir)
	if err != nil {
		s.opts.Log.Warn("how full the spool's disk is cannot be told", "error", err)
		return own
	}
	if free >= min(total/20, minFree) {
		return own
	}
	var room int64
	for _, e := range s.entries {
		if e.compare(put) != 0 {
			room += e.Size
		}
	}
	if room < own.bytes {
		return limit{room, "space"}
	}
	return own
}

// trim drops what exceeds the bounds, but neither the record just put nor what
// is on its way to the endpoint. The count is on the disk before the first
// file goes, with the names of all: a crash in between neither forgets a loss
// nor counts it twice.
func (s *Spool) trim(put Entry) {
	spared := func(e Entry) bool { return s.lent[e.Name()] || e.compare(put) == 0 }
	s.drop("", excess(s.entries, spared, s.opts, s.sizeLimit(put)))
}

// drop counts records of a folder, "" for the spool's own, as lost and unlinks
// them.
func (s *Spool) drop(folder string, drops []drop) {
	if len(drops) == 0 {
		return
	}
	before := s.tally
	for _, d := range drops {
		s.tally.lose(d.Entry, d.reason)
		s.doomed[folder+d.Name()] = true
	}
	if err := s.saveState(); err != nil {
		s.tally = before
		for _, d := range drops {
			delete(s.doomed, folder+d.Name())
		}
		s.problem = err.Error()
		return
	}
	for _, d := range drops {
		s.opts.Log.Warn("a report was dropped unsent", "seq", d.Seq, "id", d.ID, "reason", d.reason)
		if at, found := s.find(d.Entry); found {
			s.entries = slices.Delete(s.entries, at, at+1)
		}
		s.noteProblem(s.unlink(folder + d.Name()))
	}
}

// clean tries again to be rid of what could not go before.
func (s *Spool) clean() {
	for name := range s.doomed {
		s.noteProblem(s.finish(name))
	}
}

func (s *Spool) noteProblem(err error) {
	if err != nil {
		s.problem = err.Error()
	}
}
