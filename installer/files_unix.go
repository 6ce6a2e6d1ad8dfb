//go:build unix

package installer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// MakeFolder makes a folder for what the administrator writes and the service
// reads. One that is there stays as it is.
func MakeFolder(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(path, 0o750); err != nil {
		return fmt.Errorf("make the folder %s: %w", path, err)
	}
	if err := protect(path, 0o750); err != nil {
		return fmt.Errorf("protect the folder %s: %w", path, err)
	}
	return nil
}

// createTemp makes a file that is this user's alone, called prefix and random
// digits.
func createTemp(folder, prefix string) (*os.File, error) { return os.CreateTemp(folder, prefix+"*") }

// replace moves a file over another.
func replace(from, to string) error { return os.Rename(from, to) }

// othersBits are of a secret's file neither its group's to write nor anybody
// else's at all.
const othersBits = 0o027

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
