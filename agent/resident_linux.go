package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
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
	mappings, err := programMappings()
	for _, m := range mappings {
		if _, _, errno := syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED); errno != 0 {
			err = errors.Join(err, fmt.Errorf("madvise: %w", errno))
		}
	}
	if err != nil {
		return fmt.Errorf("give back the program's pages: %w", err)
	}
	return nil
}

// A mapping is a part of the memory.
type mapping struct{ start, end uintptr }

// programMappings are where the program's own file is in memory, but for what is
// written there. That stays as it is when the program has begun.
var programMappings = sync.OnceValues(func() ([]mapping, error) {
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil, err
	}
	defer file.Close() // it is only read from
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	var mappings []mapping
	var m mapping // of the program, that is never written
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasSuffix(line, " "+program):
			var mode string
			if n, _ := fmt.Sscanf(line, "%x-%x %s", &m.start, &m.end, &mode); n != 3 || mode[1] == 'w' {
				m = mapping{}
			}
		case line < "A" || line >= "a": // another mapping: addresses are in small letters, and what is said of them begins with a capital
			m = mapping{}
		case m.start < m.end && strings.HasPrefix(line, "Anonymous:") && strings.HasSuffix(line, " 0 kB"):
			mappings = append(mappings, m) // elsewhere the loader has written, to relocate it, what is not in the file
		}
	}
	return mappings, lines.Err()
})
