package main

import (
	"time"

	"golang.org/x/sys/windows"
)

// boot tells how long ago the machine started. Windows has no id for that.
func boot() (id string, uptime time.Duration) { return "", windows.DurationSinceBoot() }
