package spool

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFormatIsAsDocumented holds the bytes on the disk against the examples of
// docs/spool.md.
func TestFormatIsAsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/spool.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := func(what, text string) {
		t.Helper()
		if !strings.Contains(string(page), text) {
			t.Errorf("docs/spool.md does not show %s:\n%s", what, text)
		}
	}
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	r := Record{ID: "0193a1b2-7c1d-7e21-9d0c-2f5f4b6a1e77", Seq: 8812, Kind: Event,
		Created: time.Date(2026, 11, 23, 12, 0, 2, 500_000_000, time.UTC), Declared: Dropped{2, 8790, 8791, "number,size"}, Body: []byte("{\"seq\": 8812}\n\n")}
	mustPut(t, s, r)
	content := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	name := "00000000000000008812-event-0193a1b2-7c1d-7e21-9d0c-2f5f4b6a1e77.report"
	documented("a report's name", name)
	documented("a report", "```\n"+content(name)+"```\n")

	s.tally = tally{lost: 7, arrived: 4, pending: Dropped{1, 8795, 8795, "size"}}
	s.doomed = map[string]bool{"00000000000000008795-snapshot-0193a1b2-7c1d-7e21.report": true}
	if err := s.saveState(); err != nil {
		t.Fatal(err)
	}
	documented("the state file", "```\n"+content(stateName)+"\n```\n")

	if err := s.Reject(s.List()[0], "A", "B"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("A\nB\n", content(filepath.Join(rejectedDir, name+reasonSuffix))); diff != "" {
		t.Error(diff)
	}
	for _, reason := range strings.Split("superseded age number size space disk damage missing rejected", " ") {
		documented("a reason", "`"+reason+"`")
	}
	for _, file := range []string{stateName, lockName, corruptDir + "/", rejectedDir + "/"} {
		documented("a file", "\n  "+file)
	}
}
