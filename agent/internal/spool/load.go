package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// load reads the folder.
func (s *Spool) load() error {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("list spool: %w", err)
	}
	doomed := s.loadTally()
	s.entries = nil
	var declared uint64
	for _, f := range files {
		name := f.Name()
		if !f.Type().IsRegular() {
			continue
		}
		if final, ok := strings.CutSuffix(name, tmpSuffix); ok {
			if _, ours := parseName(final); ours || final == stateName {
				s.noteProblem(s.unlink(name))
			}
			continue
		}
		e, ok := parseName(name)
		if !ok {
			continue
		}
		s.saw(e.Seq)
		if slices.Contains(doomed, name) {
			s.noteProblem(s.unlink(name))
			continue
		}
		if e, ok = s.inspect(e); ok {
			s.entries = append(s.entries, e)
			declared = max(declared, e.declared)
		}
	}
	s.tally.raise(declared)
	slices.SortFunc(s.entries, Entry.compare)
	for _, folder := range []string{corruptDir, rejectedDir} {
		s.sawAside(folder)
	}
	return nil
}

// inspect reads a record that was found at the start. What is damaged is set
// aside; what cannot be read at the moment stays listed, since the fault may
// be the disk's and may pass; what a newer version wrote waits for it.
func (s *Spool) inspect(e Entry) (Entry, bool) {
	data, err := readFile(filepath.Join(s.dir, e.Name()))
	if err != nil {
		s.opts.Log.Warn("a spooled report cannot be read", "file", e.Name(), "error", err)
		return e, true
	}
	r, err := e.decode(data)
	switch {
	case errors.Is(err, errNewer):
		s.opts.Log.Warn("a spooled report is left for the version that wrote it", "file", e.Name(), "error", err)
		return e, false
	case err != nil:
		s.quarantine(e, err)
		return e, false
	}
	return r.entry(len(data)), true
}

func (s *Spool) saw(seq uint64) { s.lastSeq = max(s.lastSeq, seq) }

// unlink removes a file of ours that nobody needs any more. What cannot be
// removed now is remembered.
func (s *Spool) unlink(name string) error {
	err := s.disk.remove(filepath.Join(s.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.doomed[name] = true
		s.opts.Log.Warn("a file cannot be removed from the spool", "file", name, "error", err)
		return err
	}
	delete(s.doomed, name)
	return nil
}
