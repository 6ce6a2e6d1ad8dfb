package memory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const camera = "14:a7:8b:b6:d3:41"

// A site makes reports of two switches with a forwarding table each.
type site struct {
	status map[string]string // of the table of a source; complete where it is not named
	absent string            // a source that the report leaves out
}

func (s site) report(findings ...report.Finding) *report.Report {
	r := &report.Report{Findings: findings}
	for _, source := range []string{"sw1", "sw2"} {
		if source == s.absent {
			continue
		}
		status := s.status[source]
		if status == "" {
			status = "complete"
		}
		r.Coverage = append(r.Coverage, report.Coverage{Source: source, Tables: []report.Table{
			{Table: "dot1qTpFdbTable", Status: status}, {Table: "lldpRemTable", Status: "failed"}}})
	}
	return r
}

// on is a finding on a port of sw1, which sw2 sees as well.
func on(mac, port, certainty string) report.Finding {
	f := report.Finding{MAC: mac, Present: true, Location: report.Location{Switch: "ground", Address: "sw1", Port: port, Certainty: certainty}}
	for _, source := range []string{"sw1", "sw2", "sw1"} {
		f.Evidence = append(f.Evidence, report.Evidence{Claim: "maker", Mechanism: "mac-block", Source: source, Table: "dot1qTpFdbTable"})
	}
	f.Evidence = append(f.Evidence, report.Evidence{Claim: "core-network", Source: "sw1"}, // a conclusion, no row
		report.Evidence{Claim: "class", Mechanism: "poe", Source: "sw1", Table: "pethPsePortTable"}) // it would be fed without a station, too
	return f
}

// A step is one observation: after how long, what it saw, and what it is to
// say. listed is how each finding stands in the report.
type step struct {
	after   time.Duration
	report  *report.Report
	changes string
	listed  string
}

// take observes step by step, and loads the memory anew before each when
// restart is set.
func take(t *testing.T, steps []step, restart bool) {
	t.Helper()
	m, now := &Memory{}, start
	path := t.TempDir() + "/memory.json"
	for i, s := range steps {
		now = now.Add(s.after)
		// A report is built anew each time; the next step must not see this one's.
		r := *s.report
		r.Findings, r.Changes = append([]report.Finding{}, r.Findings...), nil
		m.Observe(&r, now)
		var changes, listed []string
		for _, c := range r.Changes {
			changes = append(changes, string(c.Op))
		}
		for _, f := range r.Findings {
			listed = append(listed, fmt.Sprintf("%v %s–%s", f.Present, f.FirstSeen.Format("15:04"), f.LastSeen.Format("15:04")))
		}
		if got := strings.Join(changes, " "); got != s.changes {
			t.Errorf("step %d: changes %q, want %q", i, got, s.changes)
		}
		if got := strings.Join(listed, ", "); got != s.listed {
			t.Errorf("step %d: listed %q, want %q", i, got, s.listed)
		}
		if !restart {
			continue
		}
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		var err error
		if m, err = Load(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestObserve(t *testing.T) {
	whole := site{}
	seen, missing := whole.report(on(camera, "p1", "edge")), whole.report()
	const half = 30 * time.Minute
	tests := map[string][]step{
		"appeared, and then nothing new": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, seen, "", "true 12:00–12:30"},
		},
		"moved": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, whole.report(on(camera, "p2", "shared")), "moved", "true 12:00–12:30"},
			{half, whole.report(on(camera, "p2", "edge")), "", "true 12:00–13:00"},
		},
		"to and fro, told once in an hour": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half / 3, whole.report(on(camera, "p2", "edge")), "moved", "true 12:00–12:10"},
			{half / 3, seen, "", "true 12:00–12:20"},
			{half / 3, whole.report(on(camera, "p2", "edge")), "", "true 12:00–12:30"},
			{half, seen, "", "true 12:00–13:00"},
			{half / 3, seen, "moved", "true 12:00–13:10"},
			{half, whole.report(on(camera, "p2", "edge")), "", "true 12:00–13:40"},
			{2 * half, whole.report(on(camera, "p2", "edge")), "moved", "true 12:00–14:40"},
		},
		"a place that is not sure is no move": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, whole.report(on(camera, "", "ambiguous")), "", "true 12:00–12:30"},
			{half, whole.report(on(camera, "p9", "uplink")), "", "true 12:00–13:00"},
			{half, seen, "", "true 12:00–13:30"},
		},
		"moved, with places between that were not sure": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, whole.report(on(camera, "", "ambiguous")), "", "true 12:00–12:30"},
			{half, whole.report(on(camera, "p2", "edge")), "moved", "true 12:00–13:00"},
		},
		"gone after three, over an hour": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{half, missing, "gone", ""},
			{half, missing, "", ""},
		},
		"three are not enough within the hour": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{10 * time.Minute, missing, "", "false 12:00–12:00"},
			{10 * time.Minute, missing, "", "false 12:00–12:00"},
			{39 * time.Minute, missing, "", "false 12:00–12:00"},
			{time.Minute, missing, "gone", ""},
		},
		"an hour is not enough with two": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{5 * time.Hour, missing, "", "false 12:00–12:00"},
			{time.Minute, missing, "gone", ""},
		},
		"seen between, it counts anew": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{half, seen, "", "true 12:00–13:30"},
			{half, missing, "", "false 12:00–13:30"},
			{half, missing, "", "false 12:00–13:30"},
			{half, missing, "gone", ""},
		},
		"back": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
			{half, missing, "gone", ""},
			{half, whole.report(on(camera, "p7", "edge")), "back", "true 12:00–14:00"},
			{half, whole.report(on(camera, "p7", "edge")), "", "true 12:00–14:30"},
		},
		"two at once": {
			{0, whole.report(on(camera, "p1", "edge"), on("14:a7:8b:00:00:02", "p2", "edge")), "appeared appeared", "true 12:00–12:00, true 12:00–12:00"},
			{half, seen, "", "true 12:00–12:30, false 12:00–12:00"},
		},
		"a table that is not complete proves nothing": {
			{0, seen, "appeared", "true 12:00–12:00"},
			{half, site{status: map[string]string{"sw1": "partial"}}.report(), "", "true 12:00–12:00"},
			{half, site{status: map[string]string{"sw2": "failed"}}.report(), "", "true 12:00–12:00"},
			{half, site{status: map[string]string{"sw2": "absent"}}.report(), "", "true 12:00–12:00"},
			{half, site{absent: "sw1"}.report(), "", "true 12:00–12:00"},
			{half, site{absent: "sw2"}.report(), "", "true 12:00–12:00"},
			{half, missing, "", "false 12:00–12:00"},
		},
	}
	for name, steps := range tests {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) { take(t, steps, restart) })
		}
	}
}

