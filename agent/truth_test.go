package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/poll"
)

// TestTruth reads the captures of each site together: a station whose port is
// known is found on it, and none is placed where it is known not to be.
func TestTruth(t *testing.T) {
	folder := capturesFolder(t)
	sites := make(map[string][]truthRow)
	for _, row := range tsv(t, filepath.Join(folder, "TRUTH.tsv")) {
		sites[row["site"]] = append(sites[row["site"]], row)
	}
	for site, rows := range sites {
		t.Run(site, func(t *testing.T) {
			stations := siteStations(t, folder, rows)
			open := 0
			for _, row := range rows {
				mac, err := lan.ParseMAC(row["mac"])
				if err != nil {
					t.Fatal(err)
				}
				st, seen := stations[mac]
				place := st.Place
				switch {
				case !seen:
					t.Errorf("%s is not among the stations", mac)
				case !attached(place):
					open++
					if row.explain(&st) == "" {
						t.Errorf("%s is %s by the truth, and called %s: %s", mac, row["verdict"], place.Certainty, place.Why)
					}
				case !row.allows(place):
					t.Errorf("%s is %s by the truth, on %s %s%s; it is called %s on %s %s", mac, row["verdict"], row["capture"], row["ifIndex"], row["ifName"],
						place.Certainty, place.Switch, place.Port)
				}
			}
			t.Logf("%d rows, of which %d were given no access port", len(rows), open)
		})
	}
}

// attached tells whether a place names the port that a station is on.
func attached(p locate.Place) bool {
	return p.Certainty == locate.Edge || p.Certainty == locate.Port || p.Certainty == locate.Shared
}

// differences are the reasons for which a station of the truth is given no
// access port. In each the truth is another view of the same.
var differences = []struct {
	why   string
	holds func(truthRow, *locate.Station) bool
}{
	{"the address is a read switch's own: the truth counts it among the stations of the segment, here it is the switch",
		func(_ truthRow, st *locate.Station) bool { return st.Self != "" }},
	{"the truth knows it behind this uplink too, and the switch beyond was not read",
		func(row truthRow, st *locate.Station) bool {
			return strings.HasPrefix(row["verdict"], "UPLINK") && strings.Contains(st.Place.Why, "was not read")
		}},
	{"the truth knows it behind this tunnel too",
		func(row truthRow, st *locate.Station) bool {
			return strings.HasPrefix(row["verdict"], "UPLINK") && strings.Contains(st.Place.Why, "is a tunnel")
		}},
	{"one switch alone sees it, on the port to the others: it is on the segment between them, or behind one that does not list it",
		func(row truthRow, st *locate.Station) bool {
			return strings.HasPrefix(row["verdict"], "BEHIND-UPLINK") && row.here(st.Place) && strings.Contains(st.Place.Why, "not list it")
		}},
}

func (row truthRow) explain(st *locate.Station) string {
	for _, d := range differences {
		if st.Place.Certainty == locate.Uplink && d.holds(row, st) {
			return d.why
		}
	}
	return ""
}

// here tells whether a place is the port of the row.
func (row truthRow) here(p locate.Place) bool {
	return strings.HasSuffix(p.Address, row["capture"]+".snmprec") &&
		(row["ifIndex"] == p.IfIndex.String() || row["ifIndex"] == "" && row["ifName"] == p.Port)
}

// segment tells whether a place is between the ports that the row lists, such
// as sam.asw01:3+asw01:2, and no others.
func (row truthRow) segment(p locate.Place) bool {
	names := []string{p.Switch}
	for _, a := range p.Alternatives {
		if strings.HasPrefix(a.WhyNot, "as near") {
			names = append(names, a.Switch)
		}
	}
	want := strings.Split(strings.TrimPrefix(row["capture"], "onms_nms7918_"), "+")
	for i, port := range want {
		want[i], _, _ = strings.Cut(port, ":")
	}
	for i, name := range names {
		names[i] = strings.ToLower(name)
	}
	slices.Sort(names)
	slices.Sort(want)
	return slices.Equal(names, want)
}

// A truthRow is what is known of one station on one device.
type truthRow map[string]string

// allows tells whether a place on an access port agrees with the row.
func (row truthRow) allows(p locate.Place) bool {
	here := row.here(p)
	switch {
	case row["site"] == "soada" && row["verdict"] == "EDGE":
		return here && p.Certainty == locate.Edge && p.Port == row["ifName"]
	case strings.HasPrefix(row["verdict"], "EDGE"):
		return here
	case strings.HasPrefix(row["verdict"], "SHARED"):
		return p.Certainty == locate.Shared && row.segment(p)
	default: // an uplink: it is elsewhere
		return !here
	}
}

// siteStations are the stations of a site, by all of its captures.
func siteStations(t *testing.T, folder string, rows []truthRow) map[lan.MAC]locate.Station {
	t.Helper()
	var names []string
	for _, row := range rows {
		if !strings.ContainsAny(row["capture"], "+:") { // several devices, which other rows name
			names = append(names, filepath.Join(folder, row["capture"]+".snmprec"))
		}
	}
	slices.Sort(names)
	stations, _ := stationsOf(t, slices.Compact(names))
	return stations
}

// stationsOf are the stations by some captures, and what the devices are called
// as locate does: by their names, with their addresses where several have one.
func stationsOf(t *testing.T, names []string) (map[lan.MAC]locate.Station, map[string]string) {
	t.Helper()
	files, errs := capture.List(names)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var devices []poll.Device
	for _, file := range files {
		devices = append(devices, captureDevice(file))
	}
	stations := make(map[lan.MAC]locate.Station)
	snapshots := poll.All(context.Background(), devices, nil, nil)
	for _, st := range locate.Stations(snapshots) {
		stations[st.MAC] = st
	}
	sources := make(map[string]string)
	for _, s := range snapshots {
		sources[s.Name()], sources[s.Name()+" ("+s.Source+")"] = s.Source, s.Source
	}
	return stations, sources
}

// TestLinks: OpenNMS asserts 17 links between 18 switches of one of its sites,
// of which each says by LLDP who is next to it.
func TestLinks(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(capturesFolder(t), "onms_nms0000_10.*.snmprec"))
	if err != nil || len(names) == 0 {
		t.Skip("the site is not among the captures: ", err)
	}
	links, switches := make(map[[2]string]bool), make(map[string]bool)
	stations, sources := stationsOf(t, names)
	for _, st := range stations {
		for _, sighting := range st.Sightings {
			if _, heard := sighting.Row.(*lan.LLDPNeighbor); heard && st.Self != "" {
				ends := []string{sighting.Of.Source, sources[st.Self]}
				slices.Sort(ends)
				links[[2]string(ends)] = true
				switches[ends[0]], switches[ends[1]] = true, true
			}
		}
	}
	if len(links) != 17 || len(switches) != 18 {
		t.Errorf("%d links between %d switches", len(links), len(switches))
	}
}
