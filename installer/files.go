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
	return writeFile(path, content, withoutOthers)
}

// Keep copies a file that is about to hold another content, sealed or not, and
// tells whether there is one. The copy belongs to whom the file does, and
// others may do nothing with it: what the file holds may be a secret.
func Keep(path, aside string, content []byte) (kept bool, err error) {
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case bytes.Equal(old, content):
		return false, nil
	}
	if opened, err := dpapi.Open(old); err == nil && bytes.Equal(opened, content) {
		return false, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if err := replaceFile(aside, old, info, withoutOthers); err != nil {
		return false, fmt.Errorf("keep what is in %s: %w", path, err)
	}
	return true, nil
}

// withoutOthers are the permissions of a secret's file.
func withoutOthers(mode fs.FileMode) fs.FileMode { return mode &^ othersBits }

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
	if err := replaceFile(path, content, old, narrow); err != nil {
		return false, err
	}
	return true, nil
}

// replaceFile writes a file with the owner and the permissions of another,
// narrowed unless that is nil; where there is no other, as a new one.
func replaceFile(path string, content []byte, like fs.FileInfo, narrow func(fs.FileMode) fs.FileMode) error {
	file, err := createTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil && like == nil {
		err = protect(file.Name(), 0o640)
	} else if err == nil {
		err = protectAs(file.Name(), like, narrow)
	}
	if err == nil {
		err = replace(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(file.Name())))
	}
	return syncFolder(filepath.Dir(path))
}
