// Package durable changes files so that a crash or a power cut leaves either
// the old or the new content, and holds folders for one process alone.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrLocked tells that another process holds a lock.
var ErrLocked = errors.New("locked by another process")

// WriteFile makes path hold what write writes, or leaves it as it was: it is
// written beside path, synced, and renamed. It follows no link that stands at
// path, and replaces it.
func WriteFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".tmp*")
	if err != nil {
		return err
	}
	err = errors.Join(file.Chmod(mode), write(file))
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, Remove(file.Name()))
	}
	return SyncDir(folder)
}
