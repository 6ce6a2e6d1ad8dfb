package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The bounds of the folders corrupt and rejected, each. The oldest go first.
const (
	maxAsideBytes = 10 << 20
	maxAsideFiles = 500
)

const reasonSuffix = ".reason"

// Reject sets a record aside that the endpoint has refused for good: it moves
// to the folder rejected, with the reason in a file beside it. It does not
// count as dropped, since the endpoint knows of it. Drops that it declared are
// still to be reported.
func (s *Spool) Reject(e Entry, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reject(e, reason); err != nil {
		s.problem = err.Error()
		return fmt.Errorf("set report %d aside: %w", e.Seq, err)
	}
	return nil
}

func (s *Spool) reject(e Entry, reason string) error {
	if s.holds(e) {
		err := s.prepare()
		if err == nil {
			err = s.saveHeld()
		}
		if err != nil {
			return err
		}
	}
	at, found := s.find(e)
	if !found {
		return nil
	}
	if err := s.setAside(rejectedDir, e.Name()); err != nil {
		return err
	}
	s.entries = append(s.entries[:at], s.entries[at+1:]...)
	path := filepath.Join(s.dir, rejectedDir, e.Name()+reasonSuffix)
	return writeFile(s.disk, path, []byte(reason+"\n"))
}

// quarantine sets a damaged file aside and counts its report as lost. It is
// counted first: should a crash come between the two, it is counted again
// rather than never.
func (s *Spool) quarantine(e Entry, cause error) {
	s.opts.Log.Error("a spooled report is damaged and moves to the folder corrupt", "file", e.Name(), "error", cause)
	s.lose(e, "damage")
	s.noteProblem(s.setAside(corruptDir, e.Name()))
}

// setAside moves a file into a folder of the spool and keeps that to its
// bounds.
func (s *Spool) setAside(folder, name string) error {
	dir := filepath.Join(s.dir, folder)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return errors.Join(fmt.Errorf("%s is not a folder", dir), err)
	}
	if err := s.disk.rename(filepath.Join(s.dir, name), filepath.Join(dir, name)); err != nil {
		return err
	}
	return errors.Join(s.disk.syncDir(dir), s.prune(dir, name))
}

// prune removes the oldest files of a folder, never keep, until it is within
// its bounds.
func (s *Spool) prune(dir, keep string) error {
	files, err := os.ReadDir(dir) // sorted by name, which is by sequence number
	if err != nil {
		return err
	}
	type aside struct {
		name string
		size int64
	}
	var list []aside
	var total int64
	for _, f := range files {
		if _, ours := parseName(f.Name()); !ours || !f.Type().IsRegular() {
			continue
		}
		info, err := f.Info()
		if err != nil {
			return err
		}
		list = append(list, aside{f.Name(), info.Size()})
		total += info.Size()
	}
	count := len(list)
	for _, f := range list {
		if count <= maxAsideFiles && total <= maxAsideBytes {
			break
		}
		if f.name == keep {
			continue
		}
		path := filepath.Join(dir, f.name)
		if err := errors.Join(s.disk.remove(path), ignoreMissing(s.disk.remove(path+reasonSuffix))); err != nil {
			return err
		}
		count--
		total -= f.size
	}
	return nil
}

// sawAside notes the sequence numbers of what lies in a folder, so that none
// is given twice.
func (s *Spool) sawAside(folder string) {
	files, err := os.ReadDir(filepath.Join(s.dir, folder))
	if err != nil {
		return // mostly there is no such folder
	}
	for _, f := range files {
		if e, ok := parseName(strings.TrimSuffix(f.Name(), reasonSuffix)); ok {
			s.saw(e.Seq)
		}
	}
}
