package detect

import (
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// severity weighs level, relation and place. A list that names no company, or
// a tie that nobody has verified, calls for a review and no more.
func severity(level Level, lists []ListMatch, sensitive, core bool) Severity {
	tied := slices.ContainsFunc(lists, func(m ListMatch) bool {
		return m.Relation != watchlist.Criterion && m.Relation != watchlist.AffiliationUnverified
	})
	switch {
	case !tied && !core:
		return Low
	case level == Confirmed && (sensitive || core):
		return Critical
	case level == Confirmed, level == Probable, core:
		return High
	default:
		return Medium
	}
}

// coreEvidence tells whether the station is in what the operator calls the
// core network, by the row that shows it there.
func (s Site) coreEvidence(station locate.Station) []Evidence {
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
	place := station.Place
	attached := place.Certainty == locate.Edge || place.Certainty == locate.Port || place.Certainty == locate.Shared
	if attached && place.Sighting != nil && slices.Contains(s.CoreSwitches, place.Address) {
		return core(*place.Sighting, "core-switch", fmt.Sprintf("it is attached to %s, which is marked as core", place.Switch))
	}
	return nil
}

func core(sighting locate.Sighting, rule, text string) []Evidence {
	return []Evidence{{Claim: CoreClaim, Mechanism: MACBlock, Source: sighting.Source, Table: sighting.Table,
		Object: sighting.Row.Object(), Value: sighting.Row.Value(), ObservedAt: sighting.At, Rule: rule, Text: text}}
}
