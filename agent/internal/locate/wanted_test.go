package locate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// Who is asked about makes no difference to where they are, and nobody is
// counted twice or left out.
func TestLocateWanted(t *testing.T) {
	for seed := range int64(20) {
		snapshots := newWorld(seed, anyRecipe(seed, 8)).snapshots()
		all := locate.Stations(snapshots)
		wanted := func(mac lan.MAC, _ *locate.Agent) bool { return mac[5]%3 == 0 }
		some := locate.Locate(snapshots, wanted)
		places := make(map[lan.MAC]locate.Place)
		for _, st := range all {
			places[st.MAC] = st.Place
		}
		if len(some.Stations)+len(some.Others) != len(all) || len(some.Others) == 0 {
			t.Errorf("site %d: %d and %d of %d stations", seed, len(some.Stations), len(some.Others), len(all))
		}
		for _, st := range some.Stations {
			if st.Self != "" && !wanted(st.MAC, st.Agent) {
				if st.Place.Certainty != "" || len(st.Sightings) > 0 {
					t.Errorf("site %d: %s, a switch that is not wanted, is at %+v", seed, st.MAC, st.Place)
				}
				continue
			}
			if diff := cmp.Diff(places[st.MAC], st.Place, cmpopts.IgnoreFields(locate.Place{}, "Sighting")); diff != "" {
				t.Errorf("site %d: %s is elsewhere (-all +wanted):\n%s", seed, st.MAC, diff)
			}
		}
		for _, mac := range some.Others {
			if _, known := places[mac]; !known || wanted(mac, nil) {
				t.Errorf("site %d: %s is among the others", seed, mac)
			}
		}
	}
}
