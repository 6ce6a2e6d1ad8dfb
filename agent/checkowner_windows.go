package main

import (
	"io/fs"

	"github.com/camwarden/camwarden/installer"
)

// everybodys says who else may change a folder; empty when it is right as it
// is.
func everybodys(folder string, _ fs.FileInfo) string {
	if err := installer.CheckFolder(folder); err != nil {
		return err.Error()
	}
	return ""
}

// owner has nothing to say beside that.
func owner(fs.FileInfo) string { return "" }
