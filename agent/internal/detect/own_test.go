package detect

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

func entry(t *testing.T, allow bool, about string) Own {
	t.Helper()
	o := Own{Allow: allow, Reason: "policy 4.2", By: "J. Doe", Until: "2027-06-30"}
	var err error
	if o.Range, err = lan.ParseMACPrefix(about); err != nil {
		o.Range, o.Maker = lan.MACRange{}, about
	}
	return o
}

// TestOwn: what the operator flags is a finding; what the operator allows stays
// one, and is shown as allowed by whom and why.
func TestOwn(t *testing.T) {
	const (
		camera, tiandy = "44:19:b6:00:00:09", "bc:51:6c:00:00:01"
		axis, cloned   = "b8:a4:4f:19:2c:80", "00:84:24:43:0f:69"
		huawei, random = "e0:cc:7a:35:80:c0", "7a:3c:90:1f:b2:64"
	)
	type found struct {
		Maker, Organization, Prefix string
		Severity                    Severity
		Rule, Lists, Override       string
	}
	const hik, block = "Hangzhou Hikvision Digital Technology Co.,Ltd.", "possible-block"
	tests := []struct {
		name, mac string
		own       []Own
		want      found
	}{
		{"nothing said", camera, nil, found{"hikvision", hik, "44:19:b6/24", Medium, block, "us-ndaa-889", ""}},
		{"allowed by address", camera, []Own{entry(t, true, camera)}, found{"hikvision", hik, "44:19:b6/24", Info, block, "us-ndaa-889", "operator-allow"}},
		{"allowed by prefix", camera, []Own{entry(t, true, "44:19:b6")}, found{"hikvision", hik, "44:19:b6/24", Info, block, "us-ndaa-889", "operator-allow"}},
		{"allowed by maker", camera, []Own{entry(t, true, "hikvision")}, found{"hikvision", hik, "44:19:b6/24", Info, block, "us-ndaa-889", "operator-allow"}},
		{"allowed by organisation", camera, []Own{entry(t, true, hik)}, found{"hikvision", hik, "44:19:b6/24", Info, block, "us-ndaa-889", "operator-allow"}},
		{"another is allowed", camera, []Own{entry(t, true, "44:19:b6:00:00:0a"), entry(t, true, "dahua")}, found{"hikvision", hik, "44:19:b6/24", Medium, block, "us-ndaa-889", ""}},
		{"flagged and listed", camera, []Own{entry(t, false, camera)}, found{"hikvision", hik, "44:19:b6/24", Medium, block, "us-ndaa-889 own", "operator-flag"}},
		{"the narrower counts: flag", camera, []Own{entry(t, true, "44:19:b6"), entry(t, false, "44:19:b6:0")}, found{"hikvision", hik, "44:19:b6/24", Medium, block, "us-ndaa-889 own", "operator-flag"}},
		{"the narrower counts: allow", camera, []Own{entry(t, true, camera), entry(t, false, "44:19:b6:0"), entry(t, false, "hikvision")}, found{"hikvision", hik, "44:19:b6/24", Info, block, "us-ndaa-889", "operator-allow"}},
		{"of two alike, flag", camera, []Own{entry(t, true, camera), entry(t, false, camera)}, found{"hikvision", hik, "44:19:b6/24", Medium, block, "us-ndaa-889 own", "operator-flag"}},
		{"of two makers, flag", camera, []Own{entry(t, false, hik), entry(t, true, "hikvision")}, found{"hikvision", hik, "44:19:b6/24", Medium, block, "us-ndaa-889 own", "operator-flag"}},

		{"a maker of no watched list", tiandy, nil, found{}},
		{"flagged by maker", tiandy, []Own{entry(t, false, "tiandy")}, found{"tiandy", "Tiandy Technologies Co.,LTD", "bc:51:6c/24", Medium, block, "own", "operator-flag"}},
		{"a maker that is not reviewed", axis, []Own{entry(t, false, "Axis Communications AB")}, found{"other", "Axis Communications AB", "b8:a4:4f/24", Medium, "possible-operator", "own", "operator-flag"}},
		{"in no assigned block", cloned, []Own{entry(t, false, "00:84:24")}, found{"unknown", "", "00:84:24/24", Medium, "possible-operator", "own", "operator-flag"}},
		{"locally administered", random, []Own{entry(t, false, random)}, found{"unknown", "", random, Medium, "possible-operator", "own", "operator-flag"}},
		{"allowed and not flagged", axis, []Own{entry(t, true, axis)}, found{}},
		{"vendor only", huawei, nil, found{}},
		{"vendor only, flagged", huawei, []Own{entry(t, false, "e0:cc:7a")}, found{"huawei", "HUAWEI TECHNOLOGIES CO.,LTD", "e0:cc:7a/24", Medium, "possible-operator", "us-ndaa-889 own", "operator-flag"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rules := rulesOf(t, Site{}, "us-ndaa-889")
			rules.Own, rules.At = test.own, readAt
			j := Judge([]locate.Station{learnt(t, test.mac)}, rules)
			var got found
			for _, f := range j.Findings {
				got = found{f.Maker.Key, f.Maker.Organization, f.Maker.Prefix, f.Severity, f.Rule, "", ""}
				var ids []string
				for _, l := range f.Lists {
					ids = append(ids, l.ID)
				}
				got.Lists = strings.Join(ids, " ")
				for _, e := range evidenceFor(f, OverrideClaim) {
					got.Override += e.Rule
				}
				if len(evidenceFor(f, MakerClaim)) == 0 {
					t.Error("the operator's word has displaced what was read")
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
			if len(j.Findings) > 0 && test.own != nil { // once it has expired, it counts no more
				rules.At = time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
				for _, f := range Judge([]locate.Station{learnt(t, test.mac)}, rules).Findings {
					if len(evidenceFor(f, OverrideClaim)) > 0 {
						t.Error("an expired entry still counts")
					}
				}
			}
		})
	}
}

func TestOwnEvidence(t *testing.T) {
	rules := rulesOf(t, Site{}, "us-ndaa-889")
	rules.Own, rules.At = []Own{entry(t, true, "44:19:b6:00:00:09")}, readAt
	f := judgeOne(t, rules, learnt(t, "44:19:b6:00:00:09"))
	want := []Evidence{{Claim: OverrideClaim, Mechanism: HumanLabel, Source: "configuration", Object: "watch.allow", Value: "44:19:b6:00:00:09",
		Rule: "operator-allow", Text: "J. Doe allows 44:19:b6:00:00:09 until 2027-06-30: policy 4.2"}}
	if diff := cmp.Diff(want, evidenceFor(f, OverrideClaim)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	rules.Own = []Own{entry(t, false, "00:84:24")}
	f = judgeOne(t, rules, learnt(t, "00:84:24:43:0f:69"))
	if e := evidenceFor(f, MakerClaim); len(e) != 1 || e[0].Rule != "registry-none" {
		t.Errorf("of an address in no block: %+v", e)
	}
	match := ListMatch{ID: OwnList, Relation: watchlist.Named, Note: "flagged by J. Doe until 2027-06-30: policy 4.2"}
	if diff := cmp.Diff([]ListMatch{match}, f.Lists, cmp.AllowUnexported(ListMatch{})); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestSought: what is looked for in forwarding tables is every block that
// makes a finding, and what the operator flags; in order, and none twice.
func TestSought(t *testing.T) {
	rules := rulesOf(t, Site{}, "us-ndaa-889")
	rules.At = readAt
	without := rules.Sought()
	rules.Own = []Own{entry(t, false, "b8:a4:4f"), entry(t, false, "00:84:24:43:0f:69"), entry(t, false, "44:19:b6:00:00:09"), entry(t, false, "tiandy"),
		entry(t, false, "CERN"), entry(t, true, "00:11:22")}
	with := rules.Sought()
	covers := func(ranges []lan.MACRange, mac string) bool {
		for _, r := range ranges {
			if r.Contains(parseMAC(t, mac)) {
				return true
			}
		}
		return false
	}
	for mac, want := range map[string]struct{ without, with bool }{
		"44:19:b6:00:00:09": {true, true}, "14:a7:8b:ff:ff:ff": {true, true}, "38:f2:5d:00:00:01": {true, true},
		"b8:a4:4f:00:00:01": {false, true}, "00:84:24:43:0f:69": {false, true}, "00:84:24:43:0f:6a": {false, false},
		"bc:51:6c:00:00:01": {false, true}, "08:00:30:00:00:01": {false, true}, "00:11:22:00:00:01": {false, false},
		"e0:cc:7a:00:00:01": {false, false}, // of many things: no finding by its block alone
	} {
		if got := covers(without, mac); got != want.without {
			t.Errorf("%s without own entries: %v", mac, got)
		}
		if got := covers(with, mac); got != want.with {
			t.Errorf("%s with own entries: %v", mac, got)
		}
	}
	for i, r := range with {
		if r.First.Compare(r.Last) > 0 || i > 0 && with[i-1].Last.Compare(r.First) >= 0 {
			t.Errorf("%v is out of order", r)
		}
	}
	rules.At = time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	if diff := cmp.Diff(without, rules.Sought()); diff != "" {
		t.Errorf("once they have expired:\n%s", diff)
	}
}
