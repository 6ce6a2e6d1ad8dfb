package detect

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/order"
)

// The makers whose platforms are known by what they answer.
const (
	hikvision = "hikvision"
	dahua     = "dahua"
)

// A bannerRule knows a maker's platform by one field of a banner.
type bannerRule struct {
	id       string
	question lan.Question
	field    string
	match    *regexp.Regexp
	maker    string
	class    Class // where cameras alone answer so
}

// bannerRules hold what the makers' own firmware answers, whoever sells it. A
// serial number of Dahua's has ten characters or more.
var bannerRules = []bannerRule{
	{"rtsp-hikvision-camera", lan.RTSP, lan.FieldRealm, regexp.MustCompile(`^IP Camera\([0-9A-Za-z]{5}\)$`), hikvision, Camera},
	{"rtsp-hikvision-realm", lan.RTSP, lan.FieldRealm, regexp.MustCompile(`^(?i:hikvision)$`), hikvision, ""},
	{"rtsp-dahua-server", lan.RTSP, lan.FieldServer, regexp.MustCompile(`^Dahua Rtsp Server`), dahua, ""},
	{"rtsp-dahua-realm", lan.RTSP, lan.FieldRealm, loginTo, dahua, ""},
	{"http-hikvision-server", lan.HTTP, lan.FieldServer, regexp.MustCompile(`^(Hikvision|DNVRS|DVRDVS)-Webs$|^App-webs/`), hikvision, ""},
	{"http-hikvision-realm", lan.HTTP, lan.FieldRealm, regexp.MustCompile(`^(?i:hikvision)$`), hikvision, ""},
	{"http-dahua-realm", lan.HTTP, lan.FieldRealm, loginTo, dahua, ""},
	{"http-hikvision-page", lan.HTTP, lan.FieldPage, regexp.MustCompile(`^(/doc/page/login\.asp|Hikvision Digital Technology)$`), hikvision, ""},
	{"http-dahua-page", lan.HTTP, lan.FieldPage, regexp.MustCompile(`^jsBase/lib/jquery\.js\?version=@WebVersion@$`), dahua, ""},
	{"tls-hikvision-certificate", lan.TLS, lan.FieldSubject, regexp.MustCompile(`(^|,)CN=www\.hikvision\.com(,|$).*\bO=HIKVISION(,|$)|\bO=HIKVISION(,.*)?,CN=www\.hikvision\.com(,|$)`), hikvision, ""},
}

var loginTo = regexp.MustCompile(`^Login to [0-9A-Z]{10,20}$`)

// Phrases are what a page is searched for: no other page has them.
func Phrases() []string {
	return []string{"/doc/page/login.asp", "Hikvision Digital Technology", "jsBase/lib/jquery.js?version=@WebVersion@"}
}

// asked are the signs in what a station has answered to questions.
func (r Rules) asked(answers []lan.Answer, m madeBy) []Sign {
	var signs []Sign
	for i := range answers {
		a := &answers[i]
		switch a.Question {
		case lan.SADP:
			signs = append(signs, r.sadp(a)...)
		case lan.DHDiscover:
			signs = append(signs, r.dhDiscover(a)...)
		case lan.WSDiscovery:
			signs = append(signs, onvif(a, m)...)
		case lan.RTSP, lan.HTTP, lan.TLS:
			signs = append(signs, r.banner(a)...)
		case lan.StationSNMP:
			signs = append(signs, r.ownObjects(a)...)
		}
	}
	return signs
}

// about is evidence of one field of an answer.
func about(a *lan.Answer, claim Claim, mechanism Mechanism, field, rule string) Evidence {
	object := string(a.Question) + " " + field
	if a.Question == lan.StationSNMP {
		object = field
	}
	return Evidence{Claim: claim, Mechanism: mechanism, Source: a.From, Object: object, Value: a.Value(field), ObservedAt: a.At, Rule: rule}
}

// makerName is what people call a maker.
func (r Rules) makerName(key string) string {
	if r.Catalog != nil {
		if maker, ok := r.Catalog.MakerOf(key); ok {
			return maker.Name
		}
	}
	return key
}

// quoted are fields of an answer as people may read them: Vendor "Lorex".
func quoted(a *lan.Answer, fields ...string) string {
	var parts []string
	for _, field := range fields {
		if value := a.Value(field); value != "" {
			parts = append(parts, fmt.Sprintf("%s %q", field, value))
		}
	}
	return strings.Join(parts, ", ")
}

// platformSign says that only the firmware of one maker answers so.
func (r Rules) platformSign(a *lan.Answer, field, rule, maker, said string) Sign {
	e := about(a, MakerClaim, VendorProtocol, field, rule)
	e.Text = fmt.Sprintf("asked over %s, it answers as the platform of %s does, whoever sells it: %s", a.Question, r.makerName(maker), said)
	return Sign{Evidence: e, Maker: maker}
}

