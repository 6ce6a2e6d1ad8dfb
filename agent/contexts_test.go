package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A Catalyst with a workstation in VLAN 1 and a camera in VLAN 20. VLAN 30 has
// no station, and 1002 is not Ethernet. It shows its communities to anybody.
const (
	catalyst = `1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1208
1.3.6.1.2.1.1.3.0|67|4100
1.3.6.1.2.1.1.5.0|4|access-1
1.3.6.1.2.1.2.2.1.2.10101|4|GigabitEthernet1/0/1
1.3.6.1.2.1.2.2.1.2.10102|4|GigabitEthernet1/0/2
1.3.6.1.2.1.2.2.1.3.10101|2|6
1.3.6.1.2.1.2.2.1.3.10102|2|6
1.3.6.1.2.1.4.22.1.2.1.10.20.20.9|4x|4419b62e0751
1.3.6.1.2.1.17.1.4.1.2.1|2|10101
1.3.6.1.2.1.17.4.3.1.2.0.27.33.1.2.3|2|1
1.3.6.1.2.1.17.4.3.1.3.0.27.33.1.2.3|2|3
1.3.6.1.2.1.47.1.2.1.1.2.1|4|vlan20
1.3.6.1.2.1.47.1.2.1.1.4.1|4|canary@20
1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.1|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.20|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.30|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.2.1.1002|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.1|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.20|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.30|2|1
1.3.6.1.4.1.9.9.46.1.3.1.1.3.1.1002|2|2
`
	catalyst20 = `1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1208
1.3.6.1.2.1.1.3.0|67|4100
1.3.6.1.2.1.4.22.1.2.1.10.20.20.9|4x|4419b62e0751
1.3.6.1.2.1.17.1.4.1.2.2|2|10102
1.3.6.1.2.1.17.4.3.1.2.68.25.182.46.7.81|2|2
1.3.6.1.2.1.17.4.3.1.3.68.25.182.46.7.81|2|3
`
	catalyst30 = `1.3.6.1.2.1.1.3.0|67|4100
`
)

// recorded reads rows.
func recorded(t *testing.T, rows string) *capture.Recording {
	t.Helper()
	recording, err := capture.Read("test.snmprec", strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	return recording
}

// startSwitch answers by community, and holds that of entLogicalTable nothing
// but the names of contexts is asked for. (An answer may run on past the end of
// what it was asked for.)
func startSwitch(t *testing.T, views map[string]string) *snmpagent.Agent {
	t.Helper()
	options := snmpagent.Options{Communities: make(map[string]*capture.Recording)}
	for community, rows := range views {
		options.Communities[community] = recorded(t, rows)
	}
	table, names := smi.MustOID("1.3.6.1.2.1.47.1.2"), smi.MustOID("1.3.6.1.2.1.47.1.2.1.1.8")
	options.Intercept = func(request snmpagent.Request, _ *snmpagent.Response) {
		for _, asked := range request.Varbinds {
			if asked.Name.HasPrefix(table) && !asked.Name.HasPrefix(names) {
				t.Errorf("what comes after %v was asked for", asked.Name)
			}
		}
	}
	agent, err := snmpagent.Start("127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { agent.Close() })
	return agent
}

var catalystViews = map[string]string{"canary": catalyst, "canary@20": catalyst20, "canary@30": catalyst30}

// The forwarding tables of all VLANs are read, and a capture shows what the
// switch does.
func TestCameraInAVLANOfItsOwn(t *testing.T) {
	t.Chdir(t.TempDir())
	agent := startSwitch(t, catalystViews)
	live := scanned(t, "-switch", agent.Addr().String(), "-community", "canary")
	if len(live.Findings) != 1 {
		t.Fatalf("%d findings", len(live.Findings))
	}
	want := report.Location{Switch: "access-1", Port: "GigabitEthernet1/0/2", IfIndex: 10102, VLAN: 20}
	at := live.Findings[0].Location
	got := report.Location{Switch: at.Switch, Port: at.Port, IfIndex: at.IfIndex, VLAN: at.VLAN}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the camera (want -, got +):\n%s", diff)
	}
	if c := live.Coverage[0]; c.Status != "complete" {
		t.Errorf("coverage %+v", c)
	}
	if agent.Dropped() != 0 {
		t.Errorf("%d requests with a community that the switch does not know", agent.Dropped())
	}

	code, out, log := invoke("capture", agent.Addr().String(), "-community", "canary", "-state", "none")
	if code != exitDone || log != "" {
		t.Fatalf("capture: exit %d: %s%s", code, out, log)
	}
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"access-1.snmprec", "access-1@20.snmprec", "access-1@30.snmprec"}, names); diff != "" {
		t.Errorf("files (want -, got +):\n%s", diff)
	}
	for _, name := range names {
		if text, err := os.ReadFile(name); err != nil || strings.Contains(string(text), "canary") {
			t.Errorf("%s (%v) holds a community:\n%s", name, err, text)
		}
	}
	if diff := cmp.Diff(live, scanned(t, "-from", ".")); diff != "" {
		t.Errorf("device -, capture +\n%s", diff)
	}
}

