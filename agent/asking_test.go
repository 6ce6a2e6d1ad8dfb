package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/page"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/spool"
)

// TestWhoIsAsked: a station is asked by an address inside the subnets that is
// bound to it alone, and not again within a day.
func TestWhoIsAsked(t *testing.T) {
	camera, other := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}, lan.MAC{0x3c, 0xd9, 0x2b, 0, 0, 1}
	bound := func(mac lan.MAC, ips ...string) []lan.ARPEntry {
		var entries []lan.ARPEntry
		for _, ip := range ips {
			entries = append(entries, lan.ARPEntry{IP: netip.MustParseAddr(ip), MAC: mac})
		}
		return entries
	}
	tests := []struct {
		name  string
		ips   []string // of the camera, in order
		other []string // of another station
		self  string
		asked string
	}{
		{"inside", []string{"10.20.0.9"}, nil, "", "10.20.0.9"},
		{"outside", []string{"10.20.1.9"}, nil, "", ""},
		{"without an address", nil, nil, "", ""},
		{"the first inside", []string{"10.19.0.9", "10.20.0.9", "10.20.0.10", "2001:db8::9"}, nil, "", "10.20.0.9"},
		{"of IPv6 alone", []string{"2001:db8::9", "fe80::9%eth0"}, nil, "", "2001:db8::9"},
		{"IPv4 as IPv6", []string{"::ffff:10.20.0.9"}, nil, "", "10.20.0.9"},
		{"another has it too", []string{"10.20.0.9"}, []string{"10.20.0.9"}, "", ""},
		{"another has the first too", []string{"10.20.0.9", "10.20.0.10"}, []string{"10.20.0.9"}, "", "10.20.0.10"},
		{"broadcast", []string{"10.20.0.255"}, nil, "", ""},
		{"a router", []string{"10.20.0.1", "10.20.0.2", "10.20.0.3", "10.20.0.4", "10.20.0.5"}, nil, "", ""},
		{"a switch that was read", []string{"10.20.0.9"}, nil, "sw1", ""},
	}
	a := newAsker(config.Confirm{Enabled: true, Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24"), netip.MustParsePrefix("2001:db8::/64")}}, nil)
	for _, test := range tests {
		st := locate.Station{MAC: camera, Self: test.self}
		for _, ip := range test.ips {
			st.IPs = append(st.IPs, netip.MustParseAddr(ip))
		}
		owners := ownersOf([]lan.Snapshot{{ARP: bound(camera, test.ips...)}, {ARP: bound(other, test.other...)}, {ARP: bound(camera, test.ips...)}})
		judgement := detect.Judgement{Findings: []detect.Finding{{Station: &st, Lists: []detect.ListMatch{{ID: "us-ndaa-889"}}}}}
		got := ""
		for _, s := range a.due(judgement, owners, time.Now()) {
			got += s.Address.String()
		}
		if got != test.asked {
			t.Errorf("%s: asked by %q, want %q", test.name, got, test.asked)
		}
		judgement = detect.Judgement{Suspects: []detect.Suspect{{Station: &st, Why: "its block"}}}
		if due := a.due(judgement, owners, time.Now()); (len(due) == 1) != (test.asked != "") {
			t.Errorf("%s, suspected: %v", test.name, due)
		}
	}
}

// TestHoused: a station that shares its address with others has one all the
// same, so that nobody answers for it from elsewhere.
func TestHoused(t *testing.T) {
	a := newAsker(config.Confirm{Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24")}}, nil)
	shared, alone, outside := lan.MAC{2, 1}, lan.MAC{2, 2}, lan.MAC{2, 3}
	at := func(ip string, mac lan.MAC) lan.ARPEntry { return lan.ARPEntry{IP: netip.MustParseAddr(ip), MAC: mac} }
	snapshots := []lan.Snapshot{{ARP: []lan.ARPEntry{at("10.20.0.9", shared), at("::ffff:10.20.0.8", alone)}}, {ARP: []lan.ARPEntry{at("10.20.0.9", lan.MAC{2, 4}), at("10.21.0.9", outside)}}}
	if housed := a.housed(snapshots); !housed[shared] || !housed[alone] || housed[outside] {
		t.Errorf("housed are %v", housed)
	}
	owners := ownersOf(snapshots)
	if mac, bound := owners.claimed(netip.MustParseAddr("10.20.0.9")); !bound || mac.IsStation() {
		t.Errorf("of several: %v, %v", mac, bound)
	}
	if _, bound := owners.claimed(netip.MustParseAddr("10.20.0.7")); bound {
		t.Error("an address of nobody is bound")
	}
}

// TestUnplaced: a station that was only counted, or a switch that was only
// named, is looked for when it has answered.
func TestUnplaced(t *testing.T) {
	other, named, placed := lan.MAC{0, 1}, lan.MAC{0, 2}, lan.MAC{0, 3}
	located := locate.Site{Others: []lan.MAC{other}, Stations: []locate.Station{{MAC: named, Self: "sw1"}, {MAC: placed, Place: locate.Place{Certainty: locate.Edge}}}}
	for mac, want := range map[lan.MAC]bool{other: true, named: true, placed: false, {0, 4}: false} {
		if got := unplaced(located, map[lan.MAC][]lan.Answer{mac: {{Question: lan.SADP}}}); got != want {
			t.Errorf("%v has answered: %v, want %v", mac, got, want)
		}
	}
}

// TestAskerRemembers: what the service has asked is not asked again, and its
// answers count for the next observation.
func TestAskerRemembers(t *testing.T) {
	mac, now := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}, time.Now()
	m := new(memory.Memory)
	m.Asked.Ask(mac, "10.20.0.9", now)
	m.Asked.Hear(mac, []lan.Answer{{Question: lan.SADP, At: now}})
	a := newAsker(config.Confirm{Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24")}}, nil)
	alive := 0
	a.recall(m, nil, func() { alive++ })
	a.inquiries.Ask(lan.MAC{2}, "10.20.0.10", now)
	if len(m.Asked.Stations) != 1 {
		t.Error("the memory has changed before the observation was made")
	}
	if len(a.answers(now)[mac]) != 1 || a.options.Time != askingTime {
		t.Errorf("answers %v", a.answers(now))
	}
	if a.options.Alive(); alive != 1 {
		t.Error("the service does not hear of the asking")
	}
	a.remember(m)
	if len(m.Asked.Stations) != 2 {
		t.Error("what was asked is not remembered")
	}
	var nobody *asker
	nobody.recall(m, nil, nil)
	nobody.remember(m)
	if nobody.summary() != nil || nobody.answers(now) != nil || len(m.Asked.Stations) != 2 {
		t.Error("who asks nobody has something to say")
	}
}

// TestQuoted: the table, the report and the page quote what a station has said,
// and do no harm by it.
func TestQuoted(t *testing.T) {
	e, err := embeddedEditions()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := e.rules(config.Default().Watch, detect.Site{})
	if err != nil {
		t.Fatal(err)
	}
	mac := lan.MAC{0x14, 0xa7, 0x8b, 0, 0, 1}
	row := &lan.ARPEntry{MAC: mac, IP: netip.MustParseAddr("10.20.0.9"), Table: lan.Neighbours}
	snapshots := []lan.Snapshot{{Source: "this host", Kind: lan.HostSource, To: time.Now(), Readings: []lan.Reading{{Table: lan.Neighbours, Status: lan.Complete, Rows: 1}}}}
	st := locate.Station{MAC: mac, IPs: []netip.Addr{row.IP}, Place: locate.Place{Why: "it is in no forwarding table"}, Sightings: []locate.Sighting{{Of: &snapshots[0], Table: lan.Neighbours, Row: row}}}
	rules.Asking, rules.Answers = true, map[lan.MAC][]lan.Answer{mac: {{Question: lan.DHDiscover, From: "10.20.0.9:37810", At: time.Now(), Said: []lan.Said{
		{Field: "DeviceClass", Value: "NVR"}, {Field: "DeviceType", Value: "NVR4108 <b>&"}, {Field: "Vendor", Value: "General"},
		{Field: "RemoteVideoInputChannels", Value: "8"}}}}}
	r := report.Build(snapshots, detect.Judge(locate.Site{Stations: []locate.Station{st}}, rules), rules)
	r.Asked = &report.Asked{Stations: 1, Answered: 1, Waiting: 2, Packets: 12}
	var text, html bytes.Buffer
	if err := printReport(&text, r, look{}); err != nil {
		t.Fatal(err)
	}
	if err := page.Write(&html, r); err != nil {
		t.Fatal(err)
	}
	for _, quote := range []string{`DeviceClass "NVR", DeviceType "NVR4108 <b>&", Vendor "General"`, "it claims to have 8 channels"} {
		if !strings.Contains(text.String(), quote) {
			t.Errorf("the table does not quote %s:\n%s", quote, text.String())
		}
	}
	const remark = "In this observation read-only questions were put to 1 station inside the configured subnets (12 packets); answers of 1 station count here."
	if !strings.Contains(html.String(), "NVR4108 &lt;b&gt;&amp;") || strings.Contains(html.String(), "NVR4108 <b>") || !strings.Contains(html.String(), "it claims to have 8 channels") {
		t.Error("the page does not quote it, or not well")
	}
	for _, said := range []string{text.String(), html.String()} {
		if !strings.Contains(said, remark) || !strings.Contains(said, "2 stations are still to be asked.") || strings.Contains(said, "No station was asked anything") {
			t.Errorf("what was asked is not told: %s", said)
		}
	}
	if f := r.Findings[0]; f.Level != "confirmed" || f.Class != "recorder" || f.Channels != 8 {
		t.Errorf("it is %s %s with %d channels", f.Level, f.Class, f.Channels)
	}
}

// TestCheckAsking: check says that stations are asked, and names no address.
func TestCheckAsking(t *testing.T) {
	c := config.Default()
	if lines := checkAsking(c); len(lines)+len(checkAsking(nil)) > 0 {
		t.Errorf("got %v", lines)
	}
	c.Confirm = config.Confirm{Enabled: true, Multicast: true, Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24")}}
	lines := checkAsking(c)
	if len(lines) != 1 || lines[0].mark != isGood || !strings.Contains(lines[0].cells[1], "in 1 subnet") ||
		!strings.HasSuffix(lines[0].cells[1], "by multicast") || strings.Contains(lines[0].cells[1], "10.20") {
		t.Errorf("got %+v", lines)
	}
}

// TestScanAsksOnlyWhenTold: the flags of asking, and their mistakes.
func TestScanAsksOnlyWhenTold(t *testing.T) {
	inside := netip.MustParsePrefix("10.20.0.0/24")
	tests := []struct {
		name       string
		flags      scanFlags
		configured []netip.Prefix
		want       []netip.Prefix // nobody is asked where there are none
		wrong      string
	}{
		{"not told", scanFlags{}, []netip.Prefix{inside}, nil, ""},
		{"by configuration", scanFlags{confirm: true}, []netip.Prefix{inside}, []netip.Prefix{inside}, ""},
		{"by flag", scanFlags{confirm: true, subnets: texts{"10.21.0.0/24"}}, []netip.Prefix{inside}, []netip.Prefix{netip.MustParsePrefix("10.21.0.0/24")}, ""},
		{"nowhere", scanFlags{confirm: true}, nil, nil, "-confirm needs to know where"},
		{"a subnet alone", scanFlags{subnets: texts{"10.21.0.0/24"}}, nil, nil, "add -confirm"},
		{"a capture", scanFlags{confirm: true, from: texts{"x"}}, []netip.Prefix{inside}, nil, "leave out -from or -confirm"},
		{"no prefix", scanFlags{confirm: true, subnets: texts{"10.21.0.9/24"}}, nil, nil, "write a prefix such as"},
	}
	for _, test := range tests {
		c := config.Default()
		c.Confirm = config.Confirm{Enabled: true, Subnets: test.configured} // that the service asks is nothing to scan
		err := test.flags.asking(c)
		if test.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%s: got %v", test.name, err)
			}
			continue
		}
		var got []netip.Prefix
		if c.Confirm.Enabled {
			got = c.Confirm.Subnets
		}
		if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
		}
	}
}

// TestWhoWasAskedIsKept: who was asked is written down also when the report
// cannot be kept, or the service is stopped; what the report has yet to tell is
// not.
func TestWhoWasAskedIsKept(t *testing.T) {
	state := t.TempDir()
	s := &service{configPath: filepath.Join(state, "camwarden.toml"), state: state, log: slog.New(slog.DiscardHandler), history: newHistory()}
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	defer s.spool.Close()
	asked := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 1}
	cycle := func(ctx context.Context) *memory.Memory {
		s.cycle(ctx, config.Default(), new(sent))
		m, err := memory.Peek(memoryPath(state))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if err := os.RemoveAll(filepath.Join(state, "spool")); err != nil {
		t.Fatal(err)
	}
	s.memory.Asked.Ask(asked, "10.20.0.9", time.Now())
	m := cycle(t.Context())
	if s.memory.Seq != 1 || s.spool.Status().State != spool.Degraded {
		t.Fatalf("report %d was made, and the spool is %s", s.memory.Seq, s.spool.Status().State)
	}
	if len(m.Asked.Stations) != 1 || m.Seq != 0 || !m.Since.IsZero() {
		t.Errorf("without room for the report the file has %+v", m)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	s.memory.Remember(map[string]memory.Switch{"10.20.0.1:161": {AskedAt: time.Now()}})
	if m := cycle(stopped); len(m.Switches) != 1 || m.Seq != 0 {
		t.Errorf("after a stop the file has %+v", m)
	}

	// What could not be written is written with the next observation.
	if err := os.WriteFile(memoryPath(state), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.memory.Asked.Ask(lan.MAC{0, 1}, "10.20.0.10", time.Now())
	s.cycle(stopped, config.Default(), new(sent)) // a damaged file is left for who starts next
	if err := os.Remove(memoryPath(state)); err != nil {
		t.Fatal(err)
	}
	if m := cycle(stopped); len(m.Asked.Stations) != 2 || m.AgentID == "" {
		t.Errorf("after a failed write the file has %+v", m)
	}
}
