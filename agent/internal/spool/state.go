package spool

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const stateMagic = "camwarden-dropped"

// lose counts a lost record and makes that durable.
func (s *Spool) lose(e Entry, reason string) {
	s.tally.add(e.Seq, reason)
	s.opts.Log.Error("a report is lost", "seq", e.Seq, "id", e.ID, "reason", reason)
	if err := s.saveTally(); err != nil {
		s.problem = err.Error()
	}
}

// saveTally writes the state file: the counts, and as its body the names of
// the files whose loss is counted and which may not be unlinked yet.
func (s *Spool) saveTally() error {
	s.unsaved = true
	if s.lock == nil { // the file there has not been read, or is another's
		return errors.New("save what was dropped: the spool folder is not open")
	}
	names := slices.Sorted(maps.Keys(s.doomed))
	data := seal(stateMagic, s.tally.fields(), []byte(strings.Join(names, "\n")))
	if err := writeFile(s.disk, filepath.Join(s.dir, stateName), data); err != nil {
		return fmt.Errorf("save what was dropped: %w", err)
	}
	s.unsaved = false
	return nil
}

// loadTally reads the state file, adds what was lost before it could be read,
// and returns the files that are to go. A damaged one is set aside.
func (s *Spool) loadTally() (doomed []string) {
	data, err := readFile(filepath.Join(s.dir, stateName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var t tally
	if err == nil {
		t, doomed, err = decodeState(data)
	}
	if err != nil {
		s.opts.Log.Error("the count of dropped reports is lost and starts anew", "error", err)
		s.noteProblem(s.setAside(corruptDir, stateName))
		return nil
	}
	s.unsaved = s.tally.total > s.tally.reported
	t.merge(s.tally)
	s.tally = t
	return doomed
}

func (t tally) fields() []string {
	decimal := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return []string{
		decimal(t.total), decimal(t.reported), decimal(t.first), decimal(t.last), strings.Join(t.reasons, ","),
	}
}

func decodeState(data []byte) (t tally, doomed []string, err error) {
	fields, body, err := unseal(stateMagic, data)
	if err != nil {
		return tally{}, nil, err
	}
	if len(fields) != 5 {
		return tally{}, nil, fmt.Errorf("%d fields in the first line instead of 5", len(fields))
	}
	for i, to := range []*uint64{&t.total, &t.reported, &t.first, &t.last} {
		n, numErr := strconv.ParseUint(fields[i], 10, 64)
		*to, err = n, errors.Join(err, numErr)
	}
	if err != nil || t.reported > t.total {
		return tally{}, nil, errors.Join(errors.New("first line makes no sense"), err)
	}
	if fields[4] != "" {
		t.reasons = strings.Split(fields[4], ",")
	}
	if len(body) > 0 {
		doomed = strings.Split(string(body), "\n")
	}
	return t, doomed, nil
}
