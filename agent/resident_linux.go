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
// what was allocated, and the program's pages.
func rest() error {
	debug.FreeOSMemory()
	return unload()
}

// unload gives back the pages of the program's own file, most of which an
// observation reads once. Of these the system keeps what it has room for, and
// brings them back when they are touched.
func unload() error {
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
		switch line := lines.Text(); {
		case strings.HasSuffix(line, " "+program):
			var mode string
			if n, _ := fmt.Sscanf(line, "%x-%x %s", &start, &end, &mode); n != 3 || mode[1] == 'w' {
				start, end = 0, 0
			}
		case line < "A" || line >= "a": // another mapping: addresses are in small letters, and what is said of them begins with a capital
			start, end = 0, 0
		case start < end && strings.HasPrefix(line, "Anonymous:") && strings.Fields(line)[1] == "0":
			// Elsewhere the loader has written, to relocate it, what is not in the file.
			if _, _, errno := syscall.Syscall(syscall.SYS_MADVISE, start, end-start, syscall.MADV_DONTNEED); errno != 0 {
				failed = fmt.Errorf("give back the program's pages: madvise: %w", errno)
			}
		}
	}
	return errors.Join(lines.Err(), failed)
}
