//go:build unix

package config

import (
	"fmt"
	"io/fs"
)

// exposed says how to mend a file that holds a secret and that others can
// read, or its group or others can write; empty when it is right as it is.
func exposed(path string, info fs.FileInfo) string {
	const othersRead, groupOrOthersWrite = 0o004, 0o022
	switch mode := info.Mode().Perm(); {
	case mode&othersRead != 0:
		return fmt.Sprintf("every user can read the file: run chmod g-w,o-rwx %s", path)
	case mode&groupOrOthersWrite != 0:
		return fmt.Sprintf("other users can change the file: run chmod g-w,o-rwx %s", path)
	}
	return ""
}
