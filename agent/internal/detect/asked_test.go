package detect

import (
	"slices"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/registry"
)

// said makes an answer of fields and values.
func said(question lan.Question, pairs ...string) lan.Answer {
	a := lan.Answer{Question: question, From: "10.20.0.9:1", At: readAt}
	for i := 0; i < len(pairs); i += 2 {
		a.Said = append(a.Said, lan.Said{Field: pairs[i], Value: pairs[i+1]})
	}
	return a
}

// TestAsked: what each answer means for a station of Hikvision's, of Dahua's
// and of a brand's block.
func TestAsked(t *testing.T) {
	const hik, dah, lorex, free = "44:19:b6:00:00:01", "14:a7:8b:00:00:01", "00:1f:54:00:00:01", "7a:3c:90:1f:b2:64"
	sadp := func(model string) lan.Answer {
		return said(lan.SADP, "DeviceDescription", model, "DigitalChannelNum", "8")
	}
	dhip := func(class, model string) lan.Answer {
		return said(lan.DHDiscover, "DeviceClass", class, "DeviceType", model, "Vendor", "General", "RemoteVideoInputChannels", "16")
	}
	nvt := said(lan.WSDiscovery, lan.FieldTypes, "dn:NetworkVideoTransmitter", lan.FieldName, "HIKVISION DS-2CD2143G0-I", lan.FieldHardware, "DS-2CD2143G0-I")
	realm := func(q lan.Question, text string) lan.Answer { return said(q, lan.FieldRealm, text) }
	tests := []struct {
		name, mac string
		answers   []lan.Answer
		level     Level
		class     Class
		maker     string
		rules     string // of maker and class, besides the registry's
		channels  int
	}{
		{"SADP, camera", hik, []lan.Answer{sadp("DS-2CD2385G1-I")}, Confirmed, Camera, "hikvision", "sadp-platform text-model-camera", 0},
		{"SADP, recorder", hik, []lan.Answer{sadp("DS-7608NI-K2/8P")}, Confirmed, Recorder, "hikvision", "sadp-platform text-model-recorder recorder-channels", 8},
		{"SADP, door", hik, []lan.Answer{sadp("DS-KV8113-WME1")}, Confirmed, Door, "hikvision", "sadp-platform text-model-door", 0},
		{"SADP, access control", hik, []lan.Answer{sadp("DS-K1T671M")}, Confirmed, AccessControl, "hikvision", "sadp-platform text-model-access-control", 0},
		{"SADP, in words", hik, []lan.Answer{sadp("IPCamera")}, Confirmed, Camera, "hikvision", "sadp-platform text-word-camera", 0},
		{"SADP, of a class that nobody knows", hik, []lan.Answer{sadp("DS-TCG406-E")}, Possible, Unknown, "hikvision", "sadp-platform", 0},
		{"SADP under a brand", lorex, []lan.Answer{sadp("C500")}, SuspectedRebadge, Unknown, "hikvision", "sadp-platform", 0},
		{"SADP under Dahua's block", dah, []lan.Answer{sadp("DS-2CD2385G1-I")}, Conflict, Camera, "hikvision", "sadp-platform text-model-camera", 0},
		{"SADP in no block", free, []lan.Answer{sadp("DS-2CD2385G1-I")}, Confirmed, Camera, "hikvision", "sadp-platform text-model-camera", 0},
		{"DHDiscover, camera", dah, []lan.Answer{dhip("IPC", "IPC-HFW2431S")}, Confirmed, Camera, "dahua", "dhip-platform dhip-class", 0},
		{"DHDiscover, recorder", dah, []lan.Answer{dhip("NVR", "NVR4108")}, Confirmed, Recorder, "dahua", "dhip-platform dhip-class recorder-channels", 16},
		{"DHDiscover, door", dah, []lan.Answer{dhip("VTO", "VTO2000A")}, Confirmed, Door, "dahua", "dhip-platform dhip-class", 0},
		{"DHDiscover, of no class", dah, []lan.Answer{dhip("", "SS 3530 MF FACE W")}, Possible, Unknown, "dahua", "dhip-platform", 0},
		{"DHDiscover, model alone", dah, []lan.Answer{dhip("", "IPC-HDW5421S")}, Confirmed, Camera, "dahua", "dhip-platform text-model-camera", 0},
		{"DHDiscover under a brand", lorex, []lan.Answer{dhip("IPC", "W461ASC")}, SuspectedRebadge, Camera, "dahua", "dhip-platform dhip-class", 0},
		{"both", lorex, []lan.Answer{sadp("DS-2CD2385G1-I"), dhip("IPC", "W461ASC")}, Conflict, Camera, "hikvision", "sadp-platform dhip-platform dhip-class", 0},
		{"ONVIF", hik, []lan.Answer{nvt}, Probable, Camera, "hikvision", "onvif-same-maker text-model-camera", 0},
		{"ONVIF of another name", dah, []lan.Answer{nvt}, Probable, Camera, "dahua", "onvif-other-name text-model-camera", 0},
		{"ONVIF under a brand", lorex, []lan.Answer{nvt}, noFinding, Unknown, "", "", 0},
		{"RTSP of a camera", hik, []lan.Answer{realm(lan.RTSP, "IP Camera(C2461)")}, Probable, Camera, "hikvision", "rtsp-hikvision-camera rtsp-hikvision-camera", 0},
		{"RTSP of a recorder", hik, []lan.Answer{realm(lan.RTSP, "Hikvision")}, Possible, Unknown, "hikvision", "rtsp-hikvision-realm", 0},
		{"RTSP of Dahua's", dah, []lan.Answer{realm(lan.RTSP, "Login to 6J0E022PAG35073")}, Possible, Unknown, "dahua", "rtsp-dahua-realm", 0},
		{"RTSP and a field", hik, []lan.Answer{realm(lan.RTSP, "IP Camera(C2461)"), said(lan.StationSNMP, lan.HikEntityType, "3")}, Confirmed, Camera, "hikvision",
			"rtsp-hikvision-camera snmp-hikvision-object rtsp-hikvision-camera snmp-entity-type", 0},
		{"RTSP under a brand", lorex, []lan.Answer{realm(lan.RTSP, "Login to ND011902012345")}, SuspectedRebadge, Unknown, "dahua", "rtsp-dahua-realm", 0},
		{"RTSP under the other's block", hik, []lan.Answer{realm(lan.RTSP, "Login to 6J0E022PAG35073")}, SuspectedRebadge, Unknown, "dahua", "rtsp-dahua-realm", 0},
		{"a realm of anybody", lorex, []lan.Answer{realm(lan.HTTP, "Login to router")}, noFinding, Unknown, "", "", 0},
		{"HTTP", lorex, []lan.Answer{said(lan.HTTP, lan.FieldServer, "DNVRS-Webs")}, SuspectedRebadge, Unknown, "hikvision", "http-hikvision-server", 0},
		{"HTTP, a server that only begins so", lorex, []lan.Answer{said(lan.HTTP, lan.FieldServer, "DNVRS-Webster")}, noFinding, Unknown, "", "", 0},
		{"HTTP, page", lorex, []lan.Answer{said(lan.HTTP, lan.FieldPage, "/doc/page/login.asp")}, SuspectedRebadge, Unknown, "hikvision", "http-hikvision-page", 0},
		{"TLS", lorex, []lan.Answer{said(lan.TLS, lan.FieldSubject, "CN=www.hikvision.com,OU=DVRNVR,O=HIKVISION,L=HangZhou,ST=ZheJiang,C=CN")}, SuspectedRebadge, Unknown, "hikvision", "tls-hikvision-certificate", 0},
		{"TLS of a name that only ends so", lorex, []lan.Answer{said(lan.TLS, lan.FieldSubject, "CN=www.hikvision.com.example.org,O=HIKVISION")}, noFinding, Unknown, "", "", 0},
		{"TLS of another", lorex, []lan.Answer{said(lan.TLS, lan.FieldSubject, "CN=www.hikvision.com,O=Somebody")}, noFinding, Unknown, "", "", 0},
		{"SNMP, camera", hik, []lan.Answer{said(lan.StationSNMP, lan.HikDeviceType, "DS-2CD2185FWD-I")}, Confirmed, Camera, "hikvision", "snmp-hikvision-object text-model-camera", 0},
		{"SNMP, a type that is no model", lorex, []lan.Answer{said(lan.StationSNMP, lan.HikDeviceType, "camera")}, noFinding, Unknown, "", "", 0},
		{"SNMP, a type of no meaning", lorex, []lan.Answer{said(lan.StationSNMP, lan.HikEntityType, "255")}, noFinding, Unknown, "", "", 0},
		{"SNMP, recorder of Dahua's", lorex, []lan.Answer{said(lan.StationSNMP, lan.DahuaDeviceType, "DH-NVR4108HS-8P-4KS2")}, SuspectedRebadge, Recorder, "dahua", "snmp-dahua-object text-model-recorder", 0},
		{"SNMP, class of Dahua's", dah, []lan.Answer{said(lan.StationSNMP, lan.DahuaDeviceClass, "IPC")}, Confirmed, Camera, "dahua", "snmp-dahua-object snmp-device-class", 0},
		{"two classes", hik, []lan.Answer{sadp("DS-2CD2385G1-I"), said(lan.StationSNMP, lan.HikEntityType, "2")}, Conflict, Unknown, "hikvision",
			"sadp-platform snmp-hikvision-object text-model-camera snmp-entity-type", 0},
		{"a liar's banner does not move what is sure", hik, []lan.Answer{sadp("DS-2CD2385G1-I"), realm(lan.RTSP, "Login to 6J0E022PAG35073")}, Confirmed, Camera, "hikvision",
			"rtsp-dahua-realm sadp-platform text-model-camera", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules := usual(t)
			st := learnt(t, test.mac)
			rules.Asking, rules.Answers = true, map[lan.MAC][]lan.Answer{st.MAC: test.answers}
			j := Judge(locate.Site{Stations: []locate.Station{st}}, rules)
			if test.level == noFinding {
				if len(j.Findings) > 0 {
					t.Errorf("found %s %s", j.Findings[0].Level, j.Findings[0].Class)
				}
				return
			}
			if len(j.Findings) != 1 {
				t.Fatalf("%d findings", len(j.Findings))
			}
			f := j.Findings[0]
			var used []string
			for _, e := range f.Evidence {
				if (e.Claim == MakerClaim || e.Claim == ClassClaim) && e.Mechanism != MACBlock {
					used = append(used, e.Rule)
					if e.Source != "10.20.0.9:1" || e.Object == "" || e.Value == "" || !strings.Contains(e.Text, e.Value) && e.Rule != "onvif-video-transmitter" {
						t.Errorf("evidence of %s: %+v", e.Rule, e)
					}
				}
			}
			slices.Sort(used)
			want := strings.Fields(test.rules)
			slices.Sort(want)
			if f.Level != test.level || f.Class != test.class || f.Maker.Key != test.maker || f.Channels != test.channels || !slices.Equal(used, want) {
				t.Errorf("%s %s of %s with %d channels by %v", f.Level, f.Class, f.Maker.Key, f.Channels, used)
			}
		})
	}
}

