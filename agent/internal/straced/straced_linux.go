// Package straced runs a part of a test in a process under strace, which kills
// it at a system call, or has the call fail. It is for tests alone.
package straced

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

// Main is what the process under strace does: part, between two marks in the
// trace. The caller has locked its goroutine to the main thread in an init
// function, so that the system calls are all of one thread. It does not return.
func Main(part func() error) {
	syscall.Getppid()
	if err := part(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	syscall.Getppid()
	os.Exit(0)
}

// LockThread is called by an init function in the process under strace.
func LockThread() { runtime.LockOSThread() }

// A Call is a system call between the marks.
type Call struct {
	Name string
	Text string // as strace shows it
	when int    // the thread has made so many of that name
}

// Kill is the flag of strace that has the process die at the call.
func (c Call) Kill() string { return fmt.Sprintf("--inject=%s:signal=KILL:when=%d", c.Name, c.when) }

// Fail is the flag of strace that has the call fail with an error such as EIO.
func (c Call) Fail(with string) string {
	return fmt.Sprintf("--inject=%s:error=%s:when=%d", c.Name, with, c.when)
}

// Run runs this test's program with a variable in its environment, by which it
// knows to call Main, and returns the calls between the marks, what was written
// to standard output, and how it ended. Where strace is not to be had, the test
// is skipped.
func Run(t *testing.T, variable string, flags ...string) ([]Call, string, *os.ProcessState) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("there is no strace here: what a kill at each system call leaves is not tested")
	}
	log := filepath.Join(t.TempDir(), "trace")
	command := exec.Command("strace", append(append([]string{"-f", "-o", log}, flags...), os.Args[0])...)
	command.Env = append(os.Environ(), variable)
	var out, errors bytes.Buffer
	command.Stdout, command.Stderr = &out, &errors
	_ = command.Run() // its end is in the process state
	text, err := os.ReadFile(log)
	if err != nil || len(text) == 0 {
		t.Skipf("strace traces nothing here: %v\n%s", err, errors.String())
	}
	return ofThePart(string(text)), out.String(), command.ProcessState
}

// ofTheRuntime are calls about memory and threads, which change no file and are
// not the same in each run.
var ofTheRuntime = regexp.MustCompile(`^(mmap|munmap|madvise|futex|nanosleep|clone3?|sched_yield|tgkill|getpid|rt_sig|sigaltstack|epoll_)`)

// isCall matches the beginning of a call, and neither its resumption nor a
// signal.
var isCall = regexp.MustCompile(`^[a-z0-9_]+\(`)

// ofThePart picks what the main thread did between the marks.
func ofThePart(trace string) []Call {
	thread, _, _ := strings.Cut(trace, " ")
	made, marks := map[string]int{}, 0
	var calls []Call
	for line := range strings.Lines(trace) {
		text, own := strings.CutPrefix(line, thread+" ")
		if text = strings.TrimSpace(text); !own || !isCall.MatchString(text) {
			continue
		}
		name, _, _ := strings.Cut(text, "(")
		made[name]++
		switch {
		case name == "getppid":
			marks++
		case marks == 1 && !ofTheRuntime.MatchString(name) && !strings.HasPrefix(text, "write(1,"):
			calls = append(calls, Call{Name: name, Text: text, when: made[name]})
		}
	}
	return calls
}
