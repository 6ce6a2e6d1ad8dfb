package detect

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// TestGrade holds the levels against the table of rules: who is named by what,
// and which sign tells the class. Blocks are Hikvision's and Huawei's.
func TestGrade(t *testing.T) {
	hikvision := madeBy{Maker: Maker{Key: "hikvision"}, role: "video-mostly", registered: true, block: "hikvision"}
	huawei := madeBy{Maker: Maker{Key: "huawei"}, role: "network-and-other", registered: true, block: "huawei"}
	platform := func(block string, registered bool) madeBy {
		return madeBy{Maker: Maker{Key: "dahua"}, role: "video-mostly", platform: "dahua", block: block, registered: registered}
	}
	maker := func(m Mechanism, key string) Sign { return Sign{Evidence: Evidence{Mechanism: m}, Maker: key} }
	camera := func(m Mechanism, field bool) Sign {
		return Sign{Evidence: Evidence{Mechanism: m}, Class: Camera, Field: field}
	}
	tests := []struct {
		name  string
		m     madeBy
		signs []Sign
		want  grade
	}{
		{"the block alone", hikvision, nil, grade{Possible, "possible-block"}},
		{"block and text of the maker", hikvision, []Sign{maker(LLDPText, "hikvision")}, grade{Possible, "possible-block"}},
		{"block and field", hikvision, []Sign{camera(LLDPText, true)}, grade{Possible, "possible-block"}},
		{"block and words", hikvision, []Sign{camera(LLDPText, false)}, grade{Possible, "possible-block"}},
		{"block, text of the maker and words", hikvision, []Sign{maker(LLDPText, "hikvision"), camera(LLDPText, false)}, grade{Possible, "possible-block"}},
		{"block, text of the maker and field", hikvision, []Sign{maker(LLDPText, "hikvision"), camera(LLDPText, true)}, grade{Confirmed, "confirmed-maker-and-field"}},
		{"block, text of another and field", hikvision, []Sign{maker(LLDPText, "dahua"), camera(LLDPText, true)}, grade{Possible, "possible-block"}},
		{"block, SNMP and field", hikvision, []Sign{maker(SNMPAgent, "hikvision"), camera(SNMPAgent, true)}, grade{Confirmed, "confirmed-maker-and-field"}},
		{"block, banner and field", hikvision, []Sign{maker(Banner, "hikvision"), camera(ONVIF, true)}, grade{Confirmed, "confirmed-maker-and-field"}},
		{"block, ONVIF's name and field", hikvision, []Sign{maker(ONVIF, "hikvision"), camera(ONVIF, true)}, grade{Probable, "probable-block-and-sign"}},
		{"vendor protocol", hikvision, []Sign{maker(VendorProtocol, "hikvision"), camera(VendorProtocol, true)}, grade{Confirmed, "confirmed-maker-and-field"}},
		{"block and banner of its maker's camera", hikvision, []Sign{{Evidence: Evidence{Mechanism: Banner}, Maker: "hikvision", Class: Camera}}, grade{Probable, "probable-block-and-sign"}},
		{"block and banner of any camera", hikvision, []Sign{camera(Banner, false)}, grade{Possible, "possible-block"}},
		{"block and DHCP", hikvision, []Sign{camera(DHCP, false)}, grade{Possible, "possible-block"}},
		{"block and ONVIF", hikvision, []Sign{camera(ONVIF, false)}, grade{Probable, "probable-block-and-sign"}},
		{"block and people's word", hikvision, []Sign{camera(HumanLabel, false), maker(HumanLabel, "hikvision")}, grade{Possible, "possible-block"}},
		{"block and power", hikvision, []Sign{{Evidence: Evidence{Mechanism: PoE}}}, grade{Possible, "possible-block"}},
		{"of many things, and a camera", huawei, []Sign{camera(LLDPText, false)}, grade{Possible, "possible-class"}},
		{"of many things, and ONVIF", huawei, []Sign{camera(ONVIF, false)}, grade{Possible, "possible-class"}},
		{"of many things, named and field", huawei, []Sign{maker(LLDPText, "huawei"), camera(LLDPText, true)}, grade{Confirmed, "confirmed-maker-and-field"}},
		{"of many things, flagged", huawei, nil, grade{Possible, "possible-operator"}},
		{"vendor protocol, block of another reviewed maker", platform("hikvision", true), []Sign{maker(VendorProtocol, "dahua"), camera(VendorProtocol, true)}, grade{Conflict, "conflict-block-platform"}},
		{"SNMP, block of another reviewed maker", platform("hikvision", true), []Sign{maker(SNMPAgent, "dahua")}, grade{Conflict, "conflict-block-platform"}},
		{"banner, block of another reviewed maker", platform("hikvision", true), []Sign{maker(Banner, "dahua")}, grade{SuspectedRebadge, "rebadge-platform"}},
		{"vendor protocol, block of somebody else", platform("", true), []Sign{maker(VendorProtocol, "dahua"), camera(VendorProtocol, true)}, grade{SuspectedRebadge, "rebadge-platform"}},
		{"vendor protocol, no block, and a camera", platform("", false), []Sign{maker(VendorProtocol, "dahua"), camera(VendorProtocol, true)}, grade{Confirmed, "confirmed-maker-and-field"}},
		{"vendor protocol, no block", platform("", false), []Sign{maker(VendorProtocol, "dahua")}, grade{Possible, "possible-platform"}},
	}
	for _, test := range tests {
		slices.Reverse(test.signs)
		if got := test.m.grade(test.signs); got != test.want {
			t.Errorf("%s: %s by %s, want %s by %s", test.name, got.level, got.rule, test.want.level, test.want.rule)
		}
	}
}

