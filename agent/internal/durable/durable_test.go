package durable

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func text(content string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		_, failed := io.WriteString(w, content)
		return errors.Join(failed, err)
	}
}

func TestWriteFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	if err := WriteFile(path, 0o640, text("old", nil)); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if err := WriteFile(path, 0o640, text("half of the new", full)); !errors.Is(err, full) {
		t.Errorf("got %v, want the writer's error", err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "old" {
		t.Errorf("after a failure: %q, %v; want the old content", got, err)
	}
	if left := names(t, folder); len(left) != 1 {
		t.Errorf("after a failure these files are left: %v", left)
	}
	if err := WriteFile(path, 0o640, text("new", nil)); err != nil {
		t.Fatal(err)
	}
	got, err = os.ReadFile(path)
	if err != nil || string(got) != "new" {
		t.Errorf("%q, %v; want the new content", got, err)
	}
	if info, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || info.Mode() != 0o640) {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := WriteFile(filepath.Join(folder, "missing", "file"), 0o600, text("x", nil)); err == nil {
		t.Error("wrote into a folder that does not exist")
	}
}

func TestSweep(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	for _, name := range []string{"file", ".file.tmp123", ".file.tmp", ".other.tmp123", ".file", "file.tmp123"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(path); err != nil {
		t.Fatal(err)
	}
	if got := names(t, folder); !slices.Equal(got, []string{".file", ".other.tmp123", "file", "file.tmp123"}) {
		t.Errorf("left are %v", got)
	}
	if err := Sweep(filepath.Join(folder, "missing", "file")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
}

// TestWriteFileFollowsNoLink holds that a link which somebody has put there
// does not lead the content elsewhere.
func TestWriteFileFollowsNoLink(t *testing.T) {
	folder := t.TempDir()
	precious, path := filepath.Join(folder, "precious"), filepath.Join(folder, "page")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, path); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	if err := WriteFile(path, 0o600, text("page", nil)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(precious); err != nil || string(got) != "precious" {
		t.Errorf("the link's target holds %q, %v", got, err)
	}
}

// TestWriteFileReplacesNoDevice holds that what is no file stays what it is,
// also behind a link, as /dev/stdout is one. A socket stands for a device,
// which a test that fails would take from this machine.
func TestWriteFileReplacesNoDevice(t *testing.T) {
	folder := t.TempDir()
	device, link := filepath.Join(folder, "device"), filepath.Join(folder, "link")
	listener, err := net.Listen("unix", device)
	if err != nil {
		t.Skip("sockets cannot be made here: ", err)
	}
	defer listener.Close()
	if err := os.Symlink(device, link); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	for _, path := range []string{device, link, folder} {
		before, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(path, 0o600, text("page", nil)); !errors.Is(err, ErrNoFile) {
			t.Errorf("writing to %s: %v, want ErrNoFile", path, err)
		}
		if after, err := os.Lstat(path); err != nil || after.Mode() != before.Mode() {
			t.Errorf("%s became %v, %v", path, after.Mode(), err)
		}
	}
}

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("the second lock: %v, want ErrLocked", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Lock(path)
	if err != nil {
		t.Fatal("after the first was given up: ", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestSpace(t *testing.T) {
	free, total, err := Space(t.TempDir())
	if err != nil || total == 0 || free > total {
		t.Errorf("%d of %d bytes are free: %v", free, total, err)
	}
	if _, _, err := Space(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the space of no folder: %v", err)
	}
}
