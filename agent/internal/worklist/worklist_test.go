package worklist

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

func found(mac string, l report.Location) report.Finding {
	return report.Finding{MAC: mac, Present: true, Class: "unknown", Location: l}
}

func TestJobs(t *testing.T) {
	three := 3
	absent := found("07", report.Location{Switch: "sw1", Address: "10.0.0.1", Port: "p3", Certainty: "edge"})
	absent.Present = false
	recorder := found("08", report.Location{Switch: "sw1", Address: "10.0.0.1", Port: "p4", Certainty: "port"})
	recorder.Class = "recorder"
	r := &report.Report{Findings: []report.Finding{
		found("01", report.Location{Certainty: "ambiguous", Alternatives: []report.Alternative{{Switch: "sw1", Port: "a"}, {Switch: "sw2", Port: "b"}}}),
		found("02", report.Location{Host: "nvr", Interface: "cams", Certainty: "seen"}),
		found("03", report.Location{Switch: "sw10", Address: "10.0.0.10", Port: "Gi0/2", Certainty: "edge", Alias: "lobby"}),
		found("04", report.Location{Switch: "sw2", Address: "10.0.0.2", Port: "Gi0/10", Certainty: "shared", StationsOnPort: &three}),
		found("05", report.Location{Switch: "sw2", Address: "10.0.0.2", Port: "Gi0/9", Certainty: "uplink", Behind: "unread-1"}),
		found("06", report.Location{Switch: "sw2", Address: "10.0.0.2", Port: "Gi0/10", Certainty: "shared", StationsOnPort: &three}),
		absent, recorder,
		found("09", report.Location{Certainty: "double"}),
	}}
	var got []string
	for _, j := range Jobs(r) {
		var macs []string
		for _, f := range j.Stations {
			macs = append(macs, f.MAC)
		}
		got = append(got, strings.TrimSpace(j.Switch+" "+j.Port+" "+j.Alias)+" ["+strings.Join(macs, " ")+"] "+j.Task)
	}
	want := []string{
		"sw1 p3 [07] Not seen this time: see whether it is still there. Unplug.",
		"sw1 p4 [08] Look what else is on the port, which has not been counted. Then unplug. What hangs on the recorder's own ports goes with it.",
		"sw2 Gi0/9 [05] Follow the cable to unread-1. Find it there.",
		"sw2 Gi0/10 [04 06] Find these 2 among the 3 stations behind this port, by the address on the label. Unplug there.",
		"sw10 Gi0/2 lobby [03] Unplug.",
		"nvr cams [02] No switch shows it: look behind nvr, at its own ports.",
		"several switches [01] Look at each of these ports: sw1 a, sw2 b.",
		"several switches [09] Look at each of these ports: none is known.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNatural(t *testing.T) {
	want := []string{"", "1/2/3", "1/2/10", "1/10/1", "Gi0/2", "Gi0/10", "sw", "sw02", "sw2", "sw2a", "sw10"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Natural)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever a name is, the file reads back as the same cells, and none of them
// begins as a formula does.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a\"b,c\r\nd", " =cmd|' /C calc'!A0", "＝1", "|x", "%1", "", "lobby"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\r") {
			t.Skip() // the reader makes \n of \r\n
		}
		var b strings.Builder
		jobs := []Job{{Switch: text, Port: text, Alias: text, Stations: []*report.Finding{{MAC: text, Names: []string{text}}}}}
		if err := WriteCSV(&b, jobs); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != len(heading) {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsRune("=+-@\t", []rune(cell)[0]) {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
		if got := strings.TrimPrefix(rows[1][2], "'"); got != text && rows[1][2] != text {
			t.Errorf("got %q, want %q", rows[1][2], text)
		}
	})
}
