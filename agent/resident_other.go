//go:build !linux

package main

import "runtime/debug"

// rest gives back the memory that nothing needs until the next observation.
func rest() error {
	debug.FreeOSMemory()
	return nil
}