// readInHaste reads a switch without waiting long for what it does not answer.
func readInHaste(t *testing.T, agent *snmpagent.Agent, of config.Switch) lan.Snapshot {
	t.Helper()
	var err error
	if of.Address, err = config.ParseAddress(agent.Addr().String()); err != nil {
		t.Fatal(err)
	}
	way := reach{Switch: of, credentials: offer([]string{"canary"})[:1], known: new(recall)}
	return poll.Read(t.Context(), poll.Device{Name: "access-1", Skip: of.SkipTables, Open: func(ctx context.Context) (poll.Source, error) {
		return way.open(ctx, quickly)
	}})
}

// fdbReadings are the states of the forwarding table by context.
func fdbReadings(s lan.Snapshot) map[string]lan.ReadStatus {
	all := make(map[string]lan.ReadStatus)
	for _, r := range s.Readings {
		if r.Table == lan.Dot1dTpFdbTable {
			all[r.Context] = r.Status
		}
	}
	return all
}

// A community that is not let into the VLANs does not cost its attempts for
// each of them, and each is said to be missing.
func TestCommunityThatIsNotLetIntoVLANs(t *testing.T) {
	var more strings.Builder
	more.WriteString(catalyst)
	for _, vlan := range []string{"40", "50", "60"} {
		more.WriteString("1.3.6.1.4.1.9.9.46.1.3.1.1.2.1." + vlan + "|2|1\n")
	}
	agent := startSwitch(t, map[string]string{"canary": more.String()})
	s := readInHaste(t, agent, config.Switch{})
	want := map[string]lan.ReadStatus{"": lan.Partial, "20": lan.Failed, "30": lan.Failed, "40": lan.Failed, "50": lan.Failed, "60": lan.Failed}
	if diff := cmp.Diff(want, fdbReadings(s)); diff != "" {
		t.Errorf("readings (want -, got +):\n%s", diff)
	}
	const attempts = 3
	if n := agent.Dropped(); n != 2*attempts {
		t.Errorf("%d requests were in vain", n)
	}
	if last := s.Readings[len(s.Readings)-1]; last.Context != "60" || last.Reason != poll.GivenUp {
		t.Errorf("of the last context it says %+v", last)
	}
}

// What no Cisco switch says of itself is no reason to try communities on it.
func TestNoCommunityIsTriedOnOthers(t *testing.T) {
	other := strings.ReplaceAll(catalyst, "1.3.6.1.4.1.9.1.1208", "1.3.6.1.4.1.14823.1.1.1")
	agent := startSwitch(t, map[string]string{"canary": other, "canary@20": catalyst20})
	s := readInHaste(t, agent, config.Switch{})
	if diff := cmp.Diff(map[string]lan.ReadStatus{"": lan.Complete}, fdbReadings(s)); diff != "" || agent.Dropped() != 0 {
		t.Errorf("%d communities in vain; readings (want -, got +):\n%s", agent.Dropped(), diff)
	}
}

// The operator names contexts that no switch tells of, and leaves out those
// that it does.
func TestContextsAsConfigured(t *testing.T) {
	agent := startSwitch(t, map[string]string{"canary": catalyst, "canary@cams": catalyst20})
	s := readInHaste(t, agent, config.Switch{Contexts: []string{"cams"}, SkipTables: []lan.Table{lan.VtpVlanTable}})
	if diff := cmp.Diff(map[string]lan.ReadStatus{"": lan.Partial, "cams": lan.Complete}, fdbReadings(s)); diff != "" || agent.Dropped() != 0 {
		t.Errorf("%d communities in vain; readings (want -, got +):\n%s", agent.Dropped(), diff)
	}
}
