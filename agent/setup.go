package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/configs"
	"github.com/camwarden/camwarden/installer"
)

// What setup calls the files that it writes beside the configuration, and the
// credentials that it makes.
const (
	setupToken       = "token"
	setupCommunity   = "community"
	setupCA          = "ca.pem"
	setupCredentials = "setup"
)

// answers are what setup is told. What is empty is not given.
type answers struct {
	config, state             string
	adopt                     bool
	endpoint, site, proxy, ca string
	tokenFile, communityFile  string
	switches, lists, folder   string
}

// asked are the flags of setup with the variables that stand for them.
func (a *answers) asked() []struct {
	to                *string
	flag, name, usage string
} {
	return []struct {
		to                *string
		flag, name, usage string
	}{
		{&a.site, "site", "CAMWARDEN_SITE", "the site is called `ID`"},
		{&a.endpoint, "endpoint", "CAMWARDEN_ENDPOINT", "reports go to `URL`"},
		{&a.tokenFile, "token-file", "CAMWARDEN_TOKEN_FILE", "the endpoint's token is in `FILE`, or comes on standard input when it is -"},
		{&a.ca, "ca", "CAMWARDEN_CA", "the endpoint's authorities are those in `FILE` (PEM), not the system's"},
		{&a.proxy, "proxy", "CAMWARDEN_PROXY", "the way to the endpoint is through the proxy `URL`"},
		{&a.switches, "switches", "CAMWARDEN_SWITCHES", "read the switches `HOST,HOST:PORT`"},
		{&a.communityFile, "community-file", "CAMWARDEN_COMMUNITY_FILE", "their community is in `FILE`, or comes on standard input when it is -"},
		{&a.lists, "lists", "CAMWARDEN_LISTS", "the lists that flag makers are `ID,ID`"},
		{&a.folder, "config-folder", "CAMWARDEN_CONFIG_FOLDER", "copy camwarden.toml and all that stands beside it from the folder `DIR`, for all that has no flag"},
	}
}

func runSetup(_ context.Context, args []string, std stdio) error {
	var a answers
	flags := flag.NewFlagSet("setup", flag.ContinueOnError)
	flags.StringVar(&a.config, "config", defaultConfig(), "write the configuration `FILE`, and secrets beside it")
	flags.BoolVar(&a.adopt, "adopt", false, "add the switches that discovery has found")
	flags.StringVar(&a.state, "state", defaultState(), "with -adopt, which is remembered in the folder `DIR`")
	for _, asked := range a.asked() {
		flags.StringVar(asked.to, asked.flag, "", asked.usage+"; or "+asked.name)
	}
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "Usage: camwarden setup [flags]\n\n"+
			"Writes what is given into the configuration, and leaves all else in it as it is.\n"+
			"Secrets may also come as CAMWARDEN_TOKEN and CAMWARDEN_COMMUNITY.\n\n")
		flags.PrintDefaults()
	}
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	for _, asked := range a.asked() {
		*asked.to = cmp.Or(*asked.to, os.Getenv(asked.name))
	}
	s, err := newSetup(a.config)
	if err != nil {
		return err
	}
	if err := s.take(a, std); err != nil {
		return err
	}
	return s.write(std.out)
}

// A setup is what the folder of the configuration will hold.
type setup struct {
	path, folder string
	before       []byte // the configuration as it is; nil: there is none
	text         []byte
	replaces     bool              // the text is another's, not the one before with changes
	private      bool              // a secret stands in the text
	files        map[string][]byte // what is written beside it, by the path from there
	secrets      map[string]bool   // which of them are secrets
}

func newSetup(path string) (*setup, error) {
	folder, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("setup: %w", err)
	}
	s := &setup{path: path, folder: folder, files: make(map[string][]byte), secrets: make(map[string]bool)}
	s.before, err = os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.before, s.text = nil, configs.Begin
	case err != nil:
		return nil, fmt.Errorf("setup: %w", err)
	default:
		s.text = s.before
	}
	return s, nil
}

