package main

import (
	"bytes"
	stdcmp "cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A simNetwork is switches that are asked at addresses of 10.20.0.0/16 and
// answer on this host. They know the community canary-community, and no
// version 3.
type simNetwork struct {
	t      *testing.T
	nobody string // a port of this host where nothing listens
	silent string // where all answer that are no switches; empty: nothing listens there

	mu     sync.Mutex
	first  []string // the addresses by the order in which they were asked first
	agents map[string]*snmpagent.Agent
}

// A simSwitch is what a switch says of itself: its name, its chassis and its
// neighbours.
type simSwitch struct {
	name    string
	chassis lan.MAC // zero: it tells none
	engine  string
	names   []simNeighbor
}

// A simNeighbor is a bridge that announces itself on a port.
type simNeighbor struct {
	port, index int
	chassis     lan.MAC
	address     string
}

func newSimNetwork(t *testing.T) *simNetwork {
	return &simNetwork{t: t, nobody: freePort(t), agents: make(map[string]*snmpagent.Agent)}
}

func at161(address string) config.Address { return config.Address{Host: address, Port: 161} }

// where is where a switch answers that is asked at an address.
func (n *simNetwork) where(address string) string {
	host, _, err := net.SplitHostPort(address)
	if agent := n.agents[host]; err == nil && agent != nil {
		return agent.Addr().String()
	}
	return stdcmp.Or(n.silent, n.nobody)
}

// add puts a switch on an address.
func (n *simNetwork) add(address string, s simSwitch) {
	n.t.Helper()
	agent, err := snmpagent.Start("127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"canary-community": recorded(n.t, s.rows())},
		Intercept: func(snmpagent.Request, *snmpagent.Response) {
			n.mu.Lock()
			defer n.mu.Unlock()
			if !slices.Contains(n.first, address) {
				n.first = append(n.first, address)
			}
		}})
	if err != nil {
		n.t.Fatal(err)
	}
	n.agents[address] = agent
	n.t.Cleanup(func() { agent.Close() })
}

// asked tells how many datagrams a switch was sent, understood or not.
func (n *simNetwork) asked(address string) uint64 {
	return n.agents[address].Requests() + n.agents[address].Dropped()
}

// rows are those of the system group, of LLDP-MIB, and of one station.
func (s simSwitch) rows() string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	octets := func(m lan.MAC) string { return strings.ReplaceAll(m.String(), ":", "") }
	add("1.3.6.1.2.1.1.3.0|67|%d", 4100)
	add("1.3.6.1.2.1.1.5.0|4|%s", s.name)
	add("1.3.6.1.2.1.4.22.1.2.1.10.20.20.9|4x|4419b62e0751")
	if s.engine != "" {
		add("1.3.6.1.6.3.10.2.1.1.0|4x|%s", s.engine)
	}
	if s.chassis.IsStation() {
		add("1.0.8802.1.1.2.1.3.1.0|2|4")
		add("1.0.8802.1.1.2.1.3.2.0|4x|%s", octets(s.chassis))
	}
	for _, n := range s.names {
		row := fmt.Sprintf("0.%d.%d", n.port, n.index)
		add("1.0.8802.1.1.2.1.3.7.1.2.%d|2|5", n.port)
		add("1.0.8802.1.1.2.1.3.7.1.3.%d|4|Gi0/%d", n.port, n.port)
		add("1.0.8802.1.1.2.1.4.1.1.4.%s|2|4", row)
		add("1.0.8802.1.1.2.1.4.1.1.5.%s|4x|%s", row, octets(n.chassis))
		add("1.0.8802.1.1.2.1.4.1.1.12.%s|4x|20", row)
		add("1.0.8802.1.1.2.1.4.2.1.3.%s.1.4.%s|2|2", row, n.address)
	}
	slices.SortFunc(lines, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, "|")
		nameB, _, _ := strings.Cut(b, "|")
		return smi.MustOID(nameA).Compare(smi.MustOID(nameB))
	})
	return strings.Join(slices.Compact(lines), "\n") + "\n"
}

