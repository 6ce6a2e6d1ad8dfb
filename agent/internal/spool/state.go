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
	s.tally.lose(e, reason)
	s.opts.Log.Error("a report is lost", "seq", e.Seq, "id", e.ID, "reason", reason)
	s.noteProblem(s.saveState())
}

// saveState writes the state file: the tally, and as its body the names of the
// files that are accounted for and may not be unlinked yet.
func (s *Spool) saveState() error {
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

// loadState reads the state file, adds what was lost before it could be read,
// and notes the files that are to go. A damaged one is set aside.
func (s *Spool) loadState() {
	data, err := readFile(filepath.Join(s.dir, stateName))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	var t tally
	var doomed []string
	if err == nil {
		t, doomed, err = decodeState(data)
	}
	if err != nil {
		s.opts.Log.Error("the count of dropped reports is lost and starts anew", "error", err)
		s.noteProblem(s.setAside(corruptDir, stateName))
		return
	}
	s.unsaved = s.tally.lost > 0
	s.tally.lost += t.lost
	s.tally.arrived += t.arrived
	s.tally.pending = t.pending.plus(s.tally.pending)
	for _, name := range doomed {
		s.doomed[name] = true
	}
}

func (t tally) fields() []string {
	return append([]string{decimal(t.lost), decimal(t.arrived)}, t.pending.fields()...)
}

func decodeState(data []byte) (t tally, doomed []string, err error) {
	fields, body, err := unseal(stateMagic, data)
	if err != nil {
		return tally{}, nil, err
	}
	if len(fields) != 6 {
		return tally{}, nil, fmt.Errorf("%d fields in the first line instead of 6", len(fields))
	}
	var errs [3]error
	t.lost, errs[0] = strconv.ParseUint(fields[0], 10, 64)
	t.arrived, errs[1] = strconv.ParseUint(fields[1], 10, 64)
	t.pending, errs[2] = parseDropped(fields[2:])
	if err := errors.Join(errs[:]...); err != nil || t.arrived+t.pending.Count > t.lost || !t.pending.valid() {
		return tally{}, nil, errors.Join(errors.New("first line makes no sense"), err)
	}
	if len(body) > 0 {
		doomed = strings.Split(string(body), "\n")
	}
	return t, doomed, nil
}
