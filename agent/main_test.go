package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"camwarden": main})
}

// TestScripts runs the sessions in testdata/script.
func TestScripts(t *testing.T) {
	demosite, err := filepath.Abs("demosite")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("DEMOSITE", demosite)
			env.Setenv("TMPDIR", env.WorkDir)
			return os.Chmod(env.WorkDir, 0o755)
		},
	})
}

// unraced leaves a test that does one thing after the other to the run without
// the race detector, under which it takes many times as long.
func unraced(t *testing.T) {
	t.Helper()
	if raced {
		t.Skip("nothing in it runs at the same time as anything else")
	}
}