func chassis(n byte) lan.MAC { return lan.MAC{0x00, 0x1b, 0x21, 0, 0, n} }

// linked names the switch of a number at its usual address, on a port of its
// number.
func linked(numbers ...int) []simNeighbor {
	var list []simNeighbor
	for _, n := range numbers {
		list = append(list, simNeighbor{port: n, index: 1, chassis: chassis(byte(n)), address: fmt.Sprintf("10.20.0.%d", n)})
	}
	return list
}

// numbered is a switch of a number that names others.
func numbered(n int, neighbors ...int) simSwitch {
	return simSwitch{name: fmt.Sprintf("sw%02d", n), chassis: chassis(byte(n)), names: linked(neighbors...)}
}

// A simSite is a configuration, and what the service remembers between
// observations.
type simSite struct {
	*simNetwork
	config  *config.Config
	memory  *memory.Memory
	timeout time.Duration // of what discovery asks
	log     bytes.Buffer
}

// site is configured with the switch 10.20.0.1 and the community old-v2.
func (n *simNetwork) site() *simSite {
	c := config.Default()
	old := &config.Credential{Name: "old-v2", Version: config.V2c, Community: config.NewSecret("canary-community"), Discover: true}
	c.Credentials = map[string]*config.Credential{"old-v2": old}
	c.Switches = []config.Switch{{Address: at161("10.20.0.1"), Credentials: []*config.Credential{old}}}
	c.Discover = config.Discover{FollowLLDP: true, Within: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}, Credentials: []*config.Credential{old}}
	return &simSite{simNetwork: n, config: c, memory: &memory.Memory{}, timeout: 300 * time.Millisecond}
}

func (s *simSite) observer() *observer {
	s.t.Helper()
	known := newRecall(s.memory, slog.New(slog.NewTextHandler(&s.log, nil)))
	known.where = s.where
	o, err := newObserver(s.config, known)
	if err != nil {
		s.t.Fatal(err)
	}
	o.host = false
	if o.discovery != nil {
		o.discovery.options = snmp.Options{Timeout: s.timeout}
	}
	return o
}

