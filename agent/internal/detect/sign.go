package detect

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/order"
)

// signs is everything that speaks of the maker or the class of a station,
// besides its address; those for the maker first. Their order does not depend on
// that of the sightings.
func (r Rules) signs(station *locate.Station, m madeBy) []Sign {
	var signs []Sign
	for i := range station.Sightings {
		if n, ok := station.Sightings[i].Row.(*lan.LLDPNeighbor); ok {
			signs = append(signs, announced(station.Sightings[i], n, m)...)
		}
	}
	if station.Agent != nil {
		signs = append(signs, answered(station.Agent, m)...)
	}
	for _, s := range station.Sightings {
		if own, ok := s.Row.(*lan.OwnAddress); ok {
			signs = append(signs, Sign{Class: Switch, Rank: rankBridge, Evidence: Evidence{Claim: ClassClaim, Mechanism: SNMPAgent,
				Source: s.Of.Source, Table: s.Table, Object: own.Object(), Value: own.Value(), ObservedAt: s.Of.To, Rule: "own-bridge-address",
				Text: fmt.Sprintf("%s answers SNMP as a bridge and calls this address its own", s.Of.Source)}})
		}
	}
	signs = append(signs, labels(station)...)
	signs = append(signs, r.asked(r.Answers[station.MAC], m)...)
	order.By(signs, func(a, b Sign) int {
		return cmp.Or(cmp.Compare(b.Claim, a.Claim), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Object, b.Object))
	})
	return signs
}

// shown are the signs that a finding shows: for a claim the best of each
// mechanism, since many of one say no more, unless they name another maker.
func shown(signs []Sign) []Evidence {
	var evidence []Evidence
	for i, s := range signs {
		earlier := slices.ContainsFunc(signs[:i], func(other Sign) bool {
			return other.Claim == s.Claim && other.Mechanism == s.Mechanism && (other.Maker == s.Maker || s.Maker == "")
		})
		if !earlier {
			evidence = append(evidence, s.Evidence)
		}
	}
	return evidence
}

// classOf is the class that the best sign tells; where the station contradicts
// itself, none is as good as the other.
func classOf(signs []Sign) Class {
	if rule, _ := contradictory(signs); rule == twoClasses {
		return Unknown
	}
	for _, s := range signs {
		if s.Claim == ClassClaim && s.Class != "" && independent(s.Mechanism) {
			return s.Class
		}
	}
	return Unknown
}

// announced are the signs in what a station says over LLDP, CDP or MNDP.
func announced(s locate.Sighting, n *lan.LLDPNeighbor, m madeBy) []Sign {
	base := Evidence{Mechanism: LLDPText, Source: s.Of.Source, Table: s.Table, ObservedAt: s.Of.To}
	var signs []Sign
	if sign, ok := brandSign(base, n, m); ok {
		signs = append(signs, sign)
	}
	for _, quote := range n.Texts() {
		if sign, ok := textSign(base, quote); ok {
			sign.Field = sign.Rank < rankBridge && quote.Table == lan.LLDPXMedRemInventoryTable
			sign.Text = fmt.Sprintf("it calls itself %q over %s; such a text can be edited", quote.Value, n.Protocol())
			signs = append(signs, sign)
		}
	}
	for i, rule := range capabilityRules {
		if n.Enabled.Has(rule.has) {
			e := base
			e.Claim, e.Object, e.Value, e.Rule = ClassClaim, n.Capabilities(), rule.text, rule.id
			e.Text = fmt.Sprintf("it announces itself over %s as a %s", n.Protocol(), rule.text)
			signs = append(signs, Sign{Evidence: e, Class: rule.class, Rank: rankCapability + i})
			break
		}
	}
	if name := n.NameQuote(); name.Object != "" {
		signs = append(signs, labelSign(Evidence{Source: s.Of.Source, ObservedAt: s.Of.To}, name, "its system name")...)
	}
	return signs
}

