package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// camwarden builds the program as it is shipped.
func camwarden(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "camwarden")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

func parseReport(t *testing.T, text string) *report.Report {
	t.Helper()
	r := new(report.Report)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return r
}

func findingOf(t *testing.T, r *report.Report, mac string) report.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.MAC == mac {
			return f
		}
	}
	t.Fatalf("%s was not found among %d findings", mac, len(r.Findings))
	return report.Finding{}
}
