//go:build !linux

package main

import "runtime/debug"

// rest gives back the memory that nothing needs until the next observation.
func rest() error {
	debug.FreeOSMemory()
	return unload()
}

// unload does nothing: how to give back the program's pages is known of Linux
// alone.
func unload() error { return nil }