// TestLowered: the service lowers by one level what it has seen once, or on two
// ports; a single scan, which has no history, lowers nothing.
func TestLowered(t *testing.T) {
	const mac = "44:19:b6:00:00:01"
	known := map[lan.MAC]bool{parseMAC(t, mac): true}
	double := func(st *locate.Station) { st.Place.Certainty = locate.Double }
	tests := []struct {
		name   string
		known  map[lan.MAC]bool
		change func(*locate.Station)
		level  Level
		rule   string
	}{
		{"no history", nil, nil, Confirmed, ""},
		{"no history, on two ports", nil, double, Confirmed, ""},
		{"for the first time", map[lan.MAC]bool{}, nil, Probable, "lowered-one-observation"},
		{"known", known, nil, Confirmed, ""},
		{"known, on two ports", known, double, Probable, "lowered-two-ports"},
		{"for the first time, on two ports", map[lan.MAC]bool{}, double, Probable, "lowered-two-ports"},
	}
	for _, test := range tests {
		rules := usual(t)
		rules.Known = test.known
		st := learnt(t, mac, inventory("Hikvision", "DS-2CD2143G2-I"))
		if test.change != nil {
			test.change(&st)
		}
		f := judgeOne(t, rules, st)
		rule := ""
		for _, e := range evidenceFor(f, LevelClaim) {
			rule += e.Rule
		}
		if f.Level != test.level || rule != test.rule {
			t.Errorf("%s: %s, lowered by %q", test.name, f.Level, rule)
		}
		plain := learnt(t, mac)
		if f := judgeOne(t, rules, plain); f.Level != Possible || len(evidenceFor(f, LevelClaim)) > 0 {
			t.Errorf("%s: possible became %s", test.name, f.Level)
		}
	}
}

// reads makes a station one that answers SNMP itself.
func reads(st locate.Station, system lan.System) locate.Station {
	st.Agent = &locate.Agent{Source: "10.0.0.9", At: readAt, System: system}
	return st
}

