package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// TestLandmarks: two switches that announce nothing, and whose tables are too
// long to be read whole, are joined by what both know of this host and its
// gateway, so that the camera has a place.
func TestLandmarks(t *testing.T) {
	camera, host, gateway := mustMAC(t, "44:19:b6:2e:07:51"), mustMAC(t, "00:1b:21:00:00:01"), mustMAC(t, "00:1b:21:00:00:02")
	n := newSimNetwork(t)
	for address, ports := range map[string]map[lan.MAC]int{
		"10.20.0.1": {camera: 48, host: 1, gateway: 2},
		"10.20.0.2": {camera: 3, host: 48, gateway: 48},
	} {
		agent, err := snmpagent.Start("127.0.0.1:0", snmpagent.Options{
			Communities: map[string]*capture.Recording{"canary-community": recorded(t, longTable(address, ports))}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { agent.Close() })
		n.agents[address] = agent
	}
	observe := func(h *history, gateways, own []lan.MAC) *report.Report {
		s := n.site()
		s.config.Discover = config.Discover{}
		second := s.config.Switches[0]
		second.Address = at161("10.20.0.2")
		s.config.Switches = append(s.config.Switches, second)
		o := s.observer()
		o.history, o.every = h, time.Hour
		o.host, o.landmarks = true, func() ([]lan.MAC, []lan.MAC) { return gateways, own }
		r, err := o.observe(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	place := func(r *report.Report) string {
		at := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.MAC == camera.String() })
		if at < 0 {
			t.Fatalf("the camera is not found: %+v", r.Coverage)
		}
		l := r.Findings[at].Location
		return strings.TrimSpace(fmt.Sprintln(l.Certainty, l.Address, l.Port))
	}
	const behind = "10.20.0.2 port 3"
	us, them := []lan.MAC{host}, []lan.MAC{gateway}
	for want, gateways := range map[string][]lan.MAC{"ambiguous": nil, "port " + behind: them} {
		r := observe(nil, gateways, us)
		if got := place(r); got != want {
			t.Errorf("with %d gateways the camera is at %q, want %q", len(gateways), got, want)
		}
		sought(t, r)
	}

	// In the service the gateway comes and goes: it is looked for all the same,
	// and is no reason to walk.
	h := newHistory()
	observe(h, nil, us) // reads everything
	for i, gateways := range [][]lan.MAC{nil, them, nil, them} {
		r := observe(h, gateways, us)
		sought(t, r)
		if got := place(r); i > 0 && !strings.HasSuffix(got, behind) {
			t.Errorf("observation %d: the camera is at %q", i, got)
		}
	}
}

// sought holds that the forwarding tables were sought in.
func sought(t *testing.T, r *report.Report) {
	t.Helper()
	for _, c := range r.Coverage {
		for _, table := range c.Tables {
			if table.Table == string(lan.Dot1qTpFdbTable) && (table.Method != string(lan.Seek) || table.Rows > 10) {
				t.Errorf("%s: %s of %d rows, want a seek of few", c.Source, table.Method, table.Rows)
			}
		}
	}
}

// TestGatewaysAreRemembered: the newest first, and not without bound.
func TestGatewaysAreRemembered(t *testing.T) {
	h := newHistory()
	for n := range byte(100) {
		got := h.remembered([]lan.MAC{{0, n}, {1}})
		if len(got) > mostGateways || got[0] != (lan.MAC{0, n}) || n > 0 && got[2] != (lan.MAC{0, n - 1}) {
			t.Fatalf("after %d: %v", n, got)
		}
	}
	if got := h.remembered(nil); len(got) != mostGateways {
		t.Errorf("%d are remembered", len(got))
	}
}

func mustMAC(t *testing.T, text string) lan.MAC {
	t.Helper()
	mac, err := lan.ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

// longTable is a switch of 48 ports that knows, in one VLAN, the given stations
// and 4,000 of its own.
func longTable(name string, ports map[lan.MAC]int) string {
	at := make(map[lan.MAC]int)
	for i := range uint32(4000) {
		mac := lan.MAC{0x3c, 0xd9, 0x2b}
		if name == "10.20.0.2" {
			mac = lan.MAC{0xb4, 0x99, 0xba}
		}
		var low [4]byte
		binary.BigEndian.PutUint32(low[:], i*1021)
		copy(mac[3:], low[1:])
		at[mac] = 4 + int(i%40)
	}
	for mac, port := range ports {
		at[mac] = port
	}
	lines := []string{"1.3.6.1.2.1.1.3.0|67|4100", "1.3.6.1.2.1.1.5.0|4|" + name, fmt.Sprintf("1.3.6.1.2.1.17.7.1.2.1.1.2.20|66|%d", len(at))}
	for port := 1; port <= 48; port++ {
		lines = append(lines, fmt.Sprintf("1.3.6.1.2.1.2.2.1.2.%d|4|port %d", port, port), fmt.Sprintf("1.3.6.1.2.1.2.2.1.3.%d|2|6", port),
			fmt.Sprintf("1.3.6.1.2.1.17.1.4.1.2.%d|2|%d", port, port))
	}
	for mac, port := range at {
		index := fmt.Sprintf("20.%d.%d.%d.%d.%d.%d", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5])
		lines = append(lines, fmt.Sprintf("1.3.6.1.2.1.17.7.1.2.2.1.2.%s|2|%d", index, port), fmt.Sprintf("1.3.6.1.2.1.17.7.1.2.2.1.3.%s|2|3", index))
	}
	slices.SortFunc(lines, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "|")
		nameB, _, _ := strings.Cut(b, "|")
		return smi.MustOID(nameA).Compare(smi.MustOID(nameB))
	})
	return strings.Join(lines, "\n") + "\n"
}
