//go:build unix

package installer

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// protect gives a new file or folder to root and the service's group. Where a
// user does this, or the group is not there, it is that user's alone.
func protect(path string, mode fs.FileMode) error {
	const group = 0o070
	gid, ok := serviceGroup()
	if !ok || os.Geteuid() != 0 {
		return os.Chmod(path, mode&^group)
	}
	return errors.Join(os.Chown(path, 0, gid), os.Chmod(path, mode))
}

func serviceGroup() (gid int, ok bool) {
	group, err := user.LookupGroup(Name)
	if err != nil {
		return 0, false
	}
	gid, err = strconv.Atoi(group.Gid)
	return gid, err == nil
}

// protectAs gives a file the owner and the permissions of another, narrowed
// unless that is nil.
func protectAs(path string, other fs.FileInfo, narrow func(fs.FileMode) fs.FileMode) error {
	mode := other.Mode().Perm()
	if narrow != nil {
		mode = narrow(mode)
	}
	stat, ok := other.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("the owner of the old file is not known")
	}
	return errors.Join(os.Chown(path, int(stat.Uid), int(stat.Gid)), os.Chmod(path, mode))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
