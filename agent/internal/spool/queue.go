package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Put keeps a record. Without an error it is on the disk, and survives a crash
// and a power cut; then others are dropped as far as the bounds ask for it, and
// counted. With an error from the disk the record is kept in memory instead,
// until the next Put: List, Read and Remove know it, and Status says degraded.
// A record that cannot be one is refused and not kept. An id is put only once.
func (s *Spool) Put(r Record) error {
	if err := r.validate(); err != nil {
		return fmt.Errorf("put report %d into the spool: %w", r.Seq, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("put report %d into the spool: %w", r.Seq, os.ErrClosed)
	}
	r.Body = slices.Clone(r.Body)
	s.saw(r.Seq)
	defer s.signal()
	err := s.prepare()
	if !s.knows(r.entry(0)) {
		s.tally.declare(r.Declared)
	}
	if err == nil {
		err = s.saveHeld()
	}
	if err == nil {
		err = s.save(r)
	}
	if err != nil {
		s.hold(r)
		s.problem = err.Error()
		return fmt.Errorf("put report %d into the spool: %w", r.Seq, err)
	}
	s.problem = ""
	if s.unsaved {
		s.noteProblem(s.saveState())
	}
	if !s.unsaved {
		s.clean()
	}
	s.trim(r.entry(0))
	return nil
}

func (s *Spool) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // one is already waiting to be seen
	}
}

// save writes a record to the disk and lists it.
func (s *Spool) save(r Record) error {
	data := r.encode()
	e := r.entry(len(data))
	path := filepath.Join(s.dir, e.Name())
	if err := writeFile(s.disk, path, data); err != nil {
		// It may have its name, and yet not outlive a power cut.
		return errors.Join(err, ignoreMissing(s.disk.remove(path)))
	}
	s.insert(e)
	return nil
}

// insert lists a record.
func (s *Spool) insert(e Entry) {
	at, found := s.find(e)
	if found {
		s.entries[at] = e
		return
	}
	s.entries = slices.Insert(s.entries, at, e)
}

// saveHeld takes the record in memory to the disk, when there is one.
func (s *Spool) saveHeld() error {
	if s.held == nil {
		return nil
	}
	if err := s.save(*s.held); err != nil {
		return err
	}
	s.held = nil
	return nil
}

// hold keeps a record that the disk refused in memory, in place of the one
// before it, which is lost.
func (s *Spool) hold(r Record) {
	before := s.held
	s.held = &r
	if before != nil && before.entry(0).compare(r.entry(0)) != 0 {
		s.lose(before.entry(0), "disk")
	}
}

// List returns the records that wait, by sequence number.
func (s *Spool) List() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list()
}

func (s *Spool) list() []Entry {
	list := slices.Clone(s.entries)
	if s.held != nil {
		list = append(list, s.held.entry(len(s.held.encode())))
		slices.SortFunc(list, Entry.compare)
	}
	return list
}

// Read returns a record, and lends it: until Return, no bound makes it go, so
// that nothing is counted as dropped that is just being delivered. What turns out to be damaged moves to the folder
// corrupt, counts as dropped and gives ErrDamaged. One that is no longer in the
// spool gives os.ErrNotExist. After any other error, which is the disk's, the
// record stays listed.
func (s *Spool) Read(e Entry) (Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holds(e) {
		r := *s.held
		r.Body = slices.Clone(r.Body)
		return r, nil
	}
	at, found := s.find(e)
	if !found {
		return Record{}, fmt.Errorf("read report %d from the spool: %w", e.Seq, os.ErrNotExist)
	}
	data, err := readFile(filepath.Join(s.dir, e.Name()))
	if errors.Is(err, os.ErrNotExist) { // somebody took it away
		e = s.entries[at]
		s.entries = slices.Delete(s.entries, at, at+1)
		s.lose(e, "missing")
	}
	if err != nil {
		return Record{}, fmt.Errorf("read report %d from the spool: %w", e.Seq, err)
	}
	r, err := e.decode(data)
	if err != nil {
		e = s.entries[at]
		s.entries = slices.Delete(s.entries, at, at+1)
		s.opts.Log.Error("a spooled report is damaged", "file", e.Name(), "error", err)
		s.quarantine(e)
		return Record{}, fmt.Errorf("read report %d from the spool: %w: %w", e.Seq, ErrDamaged, err)
	}
	s.lent[e.Name()] = true
	return r, nil
}

// Return ends the loan of every record that was read: those still here are
// not on their way any more.
func (s *Spool) Return() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.lent)
}

// Remove takes a record out that the endpoint has acknowledged, and with it
// the losses that it declared have arrived. With an error the record may be
// back after a restart; it is gone from the list all the same, so that it is
// not sent time and again.
func (s *Spool) Remove(e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.remove(e); err != nil {
		s.problem = err.Error()
		return fmt.Errorf("remove report %d from the spool: %w", e.Seq, err)
	}
	return nil
}

func (s *Spool) remove(e Entry) error {
	at, found := s.find(e)
	switch {
	case s.holds(e):
		e, s.held = s.held.entry(0), nil
	case found:
		e = s.entries[at]
		s.entries = slices.Delete(s.entries, at, at+1)
		s.doomed[e.Name()] = true // after a crash it must not count as waiting
	default:
		return nil
	}
	if e.declared.Count > 0 {
		s.tally.arrived += e.declared.Count
		if err := s.saveState(); err != nil {
			return err
		}
	}
	if !found {
		return nil
	}
	return s.unlink(e.Name())
}

func (s *Spool) knows(e Entry) bool {
	_, found := s.find(e)
	return found || s.holds(e)
}

func (s *Spool) find(e Entry) (int, bool) {
	return slices.BinarySearchFunc(s.entries, e, Entry.compare)
}

func (s *Spool) holds(e Entry) bool {
	return s.held != nil && s.held.entry(0).compare(e) == 0
}
