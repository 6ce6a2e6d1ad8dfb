package watchlist

import "testing"

func TestRelation(t *testing.T) {
	group := &Maker{Key: "acme"}
	organization := func(tie Tie, prc bool) *Organization {
		return &Organization{Names: []string{"Acme Ltd."}, Tie: tie, PRC: prc}
	}
	list := func(criterion, affiliates bool, entries map[string]Entry) *List {
		return &List{Criterion: criterion, CoversAffiliates: affiliates, Entries: entries}
	}
	all := map[string]Entry{"acme": {}}
	tests := []struct {
		name         string
		list         *List
		organization *Organization
		want         Relation
	}{
		{"the company itself", list(false, false, all), organization(TieNamed, true), Named},
		{"a company of its own", list(false, false, all), organization(TiePRCCompany, true), Named},
		{"subsidiary", list(false, true, all), organization(TieSubsidiary, true), SubsidiaryOrAffiliate},
		{"affiliate", list(false, true, all), organization(TieAffiliate, false), Affiliate},
		{"unverified", list(false, true, all), organization(TieUnverified, true), AffiliationUnverified},
		{"subsidiary, not covered", list(false, false, all), organization(TieSubsidiary, true), ""},
		{"unverified, not covered", list(false, false, all), organization(TieUnverified, true), ""},
		{"not listed", list(false, true, nil), organization(TieNamed, true), ""},
		{"listed by this name", list(false, true, map[string]Entry{"acme": {Organizations: []string{"Acme Ltd."}}}), organization(TieNamed, true), Named},
		{"listed by another name", list(false, true, map[string]Entry{"acme": {Organizations: []string{"Acme Inc."}}}), organization(TieNamed, true), ""},
		{"criterion met", list(true, false, nil), organization(TieNamed, true), Criterion},
		{"criterion not met", list(true, true, nil), organization(TieAffiliate, false), ""},
	}
	for _, test := range tests {
		got, matched := test.list.Relation(group, test.organization)
		if got != test.want || matched != (test.want != "") {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, matched, test.want)
		}
	}
}

func TestRoleVideo(t *testing.T) {
	video := map[Role]bool{VideoMostly: true, VideoConsumer: true, VideoAndIoT: true, VehicleVideo: true}
	for _, role := range []Role{VideoMostly, VideoConsumer, VideoAndIoT, VehicleVideo, Biometric, MachineVision, ThermalCamera,
		Storage, Silicon, Radio, NetworkAndOther, Handset, UnknownRole, ""} {
		if role.Video() != video[role] {
			t.Errorf("%q: Video() is %v", role, role.Video())
		}
	}
}
