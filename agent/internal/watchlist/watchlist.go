// Package watchlist knows the makers of surveillance equipment and the public
// lists that speak of them, each with its source. What it says was reviewed by
// people; it draws no conclusion from a name.
package watchlist

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/camwarden/camwarden/configs"
)

// A Catalog holds the reviewed makers and the lists. It does not change and may
// be used by several goroutines at once. The zero value knows nobody.
type Catalog struct {
	makersEdition
	makers     map[string]*Maker
	lists      map[string]*List
	registered map[string]registrant // by exact spelling
	brands     []*Rebadge
	rebadges   map[string]*Rebadge // likewise
}

// makersEdition says which edition of makers.toml was read.
type makersEdition struct {
	version int
	asOf    string
}

type registrant struct {
	maker        *Maker
	organization *Organization
}

// Embedded returns the catalogue that the program was built with. It is read
// once: nothing changes a catalogue.
var Embedded = sync.OnceValues(func() (*Catalog, error) { return Load(configs.Watchlists) })

// Load reads makers.toml and lists/*.toml of a folder. An error names the file
// and the key.
func Load(folder fs.FS) (*Catalog, error) {
	text, err := fs.ReadFile(folder, makersFile)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", makersFile, err)
	}
	c := &Catalog{lists: map[string]*List{}}
	if err := c.readMakers(text); err != nil {
		return nil, err
	}
	files, err := fs.Glob(folder, "lists/*.toml")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		list, err := c.parseList(file, text)
		if err != nil {
			return nil, err
		}
		c.lists[list.ID] = list
	}
	return c, nil
}

// Maker finds the maker behind an organisation of the IEEE registry, spelt
// exactly as there.
func (c *Catalog) Maker(organization string) (*Maker, *Organization, bool) {
	r, ok := c.registered[organization]
	return r.maker, r.organization, ok
}

// MakersVersion counts the editions of makers.toml.
func (c *Catalog) MakersVersion() int { return c.version }

// MakersAsOf is the day on which makers.toml was last reviewed.
func (c *Catalog) MakersAsOf() string { return c.asOf }

// MakerOf finds a maker by its key, such as hikvision.
func (c *Catalog) MakerOf(key string) (*Maker, bool) {
	maker, ok := c.makers[key]
	return maker, ok
}

// Makers returns every maker, sorted by key.
func (c *Catalog) Makers() []*Maker {
	return slices.SortedFunc(maps.Values(c.makers), func(a, b *Maker) int { return cmp.Compare(a.Key, b.Key) })
}

// List finds a list by its id, such as us-ndaa-889.
func (c *Catalog) List(id string) (*List, bool) {
	list, ok := c.lists[id]
	return list, ok
}

// Lists returns every list, sorted by id.
func (c *Catalog) Lists() []*List {
	return slices.SortedFunc(maps.Values(c.lists), func(a, b *List) int { return cmp.Compare(a.ID, b.ID) })
}
