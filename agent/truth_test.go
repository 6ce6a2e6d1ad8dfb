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
			places := sitePlaces(t, folder, rows)
			open := 0
			for _, row := range rows {
				mac, err := lan.ParseMAC(row["mac"])
				if err != nil {
					t.Fatal(err)
				}
				place, seen := places[mac]
				switch {
				case !seen:
					t.Errorf("%s is not among the stations", mac)
				case !attached(place):
					open++
					if site == "soada" && row["verdict"] == "EDGE" {
						t.Errorf("%s is on %s, and called %s: %s", mac, row["ifName"], place.Certainty, place.Why)
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

// A truthRow is what is known of one station on one device.
type truthRow map[string]string

// allows tells whether a place on an access port agrees with the row.
func (row truthRow) allows(p locate.Place) bool {
	here := strings.HasSuffix(p.Address, row["capture"]+".snmprec") &&
		(row["ifIndex"] == p.IfIndex.String() || row["ifIndex"] == "" && row["ifName"] == p.Port)
	switch {
	case row["site"] == "soada" && row["verdict"] == "EDGE":
		return here && p.Certainty == locate.Edge && p.Port == row["ifName"]
	case strings.HasPrefix(row["verdict"], "EDGE"):
		return here
	case strings.HasPrefix(row["verdict"], "SHARED"):
		return p.Certainty == locate.Shared
	default: // an uplink: it is elsewhere
		return !here
	}
}

// sitePlaces says where the stations of a site are, by all of its captures.
func sitePlaces(t *testing.T, folder string, rows []truthRow) map[lan.MAC]locate.Place {
	t.Helper()
	var names []string
	for _, row := range rows {
		if !strings.ContainsAny(row["capture"], "+:") { // several devices, which other rows name
			names = append(names, filepath.Join(folder, row["capture"]+".snmprec"))
		}
	}
	slices.Sort(names)
	files, errs := capture.List(slices.Compact(names))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var devices []poll.Device
	for _, file := range files {
		devices = append(devices, captureDevice(file))
	}
	places := make(map[lan.MAC]locate.Place)
	for _, st := range locate.Stations(poll.All(context.Background(), devices, nil, nil)) {
		places[st.MAC] = st.Place
	}
	return places
}
