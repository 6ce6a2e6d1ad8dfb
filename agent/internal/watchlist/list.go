package watchlist

import "slices"

// A List is a public list, or a public criterion, about makers.
type List struct {
	ID      string `toml:"id"`      // such as us-ndaa-889
	Version int    `toml:"version"` // counts the editions of this file, from 1
	AsOf    string `toml:"as_of"`   // the day on which it was last compared with its source: 2026-11-23
	Title   string `toml:"title"`
	Scope   string `toml:"scope"` // what the instrument covers, whom it binds, and what is unverified
	Source  Source `toml:"source"`

	// Criterion: the instrument names no company. Its criterion is taken to be
	// met by organisations that are companies of the PRC.
	Criterion bool `toml:"criterion"`

	// CoversAffiliates: a named maker's subsidiaries and affiliates are reported
	// under the list as well, with their own relation.
	CoversAffiliates bool `toml:"covers_affiliates"`

	Entries map[string]Entry `toml:"entries"` // by maker key
}

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
