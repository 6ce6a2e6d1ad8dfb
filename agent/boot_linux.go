package main

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// boot tells which start of the machine this is, and how long ago that was.
// Both count without the wall clock, which may be wrong.
func boot() (id string, uptime time.Duration) {
	if text, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		id = strings.TrimSpace(string(text))
	}
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err == nil {
		uptime = time.Duration(ts.Nano())
	}
	return id, uptime
}