// noFinding stands for no finding.
const noFinding Level = ""

// TestSuspects: who is worth a question, and who is not.
func TestSuspects(t *testing.T) {
	const lorex, axis, hp, huawei, random = "00:1f:54:00:00:01", "ac:cc:8e:00:00:01", "3c:d9:2b:00:00:01", "e0:cc:7a:35:80:c0", "7a:3c:90:1f:b2:64"
	tests := []struct {
		name, mac string
		text      string // that it announces
		suspected bool
	}{
		{"a brand", lorex, "", true},
		{"nobody", hp, "", false},
		{"a printer", hp, "HP ETHERNET MULTI-ENVIRONMENT", false},
		{"a camera that is no printer", hp, "DS-2CD2143G2-I", true},
		{"a camera in words", hp, "IP Camera", true},
		{"a camera by its maker's name", axis, "AXIS P1448-LE Network Camera 10.6.0", false},
		{"a random address that calls itself a recorder", random, "NVR 16 channels", true},
		{"a random address", random, "", false},
		{"a listed maker of many things", huawei, "", false},
	}
	for _, test := range tests {
		for _, asking := range []bool{true, false} {
			st := learnt(t, test.mac)
			if test.text != "" {
				st = learnt(t, test.mac, says(test.text, lan.LLDPStation))
			}
			rules := usual(t)
			rules.Asking = asking
			j := Judge(locate.Site{Stations: []locate.Station{st}}, rules)
			if got := len(j.Suspects) == 1; got != (test.suspected && asking) || len(j.Findings) > 0 {
				t.Errorf("%s, asking %v: suspected %v, %d findings", test.name, asking, got, len(j.Findings))
			}
			wanted := rules.Concerned()(st.MAC, nil)
			if test.mac == lorex && wanted != asking {
				t.Errorf("%s, asking %v: told of %v", test.name, asking, wanted)
			}
		}
	}
	for descr, want := range map[string]bool{"Hikvision Network Video Recorder": true, "Net-SNMP": false} {
		agent := &locate.Agent{System: lan.System{ObjectID: "1.3.6.1.4.1.50001.1", Descr: descr}}
		if got := usual(t).Concerned()(parseMAC(t, hp), agent); got != want {
			t.Errorf("a device of another block that answers as %q: told of %v", descr, got)
		}
	}
	st := learnt(t, lorex)
	st.Self = "sw1"
	rules := usual(t)
	rules.Asking = true
	if j := Judge(locate.Site{Stations: []locate.Station{st}}, rules); len(j.Suspects) > 0 {
		t.Error("a switch that was read is suspected")
	}
}

