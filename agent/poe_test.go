package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// TestPoEOfCaptures reads what the ports of the recorded devices deliver: a
// port that is taken for an interface draws power only while that is up, and
// at the cameras of which it is known, as much as is known.
func TestPoEOfCaptures(t *testing.T) {
	unraced(t)
	folder := capturesFolder(t)
	files, errs := capture.List([]string{folder})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	operStatus := smi.MustOID("1.3.6.1.2.1.2.2.1.8")
	drawing := 0
	for _, file := range files {
		s := poll.Read(context.Background(), captureDevice(file))
		loaded, err := file.Load()
		if loaded == nil {
			t.Fatal(err)
		}
		for _, port := range s.PoE {
			i := s.Interface(port.IfIndex)
			if port.Milliwatts == 0 || i == nil {
				continue
			}
			drawing++
			const up = 1
			status, _ := loaded.Recording.Get(operStatus.Append(uint32(i.Index)))
			if where := file.Name + " " + i.Label(); status.Num != up && !drawsWhileDown[where] {
				t.Errorf("%s delivers %d mW and is not up", where, port.Milliwatts)
			}
		}
	}
	watts := knownWatts(t, folder)
	for _, file := range files {
		if watts[file.Name] == nil {
			continue
		}
		for _, f := range observeCapture(t, file, allLists(t)).Findings {
			want := watts[file.Name][f.MAC]
			got := ""
			if f.Location.PoE != nil {
				got = fmt.Sprintf("%.1f", float64(f.Location.PoE.Milliwatts)/1000)
			}
			if got != want {
				t.Errorf("%s: %s draws %q W, want %q", file.Name, f.MAC, got, want)
			}
			delete(watts[file.Name], f.MAC)
		}
		if len(watts[file.Name]) > 0 {
			t.Errorf("%s: not found: %v", file.Name, watts[file.Name])
		}
	}
	t.Logf("%d ports draw power", drawing)
}

// drawsWhileDown lists the ports that deliver power to something without a
// link, and how that can be.
var drawsWhileDown = map[string]bool{
	"sim_cisco_16_switch Fa3/0/42": true, // all that the port may deliver: a device that starts, or is broken
}

// knownWatts is what the stations of a site draw by its truth, by capture and
// address.
func knownWatts(t *testing.T, folder string) map[string]map[string]string {
	t.Helper()
	known := make(map[string]map[string]string)
	evidence := regexp.MustCompile(`PoE ([0-9.]+) W`)
	for _, row := range tsv(t, filepath.Join(folder, "TRUTH.tsv")) {
		match := evidence.FindStringSubmatch(row["evidence"])
		if match == nil {
			continue
		}
		if known[row["capture"]] == nil {
			known[row["capture"]] = make(map[string]string)
		}
		var octets []string
		for mac := strings.ToLower(row["mac"]); len(mac) >= 2; mac = mac[2:] {
			octets = append(octets, mac[:2])
		}
		known[row["capture"]][strings.Join(octets, ":")] = match[1]
	}
	return known
}
