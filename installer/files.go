package installer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/camwarden/camwarden/installer/dpapi"
)

// WriteFile makes a file hold a content that the service reads, and tells
// whether it did not before. A new one belongs to the administrator, and only
// the service may read it besides; one that is there keeps owner and
// permissions. It is written beside the old one, which a crash leaves whole.
func WriteFile(path string, content []byte) (changed bool, err error) {
	return writeFile(path, content, nil)
}

// WriteSecret does as WriteFile with a secret, and takes away what others may
// do with a file that is there.
func WriteSecret(path string, secret []byte) (changed bool, err error) {
	content, err := dpapi.Seal(secret)
	if err != nil {
		return false, fmt.Errorf("write %s: %w", path, err)
	}
	if old, err := os.ReadFile(path); err == nil && !bytes.Equal(old, secret) {
		if opened, err := dpapi.Open(old); err == nil && bytes.Equal(opened, secret) {
			content = old // sealed anew, the same would look different
		}
	}
	return WritePrivate(path, content)
}

// WritePrivate does as WriteSecret with a text that holds a secret among other
// things, and is to be read by people: it does not seal it.
func WritePrivate(path string, content []byte) (changed bool, err error) {
	return writeFile(path, content, func(mode fs.FileMode) fs.FileMode { return mode &^ othersBits })
}

func writeFile(path string, content []byte, narrow func(fs.FileMode) fs.FileMode) (bool, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // an administrator's link stays
	}
	old, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return false, err
	default:
		if text, err := os.ReadFile(path); err == nil && bytes.Equal(text, content) &&
			(narrow == nil || narrow(old.Mode()) == old.Mode()) {
			return false, nil
		}
	}
	file, err := createTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return false, err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil && old == nil {
		err = protect(file.Name(), 0o640)
	} else if err == nil {
		err = protectAs(file.Name(), old, narrow)
	}
	if err == nil {
		err = replace(file.Name(), path)
	}
	if err != nil {
		return false, fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(file.Name())))
	}
	return true, syncFolder(filepath.Dir(path))
}
