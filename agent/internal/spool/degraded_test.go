package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUnusableFolder(t *testing.T) {
	blocker := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, filepath.Join(blocker, "spool"), Options{})
	if st := s.Status(); st.State != Degraded || st.Problem == "" {
		t.Errorf("status of an unusable spool: %+v", st)
	}
	for seq := uint64(1); seq <= 3; seq++ {
		if err := s.Put(record(seq)); err == nil {
			t.Fatal("put below a file")
		}
	}
	wantSeqs(t, s, 3)
	r, err := s.Read(s.List()[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(record(3), r); diff != "" {
		t.Errorf("record in memory (-put +got):\n%s", diff)
	}

	if err := os.Remove(blocker); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, record(4))
	wantSeqs(t, s, 3, 4)
	want := Dropped{Count: 2, FirstSeq: 1, LastSeq: 2, Reason: "disk"}
	check := func() {
		t.Helper()
		st := s.Status()
		if diff := cmp.Diff(want, st.Dropped); diff != "" || st.State != OK {
			t.Errorf("%s %s, dropped (-want +got):\n%s", st.State, st.Problem, diff)
		}
	}
	check()
	s.Close()
	s = mustOpen(t, filepath.Join(blocker, "spool"), Options{})
	wantSeqs(t, s, 3, 4)
	check()
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	d := &faultyDisk{}
	s, err := open(dir, Options{}, d)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustPut(t, s, record(1))
	d.broken = func(op, _ string) bool { return op == "write" }
	if err := s.Put(record(2)); !errors.Is(err, errFault) {
		t.Errorf("put on a full disk: %v", err)
	}
	if st := s.Status(); st.State != Degraded || st.Depth != 2 {
		t.Errorf("status of a full disk: %+v", st)
	}
	for _, name := range listing(t, dir) {
		if strings.Contains(name, tmpSuffix) {
			t.Errorf("%s takes space", name)
		}
	}
	if err := s.Put(record(2)); err == nil { // the caller tries again
		t.Error("put on a full disk")
	}
	if err := s.Remove(record(2).entry(0)); err != nil { // delivered from memory
		t.Errorf("remove from memory: %v", err)
	}
	wantSeqs(t, s, 1)
	d.broken = nil
	mustPut(t, s, record(3))
	if st := s.Status(); st.State != OK || st.Dropped.Count != 0 {
		t.Errorf("status after that: %+v", st)
	}
}

func TestRemoveOnAReadOnlyDisk(t *testing.T) {
	dir := t.TempDir()
	d := &faultyDisk{}
	s, err := open(dir, Options{}, d)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustPut(t, s, record(1), record(2))
	d.broken = func(string, string) bool { return true }
	if err := s.Remove(record(1).entry(0)); !errors.Is(err, errFault) {
		t.Errorf("removed from a read-only disk: %v", err)
	}
	wantSeqs(t, s, 2) // or it would be sent again and again
	d.broken = nil
	mustPut(t, s, record(3))
	s.Close()
	s = mustOpen(t, dir, Options{})
	wantSeqs(t, s, 2, 3)
}

func TestReject(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustPut(t, s, record(1), record(2))
	e := s.List()[1]
	if err := s.Reject(e, "camwarden 1, endpoint 1", "findings: 7 is not a list"); err != nil {
		t.Fatal(err)
	}
	wantSeqs(t, s, 1)
	aside := filepath.Join(dir, rejectedDir, e.Name())
	if data, err := os.ReadFile(aside); err != nil || string(data) != string(record(2).encode()) {
		t.Errorf("set aside: %q, %v", data, err)
	}
	if data, err := os.ReadFile(aside + reasonSuffix); err != nil || string(data) != "camwarden 1, endpoint 1\nfindings: 7 is not a list\n" {
		t.Errorf("reason: %q, %v", data, err)
	}
	if got := s.Status().Dropped.Count; got != 0 {
		t.Errorf("a rejected report counts as %d dropped", got)
	}
	s.Close()
	s = mustOpen(t, dir, Options{})
	if s.LastSeq() != 2 {
		t.Errorf("last sequence number is %d, and 2 was rejected", s.LastSeq())
	}
	s.Close()
	if err := os.Rename(aside, filepath.Join(dir, e.Name())); err != nil { // an operator's replay
		t.Fatal(err)
	}
	wantSeqs(t, mustOpen(t, dir, Options{}), 1, 2)
}

func TestRejectFromMemory(t *testing.T) {
	dir := t.TempDir()
	d := &faultyDisk{broken: func(op, _ string) bool { return op == "sync" }}
	s, err := open(dir, Options{}, d)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Put(record(1)) == nil {
		t.Fatal("put without a sync")
	}
	d.broken = nil
	if err := s.Reject(s.List()[0], "both", "bad"); err != nil {
		t.Fatal(err)
	}
	wantSeqs(t, s)
	if _, err := os.Stat(filepath.Join(dir, rejectedDir, record(1).entry(0).Name())); err != nil {
		t.Errorf("not set aside: %v", err)
	}
}

