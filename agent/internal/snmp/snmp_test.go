package snmp

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// An intercept changes what an agent answers.
type intercept = func(snmpagent.Request, *snmpagent.Response)

var (
	column = smi.MustOID("1.3.6.1.2.1.17.4.3.1.2") // dot1dTpFdbPort
	behind = smi.MustOID("1.3.6.1.2.1.17.4.3.1.3.1")
	// soon is an Options.Timeout for tests that wait for it to go by.
	soon = 30 * time.Millisecond
)

// row is row n of column.
func row(n uint32) smi.Varbind {
	return smi.Varbind{Name: column.Append(n), Value: smi.Value{Kind: smi.Integer, Num: uint64(n)}}
}

// device has sysUpTime, a column with the rows 1 to n, and an object behind it.
func device(n uint32) *capture.Recording {
	rows := []smi.Varbind{
		{Name: sysUpTime, Value: smi.Value{Kind: smi.TimeTicks, Num: 1}},
		{Name: behind, Value: smi.Value{Kind: smi.Integer, Num: 3}},
	}
	for i := range n {
		rows = append(rows, row(i+1))
	}
	return capture.New(rows)
}

// start runs an agent that knows the community public.
func start(t testing.TB, recording *capture.Recording, change intercept) *snmpagent.Agent {
	t.Helper()
	return startWith(t, "127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"public": recording}, Intercept: change})
}

func startWith(t testing.TB, address string, options snmpagent.Options) *snmpagent.Agent {
	t.Helper()
	agent, err := snmpagent.Start(address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { agent.Close() })
	return agent
}

var public = Credential{Name: "site", Version: V2c, Community: "public"}

// open reaches an agent in version 2c.
func open(t testing.TB, agent *snmpagent.Agent, opts Options) *Session {
	t.Helper()
	return openAs(t, agent, public, opts)
}

func openAs(t testing.TB, agent *snmpagent.Agent, credential Credential, opts Options) *Session {
	t.Helper()
	s, err := Open(t.Context(), agent.Addr().String(), []Credential{credential}, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOpenTakesTheFirstCredentialThatIsAnswered(t *testing.T) {
	agent := start(t, device(0), nil)
	wrong := Credential{Name: "old", Version: V2c, Community: "private"}
	s, err := Open(t.Context(), agent.Addr().String(), []Credential{wrong, public}, Options{Timeout: soon})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(public, s.Credential()); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if want := probeAttempts + 1; s.Requests() < want {
		t.Errorf("%d requests are counted, want those of the wrong credential too: at least %d", s.Requests(), want)
	}
}

func TestOpenErrors(t *testing.T) {
	agent := start(t, device(0), nil)
	secret := []Credential{
		{Name: "new", Version: V2c, Community: "hush-2c"},
		{Name: "old", Version: V1, Community: "hush-1"},
	}
	tests := []struct {
		name, address string
		credentials   []Credential
		want          string
	}{
		{"no credentials", agent.Addr().String(), nil, "no credentials are given"},
		{"wrong communities", agent.Addr().String(), secret, "v2c with new, v1 with old: no answer to 3 requests: it is down or out of reach"},
		{"no port", "127.0.0.1:snmp", secret, `port "snmp" is not a number from 1 to 65535`},
		{"port 0", "127.0.0.1:0", secret, `port "0" is not a number from 1 to 65535`},
		{"port too high", "127.0.0.1:65536", secret, `port "65536" is not`},
		{"no address", "127.0.0.1.5:161", secret, "open 127.0.0.1.5:161: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), test.address, test.credentials, Options{Timeout: soon})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error holds a secret: %v", err)
			}
		})
	}
}

// An error as answer to the probe shows that the credential is good.
func TestOpenIsContentWithAnError(t *testing.T) {
	agent := start(t, device(0), func(_ snmpagent.Request, r *snmpagent.Response) { r.Status, r.Index = snmpagent.NoSuchName, 1 })
	openAs(t, agent, Credential{Version: V1, Community: "public"}, Options{})
}

// needsRefusals skips where a socket does not show what ICMP says: Go switches
// it off on Windows.
func needsRefusals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a UDP socket on Windows does not tell that it was refused")
	}
}

func TestOpenWhereNothingListens(t *testing.T) {
	needsRefusals(t)
	agent := start(t, device(0), nil)
	agent.Close()
	began := time.Now()
	_, err := Open(t.Context(), agent.Addr().String(), slices.Repeat([]Credential{public}, 50), Options{Timeout: soon})
	if !errors.Is(err, ErrNoAnswer) || !strings.Contains(err.Error(), "nothing listens on this UDP port") {
		t.Errorf("got %v", err)
	}
	// The first two attempts last 1 and 1.5 times the timeout, the third brings
	// the last refusal.
	took := time.Since(began)
	if took < 2*soon {
		t.Errorf("gave up after %v: a switch that is starting needs the time of the attempts", took)
	}
	if took > 50*soon {
		t.Errorf("gave up after %v: the other credentials are no use", took)
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	began := time.Now()
	_, err = Open(ctx, silent.LocalAddr().String(), []Credential{public, public}, Options{Timeout: 10 * time.Second})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 2*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
}

func TestSplitAddress(t *testing.T) {
	tests := []struct {
		address, host string
		port          uint16
	}{
		{"sw1.example.org", "sw1.example.org", 161},
		{"10.0.0.2", "10.0.0.2", 161},
		{"10.0.0.2:1161", "10.0.0.2", 1161},
		{"2001:db8::2", "2001:db8::2", 161},
		{"[2001:db8::2]", "2001:db8::2", 161},
		{"[2001:db8::2]:1161", "2001:db8::2", 1161},
	}
	for _, test := range tests {
		host, port, err := splitAddress(test.address)
		if host != test.host || port != test.port || err != nil {
			t.Errorf("%s: got %q, %d, %v", test.address, host, port, err)
		}
	}
}

// Nearly a third of the datagrams is lost on the way there, and as many on
// the way back. What a walk says has to be true even so: all rows, or an
// error.
func TestWalksUnderLoss(t *testing.T) {
	const sessions, walks, rows = 40, 5, 24
	var complete atomic.Int32
	var all sync.WaitGroup
	for i := range uint64(sessions) {
		s := open(t, start(t, device(rows), lossy(i)), Options{Timeout: 20 * time.Millisecond, Repetitions: 10})
		all.Go(func() {
			for range walks {
				got, err := walkAll(t.Context(), s)
				if err != nil {
					continue
				}
				complete.Add(1)
				if diff := cmp.Diff(upTo(rows), got); diff != "" {
					t.Errorf("a walk is silently short (-want +got):\n%s", diff)
				}
			}
		})
	}
	all.Wait()
	if n := complete.Load(); n < sessions*walks*95/100 {
		t.Errorf("only %d of %d walks were complete", n, sessions*walks)
	}
}

// lossy loses 30 % of requests and of answers, but not the first of all.
func lossy(seed uint64) intercept {
	const lost = 0.3
	dice := rand.New(rand.NewPCG(5, seed))
	opened := false
	return func(request snmpagent.Request, r *snmpagent.Response) {
		if there, back := dice.Float64(), dice.Float64(); opened && (there < lost || back < lost) {
			drop(request, r)
		}
		opened = true
	}
}
