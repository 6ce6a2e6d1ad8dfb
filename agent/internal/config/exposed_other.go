//go:build !unix && !windows

package config

import "io/fs"

// exposed has nothing to say: the permission bits of this system do not tell
// who may read a file.
func exposed(string, fs.FileInfo) string { return "" }
