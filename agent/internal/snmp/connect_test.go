package snmp

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// Requests are kept apart from the very first, repeated ones too.
func TestRequestsPerSecond(t *testing.T) {
	began := time.Now()
	s := open(t, start(t, device(60), nil), Options{Repetitions: 10, RequestsPerSecond: 50})
	checkWalk(t, s, upTo(60), nil)
	if took, least := time.Since(began), time.Duration(s.Requests()-1)*20*time.Millisecond; s.Requests() != 8 || took < least {
		t.Errorf("%d requests took %v, want 8 in %v at least", s.Requests(), took, least)
	}
}

// elsewhere makes an agent that answers from another socket than it was asked
// at.
func elsewhere(t *testing.T, change func(*snmpagent.Message)) *snmpagent.Agent {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return start(t, device(60), func(request snmpagent.Request, r *snmpagent.Response) {
		change(&r.Message)
		if _, err := conn.WriteToUDPAddrPort(r.Append(nil), request.From); err != nil {
			t.Error(err)
		}
		r.Datagrams = [][]byte{}
	})
}

func TestAnyReplyAddress(t *testing.T) {
	agent := elsewhere(t, func(*snmpagent.Message) {})
	if _, err := Open(t.Context(), agent.Addr().String(), []Credential{public}, Options{Timeout: soon}); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("an answer from another address is taken unasked: %v", err)
	}
	checkWalk(t, open(t, agent, Options{AnyReplyAddress: true}), upTo(60), nil)
}

// Whatever else has to be right is checked, wherever an answer comes from.
func TestAnyReplyAddressChecksTheRest(t *testing.T) {
	for _, forged := range []struct {
		name   string
		change func(*snmpagent.Message)
	}{
		{"another request-id", func(m *snmpagent.Message) { m.RequestID ^= 1 << 20 }},
		{"request-id 0", func(m *snmpagent.Message) { m.RequestID = 0 }},
		{"another community", func(m *snmpagent.Message) { m.Community = "private" }},
		{"another version", func(m *snmpagent.Message) { m.Version = snmpagent.V1 }},
		{"a request", func(m *snmpagent.Message) { m.Type = snmpagent.GetRequest }},
	} {
		t.Run(forged.name, func(t *testing.T) {
			agent := elsewhere(t, forged.change)
			_, err := Open(t.Context(), agent.Addr().String(), []Credential{public}, Options{Timeout: soon, AnyReplyAddress: true})
			if !errors.Is(err, ErrNoAnswer) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnyReplyAddressV3(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	opts := quick
	opts.AnyReplyAddress = true
	s, err := Open(t.Context(), d.address, []Credential{credentialOf(SHA256, AES256)}, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Get(t.Context(), sysUpTime); err != nil {
		t.Error(err)
	}
}

func TestFrom(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has all of 127.0.0.0/8 as its own")
	}
	own := netip.MustParseAddr("127.0.0.2")
	for _, anyReply := range []bool{false, true} {
		var from atomic.Value
		agent := start(t, device(1), func(request snmpagent.Request, _ *snmpagent.Response) { from.Store(request.From.Addr()) })
		open(t, agent, Options{From: own, AnyReplyAddress: anyReply})
		if got := from.Load(); got != own {
			t.Errorf("asked from %v, want %v (any reply address: %v)", got, own, anyReply)
		}
	}
}

func TestFromAnAddressOfSomebodyElse(t *testing.T) {
	_, err := Open(t.Context(), "127.0.0.1:161", []Credential{public}, Options{From: netip.MustParseAddr("192.0.2.1")})
	if err == nil || !strings.Contains(err.Error(), "ask from 192.0.2.1, which has to be an address of this host") {
		t.Errorf("got %v", err)
	}
}

func TestIPv6(t *testing.T) {
	probe, err := net.ListenPacket("udp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6: ", err)
	}
	probe.Close()
	for _, opts := range []Options{{}, {From: netip.IPv6Loopback()}, {AnyReplyAddress: true}} {
		agent := startWith(t, "[::1]:0", snmpagent.Options{Communities: map[string]*capture.Recording{"public": device(60)}})
		s := open(t, agent, opts)
		checkWalk(t, s, upTo(60), nil)
	}
}

// Repetitions is what the device has managed, and where a later session may
// start.
func TestRepetitions(t *testing.T) {
	agent := start(t, device(60), func(request snmpagent.Request, r *snmpagent.Response) {
		if isBulk(request, 5) {
			r.Status, r.Varbinds = snmpagent.TooBig, nil
		}
	})
	s := open(t, agent, Options{})
	if got := s.Repetitions(); got != DefaultRepetitions {
		t.Errorf("%d before anything was read", got)
	}
	checkWalk(t, s, upTo(60), nil)
	if got := s.Repetitions(); got != 3 { // 25, 12, 6, 3
		t.Errorf("%d after answers were too big", got)
	}
	again := open(t, agent, Options{Repetitions: s.Repetitions()})
	checkWalk(t, again, upTo(60), nil)
	if got := again.Requests(); got != 22 {
		t.Errorf("%d requests, want the probe, 20 for the rows and one for the end", got)
	}
	if got := openAs(t, agent, Credential{Version: V1, Community: "public"}, Options{}).Repetitions(); got != 1 {
		t.Errorf("%d in version 1", got)
	}
}

// gosnmp takes forged replies of version 3 before this version
// (GHSA-w96x-5v55-24xx).
var leastGosnmp = []int{1, 47, 0}

var gosnmpRequirement = regexp.MustCompile(`(?m)^(.*\S)?\s*github\.com/gosnmp/gosnmp(.*)$`)

// safeGosnmp tells whether a go.mod requires a gosnmp without known holes.
func safeGosnmp(goMod string) bool {
	lines := gosnmpRequirement.FindAllStringSubmatch(goMod, -1)
	if len(lines) != 1 { // a second one replaces or excludes it
		return false
	}
	version, found := strings.CutPrefix(strings.TrimSpace(lines[0][2]), "v")
	var parts []int
	for text := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return false // a pre-release, or no single commit of a release
		}
		parts = append(parts, n)
	}
	if !found || len(parts) != len(leastGosnmp) {
		return false
	}
	for i, least := range leastGosnmp {
		if parts[i] != least {
			return parts[i] > least
		}
	}
	return true
}

func TestGosnmpIsSafe(t *testing.T) {
	text, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !safeGosnmp(string(text)) {
		t.Error("go.mod has to require github.com/gosnmp/gosnmp v1.47.0 or later: before, replies of version 3 could be forged")
	}
	for line, want := range map[string]bool{
		"require github.com/gosnmp/gosnmp v1.47.0":                                          true,
		"\tgithub.com/gosnmp/gosnmp v1.48.0":                                                true,
		"\tgithub.com/gosnmp/gosnmp v2.0.0":                                                 true,
		"\tgithub.com/gosnmp/gosnmp v1.46.9":                                                false,
		"\tgithub.com/gosnmp/gosnmp v1.9.0":                                                 false,
		"\tgithub.com/gosnmp/gosnmp v1.47.0-rc.1":                                           false,
		"\tgithub.com/gosnmp/gosnmp v1.47.0\nreplace github.com/gosnmp/gosnmp => ../gosnmp": false,
		"": false,
	} {
		if safeGosnmp("module x\n\n"+line+"\n") != want {
			t.Errorf("%q: want %v", line, want)
		}
	}
}