// observe makes one observation, remembers what came of it as across a
// restart, and returns the switches that were read, and how they were found.
func (s *simSite) observe() map[string]string {
	s.t.Helper()
	o := s.observer()
	known := s.known(o)
	r, err := o.observe(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.memory.Remember(known.all())
	path := filepath.Join(s.t.TempDir(), "memory.json")
	if err := s.memory.Save(path); err != nil {
		s.t.Fatal(err)
	}
	if s.memory, err = memory.Load(path); err != nil {
		s.t.Fatal(err)
	}
	return readBy(r)
}

func (s *simSite) known(o *observer) *recall {
	if o.discovery == nil {
		return newRecall(s.memory, nil)
	}
	return o.discovery.known
}

func readBy(r *report.Report) map[string]string {
	read := make(map[string]string)
	for _, c := range r.Coverage {
		if c.Status != "failed" {
			read[c.Name] += c.Found
		}
	}
	return read
}

func (s *simSite) wants(read map[string]string, names ...string) {
	s.t.Helper()
	if got := slices.Sorted(maps.Keys(read)); !slices.Equal(got, names) {
		s.t.Errorf("read %v, want %v; the log:\n%s", got, names, s.log.String())
	}
	if strings.Contains(s.log.String(), "canary") {
		s.t.Errorf("a secret is in the log:\n%s", s.log.String())
	}
}

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

// Version 3 is offered first, and the community only to who does not answer
// that.
func TestDiscoveryOffersVersion3First(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	n.add("10.20.0.2", numbered(2))
	s := n.site()
	v3 := &config.Credential{Name: "core-v3", Version: config.V3, User: "core", Auth: config.SHA256, AuthPassphrase: config.NewSecret("canary-passphrase"), Discover: true}
	s.config.Discover.Credentials = []*config.Credential{v3, s.config.Credentials["old-v2"]}
	s.wants(s.observe(), "sw01", "sw02")
	if n.agents["10.20.0.2"].Dropped() == 0 {
		t.Error("version 3 was not tried")
	}
	asked := strings.Index(s.log.String(), "credentials=core-v3 version=v3")
	if then := strings.Index(s.log.String(), "credentials=old-v2 version=v2c"); asked < 0 || then < asked {
		t.Errorf("the log says:\n%s", s.log.String())
	}
	dropped := n.agents["10.20.0.2"].Dropped()
	s.observe()
	if got := n.agents["10.20.0.2"].Dropped(); got != dropped {
		t.Errorf("read again, it was offered other credentials than it was found with: %d datagrams", got-dropped)
	}
}

// What does not answer is sent three datagrams for each credential, once a day,
// and those of version 3 tell it neither the user nor anything made with the
// passphrase. (An engine that does answer is told both: the user, and a digest.)
func TestDiscoveryShowsTheSilentLittle(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n.silent = silent.LocalAddr().String()
	s := n.site()
	v3 := &config.Credential{Name: "core-v3", Version: config.V3, User: "canary-user", Auth: config.SHA256, AuthPassphrase: config.NewSecret("canary-passphrase"),
		Priv: config.AES, PrivPassphrase: config.NewSecret("canary-passphrase"), Discover: true}
	s.config.Discover.Credentials = []*config.Credential{v3, s.config.Credentials["old-v2"]}
	s.wants(s.observe(), "sw01")
	if err := silent.SetReadDeadline(time.Now().Add(time.Second)); err != nil { // all that came is there
		t.Fatal(err)
	}
	var got []string
	datagram := make([]byte, 2048)
	for {
		size, _, err := silent.ReadFrom(datagram)
		if err != nil {
			break
		}
		version, shown := datagram[4], bytes.Contains(datagram[:size], []byte("canary"))
		got = append(got, fmt.Sprintf("version %d of %d octets, shown %v", version, size, shown))
		t.Logf("%x", bytes.ReplaceAll(datagram[:size], []byte("canary-community"), []byte("****************")))
	}
	if err := silent.Close(); err != nil {
		t.Fatal(err)
	}
	if len(got) != 6 || !strings.HasPrefix(got[0], "version 3") || !strings.HasPrefix(got[3], "version 1") {
		t.Errorf("got %q", got)
	}
	for _, line := range got {
		if strings.Contains(line, "version 3") && !strings.HasSuffix(line, "false") {
			t.Errorf("shown to the silent: %s", line)
		}
	}
	t.Logf("%q", got)
}

// Whom a credential may be offered.
func TestMayOffer(t *testing.T) {
	d := &discovery{places: map[string][]netip.Addr{"old-v2": {netip.MustParseAddr("10.20.0.1"), netip.MustParseAddr("2001:db8::1")}}}
	noAuth := snmp.Credential{Name: "no-auth", Version: snmp.V3, User: "nobody"}
	old := snmp.Credential{Name: "old-v2", Version: snmp.V2c}
	for _, test := range []struct {
		by               snmp.Credential
		at               string
		secured, gateway bool
		want             bool
	}{
		{coreV3, "10.20.9.9", false, false, true},
		{coreV3, "10.20.9.9", true, false, true},
		{old, "10.20.0.255", false, false, true},
		{old, "10.20.1.1", false, false, false},
		{old, "10.20.0.2", true, false, false},
		{old, "10.20.0.2", true, true, false},
		{old, "10.20.9.9", false, true, true},
		{old, "2001:db8::ffff", false, false, true},
		{old, "2001:db8:0:1::1", false, false, false},
		{noAuth, "10.20.0.2", false, false, false},
		{noAuth, "10.20.0.2", true, true, true},
	} {
		if got := d.mayOffer(test.by, netip.MustParseAddr(test.at), test.secured, test.gateway); got != test.want {
			t.Errorf("%s at %s (read by version 3 before: %v, gateway: %v): got %v", test.by.Name, test.at, test.secured, test.gateway, got)
		}
	}
}

// A device that was read by version 3 is never offered a community: not at its
// address, not at another where something calls itself by its chassis, and not
// where that comes out only when it has answered.
func TestDiscoveryNeverDowngrades(t *testing.T) {
	for _, test := range []struct {
		name     string
		known    string // the address at which it was read by version 3
		announce lan.MAC
		asked    bool
	}{
		{"at its address", "10.20.0.2", chassis(9), false},
		{"at another", "10.20.0.77", chassis(2), false},
		{"at another, announced as something else", "10.20.0.77", chassis(9), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newSimNetwork(t)
			sw01 := numbered(1)
			sw01.names = []simNeighbor{{port: 2, index: 1, chassis: test.announce, address: "10.20.0.2"}}
			n.add("10.20.0.1", sw01)
			n.add("10.20.0.2", numbered(2))
			s := n.site()
			s.memory.Switches = map[string]memory.Switch{at161(test.known).String(): {ReadByV3: true, Version: "v3", Credentials: "core-v3", Chassis: chassis(2)}}
			s.wants(s.observe(), "sw01")
			if asked := n.asked("10.20.0.2") > 0; asked != test.asked {
				t.Errorf("asked: %v", asked)
			}
			if test.asked && !strings.Contains(s.log.String(), "calls itself the switch that was read by version 3") {
				t.Errorf("the log says:\n%s", s.log.String())
			}
		})
	}
}

