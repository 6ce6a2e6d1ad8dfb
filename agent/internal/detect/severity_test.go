package detect

import (
	"net/netip"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
	"github.com/google/go-cmp/cmp"
)

func TestSeverity(t *testing.T) {
	tests := []struct {
		level           Level
		relation        watchlist.Relation
		sensitive, core bool
		want            Severity
	}{
		{Confirmed, watchlist.Named, true, false, Critical},
		{Confirmed, watchlist.Named, false, true, Critical},
		{Confirmed, watchlist.Named, false, false, High},
		{Probable, watchlist.Named, true, false, High},
		{Possible, watchlist.Named, false, false, Medium},
		{Possible, watchlist.Named, true, false, Medium},
		{Possible, watchlist.Named, false, true, High},
		{Possible, watchlist.SubsidiaryOrAffiliate, false, false, Medium},
		{Possible, watchlist.Affiliate, false, false, Medium},
		{Possible, watchlist.AffiliationUnverified, true, false, Low},
		{Confirmed, watchlist.Criterion, true, false, Low},
		{Possible, watchlist.Criterion, false, true, High},
	}
	for _, test := range tests {
		lists := []ListMatch{{ID: "criterion", Relation: watchlist.Criterion}, {ID: "list", Relation: test.relation}}
		if got := severity(test.level, lists, test.sensitive, test.core); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

// TestCore: a flagged station in the core network is shown there by the row
// that was read.
func TestCore(t *testing.T) {
	site := Site{CoreVLANs: []lan.VLAN{10, 20}, CorePrefixes: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}, CoreSwitches: []string{"10.0.0.5"}}
	const mac = "44:19:b6:00:00:01"
	fdb := "1.3.6.1.2.1.17.7.1.2.2.1.2.20.68.25.182.0.0.1"
	uplink := func(st *locate.Station) { st.Place.Certainty = locate.Uplink }
	tests := []struct {
		name                              string
		site                              Site
		more                              []locate.Sighting
		change                            func(*locate.Station)
		rule, source, object, value, text string
	}{
		{"VLAN", Site{CoreVLANs: site.CoreVLANs}, nil, nil, "core-vlan", "10.0.0.5", fdb, "3", "it is in VLAN 20, which is marked as core"},
		{"VLAN, whatever the place", Site{CoreVLANs: site.CoreVLANs}, nil, func(st *locate.Station) { st.Place = locate.Place{Certainty: locate.Ambiguous} },
			"core-vlan", "10.0.0.5", fdb, "3", "it is in VLAN 20, which is marked as core"},
		{"prefix", Site{CorePrefixes: site.CorePrefixes}, []locate.Sighting{resolved(t, mac, "10.1.1.1"), resolved(t, mac, "10.9.1.1")}, nil,
			"core-prefix", "10.0.0.1", "1.3.6.1.2.1.4.22.1.2.7.10.9.1.1", mac, "its address 10.9.1.1 is in 10.9.0.0/16, which is marked as core"},
		{"switch", Site{CoreSwitches: site.CoreSwitches}, nil, nil, "core-switch", "10.0.0.5", fdb, "3", "it is attached to sw1, which is marked as core"},
		{"behind a core switch is not on it", Site{CoreSwitches: site.CoreSwitches}, nil, uplink, "", "", "", "", ""},
		{"elsewhere", Site{CoreVLANs: []lan.VLAN{10}, CorePrefixes: site.CorePrefixes, CoreSwitches: []string{"10.0.0.6"}},
			[]locate.Sighting{resolved(t, mac, "10.1.1.1")}, nil, "", "", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			st := learnt(t, mac, test.more...)
			if test.change != nil {
				test.change(&st)
			}
			f := judgeOne(t, rulesOf(t, test.site, "us-ndaa-889"), st)
			var want []Evidence
			severity := Medium
			if test.rule != "" {
				severity = High
				table := lan.Dot1qTpFdbTable
				if test.rule == "core-prefix" {
					table = lan.IPNetToMediaTable
				}
				want = []Evidence{{Claim: CoreClaim, Mechanism: MACBlock, Source: test.source, Table: table,
					Object: test.object, Value: test.value, ObservedAt: readAt, Rule: test.rule, Text: test.text}}
			}
			if diff := cmp.Diff(want, evidenceFor(f, CoreClaim)); diff != "" || f.Severity != severity {
				t.Errorf("severity %s, want %s; want -, got +\n%s", f.Severity, severity, diff)
			}
		})
	}
}
