package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// well is the status of a service with which all is well at the time.
func well(now time.Time) serviceStatus {
	return serviceStatus{Version: "1.2.3", Agent: "a", Config: "c.toml", Started: now.Add(-50 * time.Hour), Next: now.Add(7 * time.Minute), EveryS: 900,
		Observed: &observation{Span: report.Span{From: now.Add(-8 * time.Minute), To: now.Add(-8 * time.Minute)}, Findings: 2,
			Coverage: []coveredSource{{Source: "10.0.0.2", Name: "sw1", Status: "complete"}},
			Lists:    []report.Watchlist{{ID: "uk-2022-nil", Version: 1, AsOf: "2026-11-23"}},
			Files:    []report.DataFile{{File: "makers.toml", Used: true, Text: "makers, version 2"}}},
		Delivery: delivery{Accepted: now.Add(-time.Hour), Reports: 1},
		Spool:    report.Spool{State: "ok"}, Progress: &report.Progress{Since: now.AddDate(0, -2, 0), First: 9, Gone: 7, New: 1}}
}

// TestStatusTellsWhatWasFound names each switch that no configuration does.
func TestStatusTellsWhatWasFound(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	status := well(now)
	status.Config, status.State = "/etc/camwarden/camwarden.toml", "/var/lib/camwarden"
	status.Observed.Coverage = append(status.Observed.Coverage,
		coveredSource{Source: "10.0.0.4", Name: "sw04", Status: "complete", Found: "LLDP neighbour of sw00 port Gi0/24"})
	var out strings.Builder
	if err := (&checker{out: &out}).show(status.lines(now)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"10.0.0.4 sw04", "LLDP neighbour of sw00 port Gi0/24", "camwarden setup -adopt -config /etc/camwarden/camwarden.toml -state /var/lib/camwarden"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestStatusLines(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		change func(*serviceStatus)
		bad    []string // how each bad line begins, and words of it
	}{
		{"all is well", func(*serviceStatus) {}, nil},
		{"a moment late", func(s *serviceStatus) { s.Next = now.Add(-10 * time.Minute) }, nil},
		{"overdue", func(s *serviceStatus) { s.Next = now.Add(-16 * time.Minute) }, []string{"next: was due 16 min ago"}},
		{"stopped", func(s *serviceStatus) { s.Stopped = &now }, []string{"service: camwarden 1.2.3, started 2 days ago"}},
		{"no configuration", func(s *serviceStatus) { s.Problem, s.Observed = "c.toml: no such file", nil }, []string{"service: "}},
		{"a switch", func(s *serviceStatus) {
			s.Observed.Coverage = append(s.Observed.Coverage, coveredSource{Source: "10.0.0.3", Status: "failed", Reason: "no answer"})
		}, []string{"  10.0.0.3: was not read; no answer; camwarden check"}},
		{"a switch that was found", func(s *serviceStatus) {
			s.Observed.Coverage = append(s.Observed.Coverage, coveredSource{Source: "10.0.0.4", Status: "complete", Found: "default gateway of this host"})
		}, nil},
		{"not delivered", func(s *serviceStatus) {
			s.Delivery.Failures, s.Delivery.Error, s.Delivery.Failed, s.Delivery.Retry = 3, "connection refused", now, now.Add(time.Hour)
		}, []string{"delivery: the endpoint took 1 report 60 min ago (2026-11-26 11:00 UTC); it failed 0 s ago (2026-11-26 12:00 UTC), 3 times in a row: connection refused; what waits is kept and tried again at 13:00:00 UTC"}},
		{"reports lost", func(s *serviceStatus) {
			s.Spool.Dropped = report.Dropped{Count: 2, FirstSeq: 4, LastSeq: 5, Reason: "too many"}
		}, []string{"spool: empty; 2 reports lost for want of room (numbers 4 to 5): too many"}},
		{"no disk", func(s *serviceStatus) { s.Spool.State = "degraded" }, []string{"spool: empty; it is degraded"}},
		{"an expired list", func(s *serviceStatus) { s.Observed.Lists[0].Stale = true }, []string{"list: uk-2022-nil"}},
		{"a refused edition", func(s *serviceStatus) { s.Observed.Files[0].Used = false }, []string{"edition: makers.toml"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status := well(now)
			test.change(&status)
			bad := badTexts(status.lines(now))
			if len(bad) != len(test.bad) {
				t.Fatalf("got %q, want %q", bad, test.bad)
			}
			for i := range bad {
				if !strings.HasPrefix(bad[i], test.bad[i]) {
					t.Errorf("got %q, want %q", bad[i], test.bad[i])
				}
			}
		})
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text, indent string
		width        int
		want         string
	}{
		{"one two three", "", 0, "one two three"},
		{"one two three", "", 8, "one two\nthree"},
		{"one two three", "  ", 9, "  one two\n    three"},
		{"incomprehensibilities are", "", 8, "incomprehensibilities\nare"},
		{"", "", 8, ""},
	}
	for _, test := range tests {
		if got := wrap(test.text, test.indent, test.width); got != test.want {
			t.Errorf("%q in %d: got %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

// The table is never wider than the line, as long as that has room for an
// address and a severity, and without colours nothing of them is printed.
func TestTableFits(t *testing.T) {
	var findings []report.Finding
	for i := range 20 {
		findings = append(findings, report.Finding{MAC: fmt.Sprintf("14:a7:8b:00:00:%02x", i), IPs: []string{"10.20.20.200", "x"}, Severity: "critical", Level: "suspected-rebadge",
			Maker: report.Maker{Name: "Hikvision and its subsidiaries"}, Location: report.Location{Switch: strings.Repeat("ß", i*3), Port: "GigabitEthernet1/0/48", Alias: "lobby", VLAN: 4000, Certainty: "edge"}})
	}
	for width := 72; width < 250; width++ {
		var text bytes.Buffer
		printFindings(&text, findings, look{width: width})
		for line := range strings.Lines(text.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
				t.Fatalf("in %d characters a line has %d: %q", width, n, line)
			}
		}
		if strings.Contains(text.String(), "\x1b") || strings.Count(text.String(), "14:a7:8b") != len(findings) {
			t.Fatalf("in %d characters:\n%s", width, &text)
		}
	}
	var text bytes.Buffer
	printFindings(&text, findings, look{colour: true})
	if !strings.Contains(text.String(), "\x1b[31mcritical\x1b[0m") {
		t.Errorf("there is no colour in %.200q", &text)
	}
}

// A file is no terminal, and NO_COLOR is obeyed on one.
func TestNoColourElsewhere(t *testing.T) {
	if l := lookOf(&bytes.Buffer{}); l != (look{}) {
		t.Errorf("got %+v", l)
	}
}

func TestTimeLeft(t *testing.T) {
	tests := []struct {
		elapsed   time.Duration
		read, all int
		want      string
	}{
		{time.Second, 1, 100, ""}, // too early to tell
		{10 * time.Second, 5, 20, ", about 30 s left"},
		{4 * time.Minute, 20, 60, ", about 8 min left"},
		{10 * time.Second, 20, 20, ""},
		{10 * time.Second, 21, 20, ""},
	}
	for _, test := range tests {
		if got := timeLeft(test.elapsed, test.read, test.all); got != test.want {
			t.Errorf("%v of %d: got %q, want %q", test.elapsed, test.read, got, test.want)
		}
	}
}

func TestLong(t *testing.T) {
	got := ""
	for _, d := range []time.Duration{-time.Second, 89 * time.Second, 90 * time.Second, 3 * time.Hour, 50 * time.Hour} {
		got += long(d) + ", "
	}
	if diff := cmp.Diff("0 s, 89 s, 2 min, 3 h, 2 days, ", got); diff != "" {
		t.Error(diff)
	}
}
