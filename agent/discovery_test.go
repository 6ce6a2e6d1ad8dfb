package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
)

// Neighbours that name each other in a circle are read once each, nearest
// first, and are read again at the next observation without being asked anew.
func TestDiscoveryFollowsNeighbours(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2, 3))
	n.add("10.20.0.2", numbered(2, 1, 4))
	n.add("10.20.0.3", numbered(3, 1, 4))
	n.add("10.20.0.4", numbered(4, 2, 3, 1))
	s := n.site()
	read := s.observe()
	s.wants(read, "sw01", "sw02", "sw03", "sw04")
	want := map[string]string{"sw01": "", "sw02": "LLDP neighbour of sw01 port Gi0/2", "sw03": "LLDP neighbour of sw01 port Gi0/3", "sw04": "LLDP neighbour of sw02 port Gi0/4"}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("how they were found (-want +got):\n%s", diff)
	}
	n.mu.Lock()
	if n.first[0] != "10.20.0.1" || n.first[3] != "10.20.0.4" {
		t.Errorf("asked in the order %v", n.first)
	}
	n.mu.Unlock()
	if said := `credentials=old-v2 version=v2c why="LLDP neighbour of sw01 port Gi0/2"`; !strings.Contains(s.log.String(), said) {
		t.Errorf("the log lacks %s:\n%s", said, s.log.String())
	}
	found := s.memory.Switches[at161("10.20.0.4").String()]
	if found.Found != want["sw04"] || found.Name != "sw04" || found.Chassis != chassis(4) || found.Credentials != "old-v2" || found.FoundAt.IsZero() {
		t.Errorf("what is remembered of sw04: %+v", found)
	}

	s.log.Reset()
	if diff := cmp.Diff(want, s.observe()); diff != "" {
		t.Errorf("the second time (-want +got):\n%s", diff)
	}
	if s.log.Len() > 0 {
		t.Errorf("somebody was asked anew:\n%s", s.log.String())
	}

	// Written into the configuration, it is no longer a found one.
	s.config.Switches = append(s.config.Switches, config.Switch{Address: at161("10.20.0.4"), Credentials: s.config.Discover.Credentials})
	if read := s.observe(); read["sw04"] != "" || len(read) != 4 || s.memory.Switches[at161("10.20.0.4").String()].Found != "" {
		t.Errorf("adopted: %v", read)
	}
}

func TestDiscoveryOff(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	n.add("10.20.0.2", numbered(2))
	s := n.site()
	s.wants(s.observe(), "sw01", "sw02")
	s.config.Discover.FollowLLDP = false
	before := n.asked("10.20.0.2")
	s.wants(s.observe(), "sw01")
	if now := n.asked("10.20.0.2"); now != before {
		t.Errorf("off, it still asks: %d datagrams", now-before)
	}
}

// Who has not let discovery in is left alone for a day, also by the next
// process.
func TestDiscoveryAsksOnceADay(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	n.add("10.20.0.2", numbered(2))
	s := n.site()
	wrong := &config.Credential{Name: "wrong", Version: config.V2c, Community: config.NewSecret("canary-wrong"), Discover: true}
	s.config.Switches[0].Credentials = append(s.config.Switches[0].Credentials, wrong)
	s.config.Discover.Credentials = []*config.Credential{wrong}
	address := at161("10.20.0.2").String()
	s.wants(s.observe(), "sw01")
	once := n.asked("10.20.0.2")
	if once == 0 {
		t.Fatal("it was not asked at all")
	}
	s.wants(s.observe(), "sw01")
	if again := n.asked("10.20.0.2"); again != once {
		t.Errorf("asked %d times in one observation, %d times after the next", once, again)
	}
	asked := s.memory.Switches[address]
	asked.AskedAt = asked.AskedAt.Add(-memory.AskAgain)
	s.memory.Switches[address] = asked
	s.wants(s.observe(), "sw01")
	if later := n.asked("10.20.0.2"); later != 2*once {
		t.Errorf("a day later: asked %d times, want %d", later, 2*once)
	}
}

// A fault of the program costs the device at which it shows, and no other; that
// one is left alone for a day as well.
func TestDiscoveryOutlivesFaults(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2, 3))
	n.add("10.20.0.2", numbered(2))
	n.add("10.20.0.3", numbered(3))
	s := n.site()
	o := s.observer()
	o.discovery.known.where = func(address string) string {
		if address == at161("10.20.0.2").String() {
			panic("a broken decoder")
		}
		return s.where(address)
	}
	r, err := o.observe(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.wants(readBy(r), "sw01", "sw03")
	if log := s.log.String(); strings.Count(log, "a broken decoder") != 1 || !strings.Contains(log, "10.20.0.2") {
		t.Errorf("the log says:\n%s", log)
	}
	if _, may := s.known(o).mayAsk(at161("10.20.0.2").String(), []string{"again"}, time.Now()); may {
		t.Error("it may be asked again")
	}
}

