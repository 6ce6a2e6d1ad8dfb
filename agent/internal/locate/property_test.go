package locate_test

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// worlds is how many sites are made up for a property.
const worlds = 1000

// tally counts what became of the stations.
type tally map[locate.Certainty]int

func (c tally) log(t *testing.T) {
	t.Helper()
	t.Logf("edge %d, port %d, shared %d, ambiguous %d, uplink %d, double %d, seen %d",
		c[locate.Edge], c[locate.Port], c[locate.Shared], c[locate.Ambiguous], c[locate.Uplink], c[locate.Double], c[locate.Seen])
}

// held places the stations of a site and holds every place against the truth.
func (w *world) held(t *testing.T, about string, snapshots []lan.Snapshot, count tally) {
	t.Helper()
	seen, tied := w.evidence(snapshots)
	for _, st := range locate.Stations(snapshots) {
		h, ok := w.homes[st.MAC]
		if !ok {
			continue
		}
		count[st.Place.Certainty]++
		if wrong := w.wrong(st, h, seen, tied); wrong != "" {
			t.Fatalf("%s: %s: %s (%s) is wrong: %s", about, st.MAC, describe(st.Place), st.Place.Why, wrong)
		}
	}
}

// called is how people call the switch that has an address, if one does.
func (w *world) called(m lan.MAC) string {
	for _, n := range w.nodes {
		if n.own == m {
			return n.name
		}
	}
	return m.String()
}

// evidence is which addresses the tables show, and which switches they tie to
// one network, because both know a station or hear each other. Of a switch
// that is tied to none nobody could tell that it is there.
func (w *world) evidence(snapshots []lan.Snapshot) (seen map[lan.MAC]bool, tied func(a, b string) bool) {
	seen = make(map[lan.MAC]bool)
	of := make(map[string]string)
	find := func(name string) string {
		for of[name] != "" {
			name = of[name]
		}
		return name
	}
	tie := func(a, b string) {
		if a, b := find(a), find(b); a != b {
			of[a] = b
		}
	}
	for _, s := range snapshots {
		tie(s.System.Name, s.BaseMAC.String())
		for _, e := range s.FDB {
			seen[e.MAC] = true
			tie(s.System.Name, e.MAC.String())
		}
		for _, n := range s.LLDP {
			tie(s.System.Name, n.Chassis.MAC.String())
		}
	}
	return seen, func(a, b string) bool { return find(a) == find(b) }
}

// wrong says what of a place is not the truth.
func (w *world) wrong(st locate.Station, h home, seen map[lan.MAC]bool, tied func(a, b string) bool) string {
	truth := w.segment(h)
	company := 0
	for _, port := range truth.ports {
		if (port != spot{st.Place.Switch, st.Place.Port}) && tied(port.sw, st.Place.Switch) {
			company++
		}
	}
	for _, m := range truth.macs {
		if m != st.MAC && (seen[m] || st.Place.Behind == w.called(m)) {
			company++
		}
	}
	p := st.Place
	here := slices.Contains(truth.ports, spot{p.Switch, p.Port})
	switch p.Certainty {
	case locate.Edge:
		if !here || company > 0 {
			return fmt.Sprintf("it is on %v, with %d others", truth.ports, company)
		}
	case locate.Shared:
		if !here || company == 0 {
			return fmt.Sprintf("it is on %v, with %d others", truth.ports, company)
		}
	case locate.Port:
		if !here {
			return fmt.Sprintf("it is on %v", truth.ports)
		}
	case locate.Uplink:
		i := slices.IndexFunc(w.nodes, func(n *node) bool { return n.name == p.Switch })
		if (spot{p.Switch, p.Port}) != w.nodes[i].spot(w.seenBy(w.nodes[i], h)) {
			return fmt.Sprintf("it is on %v", truth.ports)
		}
	case locate.Ambiguous:
		if !slices.ContainsFunc(p.Alternatives, func(a locate.Alternative) bool {
			return slices.Contains(truth.ports, spot{a.Switch, a.Port}) && a.WhyNot != ""
		}) {
			return fmt.Sprintf("%v is not among them", truth.ports)
		}
	default:
		return "every station is on one port, which a table shows"
	}
	return ""
}

