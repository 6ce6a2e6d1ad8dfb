// Package durable changes files so that a crash or a power cut leaves either
// the old or the new content, and holds folders for one process alone.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrLocked tells that another process holds a lock.
var ErrLocked = errors.New("locked by another process")

// ErrNoFile tells that what stands at a path is a folder, a device, a pipe or
// a socket.
var ErrNoFile = errors.New("there is something else than a file, which would be replaced: name a file")

// temporary is what files are called while they are written, with random
// digits behind it.
func temporary(path string) string { return "." + filepath.Base(path) + ".tmp" }

// Sweep removes what writes of path have left that were cut off. The caller
// must be the only one that writes it.
func Sweep(path string) error {
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), temporary(path)) {
			err = errors.Join(err, Remove(filepath.Join(folder, entry.Name())))
		}
	}
	return err
}

// WriteFile makes path hold what write writes, or leaves it as it was: it is
// written beside path, synced, and renamed. It follows no link that stands at
// path, and replaces it, but with ErrNoFile leaves alone what is no file, and
// what links to such: root would take /dev/null from the whole system.
func WriteFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "write", Path: path, Err: ErrNoFile}
	}
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, temporary(path)+"*")
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
