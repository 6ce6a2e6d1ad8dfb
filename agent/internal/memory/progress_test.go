package memory

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// The progress counts from the first observation on, also over a restart, and
// does not forget what is no longer flagged.
func TestProgress(t *testing.T) {
	const other, third = "44:19:b6:00:00:02", "44:19:b6:00:00:03"
	m, now := &Memory{}, start
	path := t.TempDir() + "/memory.json"
	for i, s := range []struct {
		found []report.Finding
		want  string // first, gone, moved, new
	}{
		{[]report.Finding{on(camera, "p1", "edge"), on(other, "p2", "edge")}, "2 0 0 0"},
		{[]report.Finding{on(camera, "p1", "edge"), on(other, "p3", "edge"), on(third, "p4", "edge")}, "2 0 1 1"},
		{[]report.Finding{on(other, "p3", "edge")}, "2 0 1 1"},
		{[]report.Finding{on(other, "p3", "edge")}, "2 0 1 1"},
		{[]report.Finding{on(other, "p3", "edge")}, "2 1 1 0"}, // the first and the third are gone
		{[]report.Finding{on(other, "p3", "edge"), on(camera, "p1", "edge")}, "2 0 1 0"},
	} {
		r := site{}.report(s.found...)
		m.Observe(r, now)
		now = now.Add(31 * time.Minute)
		p := r.Progress
		if diff := cmp.Diff(s.want, fmt.Sprint(p.First, p.Gone, p.Moved, p.New)); diff != "" || !p.Since.Equal(start) {
			t.Errorf("observation %d, since %v: %s", i, p.Since, diff)
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