// TestPlacesAreTrue: on made-up sites no station is put on a wrong port, said
// to be alone where it is not, or to have company where it has none; where no
// port is chosen, the true one is among those offered.
func TestPlacesAreTrue(t *testing.T) {
	count := make(tally)
	for seed := range int64(worlds) {
		w := newWorld(seed, anyRecipe(seed, 8))
		w.held(t, fmt.Sprintf("seed %d %+v", seed, w.recipe), w.snapshots(), count)
	}
	count.log(t)
	for _, c := range []locate.Certainty{locate.Edge, locate.Port, locate.Shared, locate.Ambiguous, locate.Uplink} {
		if count[c] == 0 {
			t.Errorf("no site shows a case of %s", c)
		}
	}
}

// TestLargePlacesAreTrue: the same on sites of up to 60 switches, some of
// which were not read.
func TestLargePlacesAreTrue(t *testing.T) {
	count := make(tally)
	for seed := range int64(worlds / 20) {
		r := anyRecipe(seed, 60)
		r.absent = []float64{0, 0.2}[seed%2]
		w := newWorld(seed, r)
		w.held(t, fmt.Sprintf("seed %d %+v", seed, w.recipe), w.snapshots(), count)
	}
	count.log(t)
}

// TestPlacesAreTrueWithoutOneSwitch: when one switch could not be read, what
// is said grows coarser, and not wrong.
func TestPlacesAreTrueWithoutOneSwitch(t *testing.T) {
	count := make(tally)
	for seed := range int64(worlds) {
		r := anyRecipe(seed, 8)
		r.forgets = 0
		w := newWorld(seed, r)
		snapshots := w.snapshots()
		absent := w.pick(func(n *node) bool { return n.managed() && n != w.root || len(snapshots) == 1 })
		if absent == w.root {
			continue
		}
		absent.absent = true
		snapshots = slices.DeleteFunc(snapshots, func(s lan.Snapshot) bool { return s.System.Name == absent.name })
		w.held(t, fmt.Sprintf("seed %d %+v without %s", seed, w.recipe, absent.name), snapshots, count)
	}
	count.log(t)
}

// TestLLDPIsNotBelievedSilently: where a false announcement leads to another
// port than the forwarding tables by themselves, the answer says so.
func TestLLDPIsNotBelievedSilently(t *testing.T) {
	told := 0
	for seed := range int64(worlds) {
		r := anyRecipe(seed, 6)
		r.switches, r.lldp, r.known = 2+r.switches%5, 0, 1
		w := newWorld(seed, r)
		snapshots := w.snapshots()
		before := make(map[lan.MAC]locate.Place)
		for _, st := range locate.Stations(snapshots) {
			before[st.MAC] = st.Place
		}
		for range 1 + w.rng.Intn(2) {
			s, other := &snapshots[w.rng.Intn(len(snapshots))], &snapshots[w.rng.Intn(len(snapshots))]
			if s != other {
				hears(s.Interfaces[w.rng.Intn(len(s.Interfaces))].Index, other.BaseMAC, other.System.Name, lan.LLDPBridge)(s)
			}
		}
		for _, st := range locate.Stations(snapshots) {
			a, b := before[st.MAC], st.Place
			switch named := a.Switch != "" && b.Switch != "" && st.Self == ""; {
			case strings.Contains(b.Why, "by the forwarding tables alone"):
				told++
			case named && (a.Switch != b.Switch || a.Port != b.Port) && !slices.ContainsFunc(b.Alternatives, func(alt locate.Alternative) bool {
				return alt.Switch == a.Switch && alt.Port == a.Port && (strings.HasPrefix(alt.WhyNot, "as near") || strings.HasPrefix(alt.WhyNot, "no nearer"))
			}):
				t.Errorf("seed %d %+v: %s: %s, by forwarding tables %s, and nothing is said of that: %s %v", seed, r, st.MAC, describe(b), describe(a), b.Why, b.Alternatives)
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	if told == 0 {
		t.Error("no answer says that the forwarding tables speak against it")
	}
}

// TestOrderDoesNotMatter: whatever the order in which devices are named, the
// stations are the same to the last word.
func TestOrderDoesNotMatter(t *testing.T) {
	same := cmp.Options{cmpopts.IgnoreUnexported(locate.Sighting{}), cmpopts.EquateComparable(netip.Addr{}),
		cmp.Comparer(func(a, b *lan.Snapshot) bool { return a.Source == b.Source })}
	for seed := range int64(worlds / 20) {
		snapshots := newWorld(seed, anyRecipe(seed, 8)).snapshots()
		want := locate.Stations(snapshots)
		rng := rand.New(rand.NewSource(seed))
		for range 3 {
			other := slices.Clone(snapshots)
			rng.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
			if diff := cmp.Diff(want, locate.Stations(other), same); diff != "" {
				t.Fatalf("seed %d: want -, got +\n%s", seed, diff)
			}
		}
	}
}
