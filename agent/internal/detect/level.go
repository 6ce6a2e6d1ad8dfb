package detect

import (
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/locate"
)

// A grade is a level and the rule that gave it.
type grade struct {
	level Level
	rule  string
}

// grade says how well maker and class are established:
//
//   - What a station answers itself may contradict itself: then nothing is
//     established.
//   - A platform is named by what the station answers itself (vendor protocol,
//     SNMP, banner). Where its block is of another reviewed maker, the two are
//     in conflict; where it is of anybody else, it may be a rebadge.
//   - Confirmed needs the maker twice, by the block and an independent
//     mechanism, or by the platform itself; and a field made for it that has
//     surveillance equipment.
//   - Probable needs a block of cameras and an independent sign of a camera: an
//     ONVIF video transmitter, or a banner of that maker's cameras. A text over
//     LLDP is none: it can be edited, and tables of switches alone establish no
//     more than possible.
//   - All else is possible.
func (m madeBy) grade(signs []Sign) grade {
	if rule, is := contradictory(signs); is {
		return grade{Conflict, rule}
	}
	if m.platform != "" && m.platform != m.block {
		if m.block != "" && slices.ContainsFunc(signs, func(s Sign) bool {
			return s.Maker == m.platform && (s.Mechanism == VendorProtocol || s.Mechanism == SNMPAgent)
		}) {
			return grade{Conflict, "conflict-block-platform"}
		}
		if m.registered {
			return grade{SuspectedRebadge, "rebadge-platform"}
		}
	}
	switch {
	case m.named(signs) && has(signs, func(s Sign) bool { return surveillance(s.Class) && s.Field }):
		return grade{Confirmed, "confirmed-maker-and-field"}
	case m.role.Video() && has(signs, func(s Sign) bool {
		return s.Class == Camera && (s.Mechanism == ONVIF || s.Mechanism == Banner && s.Maker == m.Key)
	}):
		return grade{Probable, "probable-block-and-sign"}
	case m.platform != "":
		return grade{Possible, "possible-platform"}
	case m.role.Video():
		return grade{Possible, "possible-block"}
	case has(signs, func(s Sign) bool { return surveillance(s.Class) && independent(s.Mechanism) }):
		return grade{Possible, "possible-class"}
	default:
		return grade{Possible, "possible-operator"}
	}
}

func has(signs []Sign, is func(Sign) bool) bool { return slices.ContainsFunc(signs, is) }

// named tells whether more than the block names the maker.
func (m madeBy) named(signs []Sign) bool {
	return has(signs, func(s Sign) bool {
		switch s.Mechanism {
		case VendorProtocol:
			return s.Maker == m.Key
		case SNMPAgent:
			return s.Maker == m.Key && (m.block == m.Key || m.platform == m.Key)
		case Banner, LLDPText:
			return s.Maker == m.Key && m.block == m.Key
		}
		return false
	})
}

// independent tells the mechanisms that can establish a class: neither the
// block nor what people have written on a port.
func independent(m Mechanism) bool {
	switch m {
	case VendorProtocol, SNMPAgent, Banner, ONVIF, LLDPText:
		return true
	}
	return false
}

// lower takes a level down by one where the history gives reason to: the
// evidence is of a single observation, or the address is on two ports at once.
// Without a history, as outside the service, it lowers nothing.
func (r Rules) lower(g grade, station *locate.Station) (grade, []Evidence) {
	if r.Known == nil || g.level != Confirmed && g.level != Probable {
		return g, nil
	}
	var rule, why string
	switch {
	case station.Place.Certainty == locate.Double:
		rule, why = "lowered-two-ports", "the address is on two access ports at once, as that of a clone is"
	case !r.Known[station.MAC]:
		rule, why = "lowered-one-observation", "it was seen in a single observation so far"
	default:
		return g, nil
	}
	before := g.level
	if g.level = Possible; before == Confirmed {
		g.level = Probable
	}
	return g, []Evidence{{Claim: LevelClaim, Mechanism: MACBlock, Rule: rule, Text: fmt.Sprintf("%s in place of %s: %s", g.level, before, why)}}
}
