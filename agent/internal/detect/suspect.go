package detect

import (
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// A Suspect is a station that no list flags, and that is worth a question.
type Suspect struct {
	Station *locate.Station
	Why     string
}

// suspected tells why a station may be equipment of a flagged maker under
// another name: its block is of a brand that has sold such, or it calls itself
// a camera, recorder or door, and not by the name of who its block is assigned
// to. It is empty where there is no reason.
func (j *judge) suspected(station *locate.Station, a registry.Assignment) string {
	if brand, ok := j.rebadgeBrand(a); ok {
		return fmt.Sprintf("its block is of %s, which has sold equipment of %s under its own name", brand.Brand, j.makerName(brand.Platform))
	}
	for _, s := range station.Sightings {
		n, ok := s.Row.(*lan.LLDPNeighbor)
		if !ok {
			continue
		}
		for _, quote := range n.Texts() {
			sign, ok := textSign(Evidence{}, quote)
			if !ok || !surveillance(sign.Class) || namesHolder(quote.Value, a) {
				continue
			}
			return fmt.Sprintf("it calls itself %q over %s, and that is not the name of who its block is assigned to", quote.Value, n.Protocol())
		}
	}
	return ""
}

func namesHolder(text string, a registry.Assignment) bool {
	for _, name := range a.Organizations {
		if names(text, name) {
			return true
		}
	}
	return false
}

// rebadgeBrand finds the brand that a block is assigned to, among those that
// have sold others' equipment.
func (r Rules) rebadgeBrand(a registry.Assignment) (brand *watchlist.Rebadge, ok bool) {
	if r.Catalog == nil || a.Standing != registry.Assigned {
		return brand, false
	}
	for _, name := range a.Organizations {
		if brand, ok = r.Catalog.Rebadge(name); ok {
			return brand, true
		}
	}
	return brand, false
}
