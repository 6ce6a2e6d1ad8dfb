package memory

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// TestRelease holds that a station is neither absent nor gone because a list
// has changed or its switch is asked no more.
func TestRelease(t *testing.T) {
	shown := func(source string) *Station {
		return &Station{ShownBy: []Table{{Source: source, Table: "dot1qTpFdbTable"}}}
	}
	m := &Memory{Stations: map[string]*Station{
		"flagged":   shown("sw1"),
		"unflagged": shown("sw1"),
		"missing":   shown("sw1"),
		"unasked":   shown("sw2"),
		"gone":      {ShownBy: []Table{{Source: "sw2"}}, Gone: true},
		"unshown":   {},
	}}
	m.Release(&report.Report{Findings: []report.Finding{{MAC: "flagged"}}, Coverage: []report.Coverage{{Source: "sw1"}}},
		map[string]bool{"flagged": true, "unflagged": true})
	want := []string{"flagged", "gone", "missing", "unshown"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(m.Stations))); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// TestGoneOutlastsTheClock holds that a clock which is set forward makes
// nothing gone, nor one that is set back.
func TestGoneOutlastsTheClock(t *testing.T) {
	m := &Memory{}
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	complete := []report.Coverage{{Source: "sw1", Tables: []report.Table{{Table: "dot1qTpFdbTable", Status: "complete"}}}}
	seen := report.Finding{MAC: "44:19:b6:00:00:09", Present: true, Evidence: []report.Evidence{{Claim: "maker", Mechanism: "mac-block", Source: "sw1", Table: "dot1qTpFdbTable"}}}
	m.Observe(&report.Report{Findings: []report.Finding{seen}, Coverage: complete}, start)
	uptime := int64(1000)
	for _, minutes := range []int{1, 2, 120, 121, -600, -599} {
		uptime += 60
		r := &report.Report{Coverage: complete, Agent: report.Agent{BootID: "boot", UptimeS: uptime}}
		m.Observe(r, start.Add(time.Duration(minutes)*time.Minute))
		if len(r.Changes) > 0 {
			t.Fatalf("at minute %d: %v", minutes, r.Changes)
		}
	}
	r := &report.Report{Coverage: complete, Agent: report.Agent{BootID: "boot", UptimeS: uptime + 3600}}
	m.Observe(r, start.Add(-598*time.Minute))
	if len(r.Changes) != 1 || r.Changes[0].Op != report.Gone {
		t.Errorf("after an hour of uptime: %v, want gone", r.Changes)
	}
	r = &report.Report{Findings: []report.Finding{seen}, Coverage: complete}
	m.Observe(r, start.Add(-time.Hour))
	if f := r.Findings[0]; f.LastSeen.Before(f.FirstSeen) {
		t.Errorf("last seen %v, before it was first seen %v", f.LastSeen, f.FirstSeen)
	}
}
