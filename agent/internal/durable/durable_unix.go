//go:build !windows

package durable

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Rename moves a file over another.
func Rename(from, to string) error { return os.Rename(from, to) }

// Remove unlinks a file.
func Remove(path string) error { return os.Remove(path) }

// SyncDir makes durable which files a folder has.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Lock takes a lock that ends with the process, whichever way that ends.
func Lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return f, nil
}
