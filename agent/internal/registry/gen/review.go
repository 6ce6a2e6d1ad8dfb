package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"

	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// A lookalikes is configs/lookalikes.toml.
type lookalikes struct {
	Words    []string `toml:"words"`
	Reviewed []struct {
		Reason        string   `toml:"reason"`
		Organizations []string `toml:"organizations"`
	} `toml:"reviewed"`
}

// word returns the word that a name holds, or none.
func (l *lookalikes) word(name string) string {
	name = strings.ToLower(name)
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, name)
	for _, word := range l.Words {
		if strings.Contains(name, word) || len(word) >= 5 && strings.Contains(letters, word) {
			return word
		}
	}
	return ""
}

// innocent are the organisations that were reviewed and are nobody's; true
// once the registry has shown them.
func (l *lookalikes) innocent(catalog *watchlist.Catalog) (map[string]bool, error) {
	all := make(map[string]bool)
	var errs []error
	for _, group := range l.Reviewed {
		if group.Reason == "" {
			errs = append(errs, fmt.Errorf("lookalikes.toml: %q without a reason", group.Organizations))
		}
		for _, name := range group.Organizations {
			all[name] = false
			if _, _, found := catalog.Maker(name); found {
				errs = append(errs, fmt.Errorf("%q is in makers.toml and in lookalikes.toml", name))
			}
		}
	}
	return all, errors.Join(errs...)
}

// review fails on each organisation of the registry whose name holds the word
// of a known maker and that nobody has looked at: a new spelling waits for a
// person.
func review(r *registry.Registry, makers fs.FS, reviewed []byte) error {
	var l lookalikes
	meta, err := toml.Decode(string(reviewed), &l)
	if err != nil {
		return fmt.Errorf("lookalikes.toml: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("lookalikes.toml: %s: there is no such key", unknown)
	}
	catalog, err := watchlist.Load(makers)
	if err != nil {
		return err
	}
	innocent, err := l.innocent(catalog)
	errs := []error{err}
	r.Prefixes(func(name string) bool {
		_, _, known := catalog.Maker(name)
		_, harmless := innocent[name]
		word := l.word(name)
		switch {
		case harmless:
			innocent[name] = word != ""
		case known && word == "":
			errs = append(errs, fmt.Errorf("%q holds none of the words in lookalikes.toml: add one of this maker", name))
		case !known && word != "":
			errs = append(errs, fmt.Errorf("%q holds %q: put it into makers.toml or, with a reason, into lookalikes.toml", name, word))
		}
		return false
	})
	for name, needed := range innocent {
		if !needed {
			errs = append(errs, fmt.Errorf("lookalikes.toml: %q is not in the registry or holds no word: remove it", name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return errors.Join(errs...)
}
