package watchlist_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

func embedded(t testing.TB) *watchlist.Catalog {
	t.Helper()
	catalog, err := watchlist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// makersOf asks registry and catalogue as detection does.
func makersOf(catalog *watchlist.Catalog, mac lan.MAC) (keys []string) {
	assignment := registry.Embedded().Lookup(mac)
	if assignment.Standing != registry.Assigned {
		return nil
	}
	for _, name := range assignment.Organizations {
		if maker, _, found := catalog.Maker(name); found {
			keys = append(keys, maker.Key)
		}
	}
	return keys
}

func mustMAC(t testing.TB, text string) lan.MAC {
	t.Helper()
	mac, err := lan.ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

func TestListsOfAnAddress(t *testing.T) {
	type relations = map[string]watchlist.Relation
	const (
		named      = watchlist.Named
		subsidiary = watchlist.SubsidiaryOrAffiliate
		unverified = watchlist.AffiliationUnverified
		criterion  = watchlist.Criterion
	)
	tests := []struct {
		mac, brand string
		video      bool
		want       relations
	}{
		{"14:a7:8b:b6:d3:41", "Dahua", true, relations{"us-ndaa-889": named, "us-fcc-covered": named, "us-bis-entity": named,
			"us-dod-1260h": named, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"44:19:b6:00:00:09", "Hikvision", true, relations{"us-ndaa-889": named, "us-fcc-covered": named, "us-bis-entity": named,
			"us-dod-1260h": named, "ca-2025": named, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"38:f2:5d:00:00:01", "EZVIZ", true, relations{"us-ndaa-889": subsidiary, "us-fcc-covered": subsidiary,
			"us-bis-entity": subsidiary, "us-dod-1260h": subsidiary, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"24:b1:05:00:00:01", "Prama Hikvision India", true, relations{"us-ndaa-889": watchlist.Affiliate,
			"us-fcc-covered": watchlist.Affiliate, "us-bis-entity": watchlist.Affiliate, "us-dod-1260h": watchlist.Affiliate}},
		{"14:ba:88:00:00:01", "Uniview", true, relations{"us-bis-entity": named, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"bc:51:6c:00:00:01", "Tiandy", true, relations{"us-bis-entity": named, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"ec:15:fe:00:00:01", "Hikstorage", false, relations{"us-ndaa-889": unverified, "us-fcc-covered": unverified,
			"us-bis-entity": unverified, "us-dod-1260h": unverified, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"e0:cc:7a:00:00:01", "Huawei", false, relations{"us-ndaa-889": named, "us-fcc-covered": named, "us-bis-entity": named,
			"us-dod-1260h": named, "uk-2022-nil": criterion, "prc-linked": criterion}},
		{"40:2c:76:10:00:01", "", false, nil}, // Shanghai Dahua Scale Factory
		{"4a:c0:3f:00:00:01", "", false, nil}, // a CID of Wuhan Hikstorage
		{"3a:72:c2:00:00:01", "", false, nil}, // a CID of Huawei
		{"00:40:8c:00:00:01", "", false, nil}, // Axis
	}
	catalog := embedded(t)
	for _, test := range tests {
		var brand string
		var video bool
		var got relations
		for _, name := range registry.Embedded().Lookup(mustMAC(t, test.mac)).Organizations {
			if maker, organization, found := catalog.Maker(name); found {
				brand, video, got = organization.Brand, organization.Role.Video(), relationsOf(catalog, maker, organization)
			}
		}
		if brand != test.brand || video != test.video {
			t.Errorf("%s: brand %q, video %v; want %q, %v", test.mac, brand, video, test.brand, test.video)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s:\n%s", test.mac, diff)
		}
	}
}

func relationsOf(catalog *watchlist.Catalog, maker *watchlist.Maker, organization *watchlist.Organization) map[string]watchlist.Relation {
	relations := map[string]watchlist.Relation{}
	for _, list := range catalog.Lists() {
		if relation, matched := list.Relation(maker, organization); matched {
			relations[list.ID] = relation
		}
	}
	return relations
}

func TestEmbeddedLists(t *testing.T) {
	var ids []string
	criteria := map[string]bool{}
	for _, list := range embedded(t).Lists() {
		ids = append(ids, list.ID)
		if list.Criterion {
			criteria[list.ID] = true
		}
		if found, ok := embedded(t).List(list.ID); !ok || found.Version != list.Version {
			t.Errorf("%s is not found by its id", list.ID)
		}
	}
	want := []string{"au-2023", "ca-2025", "prc-linked", "uk-2022-nil", "us-bis-entity", "us-dod-1260h", "us-fcc-covered", "us-ndaa-889"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]bool{"prc-linked": true, "uk-2022-nil": true}, criteria); diff != "" {
		t.Errorf("lists that are criteria:\n%s", diff)
	}
}

func TestEveryOrganizationHasABlock(t *testing.T) {
	held := map[string]bool{"WUHAN HIKSTORAGE TECHNOLOGY CO.,LTD": true} // only a CID so far
	registry.Embedded().Prefixes(func(organization string) bool {
		held[organization] = true
		return false
	})
	for _, maker := range embedded(t).Makers() {
		for _, organization := range maker.Organizations {
			for _, name := range organization.Names {
				if !held[name] {
					t.Errorf("%s: the registry does not spell anybody %q", maker.Key, name)
				}
			}
		}
	}
}
