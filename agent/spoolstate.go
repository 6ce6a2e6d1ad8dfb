package main

import (
	"time"

	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/spool"
)

// spoolState is the spool as a report tells of it.
func spoolState(s spool.Status, now time.Time) report.Spool {
	state := report.Spool{State: string(s.State), Depth: s.Depth, Dropped: report.Dropped{
		Count: s.Dropped.Count, FirstSeq: s.Dropped.FirstSeq, LastSeq: s.Dropped.LastSeq, Reason: s.Dropped.Reason}}
	if !s.Oldest.IsZero() {
		state.OldestS = max(0, int64(now.Sub(s.Oldest).Seconds()))
	}
	return state
}
