package page

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

func source(kind, status string) report.Coverage { return report.Coverage{Kind: kind, Status: status} }

func at(certainty string) report.Finding {
	return report.Finding{Level: "possible", Severity: "medium", Present: true, Location: report.Location{Certainty: certainty}}
}

func TestFound(t *testing.T) {
	whole, part, none := source("switch", "complete"), source("switch", "partial"), source("switch", "failed")
	tests := []struct {
		name     string
		findings []report.Finding
		coverage []report.Coverage
		want     string
	}{
		{"some located", []report.Finding{at("edge"), at("port"), at("shared"), at("shared"), at("uplink")},
			[]report.Coverage{whole, whole, whole, whole, part},
			"5 stations of flagged makers, 4 of them located to a port; 4 of 5 switches read completely."},
		{"one, all read", []report.Finding{at("edge")}, []report.Coverage{whole},
			"1 station of a flagged maker, located to a port; the one switch read completely."},
		{"nowhere, two switches", []report.Finding{at("seen"), at("double")}, []report.Coverage{whole, whole},
			"2 stations of flagged makers, not located to a port; all 2 switches read completely."},
		{"none read", []report.Finding{at("ambiguous")}, []report.Coverage{none},
			"1 station of a flagged maker, not located to a port; the one switch not read completely."},
		{"host only", []report.Finding{at("seen")}, []report.Coverage{source("host", "complete")},
			"1 station of a flagged maker, not located to a port; no switch was asked."},
		{"host unread", []report.Finding{at("edge")}, []report.Coverage{whole, source("host", "failed")},
			"1 station of a flagged maker, located to a port; the one switch read completely, and this host's own neighbours not."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := summarise(&report.Report{Kind: report.Snapshot, Findings: test.findings, Coverage: test.coverage})
			if diff := cmp.Diff(test.want, got.Lead); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSureness(t *testing.T) {
	confirmed, odd, absent := at("edge"), at("edge"), at("seen")
	confirmed.Level, odd.Level, absent.Present = "confirmed", "certain", false
	tests := []struct {
		name     string
		findings []report.Finding
		want     []string
	}{
		{"levels in order", []report.Finding{at("edge"), confirmed, at("edge")}, []string{
			"How sure: 1 confirmed (the device itself names its maker and says what it is); " +
				"2 possible (the address block names the maker, and nothing independent of it does)."}},
		{"one absent", []report.Finding{absent}, []string{
			"How sure: 1 possible (the address block names the maker, and nothing independent of it does).",
			"One of them is known from earlier observations and was not seen this time."}},
		{"a level of a later version", []report.Finding{odd}, []string{"How sure: 1 of another level."}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, sureness(test.findings)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The negative statement says where, when, and what stands in the way of
// saying more; it never says that there is nothing.
func TestNothing(t *testing.T) {
	whole, part, none := source("switch", "complete"), source("switch", "partial"), source("switch", "failed")
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	list := func(ids ...string) (d report.Data) {
		for _, id := range ids {
			d.Watchlists = append(d.Watchlists, report.Watchlist{ID: id})
		}
		return d
	}
	tests := []struct {
		name   string
		report report.Report
		want   string
	}{
		{"all read", report.Report{Data: list("a"), VLANs: 3, Coverage: []report.Coverage{whole}},
			"No device with a MAC block assigned to a maker flagged by a was observed on the 1 switch / 3 VLANs polled " +
				"between 12:00:00 and 12:00:02 UTC on 23 November 2026; 0 addresses were not assessable; 0 switches did not answer."},
		{"gaps", report.Report{Data: list("a", "b", "c"), Coverage: []report.Coverage{whole, part, none, source("host", "complete")},
			NotAssessable: report.NotAssessable{LocallyAdministered: 31, Virtual: 2, Unassigned: 1}},
			"No device with a MAC block assigned to a maker flagged by a, b or c was observed on the 2 switches and 1 host polled " +
				"between 12:00:00 and 12:00:02 UTC on 23 November 2026; 34 addresses were not assessable; 1 switch did not answer; 1 source was read only in part."},
		{"vendor only", report.Report{Data: list("a"), Coverage: []report.Coverage{whole, source("host", "failed")},
			VendorOnly: []report.VendorOnly{{Maker: "huawei", Stations: 6}, {Maker: "zte", Stations: 1}}, NotAssessable: report.NotAssessable{Unassigned: 1}},
			"No device with a MAC block assigned to a maker flagged by a was observed on the 1 switch polled " +
				"between 12:00:00 and 12:00:02 UTC on 23 November 2026, apart from 7 devices of makers of many things, counted below; " +
				"1 address was not assessable; 0 switches did not answer; this host's own neighbours could not be read."},
		{"host only", report.Report{Coverage: []report.Coverage{source("host", "complete")}},
			"No device with a MAC block assigned to a maker flagged by a list was observed on the 1 host polled " +
				"between 12:00:00 and 12:00:02 UTC on 23 November 2026; 0 addresses were not assessable; 0 switches did not answer."},
		{"nothing read", report.Report{Coverage: []report.Coverage{none, none}}, "Nothing can be said about this site: none of its 2 sources could be read."},
		{"one, unread", report.Report{Coverage: []report.Coverage{none}}, "Nothing can be said about this site: its only source could not be read."},
		{"nothing asked", report.Report{}, "Nothing can be said about this site: nothing was asked."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.report.Observed = report.Span{From: noon, To: noon.Add(2 * time.Second)}
			got := summarise(&test.report)
			if diff := cmp.Diff(test.want, got.Lead); diff != "" {
				t.Error(diff)
			}
			if claims := strings.HasPrefix(got.Lead, "No device"); claims != (strings.Contains(strings.Join(got.Notes, ""), "does not claim that there is none")) {
				t.Errorf("the notes are %q", got.Notes)
			}
		})
	}
}

func TestSeverities(t *testing.T) {
	low, critical := at("edge"), at("edge")
	low.Severity, critical.Severity = "low", "critical"
	got := severities(&report.Report{Findings: []report.Finding{low, critical, low}})
	if diff := cmp.Diff([]tally{{"critical", 1}, {"low", 2}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGaps(t *testing.T) {
	table := func(status string) report.Table { return report.Table{Table: "t-" + status, Status: status} }
	part := source("switch", "partial")
	part.Tables = []report.Table{table("complete"), table("partial"), table("absent"), table("failed")}
	none := source("switch", "failed")
	none.Tables = []report.Table{table("failed")}
	got := gaps(&report.Report{Coverage: []report.Coverage{source("switch", "complete"), part, none}})
	want := []gap{{part, table("partial")}, {part, table("failed")}, {Source: none}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
