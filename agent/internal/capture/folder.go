package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A File is a capture that has been found and not yet read, so that a folder
// of many need not be in memory at once.
type File struct {
	Name string // as in Capture
	Path string // as in Capture

	folder   fs.FS
	main     string            // the file of the default context in folder; may be empty
	contexts map[string]string // the files of the other contexts
	dir      string            // what folder is called in errors
}

// List finds the captures that paths name: files, each with the files of its
// contexts beside it, and folders. They come in the order of the paths, those
// of a folder by name.
func List(paths []string) ([]File, []error) {
	var found finder
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			found.errs = append(found.errs, fmt.Errorf("read capture: %w", err))
		case info.IsDir():
			found.folder(os.DirFS(path), path)
		default:
			found.file(path)
		}
	}
	return found.files, found.errs
}

// ListFS finds the captures in the root of a file system; dir is what errors
// and paths call it.
func ListFS(folder fs.FS, dir string) ([]File, []error) {
	var found finder
	found.folder(folder, dir)
	return found.files, found.errs
}

// Open reads all captures that List finds. A file that cannot be read gives an
// error beside the captures of the others.
func Open(paths []string) ([]*Capture, []error) {
	files, errs := List(paths)
	var captures []*Capture
	for _, file := range files {
		capture, err := file.Load()
		if err != nil {
			errs = append(errs, err)
		}
		if capture != nil {
			captures = append(captures, capture)
		}
	}
	return captures, errs
}

// Load reads the capture. Where only files of contexts cannot be read it
// returns what the others say, and the error.
func (f *File) Load() (*Capture, error) {
	c := &Capture{Name: f.Name, Path: f.Path, Recording: new(Recording)}
	if f.main != "" {
		recording, err := f.read(f.main)
		if err != nil {
			return nil, err
		}
		c.Recording = recording
	}
	var errs []error
	for context, name := range f.contexts {
		recording, err := f.read(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if c.Contexts == nil {
			c.Contexts = make(map[string]*Recording, len(f.contexts))
		}
		c.Contexts[context] = recording
	}
	if f.main == "" && len(c.Contexts) == 0 {
		c = nil
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return c, errors.Join(errs...)
}

func (f *File) read(name string) (*Recording, error) {
	path := filepath.Join(f.dir, name)
	file, err := f.folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read capture %s: %w", path, err)
	}
	defer file.Close() // read only: what it says is no news
	return Read(path, file)
}
