package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/camwarden/camwarden/installer/dpapi"
)

// maxSecret bounds a secret: 64 KiB, which no token reaches.
const maxSecret = 64 << 10

// credentialsDirectory is where systemd puts the credentials of a unit
// (systemd.exec, LoadCredential=).
const credentialsDirectory = "CREDENTIALS_DIRECTORY"

// A source is where the file says that a secret is, and the secret.
type source struct {
	key   string // the key that was given; empty: none was
	file  string // absolute path, when the secret is in a file
	value Secret // zero with a mistake noted
}

// A SecretSource is where the configuration says that a secret is. It never
// holds the secret.
type SecretSource struct {
	Key   string // as the user would write it, such as credentials.core-v3.auth_passphrase_file
	File  string // absolute path; empty: it is in the configuration itself, or in the environment
	Wrong string // why it cannot be used, and what to do; empty: it can
}

// found notes where a secret is, and what is wrong with it.
func (r *reader) found(t *table, key, file string, err error) {
	s := SecretSource{Key: t.path(key), File: file}
	if err != nil {
		s.Wrong = err.Error()
		t.bad(key, "%s", s.Wrong)
	}
	r.secrets = append(r.secrets, s)
}

// secret reads key, key_file or key_env, of which one may be given. No
// message repeats what stands there: many a secret is put behind the wrong key.
func (r *reader) secret(t *table, key string) source {
	s := source{}
	for _, k := range []string{key, key + "_file", key + "_env"} {
		t.reader.know(t.section, k)
		switch {
		case !t.has(k):
		case s.key != "":
			t.bad(k, "keep only one of %s, %s_file and %s_env", key, key, key)
		default:
			s.key = k
		}
	}
	if s.key == "" {
		return s
	}
	text, ok := as[string](t, s.key, wantText)
	if !ok {
		return s
	}
	var err error
	switch s.key {
	case key:
		if r.inPlace == nil {
			r.inPlace = &Mistake{File: r.file, Line: t.place.at(key).number(), Key: t.path(key)}
		}
		s.value, err = checkSecret(text)
	case key + "_file":
		s.file = r.resolve(text)
		if pending, ok := r.options.Pending[s.file]; ok {
			s.value, err = openSecret(pending)
		} else {
			s.value, err = readSecret(s.file)
		}
	default:
		s.value, err = checkSecret(os.Getenv(text))
		if _, set := os.LookupEnv(text); !set {
			err = errors.New("the environment variable that it names is not set: set it, or use a file")
		}
	}
	r.found(t, s.key, s.file, err)
	return s
}

// resolve makes a path absolute: from systemd's credentials when it is there,
// else from the folder of the configuration. systemd comes first: what it
// hands over is a copy of a file that root keeps beside the configuration,
// and that the service's own user must not read.
func (r *reader) resolve(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	if folder := os.Getenv(credentialsDirectory); folder != "" && filepath.IsLocal(name) {
		credential := filepath.Join(folder, name)
		if _, err := os.Stat(credential); err == nil {
			return credential
		}
	}
	return filepath.Join(r.folder, name)
}

// fileName reads a key that names a file which is read only at its use.
func (r *reader) fileName(t *table, key string, private bool) string {
	name := t.text(key)
	if name == "" {
		return ""
	}
	path := r.resolve(name)
	var err error
	if _, pending := r.options.Pending[path]; !pending {
		err = checkFile(path, private)
	}
	switch {
	case private:
		r.found(t, key, path, err)
	case err != nil:
		t.bad(key, "%v", err)
	}
	return path
}

// readSecret reads a file that holds one secret and nothing else.
func readSecret(path string) (Secret, error) {
	if err := checkFile(path, true); err != nil {
		return Secret{}, err
	}
	text, _, err := readAtMost(path, 2*maxSecret) // protected, it is longer
	if err != nil {
		return Secret{}, unreadable(err)
	}
	return openSecret(text)
}

// openSecret reads the content of a file.
func openSecret(content []byte) (Secret, error) {
	text, err := dpapi.Open(content)
	if err != nil {
		return Secret{}, err
	}
	return checkSecret(strings.TrimPrefix(string(text), "\ufeff"))
}

// checkFile looks at a file without reading it: it must be one, and when it is
// private, be so.
func checkFile(path string, private bool) error {
	info, err := os.Stat(path)
	switch {
	case err != nil && strings.ContainsFunc(path, unicode.IsControl):
		return errors.New("the file is not there: write each backslash of a path twice, or put the path in single quotes")
	case err != nil:
		return unreadable(bare(err))
	case !info.Mode().IsRegular():
		return errors.New("name a regular file: this is a folder or a device")
	case private && !isSystemd(path):
		return Private(path, info)
	}
	return nil
}

// Private refuses a file that holds a secret and that others can read or
// write. What is no file, such as a pipe, is nobody else's to read.
func Private(path string, info fs.FileInfo) error {
	if cure := exposed(path, info); info.Mode().IsRegular() && cure != "" {
		return errors.New(cure)
	}
	return nil
}

// unreadable says why a file cannot be read, and what to do. It does not name
// the file: the name may be the secret, put behind the wrong key.
func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("the file is not there: write it, or correct its name (relative to the configuration's folder)")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("this user may not read the file: run camwarden as root or as the service's user")
	}
	return err
}

// isSystemd tells a file that systemd has put there for the unit alone.
func isSystemd(path string) bool {
	folder := os.Getenv(credentialsDirectory)
	if folder == "" {
		return false
	}
	inside, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(inside)
}

// checkSecret takes the line end off a secret and refuses what cannot be one.
func checkSecret(text string) (Secret, error) {
	text = strings.TrimRight(text, "\r\n")
	switch {
	case text == "":
		return Secret{}, errors.New("it is empty: put the secret there")
	case len(text) > maxSecret:
		return Secret{}, errors.New("it is longer than 64 KiB: put only the secret there")
	case strings.ContainsFunc(text, unicode.IsControl):
		return Secret{}, errors.New("it has several lines or control characters: put only the secret there, in one line of UTF-8 text")
	}
	return NewSecret(text), nil
}
