package capture

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// sharedCaptures returns the folder of recorded devices beside the repository,
// and skips the test where there is none.
func sharedCaptures(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		captures := filepath.Join(dir, "..", "shared", "captures")
		if _, err := os.Stat(captures); err != nil {
			t.Skip("there are no recorded devices beside the repository, in ../shared/captures")
		}
		return captures
	}
	t.Fatal("there is no go.mod above this folder")
	return ""
}

// Every recorded device can be read, no row of it is lost, and a walk by Next
// meets each row once, in any order that the file has.
func TestRecordedDevices(t *testing.T) {
	dir := sharedCaptures(t)
	for _, folder := range []string{dir, filepath.Join(dir, "unsorted")} {
		paths, err := filepath.Glob(filepath.Join(folder, "*.snmprec"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no captures in %s: %v", folder, err)
		}
		for _, path := range paths {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			checkDevice(t, path, file, folder == dir)
		}
	}
}

func checkDevice(t *testing.T, path string, file []byte, sorted bool) {
	recording, err := Read(path, bytes.NewReader(file))
	if err != nil {
		t.Error(err)
		return
	}
	names := make(map[string]bool)
	for line := range strings.Lines(string(file)) {
		name, _, _ := strings.Cut(line, "|")
		names[name] = true
	}
	if recording.Len() != len(names) || recording.Sorted() != sorted {
		t.Errorf("%s: got %d rows, sorted %t; want %d, %t", path, recording.Len(), recording.Sorted(), len(names), sorted)
	}
	view, met := recording.InFileOrder(), 0
	for row, ok := view.Next(nil); ok && met <= len(names); row, ok = view.Next(row.Name) {
		met++
		if !names[row.Name.String()] {
			t.Errorf("%s: %s is not in the file", path, row.Name)
		}
	}
	if met != len(names) {
		t.Errorf("%s: a walk met %d rows of %d", path, met, len(names))
	}
}

// The devices of the demonstration can be read, and stand in the form that
// Write gives, so that a change made by hand shows as what it is.
func TestDemonstrationSite(t *testing.T) {
	dir := filepath.Join("..", "..", "demosite")
	files, errs := ListFS(os.DirFS(dir), dir)
	if len(errs) > 0 || len(files) != 5 {
		t.Fatalf("got %d captures, want 5; errors %v", len(files), errs)
	}
	for _, file := range files {
		c, err := file.Load()
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := os.ReadFile(file.Path)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := Write(&got, slices.Collect(c.Recording.All())); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-file +written):\n%s", file.Path, diff)
		}
	}
}

// largeSwitch is the text of a switch with stations in five VLANs: 60,000 rows
// for 10,000 stations.
func largeSwitch(stations int) []byte {
	var rows []smi.Varbind
	add := func(column string, value smi.Value, index ...uint32) {
		rows = append(rows, smi.Varbind{Name: smi.MustOID(column).Append(index...), Value: value})
	}
	for i := range stations {
		n := uint32(i)
		mac := []uint32{0x44, 0x19, 0xb6, n >> 16, n >> 8 & 255, n & 255}
		octets := smi.Value{Kind: smi.OctetString, Bytes: []byte{0x44, 0x19, 0xb6, byte(n >> 16), byte(n >> 8), byte(n)}}
		add("1.3.6.1.2.1.17.4.3.1.1", octets, mac...)
		add("1.3.6.1.2.1.17.4.3.1.2", number(smi.Integer, int64(n%48)), mac...)
		add("1.3.6.1.2.1.17.4.3.1.3", number(smi.Integer, 3), mac...)
		add("1.3.6.1.2.1.17.7.1.2.2.1.2", number(smi.Integer, int64(n%48)), append([]uint32{n % 5}, mac...)...)
		add("1.3.6.1.2.1.17.7.1.2.2.1.3", number(smi.Integer, 3), append([]uint32{n % 5}, mac...)...)
		add("1.3.6.1.2.1.4.22.1.2.10", octets, 10, n>>16, n>>8&255, n&255)
	}
	var file bytes.Buffer
	if err := Write(&file, rows); err != nil {
		panic(fmt.Sprint("rows that cannot be written: ", err))
	}
	return file.Bytes()
}

func BenchmarkRead(b *testing.B) {
	file := largeSwitch(10_000)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read("sw1", bytes.NewReader(file)); err != nil {
			b.Fatal(err)
		}
	}
}
