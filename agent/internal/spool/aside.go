package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The bounds of the folders corrupt and rejected, each. The oldest go first.
const (
	maxAsideBytes = 10 << 20
	maxAsideFiles = 500
)

const reasonSuffix = ".reason"

// Reject sets a record aside that the endpoint has refused for good: it moves
// to the folder rejected. A file beside it says who refused it, which Replay
// compares, and why. It does not count as dropped while it lies there.
func (s *Spool) Reject(e Entry, by, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.reject(e, by, reason); err != nil {
		s.problem = err.Error()
		return fmt.Errorf("set report %d aside: %w", e.Seq, err)
	}
	return nil
}

func (s *Spool) reject(e Entry, by, reason string) error {
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
	s.entries = slices.Delete(s.entries, at, at+1)
	return writeFile(s.disk, s.reasonPath(e), []byte(by+"\n"+reason+"\n"))
}

func (s *Spool) reasonPath(e Entry) string {
	return filepath.Join(s.dir, rejectedDir, e.Name()+reasonSuffix)
}

// Replay takes back what was rejected by others than the one named, which is
// another version of this program or of the endpoint, and says how many wait
// again.
func (s *Spool) Replay(by string) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prepare(); err != nil {
		return 0, err
	}
	dir := filepath.Join(s.dir, rejectedDir)
	count := 0
	var errs error
	for _, e := range recordsIn(dir) {
		reason, err := readFile(s.reasonPath(e)) // missing after a crash: then nobody knows by whom
		if before, _, _ := strings.Cut(string(reason), "\n"); err == nil && before == by {
			continue
		}
		e, err := s.inspect(rejectedDir, e)
		if err == nil {
			err = s.disk.rename(filepath.Join(dir, e.Name()), filepath.Join(s.dir, e.Name()))
		}
		if err == nil {
			err = errors.Join(s.disk.syncDir(s.dir), s.disk.syncDir(dir), ignoreMissing(s.disk.remove(s.reasonPath(e))))
			s.insert(e)
			count++
		}
		errs = errors.Join(errs, err)
	}
	if errs != nil {
		return count, fmt.Errorf("take rejected reports back: %w", errs)
	}
	return count, nil
}

// quarantine counts a damaged record as lost and sets its file aside. The
// count is on the disk first, with the file's name, so that a crash in between
// has it counted once.
func (s *Spool) quarantine(e Entry) {
	s.doomed[e.Name()] = true
	s.lose(e, "damage")
	if !s.unsaved {
		s.noteProblem(s.finish(e.Name()))
	}
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
	return errors.Join(s.disk.syncDir(dir), s.disk.syncDir(s.dir), s.prune(folder, name))
}

// prune removes the oldest files of a folder, never keep, until it is within
// its bounds. What goes from the folder rejected counts as dropped; what goes
// from corrupt was counted when it came.
func (s *Spool) prune(folder, keep string) error {
	dir := filepath.Join(s.dir, folder)
	list := recordsIn(dir)
	var total int64
	for _, e := range list {
		total += e.Size
	}
	count := len(list)
	var drops []drop
	for _, e := range list {
		if count <= maxAsideFiles && total <= maxAsideBytes {
			break
		}
		if e.Name() == keep {
			continue
		}
		if inside, err := s.inspect(folder, e); folder == rejectedDir && err == nil {
			e = inside
		}
		drops = append(drops, drop{e, "rejected"})
		count--
		total -= e.Size
	}
	if folder == rejectedDir {
		s.drop(rejectedDir+"/", drops)
		return s.sweepReasons()
	}
	for _, d := range drops {
		if err := s.disk.remove(filepath.Join(dir, d.Name())); err != nil {
			return err
		}
	}
	return nil
}

// sweepReasons removes the reasons of what is no longer in the folder
// rejected, and such as were never written to their end.
func (s *Spool) sweepReasons() error {
	dir := filepath.Join(s.dir, rejectedDir)
	files, err := os.ReadDir(dir)
	err = ignoreMissing(err)
	there := map[string]bool{}
	for _, f := range files {
		there[f.Name()] = true
	}
	for name := range there {
		whole, isHalf := strings.CutSuffix(name, tmpSuffix)
		of, isReason := strings.CutSuffix(whole, reasonSuffix)
		if _, ours := parseName(of); isReason && ours && (isHalf || !there[of]) {
			err = errors.Join(err, s.disk.remove(filepath.Join(dir, name)))
		}
	}
	return err
}
