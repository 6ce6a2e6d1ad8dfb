package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// editions are the registry and the lists in use: those that the program was
// built with, and newer ones from files. (Newer ones over the network, signed,
// would be one more folder of files here.)
type editions struct {
	registry *registry.Registry
	catalog  *watchlist.Catalog
	files    []report.DataFile // what became of each file that says something else

	kept map[string][]byte // the files in use that the state folder does not have
}

func embeddedEditions() (editions, error) {
	catalog, err := watchlist.Embedded()
	return editions{registry: registry.Embedded(), catalog: catalog}, err
}

// listsFolder is the folder of newer editions, beside the configuration and in
// the state folder, where the service keeps those that it has used: no edition
// goes back to an older one because a file is gone or broken.
const listsFolder = "lists"

// currentEditions takes in the files beside a configuration and those kept.
func currentEditions(configPath, state string) (editions, error) {
	e, err := embeddedEditions()
	if err != nil {
		return e, err
	}
	kept, _ := readEditions(filepath.Join(state, listsFolder)) // what others may not read is for the service alone
	e = e.with(kept)
	e.files = usedFiles(e.files)
	fresh, broken := readEditions(filepath.Join(filepath.Dir(configPath), listsFolder))
	known := len(e.files)
	e = e.with(fresh)
	e.kept = make(map[string][]byte)
	for _, file := range usedFiles(e.files[known:]) {
		e.kept[file.File] = fresh[file.File]
	}
	e.files = append(e.files, broken...)
	return e, nil
}

func usedFiles(files []report.DataFile) []report.DataFile {
	var used []report.DataFile
	for _, file := range files {
		if file.Used {
			used = append(used, file)
		}
	}
	return used
}

// registryFile is a newer edition of the registry, as go generate makes it.
const registryFile = "registry.bin"

// with takes in files that are newer, and says what became of each.
func (e editions) with(files map[string][]byte) editions {
	texts := make(map[string][]byte, len(files))
	for name, text := range files {
		if name != registryFile {
			texts[name] = text
		}
	}
	if bin, given := files[registryFile]; given {
		e = e.withRegistry(bin)
	}
	catalog, changes := e.catalog.With(texts)
	e.catalog = catalog
	for _, c := range changes {
		e.say(c.File, c.Used, c.Text)
	}
	return e
}

func (e *editions) say(file string, used bool, text string) {
	e.files = append(e.files, report.DataFile{File: lan.CleanString(file), Used: used, Text: lan.CleanString(text)})
}

// withRegistry takes in a registry of a later day. One that has lost a tenth of
// its rows is no registry to judge by, whatever its day is.
func (e editions) withRegistry(bin []byte) editions {
	newer, err := registry.Parse(bin)
	switch {
	case err != nil:
		e.say(registryFile, false, err.Error())
	case newer.SHA256() == e.registry.SHA256():
	case newer.Date() <= e.registry.Date():
		e.say(registryFile, false, fmt.Sprintf("that of %s is not newer than that of %s, which is in use", newer.Date(), e.registry.Date()))
	case newer.Rows() < e.registry.Rows()/10*9:
		e.say(registryFile, false, fmt.Sprintf("it has %d rows, and the one in use has %d: a part of it is missing", newer.Rows(), e.registry.Rows()))
	default:
		e.say(registryFile, true, fmt.Sprintf("that of %s, in place of that of %s", newer.Date(), e.registry.Date()))
		e.registry = newer
	}
	return e
}

// Limits of what is read from a folder of editions.
const (
	maxEditions     = 100
	maxEditionBytes = 8 << 20
)

// readEditions reads a folder, which need not be there. What cannot be read is
// said.
func readEditions(folder string) (map[string][]byte, []report.DataFile) {
	var e editions
	entries, err := os.ReadDir(folder)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			e.say(listsFolder, false, err.Error())
		}
		return nil, e.files
	}
	files := make(map[string][]byte)
	for _, entry := range entries {
		name := entry.Name()
		if name != registryFile && !strings.HasSuffix(name, ".toml") || strings.HasPrefix(name, ".") {
			continue
		}
		if len(files) == maxEditions {
			e.say(name, false, fmt.Sprintf("there are more than %d files", maxEditions))
			break
		}
		text, err := readEdition(filepath.Join(folder, name))
		if err != nil {
			e.say(name, false, err.Error())
			continue
		}
		files[name] = text
	}
	return files, e.files
}

func readEdition(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxEditionBytes+1))
	if err == nil && len(text) > maxEditionBytes {
		err = fmt.Errorf("it is larger than %d MiB", maxEditionBytes>>20)
	}
	return text, err
}

// keep copies the files in use into the state folder.
func (e editions) keep(state string) error {
	if len(e.kept) == 0 {
		return nil
	}
	folder := filepath.Join(state, listsFolder)
	errs := []error{os.MkdirAll(folder, 0o700)}
	for name, text := range e.kept {
		errs = append(errs, durable.WriteFile(filepath.Join(folder, name), 0o600, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		}))
	}
	return errors.Join(errs...)
}

// log says what has become of each file.
func (e editions) log(log *slog.Logger) {
	for _, file := range e.files {
		if file.Used {
			log.Info("a newer edition is in use", "file", file.File, "edition", file.Text)
		} else {
			log.Warn("a file of editions is not used", "file", file.File, "reason", file.Text)
		}
	}
}

// options is what a configuration is held against.
func (e editions) options() config.Options {
	o := config.Options{Registered: e.registered}
	for _, list := range e.catalog.Lists() {
		o.Lists = append(o.Lists, list.ID)
	}
	for _, maker := range e.catalog.Makers() {
		o.Makers = append(o.Makers, maker.Key)
	}
	for _, decoder := range mib.Decoders() {
		o.Tables = append(o.Tables, decoder.Table())
	}
	return o
}

// registered tells whether an organisation has a block.
func (e editions) registered(organization string) bool {
	return len(e.registry.Prefixes(func(name string) bool { return name == organization })) > 0
}