// TestContexts: a table that is read in several contexts is complete only
// when all of them are.
func TestContexts(t *testing.T) {
	for _, order := range [][]string{{"complete", "partial"}, {"partial", "complete"}} {
		seen := site{}.report(on(camera, "p1", "edge"))
		missing := site{}.report()
		for _, status := range order {
			missing.Coverage[0].Tables = append(missing.Coverage[0].Tables, report.Table{Table: "dot1qTpFdbTable", Context: status, Status: status})
		}
		take(t, []step{{0, seen, "appeared", "true 12:00–12:00"}, {time.Hour, missing, "", "true 12:00–12:00"}}, false)
	}
}

// TestEmptyContext: a VLAN whose last station has left has an empty table, and
// that says so as long as the device shows the table elsewhere.
func TestEmptyContext(t *testing.T) {
	seen := site{}.report(on(camera, "p1", "edge"))
	missing := func(status string) *report.Report {
		r := site{status: map[string]string{"sw1": status}}.report()
		r.Coverage[0].Tables = append(r.Coverage[0].Tables, report.Table{Table: "dot1qTpFdbTable", Context: "20", Status: "absent"})
		return r
	}
	take(t, []step{{0, seen, "appeared", "true 12:00–12:00"}, {time.Hour, missing("complete"), "", "false 12:00–12:00"}}, false)
	take(t, []step{{0, seen, "appeared", "true 12:00–12:00"}, {time.Hour, missing("absent"), "", "true 12:00–12:00"}}, false)
}

// TestWithoutTables: what no table had shown cannot go missing from one.
func TestWithoutTables(t *testing.T) {
	f := on(camera, "p1", "edge")
	f.Evidence = nil
	take(t, []step{{0, site{}.report(f), "appeared", "true 12:00–12:00"}, {time.Hour, site{}.report(), "", "true 12:00–12:00"}}, false)
}

