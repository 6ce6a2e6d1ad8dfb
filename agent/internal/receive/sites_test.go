package receive

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/page"
)

// observed is an event with a report in it.
func observed(site, agent string, seq int, report string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"%s-%d","source":"/sites/%s/agents/%s","type":"camwarden.report.v1","data":{"seq":%d,"kind":"snapshot",`+
		`"site":{"name":"Riverside House"},"agent":{"hostname":"nvr-7"},"observed":{"to":"2026-11-23T12:00:02Z"},%s}}`, agent, seq, site, agent, seq, report)
}

const (
	twoCameras = `"findings":[{"maker":{"name":"Dahua"},"present":true},{"maker":{"name":"Hikvision"},"present":true},{"maker":{"name":"Hikvision"},"present":true},{"maker":{"name":"Axis"},"present":false}],` +
		`"coverage":[{"source":"10.0.0.2","name":"sw00","status":"complete"},{"source":"10.0.0.3","name":"","status":"failed","reason":"no answer"},` +
		`{"source":"10.0.0.4","name":"sw02","status":"partial","tables":[{"table":"dot1qTpFdbTable","context":"vlan-20","status":"partial","reason":"row 20"},{"table":"lldpRemTable","status":"absent"}]}]`
	nothing = `"findings":[],"coverage":[]`
)

func TestWhatIsKnownOfSites(t *testing.T) {
	dir := t.TempDir()
	s := mustNew(t, Options{Dir: dir})
	for _, body := range []string{
		observed("LON-0042", "a", 9, nothing), observed("LON-0042", "a", 11, twoCameras), observed("LON-0042", "a", 10, nothing),
		observed("LON-0001", "b", 1, `"findings":7`), observed("LON-0042", "a", 11, nothing),
	} {
		if status, answer := post(s, single, body); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	at := time.Date(2026, 11, 23, 12, 0, 2, 0, time.UTC)
	arrival := func(id string, seq uint64, flagged int) page.Arrival {
		return page.Arrival{ID: id, Observed: at, Seq: seq, Kind: "snapshot", Flagged: flagged}
	}
	want := []page.Agent{
		{Site: "LON-0001", Name: "Riverside House", Agent: "b", Host: "nvr-7", Unreadable: true, Last: []page.Arrival{arrival("b-1", 1, 0)}},
		{Site: "LON-0042", Name: "Riverside House", Agent: "a", Host: "nvr-7", Sources: 3, Complete: 1,
			Makers: []page.MakerCount{{Maker: "Hikvision", Stations: 2}, {Maker: "Dahua", Stations: 1}},
			Gaps:   []string{"10.0.0.3: failed, no answer", "sw02 dot1qTpFdbTable (vlan-20): partial, row 20"},
			Last:   []page.Arrival{arrival("a-9", 9, 0), arrival("a-11", 11, 3), arrival("a-10", 10, 0)}},
		{Site: "LON-0099"},
	}
	untimed := []cmp.Option{cmpopts.IgnoreFields(page.Agent{}, "Heard"), cmpopts.IgnoreFields(page.Arrival{}, "Received")}
	before, reports := s.store.agents([]string{"LON-0042", "LON-0099"})
	if diff := cmp.Diff(want, before, untimed...); diff != "" || reports != 4 {
		t.Errorf("%d reports (-want +got):\n%s", reports, diff)
	}
	if age := time.Since(before[1].Heard); age < 0 || age > time.Minute {
		t.Errorf("heard %v ago", age)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	after, reports := mustNew(t, Options{Dir: dir}).store.agents([]string{"LON-0042", "LON-0099"})
	if diff := cmp.Diff(before, after); diff != "" || reports != 4 {
		t.Errorf("%d reports after a restart (-before +after):\n%s", reports, diff)
	}
}

// TestBounds holds that whatever comes, no more than so much is remembered.
func TestBounds(t *testing.T) {
	known := sites{}
	add := func(site, agent, id, data string) *event {
		e := &event{ID: id, Source: "/sites/" + site + "/agents/" + agent, site: site, agent: agent, Data: []byte(data)}
		known.add(e)
		return e
	}
	first := add("s", "a", "first", `{}`)
	for i := range maxRecent - 1 {
		add("s", "a", fmt.Sprint(i), `{}`)
	}
	if !known.has(first) {
		t.Error("a report that came a while ago is not known any more")
	}
	second := add("s", "a", "one more", `{}`)
	if known.has(first) || !known.has(second) || len(known["s"].recent.ids) != maxRecent {
		t.Errorf("%d ids are remembered", len(known["s"].recent.ids))
	}
	for i := range 20 {
		add("s", fmt.Sprint("agent-", i), "x", `{}`)
	}
	if got := len(known["s"].agents); got != maxAgents || known["s"].agents[0].id != "agent-12" {
		t.Errorf("%d agents, the first is %s", got, known["s"].agents[0].id)
	}
	long := strings.Repeat("é", 300)
	var findings, coverage []string
	for i := range 100 {
		findings = append(findings, fmt.Sprintf(`{"maker":{"name":"%d%s"},"present":true}`, i, long))
		coverage = append(coverage, fmt.Sprintf(`{"source":"%d%s","status":"failed"}`, i, long))
	}
	add("s", "wide", "x", `{"kind":"`+long+`","site":{"name":"`+long+`"},"findings":[`+strings.Join(findings, ",")+`],"coverage":[`+strings.Join(coverage, ",")+`]}`)
	wide := known["s"].agents[maxAgents-1].page
	if len(wide.Makers) != maxMakers || len(wide.Gaps) != maxGaps || wide.MoreGaps != 100-maxGaps || wide.Last[0].Flagged != 100 || wide.Sources != 100 {
		t.Errorf("%d makers, %d gaps and %d more", len(wide.Makers), len(wide.Gaps), wide.MoreGaps)
	}
	for _, text := range []string{wide.Name, wide.Makers[0].Maker, wide.Gaps[0], wide.Last[0].Kind} {
		if len(text) > maxText || len(text) < maxText-1 || !strings.HasSuffix(text, "é") {
			t.Errorf("a text of %d bytes: %s", len(text), text)
		}
	}
	for i := len(known); i < maxSites; i++ {
		add(fmt.Sprint(i), "a", "x", `{}`)
	}
	if !known.full(&event{site: "one more"}) || known.full(&event{site: "s"}) {
		t.Error("there is room for more sites, or none for a known one")
	}
}

func TestTooManySites(t *testing.T) {
	s := mustNew(t, Options{Dir: t.TempDir()})
	for i := range maxSites {
		s.store.sites[fmt.Sprint(i)] = &site{}
	}
	if status, answer := post(s, single, report("a")); status != 403 || !strings.Contains(answer, "OpenTelemetry Collector") || s.Reports() != 0 {
		t.Errorf("%d %s", status, answer)
	}
	if status, _ := post(s, single, observed("7", "a", 1, nothing)); status != 200 {
		t.Errorf("a known site: %d", status)
	}
}
