package detect

import (
	"fmt"
	"slices"

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
// core network.
func (s Site) coreEvidence(station locate.Station) []Evidence {
	place := station.Place
	found := func(rule, value, text string) []Evidence {
		return []Evidence{{Claim: CoreClaim, Mechanism: MACBlock, Source: place.Address, Value: value, Rule: rule, Text: text}}
	}
	if place.VLAN != 0 && slices.Contains(s.CoreVLANs, place.VLAN) {
		return found("core-vlan", place.VLAN.String(), fmt.Sprintf("it is in VLAN %d, which is marked as core", place.VLAN))
	}
	for _, prefix := range s.CorePrefixes {
		for _, ip := range station.IPs {
			if prefix.Contains(ip.WithZone("")) {
				return found("core-prefix", ip.String(), fmt.Sprintf("its address %v is in %v, which is marked as core", ip, prefix))
			}
		}
	}
	attached := place.Certainty == locate.Edge || place.Certainty == locate.Port || place.Certainty == locate.Shared
	if attached && slices.Contains(s.CoreSwitches, place.Address) {
		return found("core-switch", place.Switch, fmt.Sprintf("it is attached to %s, which is marked as core", place.Switch))
	}
	return nil
}
