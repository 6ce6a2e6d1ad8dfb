//go:build !windows

package main

import "os"

// understandsColours: all terminals of today do.
func understandsColours(*os.File) bool { return true }
