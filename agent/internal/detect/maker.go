package detect

import (
	"slices"
	"strconv"
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
	brand      string
	bits       int
	role       watchlist.Role
	lists      []ListMatch
	registered bool   // the block is assigned to somebody
	block      string // the key of the reviewed maker that the block is assigned to; empty: none
	platform   string // the key of the maker as whose platform the station answers; empty: none
}

// isNamed tells whether a text names the maker, or its brand.
func (m madeBy) isNamed(text string) bool { return names(text, m.Name) || names(text, m.brand) }

// maker names the maker of a block by its exact registered name, if a watched
// list speaks of it.
func (j *judge) maker(a registry.Assignment) (madeBy, bool) {
	if a.Standing != registry.Assigned {
		return madeBy{}, false
	}
	for _, name := range a.Organizations {
		maker, organization, ok := j.Catalog.Maker(name)
		if !ok {
			continue
		}
		lists := j.matches(maker, organization)
		if len(lists) == 0 {
			continue
		}
		return madeBy{
			Maker: Maker{Key: maker.Key, Name: maker.Name, Organization: name, Prefix: a.Prefix.String(), Registry: a.Registry},
			brand: organization.Brand, bits: a.Prefix.Bits, role: organization.Role, lists: lists, registered: true, block: maker.Key,
		}, true
	}
	return madeBy{}, false
}

// platform names the maker as whose platform a station answers, if a watched
// list speaks of it: the company itself, since no part of its group is told.
func (j *judge) platform(a registry.Assignment, key string) (madeBy, bool) {
	maker, ok := j.Catalog.MakerOf(key)
	if !ok {
		return madeBy{}, false
	}
	organization := &maker.Organizations[0]
	for i := range maker.Organizations {
		if o := &maker.Organizations[i]; o.Tie == watchlist.TieNamed {
			organization = o
			break
		}
	}
	m := madeBy{Maker: Maker{Key: key, Name: maker.Name, Prefix: a.Prefix.String(), Registry: a.Registry},
		brand: organization.Brand, role: organization.Role, lists: j.matches(maker, organization), bits: a.Prefix.Bits, platform: key}
	if a.Standing == registry.Assigned {
		m.Organization, m.registered = a.Organizations[0], true
		if holder, _, reviewed := j.Catalog.Maker(m.Organization); reviewed {
			m.block = holder.Key
		}
	}
	return m, len(m.lists) > 0
}

// Sought are the address blocks whose stations are findings by their block
// alone, those that the operator flags, and where stations may be asked those
// of the brands that are worth a question: in order, and none twice.
func (r Rules) Sought() []lan.MACRange {
	var ranges []lan.MACRange
	for mac := range r.Answers {
		ranges = append(ranges, lan.MACRange{First: mac, Last: mac})
	}
	makers := make(map[string]bool)
	for i := range r.Own {
		switch o := &r.Own[i]; {
		case o.Allow || o.Expired(r.At):
		case o.Maker != "":
			makers[o.Maker] = true
		default:
			ranges = append(ranges, o.Range)
		}
	}
	prefixes := r.Registry.Prefixes(func(name string) bool {
		if _, rebadges := r.Catalog.Rebadge(name); rebadges && r.Asking {
			return true
		}
		maker, organization, reviewed := r.Catalog.Maker(name)
		return makers[name] || reviewed && (makers[maker.Key] || organization.Role.Video() && len(r.matches(maker, organization)) > 0)
	})
	for _, p := range prefixes {
		ranges = append(ranges, lan.MACRange{First: p.First, Last: p.Last()})
	}
	return lan.MergeRanges(ranges)
}

// matches are the watched lists that speak of an organisation.
func (j *judge) matches(maker *watchlist.Maker, organization *watchlist.Organization) []ListMatch {
	matches, known := j.lists[organization]
	if !known {
		matches = j.Rules.matches(maker, organization)
		j.lists[organization] = matches
	}
	return matches
}

func (r Rules) matches(maker *watchlist.Maker, organization *watchlist.Organization) []ListMatch {
	var matches []ListMatch
	for _, list := range r.Lists {
		if relation, ok := list.Relation(maker, organization); ok {
			matches = append(matches, ListMatch{ID: list.ID, Version: list.Version, Relation: relation,
				Note: list.Words(maker, organization, relation), speaksOf: list.SpeaksOf})
		}
	}
	return matches
}

// makerEvidence shows the address once for each device and table that had it:
// many rows of one table say no more than one.
func makerEvidence(station *locate.Station, m madeBy) []Evidence {
	evidence := make([]Evidence, 0, 2) // with that of the place, all that there is of most stations
	for i := range station.Sightings {
		s := &station.Sightings[i]
		if slices.ContainsFunc(evidence, func(e Evidence) bool { return e.Source == s.Of.Source && e.Table == s.Table }) {
			continue
		}
		e := Evidence{Claim: MakerClaim, Mechanism: MACBlock,
			Source: s.Of.Source, Table: s.Table, Object: s.Row.Object(), Value: s.Row.Value(), ObservedAt: s.Of.To,
			Rule: "registry-none"}
		if !m.registered {
			e.Text = string(s.Table) + " of " + s.Of.Source + " shows " + station.MAC.String() + ", which is in no assigned block"
		} else {
			e.Rule = "registry-" + strconv.Itoa(m.bits)
			e.Text = string(s.Table) + " of " + s.Of.Source + " shows " + station.MAC.String() +
				"; the block " + m.Prefix + " is assigned to " + strings.TrimRight(m.Organization, ".") + " (" + m.Registry + ")"
		}
		evidence = append(evidence, e)
	}
	return evidence
}

// names tells whether a text has the first word of a maker's name, in any
// case: TVT for "TVT (Shenzhen)".
func names(text, maker string) bool {
	apart := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for first := range strings.FieldsFuncSeq(maker, apart) {
		for word := range strings.FieldsFuncSeq(text, apart) {
			if strings.EqualFold(word, first) {
				return true
			}
		}
		return false
	}
	return false
}

// locationEvidence is the row that the place rests on.
func locationEvidence(station *locate.Station) []Evidence {
	place, row := &station.Place, station.Place.Sighting
	if row == nil {
		return nil
	}
	return []Evidence{{
		Claim: LocationClaim, Mechanism: MACBlock,
		Source: row.Of.Source, Table: row.Table, Object: row.Row.Object(), Value: row.Row.Value(), ObservedAt: row.Of.To,
		Rule: "nearest-port-" + string(place.Certainty),
		Text: string(row.Table) + " of " + place.Switch + " has " + station.MAC.String() + " on " + place.Port + ": " + place.Why,
	}}
}