// take puts the answers into the text and the files.
func (s *setup) take(a answers, std stdio) error {
	if a.folder != "" {
		if err := s.copyFolder(a.folder); err != nil {
			return fmt.Errorf("setup: copy the folder %s: %w", a.folder, err)
		}
	}
	if err := s.takeSecrets(a, std.in); err != nil {
		return err
	}
	if a.ca != "" {
		pem, err := os.ReadFile(a.ca)
		switch {
		case err != nil:
			return usageError("setup: -ca: %w", err)
		case !x509.NewCertPool().AppendCertsFromPEM(pem):
			return usageError("setup: -ca: %s holds no certificate in PEM: export it as Base64 or PEM, with BEGIN CERTIFICATE", a.ca)
		}
		s.files[setupCA] = pem
	}
	e := editor{text: s.text}
	e.set("site", "id", a.site)
	e.set("endpoint", "url", a.endpoint)
	e.set("endpoint", "proxy", a.proxy)
	if s.secrets[setupToken] {
		e.set("endpoint", "token_file", setupToken)
	}
	if a.ca != "" {
		e.set("endpoint", "ca_file", setupCA)
	}
	if lists := split(a.lists); len(lists) > 0 {
		e.set("watch", "lists", lists)
	}
	if s.secrets[setupCommunity] {
		e.set("credentials."+setupCredentials, "community_file", setupCommunity)
		e.do(func() ([]byte, error) {
			return config.SetDefault(e.text, "credentials."+setupCredentials, "version", "2c")
		})
	}
	switches, err := named(a.switches)
	if err != nil {
		return err
	}
	e.addSwitches(switches)
	if e.err != nil {
		return exit{exitUsage, fmt.Errorf("setup: %s: %w", s.path, e.err)}
	}
	if e.added && !config.Has(e.text, "credentials."+setupCredentials) {
		return usageError("setup: -switches: say with what to ask them: -community-file FILE, or for SNMP version 3 -config-folder DIR")
	}
	if a.adopt {
		s.text = e.text
		switches, err := s.found(a.state, std)
		if err != nil {
			return err
		}
		e.addSwitches(switches)
		if e.err != nil {
			return exit{exitUsage, fmt.Errorf("setup: %s: %w", s.path, e.err)}
		}
	}
	s.text = e.text
	return s.check()
}

// An editor writes into a text until something goes wrong.
type editor struct {
	text  []byte
	added bool // switches were added
	err   error
}

func (e *editor) do(change func() ([]byte, error)) {
	if e.err == nil {
		var text []byte
		if text, e.err = change(); e.err == nil {
			e.text = text
		}
	}
}

// set writes what is given; nothing when it is an empty text.
func (e *editor) set(section, key string, value any) {
	if value != "" {
		e.do(func() ([]byte, error) { return config.Set(e.text, section, key, value) })
	}
}

// addSwitches adds those that are not there yet.
func (e *editor) addSwitches(list []config.NewSwitch) {
	before := e.text
	e.do(func() ([]byte, error) { return config.AddSwitches(e.text, list) })
	e.added = e.added || !bytes.Equal(before, e.text)
}

// named are the switches of a list of addresses.
func named(list string) ([]config.NewSwitch, error) {
	var switches []config.NewSwitch
	for _, text := range split(list) {
		address, err := config.ParseAddress(text)
		if err != nil {
			return nil, usageError("setup: the switch %q: %w", text, err)
		}
		switches = append(switches, config.NewSwitch{Address: address, Credentials: []string{setupCredentials}})
	}
	return switches, nil
}

// found are the switches that discovery has found, by what the service
// remembers in its state folder, as far as it trusts them under the
// configuration as it will be. It says of each other why it is left out.
func (s *setup) found(state string, std stdio) ([]config.NewSwitch, error) {
	m, err := memory.Peek(memoryPath(state))
	if err != nil {
		return nil, fmt.Errorf("setup: -adopt: %w", err)
	}
	c, err := s.parse()
	if err != nil {
		return nil, err
	}
	if !c.Discover.Enabled() {
		return nil, usageError("setup: -adopt: discovery is off, and what it has found before is not trusted any more: write [discover] into %s first", s.path)
	}
	d := newDiscovery(c, newRecall(m, slog.New(slog.NewTextHandler(std.err, nil))))
	if d == nil {
		return nil, errors.New("setup: -adopt: without this host's own addresses nothing can be adopted")
	}
	var switches []config.NewSwitch
	distrusted := 0
	before := d.foundBefore(time.Now())
	for _, f := range before {
		if f.not != "" {
			if _, err := fmt.Fprintf(std.out, "left out %s: %s\n", f.address, f.not); err != nil {
				return nil, err
			}
			if f.not != configuredAlready {
				distrusted++
			}
			continue
		}
		switches = append(switches, config.NewSwitch{Address: f.at, Credentials: []string{f.by.Name}, Name: f.Name, Found: f.Found})
	}
	switch {
	case len(before) == 0:
		return nil, usageError("setup: -adopt: no switch was found yet, by what is in %s: [discover] in the configuration has the service look for them", state)
	case distrusted == len(before):
		return nil, usageError("setup: -adopt: of the switches that were found none is left to add: why, stands above")
	}
	return switches, nil
}

// split reads a list with commas, as it comes from a property or a variable.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// takeSecrets reads the secrets from where they are.
func (s *setup) takeSecrets(a answers, in io.Reader) error {
	if a.tokenFile == "-" && a.communityFile == "-" {
		return usageError("setup: -token-file and -community-file: only one of them can come on standard input")
	}
	for _, secret := range []struct{ name, flag, from, variable string }{
		{setupToken, "-token-file", a.tokenFile, "CAMWARDEN_TOKEN"},
		{setupCommunity, "-community-file", a.communityFile, "CAMWARDEN_COMMUNITY"},
	} {
		text, err := os.Getenv(secret.variable), error(nil)
		switch secret.from {
		case "":
		case "-":
			text, err = readAtMost("standard input", in, maxSecret)
		default:
			text, err = readSecret(secret.from)
		}
		if err != nil {
			return usageError("setup: %s: %w", secret.flag, err)
		}
		if secret.from != "" || text != "" {
			text = strings.TrimRight(strings.TrimPrefix(text, "\ufeff"), "\r\n")
			s.files[secret.name], s.secrets[secret.name] = []byte(text+"\n"), true
		}
	}
	return nil
}

