package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
)

// rest gives back the memory that nothing needs until the next observation:
// what was allocated, and the pages of the program's own file, most of which
// an observation reads once. Of these the system keeps what it has room for,
// and brings them back when they are touched.
func rest() error {
	debug.FreeOSMemory()
	mappings, err := os.Open("/proc/self/smaps")
	if err != nil {
		return fmt.Errorf("give back the program's pages: %w", err)
	}
	defer mappings.Close() // it is only read from
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("give back the program's pages: %w", err)
	}
	var failed error
	var start, end uintptr // of a mapping of the program that is never written
	lines := bufio.NewScanner(mappings)
	for lines.Scan() {
		line := lines.Text()
		var low, high uintptr
		var mode string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &low, &high, &mode); n == 3 {
			if start, end = low, high; mode[1] == 'w' || !strings.HasSuffix(line, " "+program) {
				start, end = 0, 0
			}
			continue
		}
		// What the loader has written there, to relocate it, is not in the file.
		var changed int
		if n, _ := fmt.Sscanf(line, "Anonymous: %d", &changed); n == 1 && changed == 0 && start < end {
			if _, _, errno := syscall.Syscall(syscall.SYS_MADVISE, start, end-start, syscall.MADV_DONTNEED); errno != 0 {
				failed = fmt.Errorf("give back the program's pages: madvise: %w", errno)
			}
		}
	}
	return errors.Join(lines.Err(), failed)
}
