package detect

import (
	"regexp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A textRule reads a class from what a station says of itself.
type textRule struct {
	id    string
	match *regexp.Regexp
	class Class
}

// textRules are tried in order. The model names are those of the makers' own
// ranges: Hikvision DS-2CD/2DE/2DF/2TD/2XS cameras, DS-7/8/9 recorders, DS-K
// doors and, of these, DS-K1A/1T/26/27 access control; Dahua (DH-, DHI-) IPC and
// SD cameras, NVR and XVR recorders, VTO doors, ASC/ASI/ASR access control;
// Uniview IPC cameras and NVR recorders. Digits are asked for where
// the letters alone begin other words, such as IPCop and SD-WAN. "AXIS …
// Network Camera" stands for the way in which cameras of any maker name
// themselves.
var textRules = []textRule{
	{"text-model-camera", regexp.MustCompile(`(?i)\b(i?DS-2(CD|DE|DF|TD|XS)\d|(DHI?-)?(IPC(-[A-Z]{1,4}\d|\d{3})|SD\d{1,2}[A-Z]?\d{3}))`), Camera},
	{"text-model-recorder", regexp.MustCompile(`(?i)\b(i?DS-[789]\d{2}|(DHI?-)?(NVR|XVR|HCVR)\d{3})`), Recorder},
	{"text-model-access-control", regexp.MustCompile(`(?i)\b(DS-K(1[AT]|2[67])\d|(DHI?-)?AS[CIR]\d{4})`), AccessControl},
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

// surveillance tells whether a class makes even the station of a maker of
// many things a finding.
func surveillance(c Class) bool {
	return c == Camera || c == Recorder || c == Door || c == AccessControl
}
