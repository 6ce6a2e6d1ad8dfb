package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
)

const captureExtension = ".snmprec"

// paths names the file of each view by its context, the default one by the
// empty name.
func (f *captureFlags) paths(records []record, redactor *capture.Redactor) map[string]string {
	paths := map[string]string{"": f.out}
	taken := map[string]bool{f.out: true}
	for _, r := range records {
		if r.context == "" {
			continue
		}
		path := contextPath(f.out, r.context, redactor)
		for n := 2; taken[path]; n++ { // names that differ in what no file name can hold
			path = contextPath(f.out, fmt.Sprint(r.context, "-", n), redactor)
		}
		paths[r.context], taken[path] = path, true
	}
	return paths
}

// vacant makes sure that nothing is overwritten unasked, and no context of an
// earlier capture taken for one of this.
func (f *captureFlags) vacant() error {
	earlier, err := earlierFiles(f.out)
	switch {
	case err != nil:
		return usageError("capture: %w", err)
	case len(earlier) == 0 || f.force:
		return nil
	default:
		return usageError("capture: %s is there already: give another name with -o, or replace it with -force", earlier[0])
	}
}

// earlierFiles are those of a capture that was written before, with its
// contexts.
func earlierFiles(out string) ([]string, error) {
	var files []string
	switch _, err := os.Lstat(out); {
	case err == nil:
		files = append(files, out)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	folder, name := filepath.Split(out)
	stem, extension := splitExtension(name)
	entries, err := os.ReadDir(cmp.Or(folder, "."))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if file := entry.Name(); strings.HasPrefix(file, stem+"@") && strings.HasSuffix(file, extension) {
			files = append(files, folder+file)
		}
	}
	return files, nil
}

// fileName is what a capture is called: as the switch calls itself, else by
// its address; redacted as they are in the capture.
func fileName(name, host string, redactor *capture.Redactor) string {
	name = cmp.Or(name, host)
	if redactor != nil {
		name = redactor.Name(name)
	}
	return plainName(name) + captureExtension
}

// contextPath is the file of a context beside that of its device.
func contextPath(path, context string, redactor *capture.Redactor) string {
	if redactor != nil {
		context = redactor.Context(context)
	}
	stem, extension := splitExtension(path)
	return stem + "@" + plainName(context) + extension
}

func splitExtension(path string) (stem, extension string) {
	if at := len(path) - len(captureExtension); at > 0 && strings.EqualFold(path[at:], captureExtension) {
		return path[:at], path[at:]
	}
	return path, ""
}

// reservedName matches what Windows takes for a device, with any extension.
var reservedName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// plainName makes a name from the network that of a file in this folder, on
// any system.
func plainName(name string) string {
	const most = 100
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, name)
	plain = strings.Trim(plain[:min(len(plain), most)], ".")
	if plain == "" || reservedName.MatchString(plain) {
		plain = "switch_" + plain
	}
	return plain
}

// redactor prepares what the flags ask for; nil when nothing is to be
// redacted. Without a key of the user's, what is replaced can be recognised in
// this capture alone.
func (f *captureFlags) redactor() (*capture.Redactor, error) {
	if !f.redact && f.redactKey == "" {
		return nil, nil
	}
	key, err := f.key()
	if err != nil {
		return nil, err
	}
	return capture.NewRedactor(key, blockOf(registry.Embedded())), nil
}

func (f *captureFlags) key() ([]byte, error) {
	const least, most = 16, 4096
	if f.redactKey == "" {
		key := make([]byte, 32)
		rand.Read(key) // never fails (crypto/rand)
		return key, nil
	}
	info, err := os.Stat(f.redactKey)
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("it is no file")
	default:
		err = config.Private(f.redactKey, info)
	}
	if err != nil {
		return nil, usageError("-redact-key %s: %w", f.redactKey, err)
	}
	key, err := os.ReadFile(f.redactKey)
	switch {
	case err != nil:
		return nil, usageError("-redact-key: %w", err)
	case len(strings.TrimSpace(string(key))) < least || len(key) > most:
		return nil, usageError("-redact-key %s: it must hold %d to %d bytes that nobody can guess: write it with 'openssl rand -hex 32'", f.redactKey, least, most)
	}
	return []byte(strings.TrimSpace(string(key))), nil
}

// blockOf says what of an address must stay for it to be judged alike.
func blockOf(r *registry.Registry) func(lan.MAC) capture.Block {
	const large, medium, all = 24, 28, 48
	return func(mac lan.MAC) capture.Block {
		a := r.Lookup(mac)
		bits := a.Prefix.Bits
		switch a.Standing {
		case registry.NoStation, registry.Virtual:
			bits = all
		case registry.LocallyAdministered:
			bits = 0
		case registry.Unassigned:
			bits = large
		case registry.SubAssigned:
			// Most parts of the block have rows; of those that have none, none
			// is smaller than this.
			bits = medium
		}
		return capture.Block{Bits: bits, Kind: fmt.Sprint(a.Standing, " ", a.Prefix)}
	}
}
