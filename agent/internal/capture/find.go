package capture

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A finder gathers files into captures.
type finder struct {
	files []File
	known map[string]int // folder, name and extension of a capture → place in files
	errs  []error
}

// folder takes every capture in a folder, and none below it.
func (f *finder) folder(folder fs.FS, dir string) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		f.errs = append(f.errs, fmt.Errorf("read captures: %w", err))
		return
	}
	taken := 0
	for _, entry := range entries {
		if name := parseName(entry.Name()); name.extension != "" && !entry.IsDir() {
			f.take(folder, dir, name)
			taken++
		}
	}
	if taken == 0 {
		f.errs = append(f.errs, fmt.Errorf("read captures: folder %s has no file whose name ends in .snmprec, .snmpwalk, .walk or .txt", dir))
	}
}

// file takes one file and the files of its contexts.
func (f *finder) file(path string) {
	dir := filepath.Dir(path)
	folder := os.DirFS(dir)
	name := parseName(filepath.Base(path))
	f.take(folder, dir, name)
	if name.context != "" {
		return
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		f.errs = append(f.errs, fmt.Errorf("look for contexts of capture %s: %w", path, err))
		return
	}
	for _, entry := range entries {
		other := parseName(entry.Name())
		if other.context != "" && other.name == name.name && other.extension == name.extension && !entry.IsDir() {
			f.take(folder, dir, other)
		}
	}
}

// take puts a file into its capture.
func (f *finder) take(folder fs.FS, dir string, name fileName) {
	key := filepath.Join(dir, name.name+name.extension)
	at, ok := f.known[key]
	if !ok {
		at = len(f.files)
		f.files = append(f.files, File{Name: name.name, Path: filepath.Join(dir, name.base), folder: folder, dir: dir,
			contexts: make(map[string]string)})
		if f.known == nil {
			f.known = make(map[string]int)
		}
		f.known[key] = at
	}
	file := &f.files[at]
	other := file.contexts[name.context]
	if name.context == "" {
		other = file.main
	}
	switch {
	case other == name.base:
	case other != "":
		f.errs = append(f.errs, fmt.Errorf("read capture %s: %s beside it has the same name: remove one of them",
			filepath.Join(dir, name.base), other))
	case name.context == "":
		file.main, file.Path = name.base, filepath.Join(dir, name.base)
	default:
		file.contexts[name.context] = name.base
	}
}

// A fileName is the parts of NAME@CONTEXT.EXTENSION or NAME.EXTENSION, with or
// without .gz after it.
type fileName struct {
	base          string // the whole
	name, context string
	extension     string // empty where it is none of a capture
}

func parseName(base string) fileName {
	stem, packed := cutSuffixFold(base, ".gz")
	n := fileName{base: base}
	for _, extension := range []string{".snmprec", ".snmpwalk", ".walk", ".txt"} {
		if rest, ok := cutSuffixFold(stem, extension); ok {
			stem, n.extension = rest, extension
			break
		}
	}
	if packed && n.extension == "" {
		n.extension = ".gz"
	}
	n.name = stem
	if name, context, ok := strings.Cut(stem, "@"); ok && name != "" && context != "" {
		n.name, n.context = name, context
	}
	return n
}

func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at <= 0 || !strings.EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}