func TestRejectedIsBounded(t *testing.T) {
	for _, test := range []struct {
		name       string
		body, puts int
		left       int
	}{
		{"by number", 10, maxAsideFiles + 3, maxAsideFiles},
		{"by size", 4 << 20, 4, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			for seq := 1; seq <= test.puts; seq++ {
				r := record(uint64(seq))
				r.Body = make([]byte, test.body)
				if seq < test.left { // as if it had been rejected long ago
					lay(t, dir, r)
					continue
				}
				mustPut(t, s, r)
				if err := s.Reject(r.entry(0), "both", fmt.Sprint("no ", seq)); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.Status().Dropped; int(got.Count) != test.puts-test.left || got.FirstSeq != 1 || got.Reason != "rejected" {
				t.Errorf("dropped are %+v", got)
			}
			files, err := os.ReadDir(filepath.Join(dir, rejectedDir))
			if err != nil {
				t.Fatal(err)
			}
			if len(files) != 2*test.left { // each with its reason
				t.Errorf("%d files are left, not %d", len(files), 2*test.left)
			}
			oldest := record(uint64(test.puts - test.left + 1)).entry(0).Name()
			if files[0].Name() != oldest {
				t.Errorf("oldest left is %s, not %s", files[0].Name(), oldest)
			}
		})
	}
}

// lay puts a record's file and its reason into the folder rejected.
func lay(t *testing.T, dir string, r Record) {
	t.Helper()
	path := filepath.Join(dir, rejectedDir, r.entry(0).Name())
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, r.encode(), 0o600),
		os.WriteFile(path+reasonSuffix, []byte("both\nno\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
}

func TestRejectedKeepsTheNewcomer(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	for _, seq := range []uint64{9, 8} { // an old report is refused after a newer one
		r := record(seq)
		r.Body = make([]byte, maxAsideBytes-4096)
		mustPut(t, s, r)
		if err := s.Reject(r.entry(0), "both", "no"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, rejectedDir, record(8).entry(0).Name())); err != nil {
		t.Errorf("the report that was just rejected is gone: %v", err)
	}
}

// TestLateStart has the folder become usable after the start, when it already
// tells of losses: those of both times count.
func TestLateStart(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxFiles: 1})
	mustPut(t, s, record(1), record(2), record(3)) // loses 1 and 2
	s.Close()
	lock := filepath.Join(dir, lockName)
	if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{MaxFiles: 3})
	for seq := uint64(4); seq <= 5; seq++ {
		if s.Put(record(seq)) == nil { // loses 4
			t.Fatal("put into a folder that is not locked")
		}
	}
	if s.Reject(record(5).entry(0), "both", "no") == nil {
		t.Error("rejected into a folder that is not locked")
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, record(6))
	wantSeqs(t, s, 3, 5, 6)
	want := Dropped{Count: 3, FirstSeq: 1, LastSeq: 4, Reason: "disk,number"}
	if diff := cmp.Diff(want, s.Status().Dropped); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	for _, step := range []string{"sync folder", "rename"} {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			d := &faultyDisk{}
			s, err := open(dir, Options{}, d)
			if err != nil {
				t.Fatal(err)
			}
			// With the rename, the half-made file cannot be removed either.
			d.broken = func(op, path string) bool {
				return op == step || op == "remove" && strings.HasSuffix(path, tmpSuffix)
			}
			if s.Put(record(1)) == nil {
				t.Fatalf("put in spite of a failed %s", step)
			}
			d.broken = nil
			if err := s.Put(record(1)); err != nil {
				t.Errorf("second attempt: %v", err)
			}
			d.broken = func(op, path string) bool { return op == step }
			if s.Put(record(2)) == nil {
				t.Fatalf("put in spite of a failed %s", step)
			}
			if err := s.Remove(record(2).entry(0)); err != nil { // delivered from memory
				t.Fatal(err)
			}
			s.Close()
			wantSeqs(t, mustOpen(t, dir, Options{}), 1)
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	const n = 50
	done := make(chan error)
	go func() {
		var err error
		for seq := uint64(1); seq <= n; seq++ {
			err = errors.Join(err, s.Put(record(seq)))
		}
		done <- err
	}()
	for delivered := 0; delivered < n; {
		select {
		case <-s.Wake():
		case <-time.After(30 * time.Second):
			t.Fatal("no wake")
		}
		for _, e := range s.List() {
			if _, err := s.Read(e); err != nil {
				t.Error(err)
			}
			if err := s.Remove(e); err != nil {
				t.Error(err)
			}
			delivered++
		}
		s.Status()
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
