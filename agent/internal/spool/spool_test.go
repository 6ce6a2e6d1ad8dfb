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

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// record makes the report that a site sends as number seq, one every hour.
func record(seq uint64) Record {
	return Record{
		ID: fmt.Sprintf("0193a1b2-%04d", seq), Seq: seq, Kind: Event,
		Created: noon.Add(time.Duration(seq) * time.Hour),
		Body:    fmt.Appendf(nil, "{\"seq\": %d}\n\x00", seq),
	}
}

func heartbeat(seq uint64) Record {
	r := record(seq)
	r.Kind = Heartbeat
	return r
}

func mustOpen(t *testing.T, dir string, o Options) *Spool {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustPut(t *testing.T, s *Spool, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := s.Put(r); err != nil {
			t.Fatal(err)
		}
	}
}

func seqs(s *Spool) []uint64 {
	var got []uint64
	for _, e := range s.List() {
		got = append(got, e.Seq)
	}
	return got
}

func wantSeqs(t *testing.T, s *Spool, want ...uint64) {
	t.Helper()
	if diff := cmp.Diff(want, seqs(s)); diff != "" {
		t.Errorf("records in the spool (-want +got):\n%s", diff)
	}
}

func TestPutReadRemove(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "spool")
	s := mustOpen(t, dir, Options{})
	r := record(8812)
	r.Created = noon.Add(123456789)
	mustPut(t, s, r, record(3))
	select {
	case <-s.Wake():
	default:
		t.Error("no wake after Put")
	}
	s.Close()

	s = mustOpen(t, dir, Options{})
	wantSeqs(t, s, 3, 8812)
	if s.LastSeq() != 8812 {
		t.Errorf("last sequence number is %d", s.LastSeq())
	}
	e := s.List()[1]
	if e.Name() != "00000000000000008812-event-0193a1b2-8812.report" {
		t.Errorf("file name is %s", e.Name())
	}
	got, err := s.Read(e)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got); diff != "" {
		t.Errorf("read (-put +got):\n%s", diff)
	}
	st := s.Status()
	if st.State != OK || st.Depth != 2 || !st.Oldest.Equal(r.Created) || st.Bytes != e.Size+s.List()[0].Size {
		t.Errorf("status is %+v", st)
	}
	if err := s.Remove(e); err != nil {
		t.Fatal(err)
	}
	wantSeqs(t, s, 3)
	if _, err := s.Read(e); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("read of a removed record: %v", err)
	}
	if err := s.Remove(e); err != nil {
		t.Errorf("second removal: %v", err)
	}
	s.Close()
	wantSeqs(t, mustOpen(t, dir, Options{}), 3)
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	mustPut(t, mustOpen(t, dir, Options{}), record(1))
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, record(1).entry(0).Name()): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if os.PathSeparator == '/' && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
}

func TestPutRefuses(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	for name, spoil := range map[string]func(*Record){
		"path in id":   func(r *Record) { r.ID = "../x" },
		"no id":        func(r *Record) { r.ID = "" },
		"long id":      func(r *Record) { r.ID = strings.Repeat("a", 65) },
		"path in kind": func(r *Record) { r.Kind = "a/b" },
		"no kind":      func(r *Record) { r.Kind = "" },
		"space":        func(r *Record) { r.ID = "a b" },
		"huge":         func(r *Record) { r.Body = make([]byte, maxBody+1) },
		"year":         func(r *Record) { r.Created = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		r := record(1)
		spoil(&r)
		if s.Put(r) == nil {
			t.Errorf("%s: put", name)
		}
	}
	if st := s.Status(); st.Depth != 0 || st.State != OK {
		t.Errorf("status is %+v", st)
	}
}

func TestSecondOpener(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustPut(t, s, record(1))
	_, err := Open(dir, Options{})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "stop that one first") {
		t.Errorf("second opener gets %v", err)
	}
	s.Close()
	wantSeqs(t, mustOpen(t, dir, Options{}), 1)
}

func TestOpenTouchesOnlyItsOwn(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustPut(t, s, record(1))
	s.Close()
	outside := filepath.Join(t.TempDir(), "outside")
	name := func(seq uint64) string { return filepath.Join(dir, record(seq).entry(0).Name()) }
	for _, path := range []string{outside, filepath.Join(dir, "notes.tmp"), filepath.Join(dir, "12-snapshot-short.report")} {
		if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, link := range []string{name(2), name(2) + tmpSuffix, filepath.Join(dir, corruptDir)} {
		if err := os.Symlink(outside, link); err != nil {
			t.Skipf("no symlinks here: %v", err)
		}
	}
	if err := os.Mkdir(name(3), 0o755); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	s = mustOpen(t, dir, Options{})
	wantSeqs(t, s, 1)
	if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
		t.Errorf("changed by Open:\n%s", diff)
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "mine" {
		t.Errorf("file outside holds %q, %v", data, err)
	}
}

// listing names every file below dir with its type.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		list = append(list, path+" "+d.Type().String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustPut(t, s, record(1))
	s.Close()
	half := filepath.Join(dir, record(2).entry(0).Name()+tmpSuffix)
	if err := os.WriteFile(half, record(2).encode()[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{})
	wantSeqs(t, s, 1)
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("unfinished file is still there: %v", err)
	}
}

func TestPutAfterClose(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	s.Close()
	if err := s.Put(record(1)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("put after close: %v", err)
	}
}
