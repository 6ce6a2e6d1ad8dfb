package locate

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/google/go-cmp/cmp"
)

// TestNearestByDefinition holds the one pass of nearest against what it stands
// for: that stays which nothing else is nearer than. What is known of the site
// is made up, and often contradicts itself.
func TestNearestByDefinition(t *testing.T) {
	for seed := range int64(2000) {
		rng := rand.New(rand.NewSource(seed))
		devices := make([]*device, 2+rng.Intn(5))
		var candidates []candidate
		for i := range devices {
			devices[i] = &device{Snapshot: &lan.Snapshot{}, index: i, title: fmt.Sprint("sw", i), toward: make([]*port, len(devices))}
			for j := range 1 + rng.Intn(2) {
				candidates = append(candidates, candidate{port: &port{device: devices[i], label: fmt.Sprint("p", j)}, direct: rng.Intn(8) == 0})
			}
		}
		elsewhere := &port{}
		for _, d := range devices {
			for i := range d.toward {
				d.toward[i] = []*port{nil, elsewhere, candidates[rng.Intn(len(candidates))].port}[rng.Intn(3)]
			}
		}
		var want []string
		for _, c := range candidates {
			nearer := 0
			for _, other := range candidates {
				if farther(c, other) != "" {
					nearer++
				}
			}
			if nearer == 0 {
				want = append(want, c.port.device.title+" "+c.port.label)
			}
		}
		rest, out := nearest(candidates)
		var got []string
		for _, c := range rest {
			got = append(got, c.port.device.title+" "+c.port.label)
		}
		if want == nil && len(rest) == len(candidates) {
			got = nil // they contradict each other, and all of them stay
		} else if len(rest)+len(out) != len(candidates) {
			t.Errorf("seed %d: %d stay and %d go, of %d", seed, len(rest), len(out), len(candidates))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: want -, got +\n%s", seed, diff)
		}
	}
}

// TestBestByDefinition holds the search of best, which leaves out what cannot
// win, against one through all pairs.
func TestBestByDefinition(t *testing.T) {
	for seed := range int64(2000) {
		rng := rand.New(rand.NewSource(seed))
		a, b := new(device), new(device)
		p, q := ports(1+rng.Intn(6)), ports(1+rng.Intn(6))
		for i := range rng.Intn(40) {
			m := lan.MAC{2, byte(i)}
			a.sights = append(a.sights, sight{m, p[rng.Intn(len(p))]})
			b.sights = append(b.sights, sight{m, q[rng.Intn(len(q))]})
		}
		a.singleOut()
		b.singleOut()
		o := overlapOf(a, b)
		highest := -1
		var bestP, bestQ agreed
		for _, x := range o.a {
			for _, y := range o.b {
				holds := 0
				for i := range a.sights {
					if a.sights[i].port == x.p || b.sights[i].port == y.p {
						holds++
					}
				}
				if holds > highest {
					highest, bestP, bestQ = holds, agreed{}, agreed{}
				}
				if holds == highest {
					bestP.add(x.p)
					bestQ.add(y.p)
				}
			}
		}
		if gotP, gotQ := o.best(); gotP != bestP.port || gotQ != bestQ.port {
			t.Fatalf("seed %d: %p and %p, want %p and %p", seed, gotP, gotQ, bestP.port, bestQ.port)
		}
	}
}

func ports(n int) []*port {
	list := make([]*port, n)
	for i := range list {
		list[i] = &port{}
	}
	return list
}
