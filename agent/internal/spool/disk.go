package spool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/camwarden/camwarden/agent/internal/durable"
)

// A disk is what a spool changes files with. Tests put faults in its way.
type disk interface {
	create(path string) (file, error) // a new file, 0600
	rename(from, to string) error     // replaces
	remove(path string) error
	syncDir(dir string) error
	space(dir string) (free, total uint64, err error) // in bytes, of the disk that dir is on
}

type file interface {
	io.WriteCloser
	Sync() error
}

type osDisk struct{}

func (osDisk) create(path string) (file, error) {
	// O_EXCL follows no symlink that somebody may have put there.
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (osDisk) rename(from, to string) error { return durable.Rename(from, to) }
func (osDisk) remove(path string) error     { return durable.Remove(path) }
func (osDisk) syncDir(dir string) error     { return durable.SyncDir(dir) }

func (osDisk) space(dir string) (free, total uint64, err error) { return durable.Space(dir) }

// writeFile makes path hold data, durably, or leaves it as it was: at no
// moment can somebody see a part. Only when the folder's own sync fails may the
// new content already stand there.
func writeFile(d disk, path string, data []byte) error {
	tmp := path + tmpSuffix
	f, err := d.create(tmp)
	if errors.Is(err, os.ErrExist) { // left by an attempt that failed
		if err = d.remove(tmp); err == nil {
			f, err = d.create(tmp)
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = d.rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(d.remove(tmp)))
	}
	return d.syncDir(filepath.Dir(path))
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// readFile reads a regular file of no more than a record's size. A longer one
// comes cut off, which its checksum tells.
func readFile(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		return nil, fmt.Errorf("read %s: it is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing can be lost in it
	return io.ReadAll(io.LimitReader(f, maxHead+maxBody+1))
}
