package detect

import (
	"fmt"
	"regexp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// A textRule reads a class from what a station says of itself.
type textRule struct {
	id    string
	match *regexp.Regexp
	class Class
}

// textRules are tried in order. The model names are those of the makers' own
// ranges: Hikvision DS-2CD/2DE/2DF/2TD/2XS cameras, DS-7/8/9 recorders and
// DS-K doors; Dahua (DH-, DHI-) IPC and SD cameras, NVR and XVR recorders,
// VTO doors; Uniview IPC cameras and NVR recorders. Digits are asked for where
// the letters alone begin other words, such as IPCop and SD-WAN. "AXIS …
// Network Camera" stands for the way in which cameras of any maker name
// themselves.
var textRules = []textRule{
	{"text-model-camera", regexp.MustCompile(`(?i)\b(i?DS-2(CD|DE|DF|TD|XS)\d|(DHI?-)?(IPC(-[A-Z]{1,4}\d|\d{3})|SD\d{1,2}[A-Z]?\d{3}))`), Camera},
	{"text-model-recorder", regexp.MustCompile(`(?i)\b(i?DS-[789]\d{2}|(DHI?-)?(NVR|XVR|HCVR)\d{3})`), Recorder},
	{"text-model-door", regexp.MustCompile(`(?i)\b(DS-K[BDHV]\d|(DHI?-)?VTO\d)`), Door},
	{"text-word-camera", regexp.MustCompile(`(?i)\b(network|ip|dome|bullet|ptz|video|security)[ -]?camera\b|\bcamera (dome|bullet)\b`), Camera},
	{"text-word-recorder", regexp.MustCompile(`(?i)\b(network|digital) video recorder\b|\b[NDX]VR([\s,;:()/]|-?\d|$)`), Recorder},
	{"text-word-door", regexp.MustCompile(`(?i)\b(door station|video intercom)\b`), Door},
}

// A capabilityRule reads a class from the capabilities that a station
// announces over LLDP.
type capabilityRule struct {
	id    string
	has   lan.LLDPCapabilities
	class Class
	text  string
}

var capabilityRules = []capabilityRule{
	{"lldp-telephone", lan.LLDPTelephone, Phone, "telephone"},
	{"lldp-access-point", lan.LLDPAccessPoint, Other, "WLAN access point"},
	{"lldp-router", lan.LLDPRouter, Router, "router"},
	{"lldp-bridge", lan.LLDPBridge, Switch, "bridge"},
}

// classOf says what a station is, as far as it announces it.
func classOf(station locate.Station) (Class, []Evidence) {
	for _, s := range station.Sightings {
		switch row := s.Row.(type) {
		case *lan.OwnAddress:
			return Switch, []Evidence{{Claim: ClassClaim, Mechanism: MACBlock, Source: s.Source, Table: s.Table,
				Object: row.Object(), Value: row.Value(), ObservedAt: s.At, Rule: "own-bridge-address",
				Text: fmt.Sprintf("%s answers SNMP as a bridge and calls this address its own", s.Source)}}
		case *lan.LLDPNeighbor:
			if class, evidence, ok := announced(s, row); ok {
				return class, []Evidence{evidence}
			}
		}
	}
	return Unknown, nil
}

func announced(s locate.Sighting, n *lan.LLDPNeighbor) (Class, Evidence, bool) {
	evidence := Evidence{Claim: ClassClaim, Mechanism: LLDPText, Source: s.Source, Table: s.Table, ObservedAt: s.At}
	for _, quote := range n.Texts() {
		for _, rule := range textRules {
			if rule.match.MatchString(quote.Value) {
				evidence.Table, evidence.Object, evidence.Value, evidence.Rule = quote.Table, quote.Object, quote.Value, rule.id
				evidence.Text = fmt.Sprintf("it calls itself %q over %s; such a text can be edited", quote.Value, n.Protocol())
				return rule.class, evidence, true
			}
		}
	}
	for _, rule := range capabilityRules {
		if n.Enabled.Has(rule.has) {
			evidence.Object, evidence.Value, evidence.Rule = n.Capabilities(), rule.text, rule.id
			evidence.Text = fmt.Sprintf("it announces itself over %s as a %s", n.Protocol(), rule.text)
			return rule.class, evidence, true
		}
	}
	return Unknown, Evidence{}, false
}

// surveillance tells whether a class makes even the station of a maker of
// many things a finding.
func surveillance(c Class) bool {
	return c == Camera || c == Recorder || c == Door
}
