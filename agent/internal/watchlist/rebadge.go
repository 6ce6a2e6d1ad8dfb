package watchlist

import (
	"errors"
	"fmt"
	"slices"
)

// A Rebadge is a brand that has sold equipment of a maker under its own name
// and with address blocks of its own. Nobody is flagged for that: it is reason
// to ask a station, where asking is allowed, and no more.
type Rebadge struct {
	Brand    string   `toml:"brand"`
	Names    []string `toml:"names"`    // its spellings in the registry, all of them
	Platform string   `toml:"platform"` // the key of the maker
	Source   string   `toml:"source"`   // where it was seen, or who says so
}

// Rebadge finds the brand behind an organisation of the IEEE registry, spelt
// exactly as there.
func (c *Catalog) Rebadge(organization string) (*Rebadge, bool) {
	b, ok := c.rebadges[organization]
	return b, ok
}

// Rebadges returns the brands, in the order of makers.toml.
func (c *Catalog) Rebadges() []*Rebadge { return c.brands }

// addRebadges takes in the brands. The makers are known by then.
func (c *Catalog) addRebadges(brands []Rebadge) error {
	c.brands, c.rebadges = nil, make(map[string]*Rebadge)
	for i := range brands {
		b := &brands[i]
		if err := c.checkRebadge(b); err != nil {
			return fmt.Errorf("rebadge[%d].%w", i, err)
		}
		c.brands = append(c.brands, b)
		for _, name := range b.Names {
			c.rebadges[name] = b
		}
	}
	return nil
}

func (c *Catalog) checkRebadge(b *Rebadge) error {
	switch {
	case b.Brand == "":
		return errors.New("brand: missing")
	case len(b.Names) == 0 || slices.Contains(b.Names, ""):
		return errors.New("names: missing, or one is empty")
	case c.makers[b.Platform] == nil:
		return fmt.Errorf("platform: there is no maker %q", b.Platform)
	case b.Source == "":
		return errors.New("source: missing")
	}
	for _, name := range b.Names {
		if twin, taken := c.registered[name]; taken {
			return fmt.Errorf("names: %q belongs to %s already", name, twin.maker.Key)
		}
		if twin := c.rebadges[name]; twin != nil {
			return fmt.Errorf("names: %q belongs to %s already", name, twin.Brand)
		}
	}
	return nil
}