// TestPlatform: what a station answers over SNMP names its maker, whoever the
// block is assigned to; an arc alone does not.
func TestPlatform(t *testing.T) {
	const hikvision, lorex, random = "44:19:b6:00:00:01", "00:1f:54:00:00:01", "7a:3c:90:1f:b2:64"
	dahuaNVR := lan.System{Descr: "DH-NVR4108HS-8P-4KS2", ObjectID: "1.3.6.1.4.1.1004849.3.2.10"}
	hikNVR := lan.System{Descr: "Hikvision company products", ObjectID: "1.3.6.1.4.1.50001"}
	type found struct {
		Maker, Organization string
		Class               Class
		Level               Level
		Rules               string
	}
	tests := []struct {
		name, mac string
		system    lan.System
		want      found
	}{
		{"its own block", hikvision, hikNVR, found{"hikvision", "Hangzhou Hikvision Digital Technology Co.,Ltd.", Unknown, Possible, "registry-24 snmp-hikvision-platform "}},
		{"a model of its own", hikvision, lan.System{Descr: "HIKVISION", Model: "DS-2CD2143G2-I"},
			found{"hikvision", "Hangzhou Hikvision Digital Technology Co.,Ltd.", Camera, Confirmed, "registry-24 snmp-same-maker text-model-camera "}},
		{"the block of another brand", lorex, dahuaNVR, found{"dahua", "Lorex Technology Inc.", Recorder, SuspectedRebadge, "registry-24 snmp-dahua-platform text-model-recorder "}},
		{"the block of another reviewed maker", hikvision, dahuaNVR,
			found{"dahua", "Hangzhou Hikvision Digital Technology Co.,Ltd.", Recorder, Conflict, "registry-24 snmp-dahua-platform text-model-recorder "}},
		{"in no block", random, dahuaNVR, found{"dahua", "", Recorder, Possible, "registry-none snmp-dahua-platform text-model-recorder "}},
		{"the arc alone", lorex, lan.System{Descr: "Linux", ObjectID: "1.3.6.1.4.1.1004849.3.2.10"}, found{}},
		{"the description alone", lorex, lan.System{Descr: "Hikvision company products"}, found{}},
		{"an arc that only begins so", lorex, lan.System{Descr: "Hikvision", ObjectID: "1.3.6.1.4.1.500012"}, found{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got found
			for _, f := range Judge(locate.Site{Stations: []locate.Station{reads(learnt(t, test.mac), test.system)}}, usual(t)).Findings {
				got = found{f.Maker.Key, f.Maker.Organization, f.Class, f.Level, ""}
				for _, e := range slices.Concat(evidenceFor(f, MakerClaim), evidenceFor(f, ClassClaim)) {
					got.Rules += e.Rule + " "
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// TestAnswers: what a station has answered when it was asked counts as any
// other sign does.
func TestAnswers(t *testing.T) {
	const bcs = "38:c4:e8:00:00:01" // NSS Sp. z o.o.
	rules := usual(t)
	st := learnt(t, bcs)
	if j := Judge(locate.Site{Stations: []locate.Station{st}}, rules); len(j.Findings) > 0 {
		t.Fatalf("found without an answer: %+v", j.Findings)
	}
	rules.Answers = map[lan.MAC][]lan.Answer{st.MAC: {{Question: lan.DHDiscover, From: "10.20.0.9:37810", At: readAt,
		Said: []lan.Said{{Field: "DeviceClass", Value: "IPC"}, {Field: "DeviceType", Value: "BCS-TIP3401IR-E-V"}, {Field: "Vendor", Value: "General"}}}}}
	f := judgeOne(t, rules, st)
	if f.Level != SuspectedRebadge || f.Class != Camera || f.Maker.Key != "dahua" || f.Maker.Organization != "NSS Sp. z o.o." {
		t.Errorf("%s %s of %+v", f.Level, f.Class, f.Maker)
	}
}

// TestHints: what people have written and what a port feeds is shown, and
// establishes nothing.
func TestHints(t *testing.T) {
	const mac, huawei = "44:19:b6:00:00:01", "e0:cc:7a:35:80:c0"
	label := Evidence{Claim: ClassClaim, Mechanism: HumanLabel, Source: "10.0.0.5", Table: lan.IfXTable, Object: "1.3.6.1.2.1.31.1.1.1.18.103",
		Value: "CCTV lobby", ObservedAt: readAt, Rule: "label-camera", Text: `the description of its port is "CCTV lobby", as people wrote it: a hint, which establishes nothing`}
	fed := Evidence{Claim: ClassClaim, Mechanism: PoE, Source: "10.0.0.5", Table: lan.PethPsePortTable, Object: "1.3.6.1.2.1.105.1.1.1.10.1.3",
		Value: "4", ObservedAt: readAt, Rule: "poe-fed", Text: "its port feeds it over Ethernet, as cameras, access points and telephones are: a hint, which establishes nothing"}
	named := Evidence{Claim: ClassClaim, Mechanism: HumanLabel, Source: "10.0.0.5", Table: lan.LLDPRemTable, Object: "1.0.8802.1.1.2.1.4.1.1.9.0.3.1",
		Value: "cam-lobby", ObservedAt: readAt, Rule: "label-camera", Text: `its system name is "cam-lobby", as people wrote it: a hint, which establishes nothing`}
	unnumbered := fed
	unnumbered.Table, unnumbered.Object, unnumbered.Value = "", "", "delivering power"
	alias := func(text string) func(*locate.Station) {
		return func(st *locate.Station) { st.Place.Alias = text }
	}
	power := func(p lan.PoEPort, c locate.Certainty) func(*locate.Station) {
		return func(st *locate.Station) { st.Place.PoE, st.Place.Certainty = &p, c }
	}
	calls := func(st *locate.Station) {
		st.Sightings = append(st.Sightings, locate.Sighting{Of: readFrom("10.0.0.5"), Table: lan.LLDPRemTable, Row: &lan.LLDPNeighbor{SysName: "cam-lobby", Index: "0.3.1"}})
	}
	tests := []struct {
		name   string
		change func(*locate.Station)
		want   []Evidence
	}{
		{"none", func(*locate.Station) {}, nil},
		{"a label", alias("CCTV lobby"), []Evidence{label}},
		{"a label of something else", alias("campus uplink"), nil},
		{"a label elsewhere", func(st *locate.Station) { st.Place.Alias, st.Place.Certainty = "CCTV lobby", locate.Uplink }, nil},
		{"a name", calls, []Evidence{named}},
		{"power", power(lan.PoEPort{Group: 1, Port: 3, Delivering: true, Class: 4}, locate.Edge), []Evidence{fed}},
		{"power of a maker's own table", power(lan.PoEPort{Port: 3, Delivering: true, Milliwatts: 4200}, locate.Edge), []Evidence{unnumbered}},
		{"power for several", power(lan.PoEPort{Group: 1, Port: 3, Delivering: true, Class: 4}, locate.Shared), nil},
		{"no power", power(lan.PoEPort{Group: 1, Port: 3}, locate.Edge), nil},
	}
	for _, test := range tests {
		st := learnt(t, mac)
		test.change(&st)
		f := judgeOne(t, usual(t), st)
		if diff := cmp.Diff(test.want, evidenceFor(f, ClassClaim)); diff != "" || f.Class != Unknown || f.Level != Possible {
			t.Errorf("%s: %s %s; want -, got +\n%s", test.name, f.Level, f.Class, diff)
		}
		st = learnt(t, huawei)
		test.change(&st)
		if j := Judge(locate.Site{Stations: []locate.Station{st}}, usual(t)); len(j.Findings) > 0 {
			t.Errorf("%s: a hint makes %+v a finding", test.name, j.Findings)
		}
	}
}

// TestSightingsInAnyOrder: the order in which devices were read changes
// neither the class nor what shows it.
func TestSightingsInAnyOrder(t *testing.T) {
	const mac = "44:19:b6:00:00:01"
	elsewhere := says("Network camera", lan.LLDPTelephone)
	elsewhere.Of = readFrom("10.0.0.6")
	st := learnt(t, mac, elsewhere, says("DS-7608NI-K2/8P", 0), says("Hikvision", 0))
	want := judgeOne(t, usual(t), st)
	slices.Reverse(st.Sightings[1:])
	got := judgeOne(t, usual(t), st)
	unexported := alike
	byMechanism := func(f Finding) []Evidence {
		return slices.DeleteFunc(slices.Clone(f.Evidence), func(e Evidence) bool { return e.Mechanism == MACBlock })
	}
	if diff := cmp.Diff(byMechanism(want), byMechanism(got), unexported); diff != "" || got.Class != Recorder {
		t.Errorf("class %s\n%s", got.Class, diff)
	}
}

// TestSensitive: the mark of a site changes severity and words, and never what
// is found.
func TestSensitive(t *testing.T) {
	const uniview = "14:ba:88:00:00:01"
	plain := judgeOne(t, usual(t), learnt(t, uniview))
	marked := usual(t)
	marked.Site.Sensitive = true
	f := judgeOne(t, marked, learnt(t, uniview))
	if plain.Severity != Low || f.Severity != Medium {
		t.Errorf("severity %s, and at a sensitive site %s", plain.Severity, f.Severity)
	}
	if want := plain.Lists[0].Note + "; it speaks of sensitive sites, and this site is marked as one"; f.Lists[0].Note != want {
		t.Errorf("note %q, want %q", f.Lists[0].Note, want)
	}
	core := usual(t)
	core.Site.CoreVLANs = []lan.VLAN{20}
	f = judgeOne(t, core, learnt(t, uniview))
	if want := plain.Lists[0].Note + "; it speaks of core networks, and the station is in what is marked as one"; f.Lists[0].Note != want || f.Severity != High {
		t.Errorf("%s, note %q, want %q", f.Severity, f.Lists[0].Note, want)
	}
}

// People write names in many ways, and few of them are of cameras.
func TestLabels(t *testing.T) {
	for text, want := range map[string]string{
		"cam3": "label-camera", "IPCAM-07": "label-camera", "Kameras Tor": "label-camera", "x cctv": "label-camera",
		"écam": "label-camera", "KAPIİCAM": "label-camera", "dvr/cams": "label-recorder", "2 NVRs": "label-recorder",
		"webcam": "", "camp": "", "scams": "", "ip": "", "camss": "", "": "",
	} {
		got := ""
		for _, sign := range labelSign(Evidence{}, lan.Quote{Value: text}, "it") {
			got = sign.Rule
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