// TestSoughtWhileAsking: in a large table the brands' blocks, and who has
// answered, are looked for as well.
func TestSoughtWhileAsking(t *testing.T) {
	lorex, answered := parseMAC(t, "00:1f:54:00:00:01"), parseMAC(t, "3c:d9:2b:00:00:12")
	for _, asking := range []bool{true, false} {
		rules := usual(t)
		if rules.Asking = asking; asking {
			rules.Answers = map[lan.MAC][]lan.Answer{answered: {said(lan.SADP)}}
		}
		for _, mac := range []lan.MAC{lorex, answered} {
			if got := slices.ContainsFunc(rules.Sought(), func(r lan.MACRange) bool { return r.Contains(mac) }); got != asking {
				t.Errorf("%v, asking %v: sought %v", mac, asking, got)
			}
		}
	}
}

// TestRebadgesAreRegistered: each spelling of a brand has a block.
func TestRebadgesAreRegistered(t *testing.T) {
	rules := usual(t)
	brands := rules.Catalog.Rebadges()
	if len(brands) < 10 {
		t.Errorf("only %d brands", len(brands))
	}
	for _, brand := range brands {
		for _, name := range brand.Names {
			if blocks := registry.Embedded().Prefixes(func(organization string) bool { return organization == name }); len(blocks) == 0 {
				t.Errorf("%s has no block as %q", brand.Brand, name)
			}
		}
	}
}