// modelSign reads a class from a field that is made for the model.
func modelSign(a *lan.Answer, mechanism Mechanism, field string, made bool) (Sign, bool) {
	sign, ok := textSign(about(a, ClassClaim, mechanism, field, ""), lan.Quote{Value: a.Value(field)})
	if !ok {
		return Sign{}, false
	}
	e := about(a, ClassClaim, mechanism, field, sign.Rule)
	e.Text = fmt.Sprintf("asked over %s, it says %s", a.Question, quoted(a, field))
	sign.Evidence, sign.Field = e, made
	return sign, true
}

// sadp reads an answer to Hikvision's inquiry.
func (r Rules) sadp(a *lan.Answer) []Sign {
	signs := []Sign{r.platformSign(a, "DeviceDescription", "sadp-platform", hikvision,
		quoted(a, "DeviceDescription", "SoftwareVersion", "OEMInfo"))}
	if sign, ok := modelSign(a, VendorProtocol, "DeviceDescription", true); ok {
		signs = append(signs, sign)
	}
	return signs
}

// dahuaClasses are the device classes of Dahua's own words: IPC and SD (speed
// dome) are cameras, VTO, VTH and VTS the parts of a door intercom.
var dahuaClasses = map[string]Class{
	"IPC": Camera, "SD": Camera,
	"NVR": Recorder, "DVR": Recorder, "XVR": Recorder, "HCVR": Recorder, "NVS": Recorder, "EVS": Recorder,
	"VTO": Door, "VTH": Door, "VTS": Door,
	"ASC": AccessControl, "ASI": AccessControl, "ASR": AccessControl,
}

// dhDiscover reads an answer to Dahua's search.
func (r Rules) dhDiscover(a *lan.Answer) []Sign {
	signs := []Sign{r.platformSign(a, "DeviceType", "dhip-platform", dahua, quoted(a, "DeviceClass", "DeviceType", "Vendor", "Version"))}
	if class, known := dahuaClasses[strings.ToUpper(a.Value("DeviceClass"))]; known {
		e := about(a, ClassClaim, VendorProtocol, "DeviceClass", "dhip-class")
		e.Text = fmt.Sprintf("asked over %s, it says %s", a.Question, quoted(a, "DeviceClass", "DeviceType"))
		signs = append(signs, Sign{Evidence: e, Class: class, Field: true})
	} else if sign, ok := modelSign(a, VendorProtocol, "DeviceType", true); ok {
		signs = append(signs, sign)
	}
	return signs
}

// onvif reads a match of WS-Discovery. Its type says that it transmits video,
// and so is no printer; the scopes can be edited.
func onvif(a *lan.Answer, m madeBy) []Sign {
	if a.Value(lan.FieldTypes) == "" {
		return nil
	}
	e := about(a, ClassClaim, ONVIF, lan.FieldTypes, "onvif-video-transmitter")
	e.Text = fmt.Sprintf("asked over %s, it answers as an ONVIF network video transmitter", a.Question)
	if said := quoted(a, lan.FieldName, lan.FieldHardware); said != "" {
		e.Text += ": " + said
	}
	signs := []Sign{{Evidence: e, Class: Camera, Rank: rankTransmitter}}
	if sign, ok := modelSign(a, ONVIF, lan.FieldHardware, false); ok {
		signs = append(signs, sign)
	}
	if name := a.Value(lan.FieldName); name != "" {
		e := about(a, MakerClaim, ONVIF, lan.FieldName, "onvif-other-name")
		e.Text = fmt.Sprintf("it calls itself %q over %s; such a name can be edited", name, a.Question)
		sign := Sign{Evidence: e, Rank: 1}
		if m.isNamed(name) {
			sign.Maker, sign.Rank, sign.Rule = m.Key, 0, "onvif-same-maker"
		}
		signs = append(signs, sign)
	}
	return signs
}

// banner reads what a server says of itself before anybody logs in.
func (r Rules) banner(a *lan.Answer) []Sign {
	var signs []Sign
	for _, rule := range bannerRules {
		if rule.question != a.Question || !rule.match.MatchString(a.Value(rule.field)) {
			continue
		}
		e := about(a, MakerClaim, Banner, rule.field, rule.id)
		e.Text = fmt.Sprintf("asked over %s, it answers as devices of %s do: %s", a.Question, r.makerName(rule.maker), quoted(a, rule.field))
		signs = append(signs, Sign{Evidence: e, Maker: rule.maker})
		if rule.class != "" {
			e.Claim = ClassClaim
			signs = append(signs, Sign{Evidence: e, Maker: rule.maker, Class: rule.class, Rank: rankTransmitter})
		}
	}
	return signs
}

// hikEntities are the values of hikEntityType (HIKVISION-MIB): DVR, NVR, IPC.
var hikEntities = map[string]Class{"1": Recorder, "2": Recorder, "3": Camera}

