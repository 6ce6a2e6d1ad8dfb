package watchlist

import (
	"fmt"
	"slices"
	"time"
)

// A List is a public list, or a public criterion, about makers.
type List struct {
	ID      string `toml:"id"`      // such as us-ndaa-889
	Version int    `toml:"version"` // counts the editions of this file, from 1
	AsOf    string `toml:"as_of"`   // the day on which it was last compared with its source: 2026-11-23
	Expires string `toml:"expires"` // the last day on which it is used without being called stale
	Title   string `toml:"title"`
	Source  Source `toml:"source"`

	Scope      string     `toml:"scope"`     // what the instrument covers, whom it binds, and what is unverified
	Sites      string     `toml:"sites"`     // the same in short: where
	Equipment  string     `toml:"equipment"` // the same in short: what
	SpeaksOf   []SiteMark `toml:"speaks_of"` // the marks of a site that the instrument speaks of; may be empty
	Supersedes string     `toml:"supersedes"`

	// Criterion: the instrument names no company. Its criterion is taken to be
	// met by organisations that are companies of the PRC.
	Criterion bool `toml:"criterion"`

	// CoversAffiliates: a named maker's subsidiaries and affiliates are reported
	// under the list as well, with their own relation.
	CoversAffiliates bool `toml:"covers_affiliates"`

	Entries map[string]Entry `toml:"entries"` // by maker key
}

// A SiteMark is a mark that the operator gives a site or a part of it, and
// that an instrument may speak of.
type SiteMark string

// The marks.
const (
	SensitiveSite SiteMark = "sensitive-site"
	CoreNetwork   SiteMark = "core-network"
)

// A Source says where a list's words are from.
type Source struct {
	Text  string `toml:"text"`  // the instrument, cited
	Where string `toml:"where"` // where it was read
}

// An Entry is a maker on a list.
type Entry struct {
	Note          string   `toml:"note"`          // in which words, since when; may be empty
	Organizations []string `toml:"organizations"` // only these of the maker's, as registered; empty means all
}

// A Relation is what connects an organisation with a list.
type Relation string

// The relations. All but Criterion say how the organisation is tied to a maker
// that the list names.
const (
	Named                 Relation = "named"
	SubsidiaryOrAffiliate Relation = "subsidiary-or-affiliate"
	Affiliate             Relation = "affiliate"
	AffiliationUnverified Relation = "affiliation-unverified"
	Criterion             Relation = "criterion"
)

// Stale tells whether the list has expired by a day. It is used all the same:
// a list that is too old is no reason to find less.
func (l *List) Stale(day time.Time) bool { return day.UTC().Format(time.DateOnly) > l.Expires }

// Words says in one sentence why the list speaks of an organisation to which
// it has a relation. It never says more than the instrument does.
func (l *List) Words(maker *Maker, organization *Organization, relation Relation) string {
	var words string
	switch relation {
	case Criterion:
		return fmt.Sprintf("it names no company; %s is a company of the PRC by its address in the IEEE registry, and so is taken to meet its criterion", organization.Brand)
	case Named:
		words = "it names " + organization.Brand
	case SubsidiaryOrAffiliate:
		words = fmt.Sprintf("it names %s, of which %s is a subsidiary or affiliate", maker.Name, organization.Brand)
	case Affiliate:
		words = fmt.Sprintf("it names %s, of which %s is an affiliate", maker.Name, organization.Brand)
	default:
		words = fmt.Sprintf("it names %s; a tie of %s to that maker is not verified", maker.Name, organization.Brand)
	}
	if note := l.Entries[maker.Key].Note; note != "" {
		words += " (" + note + ")"
	}
	return words
}

// Relation tells whether the list speaks of an organisation of a maker, and
// how. Both are what Catalog.Maker found.
func (l *List) Relation(maker *Maker, organization *Organization) (Relation, bool) {
	if l.Criterion && organization.PRC {
		return Criterion, true
	}
	entry, listed := l.Entries[maker.Key]
	if !listed || !entry.reaches(organization) {
		return "", false
	}
	relation := organization.Tie.relation()
	if relation != Named && !l.CoversAffiliates {
		return "", false
	}
	return relation, true
}

// relation is what an organisation is to a list that names its maker. A
// company of its own is its maker, and so the one that is named.
func (t Tie) relation() Relation {
	switch t {
	case TieNamed, TiePRCCompany:
		return Named
	case TieSubsidiary:
		return SubsidiaryOrAffiliate
	case TieAffiliate:
		return Affiliate
	default:
		return AffiliationUnverified
	}
}

func (e Entry) reaches(organization *Organization) bool {
	return len(e.Organizations) == 0 || slices.ContainsFunc(organization.Names, func(name string) bool {
		return slices.Contains(e.Organizations, name)
	})
}
