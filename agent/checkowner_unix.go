//go:build unix

package main

import (
	"io/fs"
	"os/user"
	"strconv"
	"syscall"
)

// everybodys says how to mend a folder that everybody may change; empty when it is
// right as it is.
func everybodys(folder string, info fs.FileInfo) string {
	const othersWrite = 0o002
	if info.Mode().Perm()&othersWrite == 0 {
		return ""
	}
	return "every user can change what is in the folder: run chmod o-w " + folder
}

// owner names whose a folder is; empty when nobody can tell.
func owner(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	id := strconv.FormatUint(uint64(stat.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
