//go:build !windows

package main

// hostCommands are those that only this system has.
func hostCommands() []command { return nil }

// checkPlace has nothing to say: on this system a package makes the folder of
// the configuration.
func checkPlace(string) error { return nil }
