package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// maxSize bounds a configuration file: 1 MiB.
const maxSize = 1 << 20

// Options is what the configuration is held against.
type Options struct {
	Lists  []string    // ids of the known watch lists; none: every id passes
	Tables []lan.Table // the tables that are read; none: every name passes
	Makers []string    // keys of the reviewed makers; none: every name passes

	// Registered tells whether an organisation has an address block, spelt
	// exactly so.
	Registered func(organization string) bool

	// Pending are files that are about to be written, by absolute path: what
	// they will hold counts, not what is there.
	Pending map[string][]byte
}

// Load reads a configuration file and the secrets that it names. The error
// wraps fs.ErrNotExist where there is no file, and is an *Error where the file
// has mistakes.
func Load(path string, o Options) (*Config, error) {
	text, info, err := readAtMost(path, maxSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read configuration %s: %w: write it, or name another with -config", path, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("read configuration %s: %w", path, err)
	}
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: find its folder: %w", path, err)
	}
	r := &reader{file: path, folder: folder, options: o}
	return r.config(text, info)
}

// Parse reads the text of a configuration file. Name is what its mistakes are
// told under; relative paths in it start at folder. The error is an *Error.
func Parse(name string, text []byte, folder string, o Options) (*Config, error) {
	r := &reader{file: name, folder: folder, options: o}
	return r.config(text, nil)
}

// A reader goes through one configuration and notes its mistakes.
type reader struct {
	file, folder string
	options      Options
	mistakes     []Mistake
	secrets      []SecretSource
	known        map[string]map[string]bool // the keys asked for, by section
	inPlace      *Mistake                   // the first secret in the file itself, without a text
}

func (r *reader) note(p *place, key, text string) {
	r.mistakes = append(r.mistakes, Mistake{File: r.file, Line: p.number(), Key: key, Text: text})
}

func (r *reader) know(section, key string) {
	if r.known == nil {
		r.known = make(map[string]map[string]bool)
	}
	if r.known[section] == nil {
		r.known[section] = make(map[string]bool)
	}
	r.known[section][key] = true
}

// config reads the whole text. Info is of the file that holds it, nil where
// there is none.
func (r *reader) config(text []byte, info fs.FileInfo) (*Config, error) {
	c := Default()
	if values, places := r.decode(text); values != nil {
		r.sections(&table{reader: r, place: places, values: values, given: true}, c)
	}
	if r.inPlace != nil && info != nil {
		if cure := exposed(r.file, info); cure != "" {
			r.inPlace.Text = "a secret stands in the configuration itself, and " + cure
			r.mistakes = append(r.mistakes, *r.inPlace)
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.failure(c)
	}
	c.Secrets, c.InPlace = r.secrets, r.inPlace != nil
	return c, nil
}

// decode returns the values of the text and their places, nil where it is no
// TOML.
func (r *reader) decode(text []byte) (map[string]any, *place) {
	if len(text) > maxSize {
		r.note(nil, "", "the file is larger than 1 MiB: this is no configuration of camwarden")
		return nil, nil
	}
	root, err := places(text)
	if err != nil {
		r.note(root, "", fmt.Sprintf("%v: write [section] and key = value", err))
		return nil, nil
	}
	values := make(map[string]any)
	if _, err := toml.Decode(string(text), &values); err != nil {
		r.mistakes = append(r.mistakes, syntaxMistake(r.file, text, root, err))
		return nil, nil
	}
	return values, root
}

func (r *reader) sections(t *table, c *Config) {
	c.Endpoint = r.endpoint(t)
	c.Site = r.site(t, c.Endpoint != nil)
	r.schedule(t, &c.Schedule)
	c.Credentials = r.credentials(t)
	c.Switches = r.switches(t, c.Credentials)
	c.Discover = r.discover(t, c.Credentials)
	r.watch(t, &c.Watch)
	c.Confirm = r.confirm(t, c.Credentials, c.Switches)
	c.Report = r.report(t)
	t.rest()
}

// readAtMost reads a file, one byte more than the limit at most, so that too
// large differs from just right.
func readAtMost(path string, limit int64) ([]byte, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, nil, bare(err)
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	return text, info, bare(err)
}

// bare takes the path off an error of package os: the caller tells it better.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
