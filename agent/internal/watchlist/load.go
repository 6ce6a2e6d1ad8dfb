package watchlist

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// decode reads a file and refuses keys that it does not know.
func decode(folder fs.FS, file string, into any) (toml.MetaData, error) {
	meta, err := toml.DecodeFS(folder, file, into)
	if err != nil {
		return meta, fmt.Errorf("read %s: %w", file, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return meta, fmt.Errorf("read %s: %s: there is no such key", file, unknown[0])
	}
	return meta, nil
}

// makerText is a maker as makers.toml has it.
type makerText struct {
	Name          string             `toml:"name"`
	Organizations []organizationText `toml:"organization"`
}

type organizationText struct {
	Organization
	PRC *bool `toml:"prc"` // a forgotten one would read as false and hide a criterion
}

func (c *Catalog) readMakers(folder fs.FS, file string) error {
	var makers map[string]makerText
	if _, err := decode(folder, file, &makers); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(makers)) {
		if err := c.addMaker(key, makers[key]); err != nil {
			return fmt.Errorf("read %s: %s.%w", file, key, err)
		}
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

func (c *Catalog) readList(folder fs.FS, file string) error {
	list := &List{}
	meta, err := decode(folder, file, list)
	if err != nil {
		return err
	}
	err = cmp.Or(checkPresent(meta), list.check(file), c.checkEntries(list))
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	c.lists[list.ID] = list
	return nil
}

func checkPresent(meta toml.MetaData) error {
	for _, key := range []string{"id", "version", "as_of", "title", "scope", "criterion", "covers_affiliates", "source.text", "source.where"} {
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
	if l.Version < 1 {
		return fmt.Errorf("version: %d must be at least 1", l.Version)
	}
	if _, err := time.Parse(time.DateOnly, l.AsOf); err != nil {
		return fmt.Errorf("as_of: %q is no date such as 2026-11-23", l.AsOf)
	}
	for _, text := range []struct{ key, value string }{
		{"title", l.Title}, {"scope", l.Scope}, {"source.text", l.Source.Text}, {"source.where", l.Source.Where},
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