// A community goes only where a configured switch of the same subnet has it,
// whatever is announced.
func TestDiscoveryKeepsCommunities(t *testing.T) {
	n := newSimNetwork(t)
	sw01 := numbered(1, 2)
	sw01.names = append(sw01.names, simNeighbor{port: 13, index: 1, chassis: chassis(99), address: "10.20.1.66"})
	n.add("10.20.0.1", sw01)
	n.add("10.20.0.2", numbered(2))
	n.add("10.20.1.66", numbered(66))
	s := n.site()
	s.wants(s.observe(), "sw01", "sw02")
	if got := n.asked("10.20.1.66"); got > 0 {
		t.Errorf("the community went to a subnet of stations: %d datagrams", got)
	}
	if said := s.log.String(); !strings.Contains(said, "nothing to offer here") || !strings.Contains(said, "addresses=10.20.1.66") {
		t.Errorf("the log says:\n%s", said)
	}
	// A switch there that is off is none to which the community goes.
	s.config.Switches = append(s.config.Switches, config.Switch{Address: at161("10.20.1.1"), Off: true, Credentials: s.config.Discover.Credentials})
	s.observe()
	if got := n.asked("10.20.1.66"); got > 0 {
		t.Errorf("the community went where the only configured switch is off: %d datagrams", got)
	}
	s.config.Switches[1].Off = false
	s.config.Switches[1].Address = at161("10.20.1.2") // nobody answers there
	if read := s.observe(); read["sw66"] != "LLDP neighbour of sw01 port Gi0/13" {
		t.Errorf("with a switch configured there: %v\n%s", read, s.log.String())
	}
}

// Where nothing listens at the port, no second credential is shown.
func TestDiscoveryStopsWhereNoAgentIs(t *testing.T) {
	n := newSimNetwork(t)
	n.add("10.20.0.1", numbered(1, 2))
	s := n.site()
	v3 := &config.Credential{Name: "core-v3", Version: config.V3, User: "core", Auth: config.SHA256, AuthPassphrase: config.NewSecret("canary-passphrase"), Discover: true}
	s.config.Discover.Credentials = []*config.Credential{v3, s.config.Credentials["old-v2"]}
	s.wants(s.observe(), "sw01")
	if said := s.log.String(); !strings.Contains(said, "nothing listens") || strings.Contains(said, "credentials=old-v2") {
		t.Errorf("the log says:\n%s", said)
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

// observed makes one observation and remembers what came of it.
func (s *simSite) observed() (*report.Report, error) {
	o := s.observer()
	r, err := o.observe(s.t.Context(), nil)
	s.memory.Remember(s.known(o).all())
	return r, err
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
