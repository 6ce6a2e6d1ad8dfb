package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A disguise replaces addresses and names by placeholders, the same ones for
// the same thing. Its methods do nothing when it is nil.
type disguise struct {
	words   map[string]string // by what is replaced, in lower case
	counts  map[string]int    // placeholders so far, by kind
	pattern *regexp.Regexp    // of all words and of all that looks like an address; nil when words were added
}

func newDisguise(f checkFlags) *disguise {
	d := &disguise{words: make(map[string]string), counts: make(map[string]int)}
	for path, placeholder := range map[string]string{f.config: "CONFIGURATION", f.state: "STATE-FOLDER"} {
		if path != defaultConfig() && path != defaultState() && strings.ContainsAny(path, `/\.`) {
			d.alias(path, placeholder)
		}
	}
	if hostname, err := os.Hostname(); err == nil {
		d.alias(hostname, "this-host")
	}
	d.know("account", userName())
	if info, err := os.Stat(f.state); err == nil {
		d.know("account", owner(info))
	}
	return d
}

// configuration learns what a configuration names.
func (d *disguise) configuration(c *config.Config) {
	if d == nil {
		return
	}
	for _, s := range c.Switches {
		d.know("switch", s.Address.Host)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Credentials)) {
		d.know("credential", name)
		d.know("user", c.Credentials[name].User)
	}
	d.files(c.Secrets)
	if e := c.Endpoint; e != nil {
		d.alias(shownURL(e.URL), "ENDPOINT")
		d.alias(e.URL.Hostname(), "endpoint-host")
		for _, file := range []string{e.CAFile, e.CertFile, e.KeyFile} {
			d.know("file", file)
		}
		if e.Proxy != nil {
			d.alias(e.Proxy.Hostname(), "proxy-host")
		}
	}
}

// mistakes learns what the mistakes of a configuration may repeat.
func (d *disguise) mistakes(e *config.Error) {
	if d == nil {
		return
	}
	for _, name := range e.Names {
		d.know("credential", name)
	}
	d.files(e.Secrets)
}

func (d *disguise) files(secrets []config.SecretSource) {
	for _, s := range secrets {
		d.know("file", s.File)
	}
}

// name is what stands for the name that a device gives itself, or one of its
// contexts. Many such names are words that stand in every sentence: they are
// replaced only where they are names.
func (d *disguise) name(kind, word string) string {
	if d == nil {
		return word
	}
	if strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz") != "" {
		d.know(kind, word)
		return word
	}
	return kind + "-of-letters"
}

// know makes a placeholder for a word, unless it tells nothing, or is too
// short to be told from other words.
func (d *disguise) know(kind, word string) {
	key := strings.ToLower(word)
	if _, known := d.words[key]; known || len(word) < 3 || key == "camwarden" || key == "root" {
		return
	}
	d.counts[kind]++
	d.alias(word, fmt.Sprintf("%s-%d", kind, d.counts[kind]))
}

// alias gives a word its placeholder, unless it has one.
func (d *disguise) alias(word, placeholder string) {
	key := strings.ToLower(word)
	if _, known := d.words[key]; known || word == "" {
		return
	}
	d.words[key], d.pattern = placeholder, nil
}

// What looks like an object identifier, which may hold an address behind the
// name of its column, and what looks like an address.
const (
	objectPattern  = `\b\d+(?:\.\d+){4,}\b`
	addressPattern = `\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b` +
		`|\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b` +
		`|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d+){0,3}` +
		`|::[0-9a-f]{1,4}\b(?::[0-9a-f]{1,4}){0,6}(?:\.\d+){0,3}` + // and so no name of an object, as in FOO-MIB::fooTable
		`|\b\d{1,3}(?:\.\d{1,3}){3}\b`
)

// compile makes the pattern of all that is replaced: the longest words first,
// since some begin with others.
func (d *disguise) compile() {
	words := slices.SortedFunc(maps.Keys(d.words), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	alternatives := "(?i)" + objectPattern
	for _, word := range words {
		alternatives += "|" + edge(word[:1]) + regexp.QuoteMeta(word) + edge(word[len(word)-1:])
	}
	d.pattern = regexp.MustCompile(alternatives + "|" + addressPattern)
}

// edge is the pattern of a word's end, so that no part of another is taken for
// it.
func edge(letter string) string {
	if wordLetter.MatchString(letter) {
		return `\b`
	}
	return ""
}

var (
	wordLetter = regexp.MustCompile(`\w`)
	// What an endpoint, its certificate or a portal in between may name.
	strangers = regexp.MustCompile(`(?i)"[^"]*"|\b[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z]{2,}\b`)
)

// text replaces all that is known and all that looks like an address; with
// hosts also whatever looks like a host's name, and what stands in quotes.
func (d *disguise) text(s string, hosts bool) string {
	if d.pattern == nil {
		d.compile()
	}
	s = d.pattern.ReplaceAllStringFunc(s, d.replace)
	if !hosts {
		return s
	}
	return strangers.ReplaceAllStringFunc(s, func(found string) string {
		if strings.HasPrefix(found, `"`) {
			return `"…"`
		}
		return d.placeholder("host", found)
	})
}

func (d *disguise) replace(found string) string {
	if placeholder, known := d.words[strings.ToLower(found)]; known {
		return placeholder
	}
	if arcs := strings.Split(found, "."); len(arcs) > columnArcs && !strings.Contains(found, ":") {
		return strings.Join(arcs[:columnArcs], ".") + ".…"
	} else if len(arcs) > 4 {
		return found
	}
	if _, err := netip.ParseAddr(found); err == nil {
		return d.placeholder("address", found)
	}
	if _, err := lan.ParseMAC(found); err == nil {
		return d.placeholder("mac", found)
	}
	return found
}

// columnArcs is how many arcs of an object identifier name its column, as far
// as they can be told from its index. An address takes four at least.
const columnArcs = 10

func (d *disguise) placeholder(kind, word string) string {
	d.know(kind, word)
	return cmp.Or(d.words[strings.ToLower(word)], word)
}
