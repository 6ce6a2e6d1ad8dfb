package detect

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/google/go-cmp/cmp"
)

// inventory is what a station says of itself over LLDP-MED.
func inventory(manufacturer, model string) locate.Sighting {
	s := says("Linux", lan.LLDPStation)
	s.Row.(*lan.LLDPNeighbor).MED = lan.LLDPMED{Class: 3, Manufacturer: manufacturer, Model: model, Index: "0.3.1"}
	return s
}

// TestLevel: an inventory confirms only what the block says already.
func TestLevel(t *testing.T) {
	const hikvision, dahua = "44:19:b6:00:00:01", "14:a7:8b:00:00:01"
	tests := []struct {
		name, mac           string
		manufacturer, model string
		level               Level
		class               Class
	}{
		{"the same maker, and a camera", hikvision, "HIKVISION", "DS-2CD2143G2-I", Confirmed, Camera},
		{"the same maker in another case", dahua, "dahua", "IPC-HFW2431S-S-S2", Confirmed, Camera},
		{"another maker", hikvision, "Northgate Vision", "DS-2CD2143G2-I", Possible, Camera},
		{"the maker of another block", dahua, "Hikvision", "DS-2CD2143G2-I", Possible, Camera},
		{"no manufacturer", hikvision, "", "DS-2CD2143G2-I", Possible, Camera},
		{"no model", hikvision, "Hikvision", "", Possible, Unknown},
		{"a recorder", hikvision, "Hikvision", "DS-7608NI-K2/8P", Confirmed, Recorder},
		{"a word and no model", hikvision, "Hikvision", "network camera", Possible, Camera},
		{"a model that is no camera", hikvision, "Hikvision", "DS-3E0318P-E/M", Possible, Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := judgeOne(t, usual(t), learnt(t, test.mac, inventory(test.manufacturer, test.model)))
			if f.Level != test.level || f.Class != test.class {
				t.Errorf("got %s %s, want %s %s", f.Level, f.Class, test.level, test.class)
			}
		})
	}
	// Hikrobot's machine vision is of the same maker, and no surveillance.
	if j := Judge(locate.Site{Stations: []locate.Station{learnt(t, "b0:b3:53:60:00:01", inventory("Hikvision", "MV-CS050"))}}, usual(t)); len(j.Findings) > 0 {
		t.Errorf("found %+v", j.Findings)
	}
}

// TestInventoryEvidence: the inventory's own objects are named.
func TestInventoryEvidence(t *testing.T) {
	f := judgeOne(t, usual(t), learnt(t, "44:19:b6:00:00:01", inventory("HIKVISION", "DS-2CD2143G2-I")))
	want := []Evidence{
		{Claim: MakerClaim, Mechanism: LLDPText, Source: "10.0.0.5", Table: lan.LLDPXMedRemInventoryTable, ObservedAt: readAt,
			Object: "1.0.8802.1.1.2.1.5.4795.1.3.3.1.5.0.3.1", Value: "HIKVISION", Rule: "text-same-maker",
			Text: `it calls itself "HIKVISION" over LLDP, which names Hikvision too`},
		{Claim: ClassClaim, Mechanism: LLDPText, Source: "10.0.0.5", Table: lan.LLDPXMedRemInventoryTable, ObservedAt: readAt,
			Object: "1.0.8802.1.1.2.1.5.4795.1.3.3.1.6.0.3.1", Value: "DS-2CD2143G2-I", Rule: "text-model-camera",
			Text: `it calls itself "DS-2CD2143G2-I" over LLDP; such a text can be edited`},
	}
	var got []Evidence
	for _, e := range f.Evidence {
		if e.Mechanism == LLDPText {
			got = append(got, e)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestCDPEvidence: what is announced over another protocol is quoted from the
// table of that protocol.
func TestCDPEvidence(t *testing.T) {
	s := locate.Sighting{Of: readFrom("10.0.0.5"), Table: lan.CDPCacheTable,
		Row: &lan.LLDPNeighbor{Table: lan.CDPCacheTable, SysDescr: "10.6.0", Platform: "DS-2CD2143G2-I", Index: "14.2"}}
	f := judgeOne(t, usual(t), learnt(t, "44:19:b6:00:00:01", s))
	want := []Evidence{{Claim: ClassClaim, Mechanism: LLDPText, Source: "10.0.0.5", Table: lan.CDPCacheTable, ObservedAt: readAt,
		Object: "1.3.6.1.4.1.9.9.23.1.2.1.1.8.14.2", Value: "DS-2CD2143G2-I", Rule: "text-model-camera",
		Text: `it calls itself "DS-2CD2143G2-I" over CDP; such a text can be edited`}}
	if diff := cmp.Diff(want, evidenceFor(f, ClassClaim)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	s.Row = &lan.LLDPNeighbor{Table: lan.CDPCacheTable, Enabled: lan.LLDPTelephone, Index: "14.2"}
	f = judgeOne(t, usual(t), learnt(t, "44:19:b6:00:00:01", s))
	if e := evidenceFor(f, ClassClaim); len(e) != 1 || e[0].Object != "1.3.6.1.4.1.9.9.23.1.2.1.1.9.14.2" || f.Class != Phone {
		t.Errorf("%s by %+v", f.Class, e)
	}
}