// ownObjects reads the makers' own objects. Hikvision's arc 50001 and Dahua's
// 1004849 are not theirs by IANA, so a value under them counts only as one
// that their MIBs allow; deviceType of HIK-DEVICE-MIB is a model, with a hyphen.
func (r Rules) ownObjects(a *lan.Answer) []Sign {
	var signs []Sign
	named := func(field, rule, maker string) {
		e := about(a, MakerClaim, SNMPAgent, field, rule)
		e.Text = fmt.Sprintf("asked over SNMP, it has an object that only devices of %s have: %s", r.makerName(maker), quoted(a, field))
		if brand := a.Value(lan.HikManufacturer); field == lan.HikDeviceType && brand != "" {
			e.Text += fmt.Sprintf("; it calls its manufacturer %q", brand)
		}
		signs = append(signs, Sign{Evidence: e, Maker: maker})
	}
	model := func(field string) {
		if sign, ok := modelSign(a, SNMPAgent, field, true); ok {
			signs = append(signs, sign)
		}
	}
	if strings.Contains(a.Value(lan.HikDeviceType), "-") {
		named(lan.HikDeviceType, "snmp-hikvision-object", hikvision)
		model(lan.HikDeviceType)
	}
	if class, known := hikEntities[a.Value(lan.HikEntityType)]; known {
		named(lan.HikEntityType, "snmp-hikvision-object", hikvision)
		e := about(a, ClassClaim, SNMPAgent, lan.HikEntityType, "snmp-entity-type")
		e.Text = fmt.Sprintf("asked over SNMP, its hikEntityType is %s: %s", e.Value, class)
		signs = append(signs, Sign{Evidence: e, Class: class, Field: true})
	}
	if a.Value(lan.DahuaDeviceType) != "" {
		named(lan.DahuaDeviceType, "snmp-dahua-object", dahua)
		model(lan.DahuaDeviceType)
	}
	if class, known := dahuaClasses[strings.ToUpper(a.Value(lan.DahuaDeviceClass))]; known {
		named(lan.DahuaDeviceClass, "snmp-dahua-object", dahua)
		e := about(a, ClassClaim, SNMPAgent, lan.DahuaDeviceClass, "snmp-device-class")
		e.Text = fmt.Sprintf("asked over SNMP, its deviceClass is %q", e.Value)
		signs = append(signs, Sign{Evidence: e, Class: class, Field: true})
	}
	return signs
}

// platformsOf are the makers as whose platforms a station answers, those of
// the surest mechanism first, each once.
func (r Rules) platformsOf(signs []Sign) []string {
	surest := []Mechanism{VendorProtocol, SNMPAgent, Banner}
	naming := slices.DeleteFunc(slices.Clone(signs), func(s Sign) bool {
		return s.Claim != MakerClaim || s.Maker == "" || !slices.Contains(surest, s.Mechanism)
	})
	order.By(naming, func(a, b Sign) int {
		return cmp.Compare(slices.Index(surest, a.Mechanism), slices.Index(surest, b.Mechanism))
	})
	var keys []string
	for _, s := range naming {
		if !slices.Contains(keys, s.Maker) {
			keys = append(keys, s.Maker)
		}
	}
	return keys
}

const twoClasses = "conflict-two-classes"

// contradictory tells whether a station answers as two makers' platforms, or
// as two things, where its administrator cannot easily make it: then something
// lies, and nobody can say from here what.
func contradictory(signs []Sign) (rule string, is bool) {
	var maker string
	classes := make(map[Mechanism]Class)
	for _, s := range signs {
		if s.Mechanism != VendorProtocol && s.Mechanism != SNMPAgent {
			continue
		}
		if s.Claim == MakerClaim && s.Maker != "" {
			if maker != "" && maker != s.Maker {
				return "conflict-two-platforms", true
			}
			maker = s.Maker
		}
		if s.Field && s.Class != "" {
			other := VendorProtocol
			if s.Mechanism == VendorProtocol {
				other = SNMPAgent
			}
			if class, said := classes[other]; said && class != s.Class {
				return twoClasses, true
			}
			if _, said := classes[s.Mechanism]; !said {
				classes[s.Mechanism] = s.Class
			}
		}
	}
	return "", false
}

// channelFields are where a recorder says how many cameras it is made for.
var channelFields = map[lan.Question][]string{
	lan.SADP:       {"DigitalChannelNum", "AnalogChannelNum"},
	lan.DHDiscover: {"RemoteVideoInputChannels", "VideoInputChannels"},
}

// channels is how many channels a recorder claims to have, with the evidence;
// 0 where it does not tell. More than maxChannels are no recorder's.
func channels(answers []lan.Answer) (int, []Evidence) {
	const maxChannels = 1024
	for i := range answers {
		a := &answers[i]
		sum, first := 0, ""
		for _, field := range channelFields[a.Question] {
			n, err := strconv.Atoi(a.Value(field))
			if err == nil && n > 0 && n <= maxChannels {
				sum, first = sum+n, cmp.Or(first, field)
			}
		}
		if sum > 0 {
			e := about(a, ClassClaim, VendorProtocol, first, "recorder-channels")
			e.Text = fmt.Sprintf("it claims to have %d channels: %s; which cameras are on them it tells only after a login", sum, quoted(a, channelFields[a.Question]...))
			return sum, []Evidence{e}
		}
	}
	return 0, nil
}
