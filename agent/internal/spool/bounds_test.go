package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExcess(t *testing.T) {
	at := func(seq uint64, kind Kind, hours float64, size int64) Entry {
		created := noon.Add(time.Duration(hours * float64(time.Hour)))
		return Entry{ID: "a", Seq: seq, Kind: kind, Created: created, Size: size}
	}
	day := 24.0
	for _, test := range []struct {
		name    string
		entries []Entry
		opts    Options
		want    []string
	}{
		{name: "empty"},
		{
			name:    "within",
			entries: []Entry{at(1, Snapshot, 0, 5), at(2, Snapshot, 1, 5)},
			opts:    Options{MaxFiles: 2, MaxBytes: 10},
		},
		{
			name:    "number",
			entries: []Entry{at(1, Snapshot, 0, 1), at(2, Snapshot, 1, 1), at(3, Snapshot, 2, 1)},
			opts:    Options{MaxFiles: 1},
			want:    []string{"2 number", "1 number"},
		},
		{
			name:    "heartbeats first",
			entries: []Entry{at(1, Snapshot, 0, 1), at(2, Heartbeat, 1, 1), at(3, Heartbeat, 2, 1), at(4, Snapshot, 3, 1)},
			opts:    Options{MaxFiles: 3},
			want:    []string{"2 superseded"},
		},
		{
			name:    "only the last heartbeat",
			entries: []Entry{at(1, Heartbeat, 0, 1), at(2, Heartbeat, 1, 1), at(3, Event, 2, 1), at(4, Heartbeat, 3, 1), at(5, Event, 4, 1)},
			want:    []string{"1 superseded", "2 superseded"},
		},
		{
			name: "snapshots within a day, then the oldest",
			entries: []Entry{at(1, Event, 0, 1), at(2, Snapshot, 1, 1), at(3, Snapshot, 2, 1), at(4, Event, 3, 1), at(5, Snapshot, 4, 1),
				at(6, Snapshot, 5, 1), at(7, Snapshot, day, 1), at(8, Snapshot, day+1, 1), at(9, Event, day+2, 1)},
			opts: Options{MaxFiles: 5},
			want: []string{"3 number", "5 number", "1 number", "2 number"},
		},
		{
			name:    "never the one just put",
			entries: []Entry{at(1, Snapshot, 0, 1), at(2, Snapshot, 1, 1), at(3, Heartbeat, 2, 100)},
			opts:    Options{MaxBytes: 10},
			want:    []string{"1 size", "2 size"},
		},
		{
			name:    "size counts the one just put",
			entries: []Entry{at(1, Snapshot, 0, 6), at(2, Snapshot, 1, 5)},
			opts:    Options{MaxBytes: 10},
			want:    []string{"1 size"},
		},
		{
			name:    "age",
			entries: []Entry{at(1, Snapshot, 0, 1), at(2, Snapshot, day, 1), at(3, Snapshot, 2*day, 1), at(4, Snapshot, 2.5*day, 1)},
			opts:    Options{MaxAge: 48 * time.Hour},
			want:    []string{"1 age"},
		},
		{
			name:    "clock jumps by years",
			entries: []Entry{at(1, Snapshot, -40*365*day, 1), at(2, Snapshot, 0, 1), at(3, Snapshot, 10*365*day, 1)},
			opts:    Options{MaxAge: 72 * time.Hour},
		},
		{
			name:    "clock goes back",
			entries: []Entry{at(1, Snapshot, 0, 1), at(2, Snapshot, -10*365*day, 1), at(3, Snapshot, 1, 1)},
			opts:    Options{MaxAge: 25 * time.Hour},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var keep Entry
			if n := len(test.entries); n > 0 {
				keep = test.entries[n-1]
			}
			var got []string
			spared := func(e Entry) bool { return e.compare(keep) == 0 }
			o := test.opts.withDefaults()
			for _, d := range excess(test.entries, spared, o, limit{o.MaxBytes, "size"}) {
				got = append(got, fmt.Sprint(d.Seq, " ", d.reason))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("drops (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachLossIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxFiles: 3})
	check := func(step string, want Dropped) {
		t.Helper()
		for _, when := range []string{"", ", after a restart"} {
			if diff := cmp.Diff(want, s.Status().Dropped); diff != "" {
				t.Errorf("%s%s: dropped (-want +got):\n%s", step, when, diff)
			}
			s.Close()
			s = mustOpen(t, dir, Options{MaxFiles: 3})
		}
	}
	tell := func(seq uint64) Record {
		r := record(seq)
		r.Declared = s.Status().Dropped
		return r
	}
	remove := func(r Record) {
		t.Helper()
		if err := s.Remove(r.entry(0)); err != nil {
			t.Fatal(err)
		}
	}
	mustPut(t, s, record(1), record(2), record(3), record(4), record(5))
	wantSeqs(t, s, 3, 4, 5)
	check("after five", Dropped{2, 1, 2, "number"})

	six := tell(6) // of two losses; putting it causes a third, of which it knows nothing
	mustPut(t, s, six)
	check("after six", Dropped{1, 3, 3, "number"})
	remove(record(4)) // tells of nothing
	check("after four has arrived", Dropped{1, 3, 3, "number"})
	seven := tell(7)
	mustPut(t, s, seven)
	check("after seven, which tells of the third", Dropped{})
	remove(six)
	check("after six has arrived", Dropped{})
	mustPut(t, s, record(8), record(9), record(10)) // drops 5 and 7
	wantSeqs(t, s, 8, 9, 10)
	check("after the one that told of the third was lost itself", Dropped{3, 3, 7, "number"})
	eleven := tell(11)
	mustPut(t, s, eleven)
	remove(eleven)
	check("after all is told but the loss of eight", Dropped{1, 8, 8, "number"})
}

func TestDropIsNotUndoneByACrash(t *testing.T) {
	dir := t.TempDir()
	d := &faultyDisk{broken: func(op, path string) bool {
		return op == "remove" && path == filepath.Join(dir, record(1).entry(0).Name())
	}}
	s, err := open(dir, Options{MaxFiles: 1}, d)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, record(1), record(2))
	if st := s.Status(); st.State != Degraded || st.Dropped.Count != 1 || st.Depth != 1 {
		t.Errorf("status while a file cannot be removed: %+v", st)
	}
	mustPut(t, s, record(3))
	s.Close()
	s = mustOpen(t, dir, Options{MaxFiles: 1})
	wantSeqs(t, s, 3)
	if got := s.Status().Dropped; got.Count != 2 || got.FirstSeq != 1 || got.LastSeq != 2 {
		t.Errorf("dropped after a restart: %+v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, record(1).entry(0).Name())); err == nil {
		t.Error("a dropped file is still there after a restart")
	}
}

func TestNothingIsDroppedUncounted(t *testing.T) {
	dir := t.TempDir()
	d := &faultyDisk{}
	s, err := open(dir, Options{MaxFiles: 2}, d)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustPut(t, s, record(1), record(2))
	d.broken = func(op, path string) bool { return op == "create" && filepath.Base(path) == stateName+tmpSuffix }
	mustPut(t, s, record(3))
	wantSeqs(t, s, 1, 2, 3)
	if st := s.Status(); st.State != Degraded || st.Dropped.Count != 0 {
		t.Errorf("status while drops cannot be counted: %+v", st)
	}
	d.broken = nil
	mustPut(t, s, record(4))
	wantSeqs(t, s, 3, 4)
	if st := s.Status(); st.State != OK || st.Dropped.Count != 2 {
		t.Errorf("status after that: %+v", st)
	}
}

func TestDeclaringTooMuch(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{MaxFiles: 1})
	r := record(1)
	r.Declared = Dropped{99, 1, 200, "age"} // a report that another spool's folder has given
	mustPut(t, s, r)
	if err := s.Remove(r.entry(0)); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, record(2), record(3))
	if got := s.Status().Dropped.Count; got != 1 {
		t.Errorf("%d are counted as dropped instead of 1", got)
	}
}
