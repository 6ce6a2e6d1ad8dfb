package spool

import (
	"errors"
	"fmt"
	"testing"
)

// history is what a caller of a spool knows to have happened.
type history struct {
	put     map[uint64]bool   // Put returned no error
	tried   map[uint64]Record // Put was called
	removed map[uint64]bool   // Remove was called
}

// perform puts and removes so that bounds are exceeded and losses are told of,
// and stops at the first error, as a process that is killed there does.
func perform(s *Spool) history {
	h := history{map[uint64]bool{}, map[uint64]Record{}, map[uint64]bool{}}
	remove := func(seq uint64) error {
		h.removed[seq] = true
		return s.Remove(record(seq).entry(0))
	}
	for seq := uint64(1); seq <= 8; seq++ {
		r := record(seq)
		r.Declared = s.Status().Dropped
		h.tried[seq] = r
		if s.Put(r) != nil {
			return h
		}
		h.put[seq] = true
		if seq == 2 && remove(1) != nil || seq == 7 && remove(6) != nil { // 6 tells of the loss of 2
			return h
		}
	}
	return h
}

func TestCrashAtEveryStep(t *testing.T) {
	for _, power := range []string{"kept", "cut"} {
		for step := 1; ; step++ {
			dir := t.TempDir()
			d := &faultyDisk{failAt: step, dead: true}
			s, err := open(dir, Options{MaxFiles: 3}, d)
			if err != nil {
				t.Fatal(err)
			}
			h := perform(s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if d.step < step {
				if step < 40 {
					t.Fatalf("only %d steps: the test does not see the disk", step)
				}
				break
			}
			if power == "cut" {
				d.powerCut(nil)
			}
			t.Run(fmt.Sprintf("power %s at step %d", power, step), func(t *testing.T) { h.check(t, dir) })
		}
	}
}

// check opens the folder again: every report that was put, was not removed and
// is not counted as dropped must be there, whole.
func (h history) check(t *testing.T, dir string) {
	s := mustOpen(t, dir, Options{MaxFiles: 3})
	there := map[uint64]bool{}
	for _, e := range s.List() {
		r, err := s.Read(e)
		if err != nil {
			t.Errorf("half a report came back: %v", err)
		}
		if string(r.encode()) != string(h.tried[e.Seq].encode()) {
			t.Errorf("report %d came back as %q", e.Seq, r.Body)
		}
		there[e.Seq] = true
	}
	dropped := s.Status().Dropped
	told := dropped.Count
	for seq, r := range h.tried {
		if there[seq] || h.removed[seq] {
			told += r.Declared.Count
			dropped = dropped.plus(r.Declared)
		}
	}
	var lost uint64
	for seq := range h.put {
		if there[seq] || h.removed[seq] {
			continue
		}
		lost++
		if seq < dropped.FirstSeq || seq > dropped.LastSeq {
			t.Errorf("report %d is gone, dropped are %+v", seq, dropped)
		}
	}
	if lost != told {
		t.Errorf("%d reports are gone, %d are told of", lost, told)
	}
	for seq := range h.put {
		if s.LastSeq() < seq && there[seq] {
			t.Errorf("last sequence number is %d after report %d", s.LastSeq(), seq)
		}
	}
	if s.Status().State != OK {
		t.Errorf("degraded after the restart: %s", s.Status().Problem)
	}
}

// TestFaultAtEveryStep has the disk fail once, at each step in turn: the spool
// stays usable, no report is lost, and the next Put heals it.
func TestFaultAtEveryStep(t *testing.T) {
	for step := 1; ; step++ {
		dir := t.TempDir()
		d := &faultyDisk{failAt: step}
		s, err := open(dir, Options{}, d)
		if err != nil {
			t.Fatal(err)
		}
		var failed error
		for seq := uint64(1); seq <= 3; seq++ {
			failed = errors.Join(failed, s.Put(record(seq)))
		}
		if d.step < step {
			if step < 15 {
				t.Fatalf("only %d steps: the test does not see the disk", step)
			}
			s.Close()
			return
		}
		if got := seqs(s); len(got) != 3 {
			t.Errorf("step %d: %v are listed after %v", step, got, failed)
		}
		if failed != nil && !errors.Is(failed, errFault) {
			t.Errorf("step %d: error hides its cause: %v", step, failed)
		}
		if err := s.Put(record(4)); err != nil {
			t.Errorf("step %d: not healed: %v", step, err)
		}
		if st := s.Status(); st.State != OK || st.Dropped.Count != 0 {
			t.Errorf("step %d: not healed: %+v", step, st)
		}
		s.Close()
		if got := seqs(mustOpen(t, dir, Options{})); len(got) != 4 {
			t.Errorf("step %d: %v are on the disk", step, got)
		}
	}
}
