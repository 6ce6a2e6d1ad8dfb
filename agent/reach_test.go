package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

var (
	coreV3 = snmp.Credential{Name: "core-v3", Version: snmp.V3, User: "nobody", Auth: snmp.SHA256, AuthPassphrase: "canary-passphrase"}
	goodV2 = snmp.Credential{Name: "good", Version: snmp.V2c, Community: "canary-community"}
	badV2  = snmp.Credential{Name: "bad", Version: snmp.V2c, Community: "canary-wrong"}
	goodV1 = snmp.Credential{Name: "good-v1", Version: snmp.V1, Community: "canary-community"}
)

// reachOf is the way to a switch, of which something is remembered.
func reachOf(agent *snmpagent.Agent, before memory.Switch, log *slog.Logger, credentials ...snmp.Credential) reach {
	at := config.Address{Host: agent.Addr().Addr().String(), Port: agent.Addr().Port()}
	known := newRecall(&memory.Memory{Switches: map[string]memory.Switch{at.String(): before}}, log)
	return reach{Switch: config.Switch{Address: at}, credentials: credentials, known: known}
}

// quickly is for tests in which credentials are not answered.
var quickly = snmp.Options{Timeout: 30 * time.Millisecond}

// The credentials that were good last come first, so that a switch is not
// asked in vain at every observation.
func TestReachTriesTheLastGoodFirst(t *testing.T) {
	for name, inVain := range map[string]bool{"good": false, "": true, "forgotten": true} {
		agent := aSwitch(t)
		r := reachOf(agent, memory.Switch{Credentials: name}, nil, badV2, goodV2)
		source, err := r.open(t.Context(), quickly)
		if err != nil {
			t.Fatal(err)
		}
		if got := agent.Dropped(); (got > 0) != inVain {
			t.Errorf("%q was good last: %d requests in vain", name, got)
		}
		if err := source.Close(); err != nil {
			t.Fatal(err)
		}
		if got := r.known.of(r.Address.String()); got.Credentials != "good" || got.Version != "v2c" || got.Repetitions != snmp.DefaultRepetitions {
			t.Errorf("what is remembered: %+v", got)
		}
	}
}