// brandSign quotes what the station calls itself. Makers sell cameras to other
// brands, which leave them the maker's address block: who made it is then told
// by the block, whatever the box says.
func brandSign(base Evidence, n *lan.LLDPNeighbor, m madeBy) (Sign, bool) {
	quotes := n.Texts()
	if n.MED.Manufacturer != "" {
		quotes = []lan.Quote{n.MED.ManufacturerQuote()}
	}
	if len(quotes) == 0 {
		return Sign{}, false
	}
	same := max(slices.IndexFunc(quotes, func(q lan.Quote) bool { return m.isNamed(q.Value) }), 0)
	quote := quotes[same]
	sign := Sign{Evidence: base}
	sign.Claim, sign.Table, sign.Object, sign.Value = MakerClaim, quote.Table, quote.Object, quote.Value
	if m.isNamed(quote.Value) {
		sign.Maker, sign.Rule = m.Key, "text-same-maker"
		sign.Text = fmt.Sprintf("it calls itself %q over %s, which names %s too", quote.Value, n.Protocol(), m.Name)
	} else {
		sign.Rank, sign.Rule = 1, "text-other-name"
		sign.Text = fmt.Sprintf("it calls itself %q over %s, which does not name %s: it may be sold under another brand", quote.Value, n.Protocol(), m.Name)
	}
	return sign, true
}

// textSign reads a class from a text. Models come before what a bridge is
// known to be, and that before common words.
func textSign(base Evidence, quote lan.Quote) (Sign, bool) {
	text := hostName.ReplaceAllString(quote.Value, "$1 ")
	for i, rule := range textRules {
		if rule.match.MatchString(text) {
			sign := Sign{Evidence: base, Class: rule.class, Rank: i}
			if !strings.HasPrefix(rule.id, "text-model-") {
				sign.Rank += rankWords
			}
			sign.Claim, sign.Table, sign.Object, sign.Value, sign.Rule = ClassClaim, quote.Table, quote.Object, quote.Value, rule.id
			return sign, true
		}
	}
	return Sign{}, false
}

// hostName is where uname has the name of the host, which people give and which
// says nothing of what it is: "Linux nvr 4.19.91 #1 SMP".
var hostName = regexp.MustCompile(`^(Linux|FreeBSD|Darwin) \S+ `)

// The ranks of signs of a class, below which those of models are.
const (
	rankBridge      = 100
	rankWords       = 200
	rankTransmitter = 250 // recorders, too, call themselves video transmitters
	rankCapability  = 300
	rankHint        = 400
)

const (
	sysDescr             = "1.3.6.1.2.1.1.1.0"
	sysObjectID          = "1.3.6.1.2.1.1.2.0"
	entPhysicalModelName = "1.3.6.1.2.1.47.1.1.1.1.13"
	ifAlias              = "1.3.6.1.2.1.31.1.1.1.18"
	pethPsePortClass     = "1.3.6.1.2.1.105.1.1.1.10"
)

// answered are the signs in what a station answers that is itself read over
// SNMP: its description, its model (ENTITY-MIB), and whose platform it is.
func answered(device *locate.Agent, m madeBy) []Sign {
	base := Evidence{Mechanism: SNMPAgent, Source: device.Source, ObservedAt: device.At}
	var signs []Sign
	quotes := []lan.Quote{{Table: lan.SystemGroup, Object: sysDescr, Value: device.System.Descr},
		{Table: lan.EntPhysicalTable, Object: entPhysicalModelName, Value: device.System.Model}}
	for _, quote := range quotes {
		if quote.Value == "" {
			continue
		}
		if sign, ok := textSign(base, quote); ok {
			sign.Field = sign.Rank < rankBridge && quote.Table == lan.EntPhysicalTable
			sign.Text = fmt.Sprintf("asked over SNMP, it calls itself %q", quote.Value)
			signs = append(signs, sign)
		}
		if m.isNamed(quote.Value) {
			sign := Sign{Evidence: base, Maker: m.Key, Rank: 1}
			sign.Claim, sign.Table, sign.Object, sign.Value, sign.Rule = MakerClaim, quote.Table, quote.Object, quote.Value, "snmp-same-maker"
			sign.Text = fmt.Sprintf("asked over SNMP, it calls itself %q, which names %s too", quote.Value, m.Name)
			signs = append(signs, sign)
		}
	}
	if sign, ok := platformOf(device); ok {
		signs = append(signs, sign)
	}
	return signs
}

// A platformRule knows a maker's platform by its arc, whoever sells it. Both
// makers answer with arcs that IANA has not given them, so the description
// must agree.
type platformRule struct {
	id, maker, arc string
	descr          *regexp.Regexp
}

