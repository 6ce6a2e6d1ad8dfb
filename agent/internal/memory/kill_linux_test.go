package memory

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/straced"
)

// saveEnv names the file that a process of its own writes, to be killed at it.
const saveEnv = "CAMWARDEN_TEST_SAVE"

func init() {
	if os.Getenv(saveEnv) != "" {
		straced.LockThread()
	}
}

func TestMain(m *testing.M) {
	if path := os.Getenv(saveEnv); path != "" {
		straced.Main(func() error { return generation(2).Save(path) })
	}
	os.Exit(m.Run())
}

// generation is a memory that is larger than a page.
func generation(seq uint64) *Memory {
	m := filled()
	m.Seq = seq
	for i := range 100 {
		m.Stations[fmt.Sprintf("44:19:b6:00:%02x:%02x", seq, i)] = m.Stations[camera]
	}
	return m
}

// TestKilledAtEverySystemCall kills a write at each of its system calls: what
// is there afterwards is the old content or the new, whole.
func TestKilledAtEverySystemCall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.json")
	calls, _, state := straced.Run(t, saveEnv+"="+path)
	if !state.Success() {
		t.Fatalf("the write fails by itself: %v", state)
	}
	checkDurable(t, calls)
	killed, contents := 0, map[uint64]int{}
	for _, call := range calls {
		if err := generation(1).Save(path); err != nil {
			t.Fatal(err)
		}
		_, _, state := straced.Run(t, saveEnv+"="+path, call.Kill())
		if !state.Success() {
			killed++
		}
		m, err := Load(path)
		if err != nil {
			t.Fatalf("killed at %s: %v", call.Text, err)
		}
		if m.Seq != 1 && m.Seq != 2 || len(m.Stations) != 101 {
			t.Errorf("killed at %s: generation %d with %d stations", call.Text, m.Seq, len(m.Stations))
		}
		contents[m.Seq]++
		onlyFile(t, path) // what the write had begun is swept away
	}
	t.Logf("%d system calls of a write, killed at %d: %d times the old content, %d times the new", len(calls), killed, contents[1], contents[2])
	if killed < len(calls) || contents[1] == 0 || contents[2] == 0 {
		t.Errorf("the kills have missed the write: %+v", calls)
	}
}

// checkDurable holds that a power cut finds the same: the content is on the
// disk before its name is, and the name before the write is done.
func checkDurable(t *testing.T, calls []straced.Call) {
	t.Helper()
	var order []string
	for _, call := range calls {
		switch name := strings.TrimSuffix(strings.TrimSuffix(call.Name, "2"), "at"); name {
		case "write", "fsync", "rename":
			order = append(order, name)
		}
	}
	if got := strings.Join(order, " "); got != "write fsync rename fsync" {
		t.Errorf("a write goes %q", got)
	}
}
