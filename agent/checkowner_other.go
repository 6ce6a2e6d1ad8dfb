//go:build !unix && !windows

package main

import "io/fs"

// everybodys has nothing to say: the permission bits of this system do not tell who
// may change a folder.
func everybodys(string, fs.FileInfo) string { return "" }

// owner has nothing to say either.
func owner(fs.FileInfo) string { return "" }
