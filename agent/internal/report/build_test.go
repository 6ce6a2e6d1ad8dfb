package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// readAt is in another zone than UTC and has fractions, which reports have not.
var readAt = time.Date(2026, 11, 23, 13, 0, 0, 123456789, time.FixedZone("CET", 3600))

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: want -, got +\n%s", path, diff)
	}
}

func asJSON(t *testing.T, r *Report) []byte {
	t.Helper()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

// watched are rules with lists made for this test. The registry is empty: its
// edition must not show in a golden file.
func watched() detect.Rules {
	return detect.Rules{Registry: &registry.Registry{}, Catalog: &watchlist.Catalog{}, Lists: []*watchlist.List{
		{ID: "uk-2022-nil", Version: 1, AsOf: "2026-06-10", Expires: "2026-11-22", Title: "A statement", Scope: "Sites.\n", Source: watchlist.Source{Text: "a text", Where: "somewhere"}},
		{ID: "us-ndaa-889", Version: 3, AsOf: "2026-06-10", Expires: "2026-11-23"}},
		Own: []detect.Own{{Allow: true, Maker: "dahua", Reason: "known", By: "J. Doe", Until: "2026-11-22"}, {Range: lan.MACRange{Last: lan.MAC{0, 0, 0, 0, 0, 0xff}}, Until: "2026-11-23"}},
		At:  readAt}
}

func snapshots() []lan.Snapshot {
	return []lan.Snapshot{
		{Source: "10.0.0.2", Kind: lan.SwitchSource, From: readAt, To: readAt.Add(1800 * time.Millisecond), Requests: 41, System: lan.System{Name: "sw00"},
			VLANs: map[lan.FDBID][]lan.VLAN{1: {10, 20}, 2: {30}}, ARP: []lan.ARPEntry{{}, {MAC: lan.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}},
			FDB: []lan.FDBEntry{{VLAN: 20, MAC: lan.MAC{1, 0, 0x5e}}, {VLAN: 40, MAC: lan.MAC{1, 0, 0x5e}}, {MAC: lan.MAC{0x14, 0xa7, 0x8b, 0xb6, 0xd3, 0x41}}},
			Readings: []lan.Reading{
				{Table: lan.Dot1qTpFdbTable, Status: lan.Complete, Method: lan.Walk, Rows: 12},
				{Table: lan.Dot1dTpFdbTable, Status: lan.Absent, Method: lan.Walk, Reason: "the device has no such table"},
			}},
		{Source: "10.0.0.5", Kind: lan.SwitchSource, From: readAt.Add(-2 * time.Second), To: readAt, Requests: 9,
			Readings: []lan.Reading{{Table: lan.Dot1dTpFdbTable, Context: "20", Status: lan.Partial, Method: lan.Walk, Rows: 3, Reason: "cut short after 3 rows"}}},
		{Source: "10.0.0.6", Kind: lan.SwitchSource, From: readAt, To: readAt, Err: "no answer"},
		{Source: "nvr-7", Kind: lan.HostSource, From: readAt, To: readAt,
			Readings: []lan.Reading{{Table: lan.Neighbours, Status: lan.Complete, Method: lan.Walk, Rows: 2}}},
	}
}

func filled() detect.Judgement {
	one := 1
	mac := lan.MAC{0x14, 0xa7, 0x8b, 0xb6, 0xd3, 0x41}
	camera := locate.Station{MAC: mac, IPs: []netip.Addr{netip.MustParseAddr("10.20.0.9"), netip.MustParseAddr("fe80::1%eth0")}, Names: []string{"cam-lobby"},
		Sightings: []locate.Sighting{{Of: &lan.Snapshot{To: readAt}}, {Of: &lan.Snapshot{To: readAt.Add(-time.Minute)}}, {Of: &lan.Snapshot{To: readAt.Add(time.Minute)}}},
		Place: locate.Place{Switch: "sw03", Address: "10.0.0.5", Port: "Gi0/16", IfIndex: 116, Alias: "lobby", VLAN: 20, Certainty: locate.Edge,
			Stations: &one, CountedAt: readAt, PoE: &lan.PoEPort{Group: 1, Port: 16, IfIndex: 116, Delivering: true, Class: 4, Milliwatts: 2500}, Why: "alone", Alternatives: []locate.Alternative{{Switch: "sw00", Port: "Gi0/1", WhyNot: "sw03 is behind this port"}}}}
	hidden := locate.Station{MAC: lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}, Sightings: []locate.Sighting{{Of: &lan.Snapshot{To: readAt}}},
		Place: locate.Place{Certainty: locate.Seen, Host: "nvr-7", Interface: "cams", Why: "only there"}}
	return detect.Judgement{Stations: 1480,
		VendorOnly:    []detect.VendorOnly{{Maker: "huawei", Stations: 7}},
		NotAssessable: detect.NotAssessable{LocallyAdministered: 31, Virtual: 2, Unassigned: 1, Private: 4, SubAssigned: 5},
		Findings: []detect.Finding{
			{Station: &camera, Class: detect.Camera, Level: detect.Possible, Rule: "possible-block", Severity: detect.Medium,
				Maker: detect.Maker{Key: "dahua", Name: "Dahua", Organization: "Zhejiang Dahua Technology Co., Ltd.", Prefix: "14:a7:8b/24", Registry: "MA-L"},
				Lists: []detect.ListMatch{{ID: "uk-2022-nil", Relation: watchlist.Criterion}, {ID: "us-ndaa-889", Version: 3, Relation: watchlist.Named, Note: "it names Dahua"}},
				Evidence: []detect.Evidence{{Claim: detect.MakerClaim, Mechanism: detect.MACBlock, Source: "10.0.0.5", Table: lan.Dot1qTpFdbTable,
					Object: "1.3.6.1", Value: "16", ObservedAt: readAt, Rule: "registry-24", Text: "the block is Dahua's"}}},
			{Station: &hidden, Class: detect.Unknown, Level: detect.Possible, Rule: "possible-block", Severity: detect.Low, Maker: detect.Maker{Key: "hikvision"},
				Lists: []detect.ListMatch{{ID: "us-ndaa-889", Version: 3, Relation: watchlist.Named}}, Evidence: []detect.Evidence{{Claim: detect.CoreClaim, Mechanism: detect.MACBlock}}},
		}}
}

