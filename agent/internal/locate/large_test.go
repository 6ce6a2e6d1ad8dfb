package locate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// patience is how long a large site may take on a slow machine, with the race
// detector on; without either it is a tenth of that. What grows with the
// square of the rows takes minutes.
const patience = 20 * time.Second

// locateInTime locates the stations of a large site.
func locateInTime(t *testing.T, site []lan.Snapshot) map[lan.MAC]locate.Place {
	t.Helper()
	start := time.Now()
	stations := locate.Stations(site)
	took := time.Since(start)
	t.Logf("%d stations in %v", len(stations), took)
	if took > patience {
		t.Errorf("took %v", took)
	}
	places := make(map[lan.MAC]locate.Place, len(stations))
	for _, st := range stations {
		places[st.MAC] = st.Place
	}
	return places
}

// TestOneAddressOnManyPorts: a loop, or a hostile device, shows one address
// everywhere. No port is named, some are listed and the rest is counted.
func TestOneAddressOnManyPorts(t *testing.T) {
	const ports = 20000
	rows := make([]row, 0, ports)
	for i := lan.IfIndex(1); i <= ports; i++ {
		rows = append(rows, fdb(i, mac(1)))
	}
	p := locateInTime(t, []lan.Snapshot{bridge("sw1", rows...)})[mac(1)]
	if p.Certainty != locate.Double || p.Switch != "" || len(p.Alternatives) != 64 || !strings.HasSuffix(p.Why, "; 19936 more ports that see it are not listed") {
		t.Errorf("%s %q, %d alternatives: %s", p.Certainty, p.Switch, len(p.Alternatives), p.Why)
	}
	near := bridge("sw2", fdb(3, mac(1)), fdb(24, own(1)))
	p = locateInTime(t, []lan.Snapshot{bridge("sw1", append(rows, base(own(1)))...), near})[mac(1)]
	if describe(p) != "edge sw2 p3 (1)" || len(p.Alternatives) != 64 || !strings.HasSuffix(p.Why, "; 19936 more ports that see it are not listed") {
		t.Errorf("%s, %d alternatives: %s", describe(p), len(p.Alternatives), p.Why)
	}
}

// TestManyNeighborsOnOnePort: each of them is a station of its own.
func TestManyNeighborsOnOnePort(t *testing.T) {
	const neighbours = 30000
	var rows []row
	for i := range neighbours {
		m := many(i)
		rows = append(rows, fdb(1, m), hears(1, m, fmt.Sprint("cam", i), lan.LLDPStation))
	}
	places := locateInTime(t, []lan.Snapshot{bridge("sw1", rows...), bridge("sw2", fdb(2, own(7)))})
	for _, m := range []lan.MAC{many(0), many(neighbours - 1)} {
		if p := places[m]; p.Certainty != locate.Shared || *p.Stations != neighbours {
			t.Errorf("%s: %s", m, describe(p))
		}
	}
}

// TestManySilentNeighbors: none of them is in the forwarding table, which is
// large as well.
func TestManySilentNeighbors(t *testing.T) {
	const stations, ports = 120000, 1000
	sw := bridge("sw1")
	for i := range stations {
		at := lan.IfIndex(1 + i%ports)
		fdb(at, many(2*stations-i))(&sw)
		hears(at, many(stations-i), fmt.Sprint("cam", i), lan.LLDPStation)(&sw)
	}
	places := locateInTime(t, []lan.Snapshot{sw})
	if p := places[many(ports)]; p.Certainty != locate.Shared || p.Switch != "sw1" {
		t.Errorf("%s: %s", describe(p), p.Why)
	}
}

// TestLargeSite: a core switch with 200 others, each with 250 stations.
func TestLargeSite(t *testing.T) {
	const switches, stations = 200, 250
	core := bridge("core", base(own(0)))
	site := []lan.Snapshot{}
	for i := range switches {
		up := lan.IfIndex(1000 + i)
		fdb(up, own(i+1))(&core)
		sw := bridge(fmt.Sprintf("sw%03d", i), base(own(i+1)), fdb(24, own(0)))
		for j := range stations {
			m := many(i*stations + j)
			fdb(up, m)(&core)
			fdb(lan.IfIndex(100+j), m)(&sw)
		}
		site = append(site, sw)
	}
	places := locateInTime(t, append(site, core))
	for i := range switches * stations {
		want := fmt.Sprintf("edge sw%03d ifIndex %d (1)", i/stations, 100+i%stations)
		if p := places[many(i)]; describe(p) != want {
			t.Fatalf("%s, want %s: %s", describe(p), want, p.Why)
		}
	}
}

// TestLargeOpenSite: 200 switches that all know the same 250 stations, and
// nothing that tells how they are linked.
func TestLargeOpenSite(t *testing.T) {
	var site []lan.Snapshot
	for i := range 200 {
		sw := bridge(fmt.Sprintf("sw%03d", i))
		for j := range 250 {
			fdb(lan.IfIndex(1+(i*7+j*13)%24), many(j))(&sw)
		}
		site = append(site, sw)
	}
	for m, p := range locateInTime(t, site) {
		if p.Certainty != locate.Ambiguous && p.Certainty != locate.Double || len(p.Alternatives) != 64 || !strings.HasSuffix(p.Why, "; 136 more ports that see it are not listed") {
			t.Fatalf("%s: %s, %d alternatives: %s", m, describe(p), len(p.Alternatives), p.Why)
		}
	}
}

// many is the address of a station of a large site.
func many(i int) lan.MAC { return lan.MAC{0x00, 0x25, 0x90, byte(i >> 16), byte(i >> 8), byte(i)} }
