package main

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

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