// One switch is read once, by however many addresses it is named.
func TestDiscoveryReadsEachOnce(t *testing.T) {
	for _, test := range []struct {
		name       string
		one, other simSwitch // what answers at two addresses
		announced  [2]lan.MAC
		want       int // switches besides sw01
	}{
		{"by its chassis, though it announces others", numbered(2), numbered(2), [2]lan.MAC{chassis(8), chassis(9)}, 1},
		{"two that have the name they were sold with", simSwitch{name: "Switch", chassis: chassis(2)}, simSwitch{name: "Switch", chassis: chassis(3)}, [2]lan.MAC{chassis(2), chassis(3)}, 2},
		{"a router without a chassis, by its engine", simSwitch{name: "rt", engine: "8000000901"}, simSwitch{name: "rt", engine: "8000000901"}, [2]lan.MAC{chassis(8), chassis(9)}, 1},
		{"two routers without a chassis", simSwitch{name: "rt", engine: "8000000901"}, simSwitch{name: "rt", engine: "8000000902"}, [2]lan.MAC{chassis(8), chassis(9)}, 2},
		{"the configured one itself", numbered(1), numbered(1), [2]lan.MAC{chassis(8), chassis(9)}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newSimNetwork(t)
			sw01 := numbered(1)
			for i, mac := range test.announced {
				sw01.names = append(sw01.names, simNeighbor{port: 2 + i, index: 1, chassis: mac, address: fmt.Sprintf("10.20.0.%d", 2+i)})
			}
			n.add("10.20.0.1", sw01)
			n.add("10.20.0.2", test.one)
			n.add("10.20.0.3", test.other)
			s := n.site()
			for _, time := range []string{"first", "second"} {
				r, err := s.observed()
				if err != nil {
					t.Fatal(err)
				}
				if got := len(r.Coverage) - 1; got != test.want {
					t.Errorf("%s time: %d are read besides sw01, want %d; the log:\n%s", time, got, test.want, s.log.String())
				}
			}
		})
	}
}