func TestLastGoodFirst(t *testing.T) {
	all := []snmp.Credential{coreV3, badV2, goodV2}
	for name, want := range map[string]string{"": "core-v3 bad good", "good": "good core-v3 bad", "bad": "bad core-v3 good", "core-v3": "core-v3 bad good"} {
		var got []string
		for _, c := range lastGoodFirst(all, name) {
			got = append(got, c.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q was good last: %v, want %s", name, got, want)
		}
	}
	if all[0].Name != "core-v3" {
		t.Error("the order of the configuration is changed")
	}
}

// A switch that was read by version 3 is not asked by less, whatever answers
// at its address: the community would be told to that.
func TestReachNeverDowngrades(t *testing.T) {
	for _, test := range []struct {
		name        string
		credentials []snmp.Credential
		want        string
	}{
		{"nothing else is left", []snmp.Credential{goodV2, goodV1}, "allow_downgrade = true under its [[switch]]"},
		{"version 3 is not answered", []snmp.Credential{coreV3, goodV2, goodV1}, "v3 with core-v3: no answer"},
	} {
		agent := aSwitch(t)
		r := reachOf(agent, memory.Switch{Credentials: "good", Version: "v2c", ReadByV3: true}, nil, test.credentials...)
		_, err := r.open(t.Context(), quickly)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
		if got := agent.Requests(); got != 0 {
			t.Errorf("%s: the switch was asked %d times with a community", test.name, got)
		}
	}
}

func TestReachDowngradesWhereItIsAllowed(t *testing.T) {
	for _, test := range []struct {
		name        string
		credentials []snmp.Credential
		log         string
	}{
		{"and says so", []snmp.Credential{coreV3, goodV2}, "is read by less"},
		{"and says so when it was in vain", []snmp.Credential{coreV3, badV2}, "was asked by version 1 or 2c too"},
		{"but need not", []snmp.Credential{coreV3}, ""},
	} {
		var log bytes.Buffer
		r := reachOf(aSwitch(t), memory.Switch{ReadByV3: true}, slog.New(slog.NewTextHandler(&log, nil)), test.credentials...)
		r.AllowDowngrade = true
		if source, err := r.open(t.Context(), quickly); err == nil {
			if err := source.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if said := log.String(); !strings.Contains(said, test.log) || test.log == "" && said != "" || strings.Contains(said, "canary") {
			t.Errorf("%s: the log says %q, want %q", test.name, said, test.log)
		}
		if got := r.known.of(r.Address.String()); !got.ReadByV3 {
			t.Errorf("%s: that it speaks version 3 is forgotten", test.name)
		}
	}
}

// A switch that manages few rows at once is asked for few at first.
func TestReachStartsWithWhatWasManaged(t *testing.T) {
	for repetitions, want := range map[int]uint32{3: 3, 0: 25, -1: 25, 1 << 30: 25} {
		var first uint32
		agent := aSwitchThat(t, func(request snmpagent.Request, _ *snmpagent.Response) {
			if request.Type == snmpagent.GetBulkRequest && first == 0 {
				first = uint32(request.MaxRepetitions)
			}
		})
		r := reachOf(agent, memory.Switch{Repetitions: repetitions, SettledAt: time.Now().Add(-time.Hour)}, nil, goodV2)
		source, err := r.open(t.Context(), snmp.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ifDescr := smi.MustOID("1.3.6.1.2.1.2.2.1.2")
		err = source.Walk(t.Context(), ifDescr, func(smi.Varbind) error { return nil })
		if err := errors.Join(err, source.Close()); err != nil {
			t.Fatal(err)
		}
		if err := agent.Close(); err != nil { // first is the agent's until then
			t.Fatal(err)
		}
		if first != want {
			t.Errorf("%d were managed: it starts with %d, want %d", repetitions, first, want)
		}
	}
}

func TestReachNamed(t *testing.T) {
	address := config.Address{Host: "10.0.0.2", Port: 161}
	own := config.Switch{Address: address, Credentials: []*config.Credential{{Name: "own", Version: config.V3}}, RequestsPerSecond: 7,
		FromAddress: netip.MustParseAddr("10.0.0.9"), Off: true}
	other := config.Switch{Address: config.Address{Host: "10.0.0.3", Port: 161}, Credentials: []*config.Credential{{Name: "other", Version: config.V2c}}, AllowDowngrade: true}
	c := &config.Config{Switches: []config.Switch{other, own}}
	for _, test := range []struct {
		name, at, by string
		given        []snmp.Credential
		want         config.Switch
	}{
		{"configured", "10.0.0.2", "own", nil, own},
		{"not configured", "10.0.0.4", "the given community", nil, config.Switch{}},
		{"with a community given", "10.0.0.4", "good", []snmp.Credential{goodV2},
			config.Switch{AllowDowngrade: true}},
	} {
		test.want.Address = config.Address{Host: test.at, Port: 161}
		r := reachNamed(test.want.Address, test.given, c, new(recall))
		if diff := cmp.Diff(test.want, r.Switch, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Errorf("%s: difference (-want +got):\n%s", test.name, diff)
		}
		if len(r.credentials) == 0 || r.credentials[0].Name != test.by {
			t.Errorf("%s: credentials %v, want %s", test.name, r.credentials, test.by)
		}
	}
}

func TestObserverLeavesOutWhatIsOff(t *testing.T) {
	at := func(host string) config.Address { return config.Address{Host: host, Port: 161} }
	c := config.Default()
	c.Switches = []config.Switch{{Address: at("10.0.0.2")}, {Address: at("10.0.0.3"), Off: true},
		{Address: at("10.0.0.4"), SkipTables: []lan.Table{lan.LLDPRemTable}}}
	o, err := newObserver(c, new(recall))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.devices) != 2 || o.devices[0].Name != "10.0.0.2" || o.devices[1].Name != "10.0.0.4" {
		t.Fatalf("devices %+v", o.devices)
	}
	if diff := cmp.Diff([]lan.Table{lan.LLDPRemTable}, o.devices[1].Skip); diff != "" {
		t.Error(diff)
	}
}

// Debian's agent is read by version 3 once. From then on its community is of
// no use, though it would be answered.
func TestReachRemembersVersion3(t *testing.T) {
	path, err := exec.LookPath("snmpd")
	if err != nil {
		t.Skip("snmpd is not installed: ", err)
	}
	folder, address := t.TempDir(), freePort(t)
	writeTestFile(t, filepath.Join(folder, "snmpd.conf"), fmt.Appendf(nil,
		"agentAddress udp:%s\nrocommunity canary-community\ncreateUser core SHA-256 %q\nrouser core auth\n", address, coreV3.AuthPassphrase))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	cmd := exec.CommandContext(ctx, path, "-f", "-Lo", "-m", "", "-C", "-c", filepath.Join(folder, "snmpd.conf"), "-I", "-systemstats")
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+folder)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was told to end
	})
	core := coreV3
	core.User = "core"
	at, err := config.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory.Memory{}
	for { // until it listens
		r := reach{config.Switch{Address: at}, []snmp.Credential{core}, newRecall(m, nil)}
		source, err := r.open(ctx, snmp.Options{Timeout: 200 * time.Millisecond})
		if err == nil {
			err = source.Close()
			m.Remember(r.known.all())
		}
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	core.AuthPassphrase = "canary, but wrong"
	r := reach{config.Switch{Address: at}, []snmp.Credential{core, goodV2}, newRecall(m, nil)}
	if _, err := r.open(ctx, snmp.Options{Timeout: time.Second}); !errors.Is(err, snmp.ErrDenied) {
		t.Errorf("with another passphrase: %v", err)
	}
	r.AllowDowngrade = true
	source, err := r.open(ctx, snmp.Options{})
	if err != nil {
		t.Fatal("with allow_downgrade: ", err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}
