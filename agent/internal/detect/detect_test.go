package detect

import (
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestMaker: who is found by an address alone, and who is not.
func TestMaker(t *testing.T) {
	type found struct{ Key, Prefix, Relation string }
	tests := []struct {
		name, mac string
		want      found
	}{
		{"named, 24 bits", "44:19:b6:2e:07:51", found{"hikvision", "44:19:b6/24", "named"}},
		{"another named", "14:a7:8b:63:1c:0d", found{"dahua", "14:a7:8b/24", "named"}},
		{"28 bits of a divided block", "58:e8:76:01:02:03", found{"raysharp", "58:e8:76:0/28", ""}},
		{"its neighbour in the same block", "58:e8:76:11:02:03", found{}},
		{"machine vision: the maker and no more", "b0:b3:53:61:02:03", found{}},
		{"maker of many things", "e0:cc:7a:35:80:c0", found{}},
		{"a name that is alike", "40:2c:76:11:02:03", found{}},
		{"unlisted maker of cameras", "b8:a4:4f:19:2c:80", found{}},
		{"company id that is no block of addresses", "4a:c0:3f:00:00:01", found{}},
	}
	rules := rulesOf(t, Site{}, "prc-linked", "us-ndaa-889")
	for _, test := range tests {
		j := Judge(locate.Site{Stations: []locate.Station{learnt(t, test.mac)}}, rules)
		got := found{}
		for _, f := range j.Findings {
			got = found{Key: f.Maker.Key, Prefix: f.Maker.Prefix}
			for _, l := range f.Lists {
				if l.ID == "us-ndaa-889" {
					got.Relation = string(l.Relation)
				}
			}
			if f.Level != Possible || f.Class != Unknown {
				t.Errorf("%s: a block alone makes it %s %s", test.name, f.Level, f.Class)
			}
		}
		if got != test.want {
			t.Errorf("%s: %s is %+v, want %+v", test.name, test.mac, got, test.want)
		}
	}
}

// TestCounts: who is no finding is counted, each once and in the right place.
func TestCounts(t *testing.T) {
	stations := []locate.Station{
		learnt(t, "e0:cc:7a:00:00:01"), learnt(t, "e0:cc:7a:00:00:02"), // Huawei
		learnt(t, "b0:b3:53:60:00:01"), // Hikrobot
		learnt(t, "7a:3c:90:1f:b2:64"), // random
		learnt(t, "4a:c0:3f:00:00:01"), // the company id of Hikstorage
		learnt(t, "00:00:5e:00:01:01"), // VRRP
		learnt(t, "00:50:56:00:00:01"), // guest of a hypervisor
		learnt(t, "00:84:24:00:00:01"), // in no block
		learnt(t, "40:2c:76:f0:00:01"), // in no part of a divided block
		learnt(t, "00:01:01:00:00:01"), // private
		learnt(t, "b8:a4:4f:19:2c:80"), // maker on no list
		{MAC: parseMAC(t, "00:1b:17:00:00:01"), Self: "sw1"},
	}
	got := Judge(locate.Site{Stations: stations}, usual(t))
	want := Judgement{Stations: 11,
		VendorOnly:    []VendorOnly{{Maker: "hikvision", Stations: 1}, {Maker: "huawei", Stations: 2}},
		NotAssessable: NotAssessable{LocallyAdministered: 2, Virtual: 2, Unassigned: 1, SubAssigned: 1, Private: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if diff := cmp.Diff(Judgement{}, Judge(locate.Site{Stations: nil}, usual(t))); diff != "" {
		t.Errorf("of no station: %s", diff)
	}
}

// TestVendorOnlyBecomesFinding: a maker of many things is a finding only when
// the station says that it is surveillance equipment.
func TestVendorOnlyBecomesFinding(t *testing.T) {
	const huawei = "e0:cc:7a:35:80:c0"
	for text, want := range map[string]Class{"Huawei IP Camera M2141": Camera, "NVR800": Recorder, "Huawei AP4050DN": "", "": ""} {
		j := Judge(locate.Site{Stations: []locate.Station{learnt(t, huawei, says(text, lan.LLDPAccessPoint))}}, usual(t))
		var got Class
		if len(j.Findings) == 1 {
			got = j.Findings[0].Class
		}
		if got != want || len(j.VendorOnly)+len(j.Findings) != 1 {
			t.Errorf("%q: class %q, want %q; vendor only %v", text, got, want, j.VendorOnly)
		}
	}
}

// TestOwnAddress: a switch of a listed maker is found as what it is.
func TestOwnAddress(t *testing.T) {
	mac := parseMAC(t, "44:19:b6:00:00:01")
	f := judgeOne(t, usual(t), locate.Station{MAC: mac, Self: "sw1", Sightings: []locate.Sighting{
		{Of: readFrom("10.0.0.5"), Table: lan.SystemGroup, Row: &lan.OwnAddress{MAC: mac}}}})
	if f.Class != Switch || len(evidenceFor(f, ClassClaim)) != 1 {
		t.Errorf("class %s by %+v", f.Class, evidenceFor(f, ClassClaim))
	}
}

// TestEvidence: every claim names what was read, where, when, and by which
// rule it speaks.
func TestEvidence(t *testing.T) {
	const object = "1.3.6.1.2.1.17.7.1.2.2.1.2.20.192.86.227.0.0.1"
	station := learnt(t, "c0:56:e3:00:00:01", says("Northgate Vision NV-4MP", lan.LLDPStation), resolved(t, "c0:56:e3:00:00:01", "10.20.20.9"))
	again := station.Sightings[0]
	station.Sightings = append(station.Sightings, again) // a second row of the same table says no more
	f := judgeOne(t, usual(t), station)
	org := "Hangzhou Hikvision Digital Technology Co.,Ltd"
	block := "; the block c0:56:e3/24 is assigned to " + org + " (MA-L)"
	want := []Evidence{
		{Claim: MakerClaim, Mechanism: MACBlock, Source: "10.0.0.5", Table: lan.Dot1qTpFdbTable, Object: object, Value: "3", ObservedAt: readAt,
			Rule: "registry-24", Text: "dot1qTpFdbTable of 10.0.0.5 shows c0:56:e3:00:00:01" + block},
		{Claim: MakerClaim, Mechanism: MACBlock, Source: "10.0.0.5", Table: lan.LLDPRemTable, Object: "1.0.8802.1.1.2.1.4.1.1.5.0.3.1", Value: "chassis", ObservedAt: readAt,
			Rule: "registry-24", Text: "lldpRemTable of 10.0.0.5 shows c0:56:e3:00:00:01" + block},
		{Claim: MakerClaim, Mechanism: MACBlock, Source: "10.0.0.1", Table: lan.IPNetToMediaTable, Object: "1.3.6.1.2.1.4.22.1.2.7.10.20.20.9", Value: "c0:56:e3:00:00:01", ObservedAt: readAt,
			Rule: "registry-24", Text: "ipNetToMediaTable of 10.0.0.1 shows c0:56:e3:00:00:01" + block},
		{Claim: MakerClaim, Mechanism: LLDPText, Source: "10.0.0.5", Table: lan.LLDPRemTable, Object: "1.0.8802.1.1.2.1.4.1.1.10.0.3.1", Value: "Northgate Vision NV-4MP", ObservedAt: readAt,
			Rule: "text-other-name", Text: `it calls itself "Northgate Vision NV-4MP" over LLDP, which does not name Hikvision: it may be sold under another brand`},
		{Claim: LocationClaim, Mechanism: MACBlock, Source: "10.0.0.5", Table: lan.Dot1qTpFdbTable, Object: object, Value: "3", ObservedAt: readAt,
			Rule: "nearest-port-edge", Text: "dot1qTpFdbTable of sw1 has c0:56:e3:00:00:01 on Gi0/3: nobody else is there"},
	}
	if diff := cmp.Diff(want, f.Evidence); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		text, maker string
		want        bool
	}{
		{"HIKVISION DS-2CD2143G2-I", "Hikvision", true},
		{"TVT IPC", "TVT (Shenzhen)", true},
		{"Northgate Vision", "Hikvision", false},
		{"Dahuatech", "Dahua", false}, // a part of a word is not the word
		{"anything", "", false},
	}
	for _, test := range tests {
		if got := names(test.text, test.maker); got != test.want {
			t.Errorf("%q names %q: %v", test.text, test.maker, got)
		}
	}
}

// TestOrder: findings come the most urgent first and then by address, and the
// same input gives the same output.
func TestOrder(t *testing.T) {
	rules := rulesOf(t, Site{CoreVLANs: []lan.VLAN{10}}, "prc-linked", "us-ndaa-889")
	core := learnt(t, "c0:56:e3:00:00:09")
	core.Sightings[0].Row.(*lan.FDBEntry).VLAN = 10
	stations := []locate.Station{learnt(t, "14:a7:8b:00:00:01"), learnt(t, "44:19:b6:00:00:01"), learnt(t, "58:e8:76:00:00:01"), core}
	first := Judge(locate.Site{Stations: stations}, rules)
	var got []string
	for _, f := range first.Findings {
		got = append(got, string(f.Severity)+" "+f.Station.MAC.String())
	}
	want := []string{"high c0:56:e3:00:00:09", "medium 14:a7:8b:00:00:01", "medium 44:19:b6:00:00:01", "low 58:e8:76:00:00:01"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	for range 5 {
		if diff := cmp.Diff(first, Judge(locate.Site{Stations: stations}, rules), alike); diff != "" {
			t.Fatalf("the same stations again: %s", diff)
		}
	}
}

// TestLists: every watched list that speaks of the maker is named, in order,
// with its own relation, and none that is not watched.
func TestLists(t *testing.T) {
	f := judgeOne(t, usual(t), learnt(t, "44:19:b6:00:00:01"))
	want := []ListMatch{
		{ID: "uk-2022-nil", Version: 1, Relation: watchlist.Criterion,
			Note: "it names no company; Hikvision is a company of the PRC by its address in the IEEE registry, and so is taken to meet its criterion"},
		{ID: "us-fcc-covered", Version: 1, Relation: watchlist.Named, Note: "it names Hikvision"},
		{ID: "us-ndaa-889", Version: 1, Relation: watchlist.Named, Note: "it names Hikvision (in (f)(3)(B), as Hangzhou Hikvision Digital Technology Company)"},
	}
	if diff := cmp.Diff(want, f.Lists, cmpopts.IgnoreUnexported(ListMatch{})); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	if j := Judge(locate.Site{Stations: []locate.Station{learnt(t, "44:19:b6:00:00:01")}}, rulesOf(t, Site{})); len(j.Findings) > 0 {
		t.Errorf("without a list: %+v", j.Findings)
	}
	if !slices.Contains(Severities(), f.Severity) {
		t.Errorf("severity %q is none", f.Severity)
	}
}

// Others are counted, as any station is that nobody lists.
func TestOthers(t *testing.T) {
	rules := usual(t)
	var all []locate.Station
	var some locate.Site
	concerned := rules.Concerned()
	for _, text := range []string{"44:19:b6:00:00:01", "00:e0:fc:00:00:01", "b8:a4:4f:19:2c:80", "02:00:00:00:00:01", "00:00:5e:00:01:01", "3c:52:82:00:00:01"} {
		st := learnt(t, text)
		all = append(all, st)
		if concerned(st.MAC, st.Agent) {
			some.Stations = append(some.Stations, st)
		} else {
			some.Others = append(some.Others, st.MAC)
		}
	}
	if len(some.Others) == 0 || len(some.Stations) != 2 {
		t.Errorf("%d stations, and the others %v", len(some.Stations), some.Others)
	}
	if diff := cmp.Diff(Judge(locate.Site{Stations: all}, rules), Judge(some, rules), alike); diff != "" {
		t.Errorf("all -, some +\n%s", diff)
	}
}

// TestRecorderHides: of a recorder, and of nothing else, the place says that
// there may be more than the switches see.
func TestRecorderHides(t *testing.T) {
	for text, want := range map[string]string{
		"DS-7608NI-K2/8P":       "nobody else is there; it is a recorder, and may hide cameras behind it that no switch sees",
		"DS-2CD2143G0-I camera": "nobody else is there",
	} {
		f := judgeOne(t, usual(t), learnt(t, "44:19:b6:00:00:09", says(text, lan.LLDPStation)))
		if f.Station.Place.Why != want {
			t.Errorf("%s: why %q, want %q", text, f.Station.Place.Why, want)
		}
	}
}
