package snmp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// byVLAN shows a device to public, and the same with more rows to public@20.
func byVLAN(t *testing.T) *snmpagent.Agent {
	t.Helper()
	return startWith(t, "127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"public": device(2), "public@20": device(60)}})
}

func TestInByCommunity(t *testing.T) {
	for _, version := range []Version{V1, V2c} {
		credential := Credential{Name: "site", Version: version, Community: "public"}
		s := openAs(t, byVLAN(t), credential, Options{})
		s.bulk, s.failed, s.alone = 7, 14, true // as it has learnt
		in, err := s.In(t.Context(), "20")
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		checkWalk(t, in, upTo(60), nil)
		checkWalk(t, s, upTo(2), nil)
		if in.bulk != 7 || !in.alone || in.Credential().Name != "site" {
			t.Errorf("%v: %d rows at once, alone %t, credentials %s", version, in.bulk, in.alone, in.Credential().Name)
		}
	}
}

// A context that is silent costs a few requests, which are counted.
func TestInSaysWhyAContextIsSilent(t *testing.T) {
	s := openAs(t, byVLAN(t), Credential{Name: "site", Version: V2c, Community: "public"}, Options{Timeout: soon})
	before := s.Requests()
	_, err := s.In(t.Context(), "30")
	const want = "open context 30: no answer to 3 requests with @30 behind the community, while there is one without it"
	if !errors.Is(err, ErrNoAnswer) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "public") {
		t.Errorf("got %v, want %s", err, want)
	}
	if n := s.Requests() - before; n != probeAttempts {
		t.Errorf("%d requests are counted", n)
	}
}

// One second's requests are not sent at once just because they are in several
// contexts.
func TestInKeepsThePace(t *testing.T) {
	s := openAs(t, byVLAN(t), Credential{Version: V2c, Community: "public"}, Options{RequestsPerSecond: 20})
	began := time.Now()
	in, err := s.In(t.Context(), "20")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if took := time.Since(began); took < 40*time.Millisecond {
		t.Errorf("asked in the context %v after the request before", took)
	}
}

// What is missing on a Cisco switch is said in its own words.
func TestGrant(t *testing.T) {
	for name, want := range map[string]string{
		"vlan-20": "snmp-server group GROUP v3 auth context vlan- match prefix",
		"cameras": "snmp-server group GROUP v3 auth context cameras"} {
		if got := (Credential{Version: V3, Auth: SHA}).grant(name); got != want {
			t.Errorf("context %s: %s", name, got)
		}
	}
}

// TestRealAgentContexts reads a VLAN in a context of Debian's snmpd, which
// fetches it from another agent. It is refused in a context to which the user
// has no right; where there is no context at all, snmpd is silent.
func TestRealAgentContexts(t *testing.T) {
	vlan := start(t, device(60), nil)
	d := startSnmpd(t, "", "real-agent-1",
		fmt.Sprintf("proxy -Cn vlan-20 -v 2c -c public %s .1.3", vlan.Addr()),
		fmt.Sprintf("proxy -Cn vlan-30 -v 2c -c public %s .1.3", vlan.Addr()),
		fmt.Sprintf("createUser cisco SHA-256 %q AES-256 %q", authPass, privPass),
		"view all included .1",
		"group site usm cisco",
		`access site "" usm priv exact all none none`,
		"access site vlan-20 usm priv exact all none none")
	cisco := credentialOf(SHA256, AES256)
	cisco.User = "cisco"
	s, err := Open(t.Context(), d.address, []Credential{cisco}, quick)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	in, err := s.In(t.Context(), "vlan-20")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	checkWalk(t, in, upTo(60), nil)
	const grant = "; on Cisco, grant it: snmp-server group GROUP v3 priv context vlan- match prefix"
	for name, want := range map[string]string{
		"vlan-30": "open context vlan-30: not let in: user cisco is let into the default context, and not into this one" + grant,
		"vlan-40": "open context vlan-40: no answer to 3 requests in it, while there is one in the default context" + grant,
	} {
		if _, err := s.In(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A report that belongs to no user, such as snmpUnknownContexts, is an answer,
// and asking again gives no other.
func TestDeniedContext(t *testing.T) {
	l := &usmLine{cred: Credential{Version: V3}}
	if err := l.denied(gosnmp.ErrUnknownReportPDU); !errors.Is(err, ErrDenied) {
		t.Errorf("got %v", err)
	}
}
