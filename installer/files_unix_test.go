//go:build unix

package installer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask says
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	put(t, path("open"), "old", 0o664)
	put(t, path("same"), "new", 0o644)
	put(t, path("exposed"), "new", 0o666)
	put(t, path("narrowed"), "new", 0o644)
	put(t, path("target"), "old", 0o600)
	if err := os.Symlink("target", path("link")); err != nil {
		t.Fatal(err)
	}
	const private = 0o007 // of a new file nothing is others'
	for _, test := range []struct {
		name    string
		write   func(string, []byte) (bool, error)
		changed bool
		mode    fs.FileMode // 0: of a new file
	}{
		{"fresh", WriteFile, true, 0},
		{"fresh", WriteFile, false, 0},
		{"fresh secret", WriteSecret, true, 0},
		{"open", WriteFile, true, 0o664}, // the administrator's to say
		{"same", WriteFile, false, 0o644},
		{"exposed", WriteFile, false, 0o666},
		{"exposed", WriteSecret, true, 0o640}, // not of a secret
		{"exposed", WriteSecret, false, 0o640},
		{"narrowed", WritePrivate, true, 0o640},
		{"narrowed", WritePrivate, false, 0o640},
		{"link", WriteSecret, true, 0o600},
	} {
		changed, err := test.write(path(test.name), []byte("new"))
		if err != nil || changed != test.changed {
			t.Errorf("%s: changed %v, %v; want %v", test.name, changed, err, test.changed)
		}
		info, err := os.Stat(path(test.name))
		if err != nil {
			t.Fatal(err)
		}
		switch mode := info.Mode().Perm(); {
		case test.mode == 0 && mode&private != 0, test.mode != 0 && mode != test.mode:
			t.Errorf("%s has mode %04o, want %04o", test.name, mode, test.mode)
		}
		if text, err := os.ReadFile(path(test.name)); err != nil || string(text) != "new" {
			t.Errorf("%s holds %q, %v", test.name, text, err)
		}
	}
	if info, err := os.Lstat(path("link")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 8 {
		t.Errorf("%d files, %v: something was left", len(entries), err)
	}
}

// A folder that is there keeps its permissions, and a file that cannot be
// written leaves nothing.
func TestWriteWithout(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := MakeFolder(folder); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the folder became %v, %v", info.Mode(), err)
	}
	if err := os.Mkdir(filepath.Join(folder, "taken"), 0o700); err != nil {
		t.Fatal(err)
	}
	if changed, err := WriteFile(filepath.Join(folder, "taken"), []byte("new")); err == nil || changed {
		t.Errorf("a folder became a file: %v, %v", changed, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v: something was left", len(entries), err)
	}
}

// What is about to be overwritten is kept, and only that; others can do less
// with the copy than with the file, and nobody more.
func TestKeep(t *testing.T) {
	for _, test := range []struct {
		name, holds string
		mode, want  fs.FileMode // 0: no copy
	}{
		{"of everybody", "old", 0o664, 0o640},
		{"of the service", "old", 0o640, 0o640},
		{"of its owner", "old", 0o600, 0o600},
		{"the same", "new", 0o644, 0},
		{"none", "", 0, 0},
	} {
		folder := t.TempDir()
		path, aside := filepath.Join(folder, "file"), filepath.Join(folder, "file.before")
		if test.holds != "" {
			put(t, path, test.holds, test.mode)
		}
		kept, err := Keep(path, aside, []byte("new"))
		if err != nil || kept != (test.want != 0) {
			t.Errorf("%s: kept %v, %v", test.name, kept, err)
		}
		info, err := os.Stat(aside)
		if test.want == 0 {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: a copy is there: %v", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(aside); err != nil || string(text) != test.holds || info.Mode().Perm() != test.want {
			t.Errorf("%s: the copy has mode %04o and holds %q, %v", test.name, info.Mode().Perm(), text, err)
		}
	}
	if kept, err := Keep(t.TempDir(), filepath.Join(t.TempDir(), "aside"), nil); err == nil || kept {
		t.Errorf("a folder was kept: %v, %v", kept, err)
	}
}
