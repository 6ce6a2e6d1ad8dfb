package memory

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// saveEnv names the file that a process of its own writes, to be killed at it.
const saveEnv = "CAMWARDEN_TEST_SAVE"

func init() {
	if os.Getenv(saveEnv) != "" {
		runtime.LockOSThread() // so that the system calls of the write are all of one thread
	}
}

func TestMain(m *testing.M) {
	if path := os.Getenv(saveEnv); path != "" {
		syscall.Getppid() // marks in the trace where the write begins
		if err := generation(2).Save(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		syscall.Getppid()
		os.Exit(0)
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

// traced writes the second generation in a process under strace, which is told
// what to do by the flags. It returns what the main thread did between the
// marks.
func traced(t *testing.T, path string, flags ...string) ([]string, *os.ProcessState) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "trace")
	args := append([]string{"-f", "-o", log}, flags...)
	command := exec.Command("strace", append(args, os.Args[0])...)
	command.Env = append(os.Environ(), saveEnv+"="+path)
	var errors bytes.Buffer
	command.Stderr = &errors
	_ = command.Run() // its end is in the process state
	text, err := os.ReadFile(log)
	if err != nil || len(text) == 0 {
		t.Skipf("strace traces nothing here: %v\n%s", err, errors.String())
	}
	lines := strings.Split(string(text), "\n")
	thread, _, _ := strings.Cut(lines[0], " ")
	var own []string
	for _, line := range lines {
		if call, ok := strings.CutPrefix(line, thread+" "); ok && !strings.Contains(call, "resumed>") {
			own = append(own, strings.TrimSpace(call))
		}
	}
	return own, command.ProcessState
}

// TestKilledAtEverySystemCall kills a write at each of its system calls: what
// is there afterwards is the old content or the new, whole.
func TestKilledAtEverySystemCall(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("there is no strace here")
	}
	path := filepath.Join(t.TempDir(), "memory.json")
	calls, state := traced(t, path)
	if !state.Success() {
		t.Fatalf("the write fails by itself: %v", state)
	}
	write, when := ofTheWrite(calls)
	checkDurable(t, write)
	killed, contents := 0, map[uint64]int{}
	for i, call := range write {
		if err := generation(1).Save(path); err != nil {
			t.Fatal(err)
		}
		_, state := traced(t, path, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", nameOf(call), when[i]))
		if !state.Success() {
			killed++
		}
		m, err := Load(path)
		if err != nil {
			t.Fatalf("killed at %s: %v", call, err)
		}
		if m.Seq != 1 && m.Seq != 2 || len(m.Stations) != 101 {
			t.Errorf("killed at %s: generation %d with %d stations", call, m.Seq, len(m.Stations))
		}
		contents[m.Seq]++
		onlyFile(t, path) // what the write had begun is swept away
	}
	t.Logf("%d system calls of a write, killed at %d: %d times the old content, %d times the new", len(write), killed, contents[1], contents[2])
	if killed < len(write) || contents[1] == 0 || contents[2] == 0 {
		t.Errorf("the kills have missed the write:\n%s", strings.Join(write, "\n"))
	}
}

// ofTheWrite cuts out the calls between the marks, and counts for each how many
// of its name the thread has made by then: so strace counts.
func ofTheWrite(calls []string) (write []string, when []int) {
	made, marks := make(map[string]int), 0
	for _, call := range calls {
		name := nameOf(call)
		made[name]++
		switch {
		case name == "getppid":
			marks++
		case marks == 1 && !ofTheRuntime.MatchString(name):
			write, when = append(write, call), append(when, made[name])
		}
	}
	return write, when
}

// ofTheRuntime are calls about memory and threads, which change no file and are
// not the same in each run.
var ofTheRuntime = regexp.MustCompile(`^(mmap|munmap|madvise|futex|nanosleep|clone3?|sched_yield|tgkill|getpid|rt_sig|sigaltstack|epoll_pwait)`)

func nameOf(call string) string {
	name, _, _ := strings.Cut(call, "(")
	return name
}

// checkDurable holds that a power cut finds the same: the content is on the
// disk before its name is, and the name before the write is done.
func checkDurable(t *testing.T, write []string) {
	t.Helper()
	var order []string
	for _, call := range write {
		name := nameOf(call)
		if regexp.MustCompile(`^(write|fsync|rename|renameat|renameat2)$`).MatchString(name) {
			order = append(order, strings.TrimSuffix(strings.TrimSuffix(name, "2"), "at"))
		}
	}
	if got := strings.Join(order, " "); got != "write fsync rename fsync" {
		t.Errorf("a write goes %q", got)
	}
}
