package page

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

func someSites() *Sites {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &Sites{Now: now, Silent: 13 * time.Hour, Reports: 7, Agents: []Agent{
		{Site: "LON-0001", Agent: "a", Heard: now.Add(-14 * time.Hour), Host: "nvr-1", Sources: 1, Complete: 1},
		{Site: "LON-0042", Name: "Riverside House", Agent: "b", Host: "nvr-7", Heard: now.Add(-time.Hour), Sources: 3, Complete: 1,
			Makers: []MakerCount{{"Hikvision", 2}, {"Dahua", 1}}, Gaps: []string{"sw02: failed, no answer"}, MoreGaps: 4,
			Last: []Arrival{{ID: "old", Seq: 10, Kind: "snapshot", Received: now.Add(-2 * time.Hour)}, {ID: "new", Seq: 11, Kind: "heartbeat", Flagged: 3, Received: now.Add(-time.Hour)}}},
		{Site: "LON-0043", Agent: "c", Heard: now, Unreadable: true},
		{Site: "LON-0099"},
	}}
}

// pageText is what a page says, without its markup.
func pageText(t *testing.T, s *Sites) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSites(&b, s); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "<body>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")), " ")
}

func TestWriteSites(t *testing.T) {
	got := pageText(t, someSites())
	for _, want := range []string{
		"As of 2026-11-23 12:00:00 UTC. 7 reports kept.",
		"2 of 4 agents silent: nothing was heard for more than 13 hours. Silent LON-0099 , never heard LON-0001, nvr-1 , last heard 2026-11-22 22:00:00 UTC LON-0001, nvr-1 silent",
		"silent Nothing flagged was observed; 1 of 1 source read completely, last heard",
		"Riverside House (LON-0042), nvr-7 3 flagged stations: Hikvision 2, Dahua 1; 1 of 3 sources read completely, last heard 2026-11-23 11:00:00 UTC. Not read sw02: failed, no answer and 4 more The last 2 reports",
		"11 heartbeat 3 new 2026-11-23 10:00:00 UTC an unknown time 10 snapshot 0 old",
		"LON-0043, c The newest report is kept, and cannot be shown",
		"LON-0099 silent No report, never heard",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	well := someSites()
	well.Agents = well.Agents[1:3]
	if got := pageText(t, well); !strings.Contains(got, "2 agents, and none of them is silent.") || strings.Contains(got, " Silent ") {
		t.Error(got)
	}
	failing := errors.New("gone")
	if err := WriteSites(writerFunc(func([]byte) (int, error) { return 0, failing }), well); err != failing {
		t.Errorf("the error of the writer comes back as %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestHostileSites holds that no text of a report becomes markup.
func TestHostileSites(t *testing.T) {
	bad := `"><script>alert(1)</script>` + "\u202e\x00'"
	s := someSites()
	for i := range s.Agents {
		a := &s.Agents[i]
		a.Site, a.Name, a.Agent, a.Host, a.Gaps, a.Makers = bad, bad+"x", bad, bad, []string{bad}, []MakerCount{{bad, 1}}
		a.Last = []Arrival{{ID: bad, Kind: bad}}
	}
	var b bytes.Buffer
	if err := WriteSites(&b, s); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Contains(got, "<script") || strings.ContainsAny(got, "\u202e\x00") || !strings.Contains(got, "&lt;script&gt;") {
		t.Error(got)
	}
}