// whole adds what is not Build's to know, and the editions, which the rules of
// these tests have none of.
func whole(r *Report) *Report {
	r.ID = "019ae000-0000-7000-8000-000000000042"
	r.Data.Registry = Registry{Date: "2026-09-23", SHA256: strings.Repeat("0", 64)}
	r.Data.Makers = Makers{Version: 1, AsOf: "2026-06-10"}
	return r
}

// TestBuild holds a filled report against a golden file, twice.
func TestBuild(t *testing.T) {
	first := asJSON(t, whole(Build(snapshots(), filled(), watched())))
	golden(t, "filled.json", first)
	if second := asJSON(t, whole(Build(snapshots(), filled(), watched()))); !bytes.Equal(first, second) {
		t.Error("the same observation makes another report")
	}
}

// TestBuildEmpty: of nothing there are empty lists, never null.
func TestBuildEmpty(t *testing.T) {
	text := asJSON(t, whole(Build(nil, detect.Judgement{}, detect.Rules{Registry: &registry.Registry{}, Catalog: &watchlist.Catalog{}})))
	golden(t, "empty.json", text)
	bare := asJSON(t, Build([]lan.Snapshot{{Source: "sw"}}, detect.Judgement{Findings: []detect.Finding{{Station: new(locate.Station)}}}, detect.Rules{Registry: &registry.Registry{}, Catalog: &watchlist.Catalog{}}))
	for _, text := range [][]byte{text, bare} {
		for _, line := range strings.Split(string(text), "\n") {
			key, isNull := strings.CutSuffix(strings.TrimSuffix(strings.TrimSpace(line), ","), ": null")
			switch {
			case !isNull, key == `"stations_seen"`, key == `"sensitive"`, key == `"offset_ms"`, key == `"stations_on_port"`, key == `"counted_at"`:
			default:
				t.Errorf("%s is null", key)
			}
		}
	}
}

// TestBuildAlone: a report shares nothing with what it was made of, so that
// memory may write into it.
func TestBuildAlone(t *testing.T) {
	j := filled()
	r := Build(snapshots(), j, watched())
	r.Findings[0].Names[0], *r.StationsSeen = "another", 0
	if j.Findings[0].Station.Names[0] != "cam-lobby" || j.Stations != 1480 {
		t.Error("writing into the report wrote into the judgement")
	}
}

func TestCoverageStatus(t *testing.T) {
	reading := func(status lan.ReadStatus) lan.Reading { return lan.Reading{Status: status} }
	tests := []struct {
		name     string
		snapshot lan.Snapshot
		want     string
	}{
		{"complete and absent", lan.Snapshot{Readings: []lan.Reading{reading(lan.Complete), reading(lan.Absent)}}, "complete"},
		{"one partial", lan.Snapshot{Readings: []lan.Reading{reading(lan.Partial), reading(lan.Complete)}}, "partial"},
		{"one failed", lan.Snapshot{Readings: []lan.Reading{reading(lan.Complete), reading(lan.Failed)}}, "partial"},
		{"nothing", lan.Snapshot{Err: "no answer", Readings: []lan.Reading{reading(lan.Failed)}}, "failed"},
	}
	for _, test := range tests {
		if got := coverage(&test.snapshot).Status; got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestIncompleteUnread(t *testing.T) {
	tests := []struct {
		status             []string
		incomplete, unread bool
	}{
		{nil, false, true},
		{[]string{"complete"}, false, false},
		{[]string{"complete", "partial"}, true, false},
		{[]string{"complete", "failed"}, true, false},
		{[]string{"failed", "failed"}, true, true},
	}
	for _, test := range tests {
		r := &Report{}
		for _, s := range test.status {
			r.Coverage = append(r.Coverage, Coverage{Status: s})
		}
		if r.Incomplete() != test.incomplete || r.Unread() != test.unread {
			t.Errorf("%q: incomplete %v, unread %v", test.status, r.Incomplete(), r.Unread())
		}
	}
}

// TestPoE: what a port delivers is told as far as the switch tells it, and the
// class only of what draws power.
func TestPoE(t *testing.T) {
	tests := []struct {
		port      lan.PoEPort
		json, say string
	}{
		{lan.PoEPort{Delivering: true, Class: 4, Milliwatts: 2530}, `{"delivering":true,"class":3,"milliwatts":2530}`, "delivers 2.5 W to a device of class 3"},
		{lan.PoEPort{Delivering: true, Class: 1}, `{"delivering":true,"class":0}`, "delivers power to a device of class 0"},
		{lan.PoEPort{Delivering: true, Milliwatts: 400}, `{"delivering":true,"milliwatts":400}`, "delivers 0.4 W"},
		{lan.PoEPort{Delivering: true}, `{"delivering":true}`, "delivers power"},
		{lan.PoEPort{Class: 1}, `{"delivering":false}`, "delivers no power"},
	}
	for _, test := range tests {
		p := poe(&test.port)
		text, err := json.Marshal(p)
		if err != nil || string(text) != test.json || p.String() != test.say {
			t.Errorf("%+v: %s, %v, %q", test.port, text, err, p)
		}
	}
	if poe(nil) != nil {
		t.Error("of no port something is told")
	}
}
