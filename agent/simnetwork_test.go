package main

import (
	"bytes"
	stdcmp "cmp"
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

// observed makes one observation and remembers what came of it.
func (s *simSite) observed() (*report.Report, error) {
	o := s.observer()
	r, err := o.observe(s.t.Context(), nil)
	s.memory.Remember(s.known(o).all())
	return r, err
}