var platformRules = []platformRule{
	{"snmp-hikvision-platform", "hikvision", "1.3.6.1.4.1.50001", regexp.MustCompile(`(?i)\bhikvision\b`)},
	{"snmp-dahua-platform", "dahua", "1.3.6.1.4.1.1004849", regexp.MustCompile(`(?i)\b(DHI?-|dahua\b|IPC\b|NVR\b|XVR\b|HCVR|VTO)`)},
}

// platformOf tells whose platform a device that answers SNMP is.
func platformOf(device *locate.Agent) (Sign, bool) {
	for _, rule := range platformRules {
		id := strings.TrimPrefix(device.System.ObjectID, ".")
		if (id == rule.arc || strings.HasPrefix(id, rule.arc+".")) && rule.descr.MatchString(device.System.Descr) {
			return Sign{Maker: rule.maker, Evidence: Evidence{Claim: MakerClaim, Mechanism: SNMPAgent, Source: device.Source,
				Table: lan.SystemGroup, Object: sysObjectID, Value: device.System.ObjectID, ObservedAt: device.At, Rule: rule.id,
				Text: fmt.Sprintf("asked over SNMP, it answers as the platform of this maker does: %s, %q", id, device.System.Descr)}}, true
		}
	}
	return Sign{}, false
}

// labelRules read what people have called a port or a device, by its words,
// in the plural as well.
var labelRules = []struct {
	id    string
	words []string
	class Class
}{
	{"label-recorder", []string{"nvr", "dvr", "recorder"}, Recorder},
	{"label-camera", []string{"cam", "camera", "kamera", "cctv", "ipcam", "ipcamera", "ipkamera", "ipcctv"}, Camera},
}

// hasWord tells whether a text has one of the words. Whatever is no letter of
// the alphabet parts two: there is one in "cam3" and none in "webcam".
func hasWord(text string, words []string) bool {
	apart := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	for word := range strings.FieldsFuncSeq(text, apart) {
		for _, w := range words {
			if strings.EqualFold(word, w) || strings.EqualFold(word, w+"s") {
				return true
			}
		}
	}
	return false
}

// labelSign reads a hint from a name that people gave.
func labelSign(base Evidence, quote lan.Quote, what string) []Sign {
	for i, rule := range labelRules {
		if hasWord(quote.Value, rule.words) {
			base.Claim, base.Mechanism, base.Rule = ClassClaim, HumanLabel, rule.id
			base.Table, base.Object, base.Value = quote.Table, quote.Object, quote.Value
			base.Text = fmt.Sprintf("%s is %q, as people wrote it: a hint, which establishes nothing", what, quote.Value)
			return []Sign{{Evidence: base, Class: rule.class, Rank: rankHint + i}}
		}
	}
	return nil
}

// labels are the hints of the port that a station is on: what people call it,
// and that it feeds something.
func labels(station *locate.Station) []Sign {
	place := &station.Place
	if place.Sighting == nil || !attached(place) {
		return nil
	}
	at := Evidence{Source: place.Address, ObservedAt: place.Sighting.Of.To}
	signs := labelSign(at, lan.Quote{Table: lan.IfXTable, Object: ifAlias + "." + place.IfIndex.String(), Value: place.Alias}, "the description of its port")
	if pse := place.PoE; pse != nil && pse.Delivering && place.Certainty != locate.Shared {
		at.Claim, at.Mechanism, at.Rule, at.Value = ClassClaim, PoE, "poe-fed", "delivering power"
		if pse.Group != 0 && pse.Class != 0 {
			at.Table, at.Value = lan.PethPsePortTable, strconv.Itoa(int(pse.Class))
			at.Object = fmt.Sprintf("%s.%d.%d", pethPsePortClass, pse.Group, pse.Port)
		}
		at.Text = "its port feeds it over Ethernet, as cameras, access points and telephones are: a hint, which establishes nothing"
		signs = append(signs, Sign{Evidence: at, Rank: rankHint})
	}
	return signs
}

func attached(p *locate.Place) bool {
	return p.Certainty == locate.Edge || p.Certainty == locate.Port || p.Certainty == locate.Shared
}
