package locate_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// campus is a site of three levels: a core, a distribution switch for ten
// others, and those, each with 250 stations, which all on their way know. Every
// switch knows the router, and some of what others have.
func campus(switches int) []lan.Snapshot {
	core := bridge("core", base(own(0)), fdb(1, mac(1)))
	site := make([]lan.Snapshot, 0, switches)
	var middle *lan.Snapshot // stays, as the list has room for all
	for i := range switches - 1 {
		name := fmt.Sprintf("sw%03d", i)
		if i%11 == 0 {
			site = append(site, bridge(name, base(own(i+1)), fdb(24, own(0), mac(1))))
			middle = &site[len(site)-1]
			fdb(lan.IfIndex(1000+i/11), own(i+1))(&core)
			continue
		}
		up, down := lan.IfIndex(1000+i/11), lan.IfIndex(100+i%11)
		fdb(up, own(i+1))(&core)
		fdb(down, own(i+1))(middle)
		sw := bridge(name, base(own(i+1)), fdb(24, own(0), mac(1)))
		for j := range 250 {
			m := many(1<<18 + i*250 + j)
			fdb(up, m)(&core)
			fdb(down, m)(middle)
			fdb(lan.IfIndex(100+j), m)(&sw)
			if other := (i*7919 + j*104729) % (i * 250); other/250%11 > 0 {
				fdb(24, many(1<<18+other))(&sw)
			}
		}
		site = append(site, sw)
	}
	return append(site, core)
}

func BenchmarkStations(b *testing.B) {
	for _, switches := range []int{10, 50, 200} {
		site := campus(switches)
		b.Run(fmt.Sprint(switches, " switches"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				locate.Stations(site)
			}
		})
	}
}

// flat is a core switch and others around it, each of which knows all stations
// of the site: those of all others on its uplink.
func flat(switches, each int) []lan.Snapshot {
	core := bridge("core", base(own(0)), fdb(1, mac(1)))
	site := make([]lan.Snapshot, 0, switches)
	for i := range switches - 1 {
		fdb(lan.IfIndex(1000+i), own(i+1))(&core)
		sw := bridge(fmt.Sprintf("sw%03d", i), base(own(i+1)), fdb(24, own(0), mac(1)))
		for j := range (switches - 1) * each {
			port := lan.IfIndex(24)
			if j/each == i {
				port = lan.IfIndex(100 + j%each)
				fdb(lan.IfIndex(1000+i), many(j))(&core)
			}
			fdb(port, many(j))(&sw)
		}
		site = append(site, sw)
	}
	return append(site, core)
}

// BenchmarkFlat: a million rows, as every switch knows everybody.
func BenchmarkFlat(b *testing.B) {
	site := flat(200, 26)
	rows := 0
	for _, s := range site {
		rows += len(s.FDB)
	}
	b.ReportAllocs()
	for b.Loop() {
		locate.Stations(site)
	}
	b.ReportMetric(float64(rows), "rows")
}

// sought is a tree of switches, up to forty of which hang at one. All announce
// themselves, and of the tables only the switches and ten stations of each were
// sought.
func sought(switches int) []lan.Snapshot {
	const children, uplink = 40, 48
	parent := func(i int) (of int, port lan.IfIndex) { return (i - 1) / children, lan.IfIndex((i-1)%children + 1) }
	site := make([]lan.Snapshot, switches)
	for i := range site {
		sw := bridge(fmt.Sprintf("sw%03d", i), base(own(i)))
		sw.Readings[0].Method = lan.Seek
		for j := range site {
			port, other := lan.IfIndex(uplink), j
			for other > i {
				var down lan.IfIndex
				if other, down = parent(other); other == i {
					port = down
				}
			}
			if j != i {
				fdb(port, own(j))(&sw)
			}
		}
		for j := range 10 {
			fdb(lan.IfIndex(41+j%7), many(10*i+j))(&sw)
		}
		hear := func(port lan.IfIndex, other int) {
			hears(port, own(other), fmt.Sprintf("sw%03d", other), lan.LLDPBridge)(&sw)
		}
		if of, _ := parent(i); i > 0 {
			hear(uplink, of)
		}
		for j := i*children + 1; j <= (i+1)*children && j < switches; j++ {
			_, port := parent(j)
			hear(port, j)
		}
		site[i] = sw
	}
	return site
}

// BenchmarkSought: as at a large site, most of what is read is of switches.
func BenchmarkSought(b *testing.B) {
	site := sought(200)
	wanted := func(mac lan.MAC, _ *locate.Agent) bool { return mac[1] == many(0)[1] }
	b.ReportAllocs()
	for b.Loop() {
		if found := locate.Locate(site, wanted); len(found.Stations) != 200*10+200 {
			b.Fatalf("%d stations", len(found.Stations))
		}
	}
}

// TestLargeCampus: 200 switches and 50,000 stations take little time and
// memory beyond that of the tables.
func TestLargeCampus(t *testing.T) {
	site := campus(220)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	stations := locate.Stations(site)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	t.Logf("%d stations of %d switches in %v, %d MiB allocated", len(stations), len(site), took, (after.TotalAlloc-before.TotalAlloc)>>20)
	if took > patience || after.TotalAlloc-before.TotalAlloc > 300<<20 {
		t.Errorf("%v, %d MiB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
	}
	for _, st := range stations {
		if p := st.Place; st.MAC[3] >= 4 && p.Certainty != locate.Edge {
			t.Fatalf("%s: %s: %s", st.MAC, describe(p), p.Why)
		}
	}
}
