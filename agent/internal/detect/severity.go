package detect

import (
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// severity weighs level, relation and place. A list that names no company, or
// a tie that nobody has verified, calls for a review and no more, unless the
// list speaks of this very kind of place.
func severity(level Level, lists []ListMatch, sensitive, core bool) Severity {
	tied, spokenOf := false, core
	for _, m := range lists {
		tied = tied || m.Relation != watchlist.Criterion && m.Relation != watchlist.AffiliationUnverified
		spokenOf = spokenOf || m.Relation == watchlist.Criterion && sensitive && slices.Contains(m.speaksOf, watchlist.SensitiveSite)
	}
	switch {
	case !tied && !spokenOf:
		return Low
	case level == Confirmed && tied && (sensitive || core):
		return Critical
	case level == Confirmed, level == Probable, core:
		return High
	default:
		return Medium
	}
}

// apply says of each list that speaks of a kind of place whether this is one.
func (s Site) apply(lists []ListMatch, core bool) []ListMatch {
	if !s.Sensitive && !core {
		return lists
	}
	out := slices.Clone(lists)
	for i := range out {
		m := &out[i]
		if s.Sensitive && slices.Contains(m.speaksOf, watchlist.SensitiveSite) {
			m.Note += "; it speaks of sensitive sites, and this site is marked as one"
		}
		if core && slices.Contains(m.speaksOf, watchlist.CoreNetwork) {
			m.Note += "; it speaks of core networks, and the station is in what is marked as one"
		}
	}
	return out
}

// coreEvidence tells whether the station is in what the operator calls the
// core network, by the row that shows it there.
func (s Site) coreEvidence(station *locate.Station) []Evidence {
	for _, sighting := range station.Sightings {
		switch row := sighting.Row.(type) {
		case *lan.FDBEntry:
			if row.VLAN != 0 && slices.Contains(s.CoreVLANs, row.VLAN) {
				return core(sighting, "core-vlan", fmt.Sprintf("it is in VLAN %d, which is marked as core", row.VLAN))
			}
		case *lan.ARPEntry:
			for _, prefix := range s.CorePrefixes {
				if prefix.Contains(row.IP.WithZone("")) {
					return core(sighting, "core-prefix", fmt.Sprintf("its address %v is in %v, which is marked as core", row.IP, prefix))
				}
			}
		}
	}
	place := &station.Place
	if attached(place) && place.Sighting != nil && slices.Contains(s.CoreSwitches, place.Address) {
		return core(*place.Sighting, "core-switch", fmt.Sprintf("it is attached to %s, which is marked as core", place.Switch))
	}
	return nil
}

func core(sighting locate.Sighting, rule, text string) []Evidence {
	return []Evidence{{Claim: CoreClaim, Mechanism: MACBlock, Source: sighting.Of.Source, Table: sighting.Table,
		Object: sighting.Row.Object(), Value: sighting.Row.Value(), ObservedAt: sighting.Of.To, Rule: rule, Text: text}}
}
