package locate_test

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
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
	t.Logf("edge %d, shared %d, ambiguous %d, uplink %d, double %d, seen %d",
		c[locate.Edge], c[locate.Shared], c[locate.Ambiguous], c[locate.Uplink], c[locate.Double], c[locate.Seen])
}

// TestPlacesAreTrue: of made-up sites that were read as a whole, no station is
// put on a wrong port, or said to be alone where it is not; where no port is
// chosen, the true one is among those offered. Where the switches know who
// asks, that address and their own tell the tree, and every place is found.
func TestPlacesAreTrue(t *testing.T) {
	for _, inBand := range []bool{true, false} {
		t.Run(fmt.Sprintf("asked in band %v", inBand), func(t *testing.T) {
			count := make(tally)
			for seed := range int64(worlds) {
				w := newWorld(seed, inBand)
				for _, st := range locate.Stations(w.snapshots(inBand)) {
					if h, ok := w.homes[st.MAC]; ok {
						count[st.Place.Certainty]++
						if wrong := w.wrong(st, h); wrong != "" {
							t.Fatalf("seed %d: %s: %s is wrong: %s", seed, st.MAC, describe(st.Place), wrong)
						}
					}
				}
			}
			count.log(t)
			if count[locate.Edge] == 0 || count[locate.Shared] == 0 {
				t.Error("the sites do not show every case")
			}
			if inBand != (count[locate.Ambiguous] == 0) {
				t.Error("only switches that do not know who asks may leave a place open")
			}
		})
	}
}

// wrong compares a place with the truth of a site that was read as a whole.
func (w *world) wrong(st locate.Station, h home) string {
	nearest := h.node
	if nearest.own.IsZero() {
		nearest = nearest.links[0].to
	}
	truth := "p" + h.seenBy(nearest).String()
	here := func(name, port string) bool { return name == nearest.name && port == truth }
	alone := h.port != 0 || len(w.neighbours(h.node)) == 1
	switch p := st.Place; p.Certainty {
	case locate.Edge:
		if !alone || !here(p.Switch, p.Port) {
			return fmt.Sprintf("it is on %s %s, alone: %v", nearest.name, truth, alone)
		}
	case locate.Shared:
		if alone || !here(p.Switch, p.Port) {
			return fmt.Sprintf("it is on %s %s, alone: %v", nearest.name, truth, alone)
		}
	case locate.Ambiguous:
		if !slices.ContainsFunc(p.Alternatives, func(a locate.Alternative) bool { return here(a.Switch, a.Port) && a.WhyNot != "" }) {
			return fmt.Sprintf("%s %s is not among them", nearest.name, truth)
		}
	default:
		return "every switch was read, and no station is on two ports"
	}
	return ""
}

// neighbours are the stations of one node.
func (w *world) neighbours(n *node) []lan.MAC {
	var list []lan.MAC
	for _, m := range w.order {
		if w.homes[m].node == n {
			list = append(list, m)
		}
	}
	return list
}

// TestPlacesAreTrueWithoutOneSwitch: when one switch could not be read, a port
// is named only where the station is indeed behind it with no other switch
// that was read between.
func TestPlacesAreTrueWithoutOneSwitch(t *testing.T) {
	count := make(tally)
	for seed := range int64(worlds) {
		w := newWorld(seed, true)
		snapshots := w.snapshots(true)
		missing := w.rng.Intn(len(snapshots))
		absent := w.managed[missing]
		for _, st := range locate.Stations(slices.Delete(snapshots, missing, missing+1)) {
			h, ok := w.homes[st.MAC]
			if !ok {
				continue
			}
			p := st.Place
			count[p.Certainty]++
			switch p.Certainty {
			case locate.Edge, locate.Port, locate.Shared:
				if between := w.between(p, h, absent); between != "" {
					t.Fatalf("seed %d without %s: %s: %s is wrong: %s", seed, absent.name, st.MAC, describe(p), between)
				}
			case locate.Double:
				t.Fatalf("seed %d without %s: %s: %s, but no station is on two ports", seed, absent.name, st.MAC, describe(p))
			}
		}
	}
	count.log(t)
	if count[locate.Edge] == 0 || count[locate.Shared] == 0 || count[locate.Ambiguous] == 0 || count[locate.Uplink] == 0 {
		t.Error("the sites do not show every case")
	}
}

// between says what speaks against a place: the port leads elsewhere, or a
// switch that was read stands between it and the station.
func (w *world) between(p locate.Place, h home, absent *node) string {
	i := slices.IndexFunc(w.managed, func(n *node) bool { return n.name == p.Switch })
	at := w.managed[i]
	if truth := "p" + h.seenBy(at).String(); truth != p.Port {
		return "it is behind " + truth
	}
	for _, n := range way(at, h.node)[1:] {
		if n != absent && !n.own.IsZero() {
			return n.name + " stands between"
		}
	}
	return ""
}

// TestOrderDoesNotMatter: whatever the order in which devices are named, the
// stations are the same to the last word.
func TestOrderDoesNotMatter(t *testing.T) {
	same := cmp.Options{cmpopts.IgnoreUnexported(locate.Sighting{}), cmpopts.EquateComparable(netip.Addr{})}
	for seed := range int64(worlds / 20) {
		snapshots := newWorld(seed, seed%2 == 0).snapshots(seed%2 == 0)
		want := locate.Stations(snapshots)
		rng := rand.New(rand.NewSource(seed))
		for range 3 {
			rng.Shuffle(len(snapshots), func(i, j int) { snapshots[i], snapshots[j] = snapshots[j], snapshots[i] })
			if diff := cmp.Diff(want, locate.Stations(snapshots), same); diff != "" {
				t.Fatalf("seed %d: want -, got +\n%s", seed, diff)
			}
		}
	}
}
