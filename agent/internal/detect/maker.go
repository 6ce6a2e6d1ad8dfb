package detect

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// madeBy is a maker that a watched list speaks of, with what the rules need
// to know of it.
type madeBy struct {
	Maker
	registry string // MA-L, MA-M, MA-S or IAB
	bits     int
	role     watchlist.Role
	lists    []ListMatch
}

// maker names the maker of a block by its exact registered name, if a watched
// list speaks of it.
func (r Rules) maker(a registry.Assignment) (madeBy, bool) {
	for _, name := range a.Organizations {
		maker, organization, ok := r.Catalog.Maker(name)
		if !ok {
			continue
		}
		lists := r.matches(maker, organization)
		if len(lists) == 0 {
			continue
		}
		return madeBy{
			Maker:    Maker{Key: maker.Key, Name: maker.Name, Organization: name, Prefix: a.Prefix.String()},
			registry: a.Registry, bits: a.Prefix.Bits, role: organization.Role, lists: lists,
		}, true
	}
	return madeBy{}, false
}

// Sought are the address blocks whose stations are findings by their block
// alone, in order.
func (r Rules) Sought() []lan.MACRange {
	prefixes := r.Registry.Prefixes(func(name string) bool {
		maker, organization, ok := r.Catalog.Maker(name)
		return ok && organization.Role.Video() && len(r.matches(maker, organization)) > 0
	})
	ranges := make([]lan.MACRange, len(prefixes))
	for i, p := range prefixes {
		ranges[i] = lan.MACRange{First: p.First, Last: p.Last()}
	}
	slices.SortFunc(ranges, func(a, b lan.MACRange) int { return a.First.Compare(b.First) })
	return ranges
}

func (r Rules) matches(maker *watchlist.Maker, organization *watchlist.Organization) []ListMatch {
	var matches []ListMatch
	for _, list := range r.Lists {
		if relation, ok := list.Relation(maker, organization); ok {
			matches = append(matches, ListMatch{ID: list.ID, Relation: relation})
		}
	}
	return matches
}

// makerEvidence shows the address once for each device and table that had it:
// many rows of one table say no more than one.
func makerEvidence(station locate.Station, m madeBy) []Evidence {
	type origin struct {
		source string
		table  lan.Table
	}
	shown := make(map[origin]bool)
	var evidence []Evidence
	for _, s := range station.Sightings {
		if shown[origin{s.Source, s.Table}] {
			continue
		}
		shown[origin{s.Source, s.Table}] = true
		evidence = append(evidence, Evidence{
			Claim: MakerClaim, Mechanism: MACBlock,
			Source: s.Source, Table: s.Table, Object: s.Row.Object(), Value: s.Row.Value(), ObservedAt: s.At,
			Rule: fmt.Sprintf("registry-%d", m.bits),
			Text: fmt.Sprintf("%s of %s shows %s; the block %s is assigned to %s (%s)",
				s.Table, s.Source, station.MAC, m.Prefix, strings.TrimRight(m.Organization, "."), m.registry),
		})
	}
	return evidence
}

// brandEvidence quotes what the station calls itself. Makers sell cameras to
// other brands, which leave them the maker's address block: who made it is
// then told by the block, whatever the box says.
func brandEvidence(station locate.Station, m madeBy) []Evidence {
	for _, s := range station.Sightings {
		n, ok := s.Row.(*lan.LLDPNeighbor)
		if !ok {
			continue
		}
		quote, ok := brand(n)
		if !ok {
			continue
		}
		e := Evidence{Claim: MakerClaim, Mechanism: LLDPText, Source: s.Source, Table: quote.Table,
			Object: quote.Object, Value: quote.Value, ObservedAt: s.At}
		if names(quote.Value, m.Name) {
			e.Rule, e.Text = "text-same-maker", fmt.Sprintf("it calls itself %q over %s, which names %s too", quote.Value, n.Protocol(), m.Name)
		} else {
			e.Rule, e.Text = "text-other-name", fmt.Sprintf("it calls itself %q over %s, which does not name %s: it may be sold under another brand", quote.Value, n.Protocol(), m.Name)
		}
		return []Evidence{e}
	}
	return nil
}

// brand is the text that says who made a neighbour: the manufacturer that it
// names over LLDP-MED, or else how it describes itself.
func brand(n *lan.LLDPNeighbor) (lan.Quote, bool) {
	if n.MED.Manufacturer != "" {
		return n.MED.ManufacturerQuote(), true
	}
	if texts := n.Texts(); len(texts) > 0 {
		return texts[0], true
	}
	return lan.Quote{}, false
}

// names tells whether a text has the first word of a maker's name, in any
// case: TVT for "TVT (Shenzhen)".
func names(text, maker string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	}
	name := words(maker)
	return len(name) > 0 && slices.ContainsFunc(words(text), func(word string) bool { return strings.EqualFold(word, name[0]) })
}

// locationEvidence is the row that the place rests on.
func locationEvidence(station locate.Station) []Evidence {
	place, row := station.Place, station.Place.Sighting
	if row == nil {
		return nil
	}
	return []Evidence{{
		Claim: LocationClaim, Mechanism: MACBlock,
		Source: row.Source, Table: row.Table, Object: row.Row.Object(), Value: row.Row.Value(), ObservedAt: row.At,
		Rule: "nearest-port-" + string(place.Certainty),
		Text: fmt.Sprintf("%s of %s has %s on %s: %s", row.Table, place.Switch, station.MAC, place.Port, place.Why),
	}}
}
