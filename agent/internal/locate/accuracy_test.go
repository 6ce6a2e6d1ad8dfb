package locate_test

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A score counts what a way of locating says of the stations of some sites.
type score struct{ right, leads, open, wrong int }

func (s score) total() int { return s.right + s.leads + s.open + s.wrong }

func (s score) String() string {
	percent := func(n int) float64 { return 100 * float64(n) / float64(s.total()) }
	return fmt.Sprintf("%.1f | %.1f | %.1f", percent(s.right+s.leads), percent(s.open), percent(s.wrong))
}

// A rule chooses among the ports on which a station is seen; none where it
// does not tell, or tells several.
type rule func(views []view) []view

// A view is a port on which a switch has a station, with what else is there.
type view struct {
	spot
	macs             int
	speaks, switches bool // something announces itself there; another switch is known to be there
}

// rules are what other systems go by.
var rules = []rule{
	func(views []view) []view {
		return []view{slices.MinFunc(views, func(a, b view) int { return a.macs - b.macs })}
	},
	func(views []view) []view { return slices.DeleteFunc(views, func(v view) bool { return v.speaks }) },
	func(views []view) []view { return slices.DeleteFunc(views, func(v view) bool { return v.switches }) },
}

// views are the ports on which each station is seen.
func (w *world) views(snapshots []lan.Snapshot) map[lan.MAC][]view {
	managed := make(map[lan.MAC]bool)
	for _, s := range snapshots {
		managed[s.BaseMAC] = true
	}
	all := make(map[lan.MAC][]view)
	for _, s := range snapshots {
		macs := make(map[lan.IfIndex]map[lan.MAC]bool)
		for _, e := range s.FDB {
			if macs[e.IfIndex] == nil {
				macs[e.IfIndex] = make(map[lan.MAC]bool)
			}
			macs[e.IfIndex][e.MAC] = true
		}
		for port, on := range macs {
			v := view{spot: spot{s.System.Name, "p" + port.String()}, macs: len(on)}
			for _, n := range s.LLDP {
				here := n.IfIndex == port || s.Aggregates[n.IfIndex] == port
				v.speaks = v.speaks || here && n.Enabled.Has(lan.LLDPBridge)
				v.switches = v.switches || here && managed[n.Chassis.MAC]
			}
			for m := range on {
				v.switches = v.switches || managed[m]
			}
			for m := range on {
				all[m] = append(all[m], v)
			}
		}
	}
	for _, views := range all {
		slices.SortFunc(views, func(a, b view) int { return strings.Compare(a.sw+a.port, b.sw+b.port) })
	}
	return all
}

// measure lets locate and the rules find the stations of some sites, of 1 to
// 60 switches. The last score is that of locate.
func measure(inBand bool, lldp, known float64, sites int) []score {
	scores := make([]score, len(rules)+1)
	for seed := range int64(sites) {
		rng := rand.New(rand.NewSource(seed))
		r := recipe{switches: 1 + rng.Intn(60), stations: 3, lldp: lldp, known: known, hubs: 0.2, rings: rng.Intn(3) == 0, inBand: inBand}
		if known < 1 {
			r.forgets = 0.1
		}
		w := newWorld(seed, r)
		snapshots := w.snapshots()
		for m, views := range w.views(snapshots) {
			if h, ok := w.homes[m]; ok {
				for i, rule := range rules {
					scores[i].rule(rule(slices.Clone(views)), w.segment(h).ports)
				}
			}
		}
		for _, st := range locate.Stations(snapshots) {
			if h, ok := w.homes[st.MAC]; ok {
				scores[len(rules)].place(st.Place, w.segment(h).ports)
			}
		}
	}
	return scores
}

func (s *score) rule(chosen []view, truth []spot) {
	switch {
	case len(chosen) != 1:
		s.open++
	case slices.Contains(truth, chosen[0].spot):
		s.right++
	default:
		s.wrong++
	}
}

func (s *score) place(p locate.Place, truth []spot) {
	here := slices.Contains(truth, spot{p.Switch, p.Port})
	switch {
	case p.Certainty == locate.Ambiguous || p.Certainty == locate.Uplink && !here:
		s.open++
	case here && p.Certainty == locate.Uplink:
		s.leads++
	case here:
		s.right++
	default:
		s.wrong++
	}
}

// TestAccuracy prints into docs/locating.md how often the right port is named,
// beside simple rules on the same sites.
func TestAccuracy(t *testing.T) {
	var table strings.Builder
	table.WriteString("| asked | LLDP | p | camwarden: right | open | wrong | fewest MACs: right | wrong | no LLDP: right | open | wrong | no switch: right | open | wrong |\n")
	table.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, inBand := range []bool{true, false} {
		for _, lldp := range []float64{0, 0.5, 1} {
			for _, known := range []float64{0.3, 0.7, 1} {
				scores := measure(inBand, lldp, known, 6)
				ours, fewest := scores[len(rules)], scores[0]
				if ours.wrong > 0 {
					t.Errorf("LLDP %v, p %v: %d wrong ports", lldp, known, ours.wrong)
				}
				if lldp == 1 && known == 1 && ours.open > 0 {
					t.Errorf("where everything is told, %d of %d places are left open", ours.open, ours.total())
				}
				few := fmt.Sprintf("%.1f | %.1f", 100*float64(fewest.right)/float64(fewest.total()), 100*float64(fewest.wrong)/float64(fewest.total()))
				fmt.Fprintf(&table, "| %s | %.0f %% | %.1f | %s | %s | %s | %s |\n",
					map[bool]string{true: "in band", false: "out of band"}[inBand], 100*lldp, known, ours, few, scores[1], scores[2])
			}
		}
	}
	const begin, end = "<!-- written by TestAccuracy -->\n", "<!-- end -->\n"
	path := filepath.Join("..", "..", "..", "docs", "locating.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	written, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(written, table.String()); diff != "" {
		t.Errorf("%s differs; write it anew with -update (want -, got +):\n%s", path, diff)
	}
}
