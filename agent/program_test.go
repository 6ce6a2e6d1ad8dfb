package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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
