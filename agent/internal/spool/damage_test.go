package spool

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryFlipAndTruncationIsDetected(t *testing.T) {
	r := record(8812)
	r.Body = bytes.Repeat([]byte("report\x00 \n"), 20)
	data := r.encode()
	e := r.entry(len(data))
	if _, err := e.decode(data); err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			bad := slices.Clone(data)
			bad[i] ^= 1 << bit
			_, err := e.decode(bad)
			if err == nil {
				t.Errorf("bit %d of byte %d flipped unseen", bit, i)
			}
			if errors.Is(err, errNewer) {
				t.Errorf("bit %d of byte %d flipped looks like a newer version", bit, i)
			}
		}
		if _, err := e.decode(data[:i]); err == nil {
			t.Errorf("cut to %d bytes unseen", i)
		}
	}
	if _, err := e.decode(append(slices.Clone(data), '\n')); err == nil {
		t.Error("appended byte unseen")
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := record(7).fields()
	with := func(i int, word string) []string {
		fields := slices.Clone(good)
		fields[i] = word
		return fields
	}
	for name, data := range map[string][]byte{
		"leading zero":  seal(recordMagic, with(0, "07"), nil),
		"bad number":    seal(recordMagic, with(0, "seven"), nil),
		"path in id":    seal(recordMagic, with(2, "../../x"), nil),
		"other time":    seal(recordMagic, with(3, "2026-11-23T13:00:00+01:00"), nil),
		"more fields":   seal(recordMagic, append(slices.Clone(good), "x"), nil),
		"fewer fields":  seal(recordMagic, good[:4], nil),
		"other magic":   seal(stateMagic, good, nil),
		"no line":       []byte("camwarden-report 1"),
		"endless line":  bytes.Repeat([]byte{'x'}, 2*maxHead),
		"empty":         nil,
		"two words":     []byte("camwarden-report 1\n"),
		"other's words": record(8).encode(),
	} {
		if _, err := record(7).entry(0).decode(data); err == nil {
			t.Errorf("%s: decoded", name)
		}
	}
}

// spoil flips a bit of a record's body on the disk.
func spoil(t *testing.T, dir string, seq uint64) {
	t.Helper()
	path := filepath.Join(dir, record(seq).entry(0).Name())
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsQuarantined(t *testing.T) {
	damaged := Dropped{Count: 1, FirstSeq: 2, LastSeq: 2, Reason: "damage"}
	for _, when := range []string{"found at the start", "found at a read"} {
		t.Run(when, func(t *testing.T) {
			dir := t.TempDir()
			s := mustOpen(t, dir, Options{})
			mustPut(t, s, record(1), record(2), record(3))
			e := s.List()[1]
			if when == "found at the start" {
				s.Close()
				spoil(t, dir, 2)
				s = mustOpen(t, dir, Options{})
			} else {
				spoil(t, dir, 2)
				if _, err := s.Read(e); !errors.Is(err, ErrDamaged) {
					t.Errorf("read of a damaged record: %v", err)
				}
			}
			wantSeqs(t, s, 1, 3)
			if diff := cmp.Diff(damaged, s.Status().Dropped); diff != "" {
				t.Errorf("dropped (-want +got):\n%s", diff)
			}
			if _, err := os.Stat(filepath.Join(dir, corruptDir, e.Name())); err != nil {
				t.Errorf("not set aside: %v", err)
			}
			s.Close()
			s = mustOpen(t, dir, Options{})
			if diff := cmp.Diff(damaged, s.Status().Dropped); diff != "" {
				t.Errorf("dropped after a restart (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMissingFileCounts(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	mustPut(t, s, record(1))
	e := s.List()[0]
	if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(e); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("read of a file that is gone: %v", err)
	}
	if st := s.Status(); st.Depth != 0 || st.Dropped.Reason != "missing" {
		t.Errorf("status is %+v", st)
	}
}

func TestNewerFormatIsLeft(t *testing.T) {
	dir := t.TempDir()
	r := record(9)
	head := "camwarden-report 2 " + strings.Join(r.fields(), " ") + " 0"
	data := []byte(head + " " + checksum(head, nil) + "\n")
	path := filepath.Join(dir, r.entry(0).Name())
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, dir, Options{})
	wantSeqs(t, s)
	if s.LastSeq() != 9 || s.Status().Dropped.Count != 0 {
		t.Errorf("last is %d, status %+v", s.LastSeq(), s.Status())
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("not left: %v", err)
	}
}

func TestDamagedStateFile(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxFiles: 1})
	mustPut(t, s, record(1), record(2))
	told := record(3)
	told.Declared = s.Status().Dropped
	mustPut(t, s, told)
	s.Close()
	if err := os.WriteFile(filepath.Join(dir, stateName), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{MaxFiles: 1})
	wantSeqs(t, s, 3)
	mustPut(t, s, record(4)) // drops 3, which had declared one loss
	if err := s.Remove(s.List()[0]); err != nil {
		t.Fatal(err)
	}
	// What was lost before is told anew, in a range as wide as is known.
	want := Dropped{Count: 2, FirstSeq: 1, LastSeq: 3, Reason: "number"}
	if diff := cmp.Diff(want, s.Status().Dropped); diff != "" {
		t.Errorf("dropped (-want +got):\n%s", diff)
	}
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add(record(1).encode())
	f.Add(heartbeat(2).encode())
	f.Add(record(1).encode()[:30])
	f.Add([]byte("camwarden-report 1 0 a b 0001-01-01T00:00:00Z 0 0 0 - 0 00000000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRecord(data)
		if err == nil && !bytes.Equal(r.encode(), data) {
			t.Errorf("%q decodes, and encodes as %q", data, r.encode())
		}
	})
}

func FuzzDecodeState(f *testing.F) {
	t := tally{lost: 9, arrived: 4, pending: Dropped{3, 2, 8, "age,size"}}
	f.Add(seal(stateMagic, t.fields(), []byte("a\nb")))
	f.Add(seal(stateMagic, tally{}.fields(), nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, _, err := decodeState(data)
		if err == nil && got.arrived > got.lost {
			t.Errorf("%q decodes to %+v", data, got)
		}
	})
}

func FuzzParseName(f *testing.F) {
	f.Add(record(1).entry(0).Name())
	f.Add("00000000000000000001-a-../x.report")
	f.Fuzz(func(t *testing.T, name string) {
		e, ok := parseName(name)
		if ok && (e.Name() != name || filepath.Base(name) != name) {
			t.Errorf("%q is taken for a record's name", name)
		}
	})
}