// TestBounds: the memory forgets what is gone before what is there, and what
// was not seen for long before what was.
func TestBounds(t *testing.T) {
	m := &Memory{Stations: make(map[string]*Station)}
	for i := range MaxStations {
		m.Stations[fmt.Sprintf("%05d", i)] = &Station{LastSeen: start.Add(time.Duration(i) * time.Second)}
	}
	m.Stations["09999"].Gone = true
	m.Observe(&report.Report{Findings: []report.Finding{on(camera, "p1", "edge"), on("14:a7:8b:00:00:02", "p1", "edge")}}, start.Add(24*time.Hour))
	if len(m.Stations) != MaxStations {
		t.Errorf("%d are remembered, want %d", len(m.Stations), MaxStations)
	}
	for mac, want := range map[string]bool{"09999": false, "00000": false, "00001": true, camera: true} {
		if got := m.Stations[mac] != nil; got != want {
			t.Errorf("%s is remembered: %v, want %v", mac, got, want)
		}
	}
}

// TestForget: only what is gone is forgotten for its age.
func TestForget(t *testing.T) {
	m := &Memory{Stations: map[string]*Station{
		"long gone": {LastSeen: start, Gone: true},
		"gone":      {LastSeen: start.Add(2 * time.Second), Gone: true},
		"out there": {LastSeen: start},
	}}
	r := &report.Report{}
	m.Observe(r, start.Add(MaxAge+time.Second))
	var got []string
	for mac := range m.Stations {
		got = append(got, mac)
	}
	if diff := cmp.Diff(map[string]bool{"gone": true, "out there": true}, set(got)); diff != "" {
		t.Error(diff)
	}
}

func set(words []string) map[string]bool {
	s := make(map[string]bool)
	for _, w := range words {
		s[w] = true
	}
	return s
}

// TestSought: a table that was sought in shows who is there, and never who is
// not.
func TestSought(t *testing.T) {
	m, now := &Memory{}, start
	for i := range 6 {
		findings := []report.Finding{}
		if i == 0 {
			findings = append(findings, on(camera, "p1", "edge"))
		}
		r := site{}.report(findings...)
		for j := range r.Coverage {
			r.Coverage[j].Tables[0].Method = "seek"
		}
		m.Observe(r, now)
		if len(r.Findings) != 1 || !r.Findings[0].Present || m.Stations[camera].Misses > 0 {
			t.Errorf("observation %d: %+v", i, r.Findings)
		}
		now = now.Add(time.Hour)
	}
}

// TestNotSeenForLong: of a station that was not seen for a week the level is
// lowered by one, once, and never below possible.
func TestNotSeenForLong(t *testing.T) {
	const day = 24 * time.Hour
	for level, want := range map[string]string{"confirmed": "probable", "probable": "possible", "possible": "possible", "conflict": "conflict"} {
		m := &Memory{}
		f := on(camera, "p1", "edge")
		f.Level = level
		m.Observe(site{}.report(f), start)
		cut := site{status: map[string]string{"sw1": "partial"}}
		for after, want := range map[time.Duration]string{6 * day: level, 7 * day: want, 30 * day: want} {
			r := cut.report()
			m.Observe(r, start.Add(after))
			reasons := 0
			for _, e := range r.Findings[0].Evidence {
				if e.Rule == "lowered-not-seen" {
					reasons++
				}
			}
			if r.Findings[0].Level != want || (reasons == 1) != (want != level) || reasons > 1 {
				t.Errorf("%s after %v: %s, with %d reasons", level, after, r.Findings[0].Level, reasons)
			}
		}
		r := site{}.report(f)
		m.Observe(r, start.Add(31*day))
		if r.Findings[0].Level != level {
			t.Errorf("seen again, %s is %s", level, r.Findings[0].Level)
		}
	}
}

func TestKnown(t *testing.T) {
	m := &Memory{}
	if known := m.Known(); known == nil || len(known) > 0 {
		t.Errorf("an empty memory knows %v", known)
	}
	m.Observe(site{}.report(on(camera, "p1", "edge")), start)
	if known := m.Known(); len(known) != 1 || !known[lan.MAC{0x14, 0xa7, 0x8b, 0xb6, 0xd3, 0x41}] {
		t.Errorf("knows %v", known)
	}
}
