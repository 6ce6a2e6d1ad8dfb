package spool

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

var errFault = errors.New("injected fault")

// A faultyDisk is the real one that fails as told. It also models a power cut:
// what was not synced is undone.
type faultyDisk struct {
	osDisk
	failAt int  // the step that fails, counted from 1; 0 is none
	dead   bool // after failAt every step fails, as after a crash
	broken func(op, path string) bool
	step   int
	free   uint64              // of a disk of 1 GB; zero means half of it
	undo   map[string][]func() // by folder: takes back renames and removals that were not synced
}

func (d *faultyDisk) fault(op, path string) error {
	d.step++
	crashed := d.failAt > 0 && (d.step == d.failAt || d.dead && d.step > d.failAt)
	if crashed || d.broken != nil && d.broken(op, path) {
		return &os.PathError{Op: op, Path: path, Err: errFault}
	}
	return nil
}

func (d *faultyDisk) later(dir string, undo func()) {
	if d.undo == nil {
		d.undo = map[string][]func(){}
	}
	d.undo[dir] = append(d.undo[dir], undo)
}

// powerCut leaves what was synced, and of the rest, in each folder, as much as
// the disk had come to by chance; without a source of chance nothing.
func (d *faultyDisk) powerCut(chance *rand.Rand) {
	for _, dir := range slices.Sorted(maps.Keys(d.undo)) {
		undos := d.undo[dir]
		done := 0
		if chance != nil {
			done = chance.IntN(len(undos) + 1)
		}
		for _, undo := range slices.Backward(undos[done:]) {
			undo()
		}
	}
	d.undo = nil
}

func (d *faultyDisk) create(path string) (file, error) {
	if err := d.fault("create", path); err != nil {
		return nil, err
	}
	f, err := d.osDisk.create(path)
	if err != nil {
		return nil, err
	}
	return &faultyFile{file: f, disk: d, path: path}, nil
}

func (d *faultyDisk) rename(from, to string) error {
	if err := d.fault("rename", to); err != nil {
		return err
	}
	moved, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	before, readErr := os.ReadFile(to)
	if err := d.osDisk.rename(from, to); err != nil {
		return err
	}
	d.later(filepath.Dir(to), func() {
		os.WriteFile(from, moved, 0o600)
		if readErr == nil {
			os.WriteFile(to, before, 0o600)
			return
		}
		os.Remove(to)
	})
	return nil
}

func (d *faultyDisk) remove(path string) error {
	if err := d.fault("remove", path); err != nil {
		return err
	}
	before, readErr := os.ReadFile(path)
	err := d.osDisk.remove(path)
	if err == nil && readErr == nil {
		d.later(filepath.Dir(path), func() { os.WriteFile(path, before, 0o600) })
	}
	return err
}

func (d *faultyDisk) syncDir(dir string) error {
	if err := d.fault("sync folder", dir); err != nil {
		return err
	}
	delete(d.undo, dir)
	return nil // the model needs no real one, which takes its time
}

func (d *faultyDisk) space(string) (free, total uint64, err error) {
	if d.free == 0 {
		return 500 << 20, 1 << 30, nil
	}
	return d.free, 1 << 30, nil
}

// A faultyFile writes only at its sync: a file that is renamed before shows up
// empty, as after a power cut.
type faultyFile struct {
	file
	disk    *faultyDisk
	path    string
	pending []byte
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.disk.fault("write", f.path); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	f.pending = append(f.pending, p...)
	return len(p), nil
}

func (f *faultyFile) Sync() error {
	if err := f.disk.fault("sync", f.path); err != nil {
		return err
	}
	_, err := f.file.Write(f.pending)
	return err
}

func (f *faultyFile) Close() error {
	err := f.disk.fault("close", f.path)
	return errors.Join(err, f.file.Close())
}