// Limits of a folder that is copied.
const (
	maxSetupFiles = 200
	maxSetupBytes = 8 << 20
)

// copyFolder takes the configuration and the files of a folder, those of newer
// editions among them.
func (s *setup) copyFolder(folder string) error {
	for _, under := range []string{"", listsFolder} {
		entries, err := os.ReadDir(filepath.Join(folder, under))
		if errors.Is(err, fs.ErrNotExist) && under != "" {
			continue
		}
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := filepath.Join(under, entry.Name())
			info, err := os.Stat(filepath.Join(folder, name))
			switch {
			case err != nil:
				return err
			case !info.Mode().IsRegular() || strings.HasPrefix(entry.Name(), "."):
				continue
			case info.Size() > maxSetupBytes || len(s.files) == maxSetupFiles:
				return fmt.Errorf("%s: there are at most %d files of %d MiB in the folder of a configuration", name, maxSetupFiles, maxSetupBytes>>20)
			}
			if s.files[name], err = os.ReadFile(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	const name = "camwarden.toml"
	text, ok := s.files[name]
	if !ok {
		return exit{exitUsage, fmt.Errorf("there is no %s in it", name)}
	}
	s.text, s.replaces = text, true
	delete(s.files, name)
	return nil
}

// check holds the configuration as it will be against everything that the
// service holds it against.
func (s *setup) check() error {
	if !s.replaces && bytes.Equal(s.before, s.text) && len(s.files) == 0 {
		return nil // nothing was asked for: what was wrong before may stay so
	}
	c, err := s.parse()
	if err != nil {
		return err
	}
	s.private = c.InPlace
	for _, secret := range c.Secrets {
		if name, err := filepath.Rel(s.folder, secret.File); err == nil && s.files[name] != nil {
			s.secrets[name] = true
		}
	}
	return nil
}

// parse reads the configuration as it will be.
func (s *setup) parse() (*config.Config, error) {
	e, err := embeddedEditions()
	if err != nil {
		return nil, err
	}
	options := e.options()
	options.Pending = make(map[string][]byte)
	for name, content := range s.files {
		options.Pending[filepath.Join(s.folder, name)] = content
	}
	c, err := config.Parse(s.path, s.text, s.folder, options)
	if err != nil {
		return nil, exit{exitUsage, fmt.Errorf("setup: nothing is written, because this would be wrong:\n%w", err)}
	}
	return c, nil
}

// write writes what has changed, the configuration last: what it names is
// there then.
func (s *setup) write(out io.Writer) error {
	w := setupWriter{out: out}
	if s.replaces {
		w.aside = ".before-" + time.Now().UTC().Format("20060102T150405Z")
	}
	w.folder(s.folder)
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		put := installer.WriteFile
		if s.secrets[name] {
			put = installer.WriteSecret
		}
		path := filepath.Join(s.folder, name)
		w.folder(filepath.Dir(path))
		w.file(path, s.files[name], put)
	}
	put := installer.WriteFile
	if s.private {
		put = installer.WritePrivate
	}
	if bytes.Equal(s.before, configs.Begin) {
		w.aside = "" // nobody has written that
	}
	w.file(s.path, s.text, put)
	switch {
	case errors.Is(w.err, fs.ErrPermission):
		return fmt.Errorf("setup: %w: run this as the administrator", w.err)
	case w.err != nil:
		return fmt.Errorf("setup: %w", w.err)
	case w.wrote == 0:
		_, err := fmt.Fprintln(out, "all of this stands there already")
		return err
	default:
		return nil
	}
}

// A setupWriter writes until something goes wrong, and says what it wrote.
type setupWriter struct {
	out   io.Writer
	aside string // what is overwritten is kept under its name and this; empty: it is not
	wrote int
	err   error
}

func (w *setupWriter) folder(path string) {
	if w.err == nil {
		w.err = installer.MakeFolder(path)
	}
}

func (w *setupWriter) file(path string, content []byte, put func(string, []byte) (bool, error)) {
	if w.aside != "" {
		w.do(path+w.aside, func() (bool, error) { return installer.Keep(path, path+w.aside, content) })
	}
	w.do(path, func() (bool, error) { return put(path, content) })
}

func (w *setupWriter) do(path string, write func() (bool, error)) {
	if w.err != nil {
		return
	}
	var changed bool
	if changed, w.err = write(); changed {
		w.wrote++
		_, err := fmt.Fprintf(w.out, "wrote %s\n", path)
		w.err = errors.Join(w.err, err)
	}
}
