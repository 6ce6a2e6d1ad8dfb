package detect

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

var readAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// rulesOf watches the lists of the given ids with the embedded data.
func rulesOf(t *testing.T, site Site, ids ...string) Rules {
	t.Helper()
	catalog, err := watchlist.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	rules := Rules{Registry: registry.Embedded(), Catalog: catalog, Site: site}
	for _, id := range ids {
		list, ok := catalog.List(id)
		if !ok {
			t.Fatalf("there is no list %q", id)
		}
		rules.Lists = append(rules.Lists, list)
	}
	return rules
}

func usual(t *testing.T) Rules {
	t.Helper()
	return rulesOf(t, Site{}, "uk-2022-nil", "us-fcc-covered", "us-ndaa-889")
}

func parseMAC(t *testing.T, text string) lan.MAC {
	t.Helper()
	m, err := lan.ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// learnt is a station that sw1 has learnt on port 3, in VLAN 20.
func learnt(t *testing.T, mac string, more ...locate.Sighting) locate.Station {
	t.Helper()
	m := parseMAC(t, mac)
	st := locate.Station{MAC: m, Sightings: append([]locate.Sighting{{Of: readFrom("10.0.0.5"), Table: lan.Dot1qTpFdbTable,
		Row: &lan.FDBEntry{MAC: m, FDBID: 20, VLAN: 20, Port: 3, IfIndex: 103, Status: lan.FDBLearned, Table: lan.Dot1qTpFdbTable}}}, more...)}
	st.Place = locate.Place{Switch: "sw1", Address: "10.0.0.5", Port: "Gi0/3", IfIndex: 103, VLAN: 20, Certainty: locate.Edge,
		Why: "nobody else is there", Sighting: &st.Sightings[0]}
	return st
}

// says is what a station announces over LLDP.
func says(descr string, enabled lan.LLDPCapabilities) locate.Sighting {
	return locate.Sighting{Of: readFrom("10.0.0.5"), Table: lan.LLDPRemTable,
		Row: &lan.LLDPNeighbor{SysDescr: descr, Enabled: enabled, Index: "0.3.1", Chassis: lan.LLDPID{Text: "chassis"}}}
}

// resolved is an ARP entry of the router.
func resolved(t *testing.T, mac, ip string) locate.Sighting {
	t.Helper()
	return locate.Sighting{Of: readFrom("10.0.0.1"), Table: lan.IPNetToMediaTable,
		Row: &lan.ARPEntry{MAC: parseMAC(t, mac), IP: netip.MustParseAddr(ip), Table: lan.IPNetToMediaTable, Index: "7." + ip}}
}

func judgeOne(t *testing.T, rules Rules, st locate.Station) Finding {
	t.Helper()
	j := Judge(locate.Site{Stations: []locate.Station{st}}, rules)
	if len(j.Findings) != 1 {
		t.Fatalf("%s: %d findings, want one", st.MAC, len(j.Findings))
	}
	return j.Findings[0]
}

// evidenceFor returns the evidence for a claim.
func evidenceFor(f Finding, claim Claim) []Evidence {
	var list []Evidence
	for _, e := range f.Evidence {
		if e.Claim == claim {
			list = append(list, e)
		}
	}
	return list
}

// readFrom is a device that was read.
func readFrom(source string) *lan.Snapshot { return &lan.Snapshot{Source: source, To: readAt} }

// alike compares findings by what can be seen of them.
var alike = cmp.Options{cmpopts.IgnoreUnexported(locate.Sighting{}, ListMatch{}),
	cmp.Comparer(func(a, b *lan.Snapshot) bool { return a.Source == b.Source && a.To.Equal(b.To) })}
