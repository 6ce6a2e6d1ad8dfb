package watchlist

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// makersFile holds the reviewed makers.
const makersFile = "makers.toml"

// decode reads the text of a file and refuses keys that it does not know.
func decode(file string, text []byte, into any) (toml.MetaData, error) {
	meta, err := toml.Decode(string(text), into)
	if err != nil {
		return meta, fmt.Errorf("read %s: %w", file, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return meta, fmt.Errorf("read %s: %s: there is no such key", file, unknown[0])
	}
	return meta, nil
}

// makersText is makers.toml.
type makersText struct {
	Version int                  `toml:"version"`
	AsOf    string               `toml:"as_of"`
	Makers  map[string]makerText `toml:"makers"`
	Rebadge []Rebadge            `toml:"rebadge"`
}

type makerText struct {
	Name          string             `toml:"name"`
	Organizations []organizationText `toml:"organization"`
}

type organizationText struct {
	Organization
	PRC *bool `toml:"prc"` // a forgotten one would read as false and hide a criterion
}

func (c *Catalog) readMakers(text []byte) error {
	var all makersText
	if _, err := decode(makersFile, text, &all); err != nil {
		return err
	}
	if err := cmp.Or(checkVersion(all.Version), checkDate("as_of", all.AsOf)); err != nil {
		return fmt.Errorf("read %s: %w", makersFile, err)
	}
	c.makersEdition = makersEdition{all.Version, all.AsOf}
	c.makers, c.registered = map[string]*Maker{}, map[string]registrant{}
	for _, key := range slices.Sorted(maps.Keys(all.Makers)) {
		if err := c.addMaker(key, all.Makers[key]); err != nil {
			return fmt.Errorf("read %s: makers.%s.%w", makersFile, key, err)
		}
	}
	if err := c.addRebadges(all.Rebadge); err != nil {
		return fmt.Errorf("read %s: %w", makersFile, err)
	}
	return nil
}

func (c *Catalog) addMaker(key string, text makerText) error {
	if text.Name == "" {
		return errors.New("name: missing")
	}
	if len(text.Organizations) == 0 {
		return errors.New("organization: missing")
	}
	maker := &Maker{Key: key, Name: text.Name, Organizations: make([]Organization, len(text.Organizations))}
	c.makers[key] = maker
	for i, o := range text.Organizations {
		if err := o.check(); err != nil {
			return fmt.Errorf("organization[%d].%w", i, err)
		}
		maker.Organizations[i] = o.Organization
		maker.Organizations[i].PRC = *o.PRC
		for _, name := range o.Names {
			if twin, taken := c.registered[name]; taken {
				return fmt.Errorf("organization[%d].names: %q belongs to %s already", i, name, twin.maker.Key)
			}
			c.registered[name] = registrant{maker, &maker.Organizations[i]}
		}
	}
	return nil
}

func (o *organizationText) check() error {
	switch {
	case o.Brand == "":
		return errors.New("brand: missing")
	case len(o.Names) == 0:
		return errors.New("names: missing")
	case slices.Contains(o.Names, ""):
		return errors.New("names: one is empty")
	case !o.Role.known():
		return fmt.Errorf("role: %q is no role", o.Role)
	case !o.Tie.known():
		return fmt.Errorf("tie: %q is no tie", o.Tie)
	case o.PRC == nil:
		return errors.New("prc: missing")
	}
	return nil
}

// parseList reads a list and holds it against the makers.
func (c *Catalog) parseList(file string, text []byte) (*List, error) {
	list := &List{}
	meta, err := decode(file, text, list)
	if err != nil {
		return nil, err
	}
	err = cmp.Or(checkPresent(meta), list.check(file), c.checkEntries(list))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return list, nil
}

func checkPresent(meta toml.MetaData) error {
	for _, key := range []string{"id", "version", "as_of", "expires", "title", "scope", "sites", "equipment", "criterion", "covers_affiliates", "source.text", "source.where"} {
		if !meta.IsDefined(strings.Split(key, ".")...) {
			return fmt.Errorf("%s: missing", key)
		}
	}
	return nil
}

func (l *List) check(file string) error {
	if want := strings.TrimSuffix(path.Base(file), ".toml"); l.ID != want {
		return fmt.Errorf("id: %q is not the name of the file", l.ID)
	}
	if err := cmp.Or(checkVersion(l.Version), checkDate("as_of", l.AsOf), checkDate("expires", l.Expires)); err != nil {
		return err
	}
	if l.Expires < l.AsOf {
		return fmt.Errorf("expires: %s is before as_of", l.Expires)
	}
	for _, mark := range l.SpeaksOf {
		if mark != SensitiveSite && mark != CoreNetwork {
			return fmt.Errorf("speaks_of: %q is no mark of a site", mark)
		}
	}
	for _, text := range []struct{ key, value string }{
		{"title", l.Title}, {"scope", l.Scope}, {"sites", l.Sites}, {"equipment", l.Equipment}, {"source.text", l.Source.Text}, {"source.where", l.Source.Where},
	} {
		if strings.TrimSpace(text.value) == "" {
			return fmt.Errorf("%s: is empty", text.key)
		}
	}
	if l.Criterion && len(l.Entries) > 0 {
		return errors.New("entries: a criterion names no maker")
	}
	return nil
}

func checkVersion(version int) error {
	if version < 1 {
		return fmt.Errorf("version: %d must be at least 1", version)
	}
	return nil
}

func checkDate(key, date string) error {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fmt.Errorf("%s: %q is no date such as 2026-11-23", key, date)
	}
	return nil
}

func (c *Catalog) checkEntries(list *List) error {
	for _, key := range slices.Sorted(maps.Keys(list.Entries)) {
		maker, known := c.makers[key]
		if !known {
			return fmt.Errorf("entries.%s: there is no maker with this key", key)
		}
		for _, name := range list.Entries[key].Organizations {
			if c.registered[name].maker != maker {
				return fmt.Errorf("entries.%s.organizations: %q is no organisation of this maker", key, name)
			}
		}
	}
	return nil
}