// The default gateway is where the way begins when nothing is configured. It
// is offered the community, its neighbours are not.
func TestDiscoveryFromTheGateway(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	n.add("10.20.0.2", numbered(2))
	n.add("10.21.0.1", numbered(66))
	s := n.site()
	s.config.Switches = nil
	observe := func(gateways ...string) map[string]string {
		o := s.observer()
		o.discovery.gateways = func() ([]netip.Addr, error) {
			var list []netip.Addr
			for _, text := range gateways {
				list = append(list, netip.MustParseAddr(text))
			}
			return list, nil
		}
		r, err := o.observe(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		s.memory.Remember(o.discovery.known.all())
		return readBy(r)
	}
	s.config.Discover.FromGateway = true
	read := observe("10.21.0.1", "10.20.0.1")
	s.wants(read, "sw01")
	if read["sw01"] != gatewayReason || n.asked("10.21.0.1") > 0 || n.asked("10.20.0.2") > 0 {
		t.Errorf("read %v; the gateway outside was asked %d times, the neighbour %d times", read, n.asked("10.21.0.1"), n.asked("10.20.0.2"))
	}
	s.config.Discover.FromGateway = false
	if got := s.observe(); len(got) != 0 {
		t.Errorf("without from_gateway: %v", got)
	}
}

// A way that does not end is not followed to its end.
func TestDiscoveryIsBounded(t *testing.T) {
	n := newSimNetwork(t)
	for i := 1; i <= maxHops+4; i++ {
		n.add(fmt.Sprintf("10.20.0.%d", i), numbered(i, i+1))
	}
	s := n.site()
	read := s.observe()
	if len(read) != maxHops+1 || !strings.Contains(s.log.String(), "discovery ends before all were asked") {
		t.Errorf("read %d; the log:\n%s", len(read), s.log.String())
	}
	if got := s.observe(); len(got) != maxHops+4 {
		t.Errorf("at the next observation: %d", len(got))
	}
}

// Stations that announce switches without end keep no true switch from being
// found, and have few addresses asked on their behalf.
func TestDiscoveryOfHostileNeighbours(t *testing.T) {
	n := newSimNetwork(t)
	sw01 := numbered(1, 2)
	for i := range 1000 { // on one port
		sw01.names = append(sw01.names, simNeighbor{port: 50, index: i + 1, chassis: lan.MAC{2, 1, 0, 0, byte(i >> 8), byte(i)}, address: fmt.Sprintf("10.20.%d.%d", 10+i/250, 1+i%250)})
	}
	for i := range 100 { // on many, another address each
		sw01.names = append(sw01.names, simNeighbor{port: 100 + i, index: 1, chassis: lan.MAC{2, 2, 0, 0, 0, byte(i)}, address: fmt.Sprintf("10.20.0.%d", 100+i)})
	}
	n.add("10.20.0.1", sw01)
	n.add("10.20.0.2", numbered(2))
	s := n.site()
	s.timeout = 100 * time.Millisecond // most are asked in vain
	s.wants(s.observe(), "sw01", "sw02")
	asked := strings.Count(s.log.String(), "discovery asks whether")
	if asked != maxAsked {
		t.Errorf("%d were asked, want %d", asked, maxAsked)
	}
	if said := s.log.String(); strings.Count(said, "names more switches than any leads to") != 1 || strings.Contains(said, "address=10.20.10.") {
		t.Errorf("of the crowded port: the log says\n%s", said)
	}
}

// A station that announces the addresses of a switch, among those of its own
// devices, keeps nobody from asking that switch, though it has used up all that
// its own port is granted.
func TestDiscoveryOfAHiddenSwitch(t *testing.T) {
	announced := func(port int, addresses ...string) lan.LLDPNeighbor {
		n := lan.LLDPNeighbor{LocalPort: uint32(port), IfIndex: lan.IfIndex(port), Enabled: lan.LLDPBridge}
		for _, text := range addresses {
			n.Addresses = append(n.Addresses, netip.MustParseAddr(text))
		}
		return n
	}
	for _, test := range []struct {
		name    string
		hostile []string
	}{
		{"its second address", []string{"10.20.0.201", "10.20.0.202", "10.20.0.8"}},
		{"its first address first", []string{"10.20.0.7", "10.20.0.201", "10.20.0.202"}},
		{"both", []string{"10.20.0.7", "10.20.0.8"}},
		{"the second first", []string{"10.20.0.8", "10.20.0.7"}},
	} {
		for _, answering := range []string{"10.20.0.7", "10.20.0.8"} {
			n := newSimNetwork(t)
			n.add(answering, numbered(7))
			n.add("10.20.0.201", numbered(99)) // let in too: it knows the community
			s := n.site()
			o := s.observer()
			for i := range maxAskedOfOne {
				o.discovery.known.mayAsk(fmt.Sprintf("10.20.9.%d:161", i), []string{"LLDP neighbour of sw01 port number 1"}, time.Now())
			}
			read := lan.Snapshot{Source: "10.20.0.1", LLDP: []lan.LLDPNeighbor{announced(1, test.hostile...), announced(24, "10.20.0.7", "10.20.0.8")}}
			read.System.Name = "sw01"
			var found []string
			for _, device := range o.discovery.further(t.Context(), []lan.Snapshot{read}) {
				found = append(found, device.Name+": "+device.Found)
			}
			want := answering + ": LLDP neighbour of sw01 port number 24"
			if !slices.Equal(found, []string{want}) {
				t.Errorf("%s, %s answers: found %q; the log:\n%s", test.name, answering, found, s.log.String())
			}
		}
	}
}

// One port that names ever new addresses has no more than a few of them asked
// in a day, and all ports together no more than many.
func TestMayAsk(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var r recall
	ask := func(of string, i int, at time.Time) bool {
		_, may := r.mayAsk(fmt.Sprintf("%s-%d:161", of, i), []string{of}, at)
		return may
	}
	allowed := 0
	for i := range 100 {
		if ask("port 1", i, now.Add(time.Duration(i)*time.Minute)) {
			allowed++
		}
	}
	if allowed != maxAskedOfOne {
		t.Errorf("%d addresses of one port, want %d", allowed, maxAskedOfOne)
	}
	if why, may := r.mayAsk("port 24-0:161", []string{"port 1", "port 24"}, now.Add(100*time.Minute)); !may || why != "port 24" {
		t.Errorf("a switch that port 1 names too is asked: %v, for %q", may, why)
	}
	allowed++
	if !ask("port 2", 0, now) || ask("port 2", 0, now.Add(time.Hour)) || !ask("port 2", 0, now.Add(24*time.Hour)) {
		t.Error("one address is not asked once a day")
	}
	for i := range 2 * maxAskedADay {
		if ask(fmt.Sprint("port ", 3+i), 0, now) {
			allowed++
		}
	}
	if want := maxAskedADay; allowed != want {
		t.Errorf("%d addresses in a day, want %d", allowed, want)
	}
	if !ask("port 1", 0, now.Add(25*time.Hour)) {
		t.Error("a day later nobody may be asked")
	}
}

// A found switch that is given another address is found there, and is looked
// for at the old one no more.
func TestDiscoveryOfARenumberedSwitch(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	n.add("10.20.0.2", numbered(2))
	s := n.site()
	s.wants(s.observe(), "sw01", "sw02")

	before := s.memory
	n = newSimNetwork(t)
	sw01 := numbered(1)
	sw01.names = []simNeighbor{{port: 2, index: 1, chassis: chassis(2), address: "10.20.0.7"}}
	n.add("10.20.0.1", sw01)
	n.add("10.20.0.7", numbered(2))
	s = n.site()
	s.memory = before
	s.wants(s.observe(), "sw01", "sw02")
	if s.memory.Switches["10.20.0.2:161"].Found != "" || s.memory.Switches["10.20.0.7:161"].Found == "" {
		t.Errorf("what is remembered: %+v", s.memory.Switches)
	}
	r, err := s.observed()
	if err != nil || len(r.Coverage) != 2 {
		t.Errorf("%v: read again are %+v", err, r.Coverage)
	}
}

// A switch that was found is left alone when what it was found by is not
// there any more.
func TestDiscoveryForgets(t *testing.T) {
	found := memory.Switch{Credentials: "old-v2", Version: "v2c", ReachedAt: time.Now(), Found: "LLDP neighbour of sw01 port Gi0/2"}
	n := newSimNetwork(t)
	for _, test := range []struct {
		name   string
		change func(*memory.Switch, *config.Config)
		not    string // how the reason begins; empty: it is read
	}{
		{"as it was", func(*memory.Switch, *config.Config) {}, ""},
		{"silent for a week", func(s *memory.Switch, _ *config.Config) { s.ReachedAt = s.ReachedAt.Add(-8 * 24 * time.Hour) }, "it was not reached"},
		{"outside by now", func(_ *memory.Switch, c *config.Config) {
			c.Discover.Within = []netip.Prefix{netip.MustParsePrefix("10.30.0.0/16")}
		}, "discovery may not go"},
		{"its credentials may not be offered any more", func(s *memory.Switch, _ *config.Config) { s.Credentials = "core" }, `no credentials of the name "core"`},
		{"found by the gateway, which is not asked", func(s *memory.Switch, _ *config.Config) { s.Found = gatewayReason }, "discovery does not ask"},
		{"never found", func(s *memory.Switch, _ *config.Config) { s.Found = "" }, "never"},
		{"configured", func(_ *memory.Switch, c *config.Config) {
			c.Switches = append(c.Switches, config.Switch{Address: at161("10.20.0.2")})
		}, "it is configured"},
		{"configured by another address", func(s *memory.Switch, _ *config.Config) { s.Chassis = chassis(1) }, "it is configured"},
	} {
		s := n.site()
		before := found
		test.change(&before, s.config)
		s.memory.Switches = map[string]memory.Switch{at161("10.20.0.2").String(): before,
			at161("10.20.0.1").String(): {Chassis: chassis(1), ReachedAt: time.Now()}}
		o := s.observer()
		want := 0
		if test.not == "" {
			want = 1
		}
		if got := len(o.devices) - len(s.config.Switches); got != want {
			t.Errorf("%s: %d are read, want %d", test.name, got, want)
		}
		not := "never"
		for _, f := range newDiscovery(s.config, newRecall(s.memory, nil)).foundBefore(time.Now()) {
			not = f.not
		}
		if !strings.HasPrefix(not, test.not) || test.not == "" && not != "" {
			t.Errorf("%s: not read because %q, want %q", test.name, not, test.not)
		}
	}
}

// When the time of an observation is over, nobody is asked any more.
func TestDiscoveryEndsWithItsTime(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.2", numbered(2))
	s := n.site()
	o := s.observer()
	o.discovery.rounds, o.discovery.began = 1, time.Now().Add(-maxDiscovery)
	read := lan.Snapshot{Source: "10.20.0.1", LLDP: []lan.LLDPNeighbor{{Enabled: lan.LLDPBridge, Addresses: []netip.Addr{netip.MustParseAddr("10.20.0.2")}}}}
	if got := o.discovery.further(context.Background(), []lan.Snapshot{read}); len(got) > 0 || n.asked("10.20.0.2") > 0 {
		t.Errorf("found %v", got)
	}
}
