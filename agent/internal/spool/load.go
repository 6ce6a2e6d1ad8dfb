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
	s.loadState()
	s.entries = nil
	var damaged []Entry
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
		if s.doomed[name] {
			s.noteProblem(s.finish(name))
			continue
		}
		e, err := s.inspect("", e)
		switch {
		case errors.Is(err, errUnsound):
			damaged = append(damaged, e)
		case err == nil:
			s.entries = append(s.entries, e)
			declared += e.declared.Count
		}
	}
	slices.SortFunc(s.entries, Entry.compare)
	if s.held != nil {
		declared += s.held.Declared.Count
	}
	s.seen(corruptDir)
	s.tally.balance(declared+s.seen(rejectedDir), s.lastSeq)
	s.noteProblem(s.sweepReasons())
	for _, e := range damaged {
		s.quarantine(e)
	}
	return nil
}

// errUnsound tells that a file does not hold what was once written.
var errUnsound = errors.New("unsound")

// inspect reads a record of a folder at the start. What cannot be read at the
// moment is listed as it is named, since the fault may be the disk's and may
// pass; what a newer version wrote waits for it.
func (s *Spool) inspect(folder string, e Entry) (Entry, error) {
	path := filepath.Join(s.dir, folder, e.Name())
	data, err := readFile(path)
	if err != nil {
		s.opts.Log.Warn("a spooled report cannot be read", "file", path, "error", err)
		return e, nil
	}
	r, err := e.decode(data)
	switch {
	case errors.Is(err, errNewer):
		s.opts.Log.Warn("a spooled report is left for the version that wrote it", "file", path, "error", err)
		return e, err
	case err != nil:
		s.opts.Log.Error("a spooled report is damaged", "file", path, "error", err)
		return e, fmt.Errorf("%w: %w", errUnsound, err)
	}
	return r.entry(len(data)), nil
}

func (s *Spool) saw(seq uint64) { s.lastSeq = max(s.lastSeq, seq) }

// seen notes the sequence numbers of what lies in a folder, so that none is
// given twice, and says how many losses the sound records there declare.
func (s *Spool) seen(folder string) (declared uint64) {
	for _, e := range recordsIn(filepath.Join(s.dir, folder)) {
		s.saw(e.Seq)
		name := folder + "/" + e.Name()
		if s.doomed[name] {
			s.noteProblem(s.unlink(name))
			continue
		}
		if folder == rejectedDir {
			if e, err := s.inspect(folder, e); err == nil {
				declared += e.declared.Count
			}
		}
	}
	return declared
}

// recordsIn lists the records' files of a folder, which mostly does not exist,
// by sequence number.
func recordsIn(dir string) []Entry {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var list []Entry
	for _, f := range files {
		e, ours := parseName(f.Name())
		info, err := f.Info()
		if ours && err == nil && f.Type().IsRegular() {
			e.Size = info.Size()
			list = append(list, e)
		}
	}
	return list
}

// finish does what is left to do with a file that is accounted for: what is
// damaged is set aside, the rest goes.
func (s *Spool) finish(name string) error {
	if e, ok := parseName(name); ok {
		if _, err := s.inspect("", e); errors.Is(err, errUnsound) {
			err := s.setAside(corruptDir, name)
			if err == nil {
				delete(s.doomed, name)
			}
			return err
		}
	}
	return s.unlink(name)
}

// unlink removes a file of ours that nobody needs any more. What cannot be
// removed now is remembered.
func (s *Spool) unlink(name string) error {
	err := s.disk.remove(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.doomed[name] = true
		s.opts.Log.Warn("a file cannot be removed from the spool", "file", name, "error", err)
		return err
	}
	delete(s.doomed, name)
	return nil
}
