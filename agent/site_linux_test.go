package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// A site is a network of the test's own: namespaces joined by a Linux bridge
// that snmpd and lldpd make a managed switch.
//
//	agent ── ge1 ┐
//	camera ─ ge2 ┼ br0 (10.20.0.2, snmpd, lldpd)
//	speaker  ge3 ┘
//
// The camera has a flagged address and is silent; the speaker announces
// itself over LLDP.
type site struct {
	t      *testing.T
	prefix string
	folder string
	limit  time.Duration // for which its daemons run at most
}

const (
	siteCamera  = "44:19:b6:00:00:09"
	siteSpeaker = "14:a7:8b:00:00:21"
	siteSwitch  = "10.20.0.2"
)

// needSite skips unless the machine can make namespaces and was asked to.
func needSite(t *testing.T, tools ...string) {
	t.Helper()
	if os.Getenv("CAMWARDEN_SITE_TESTS") == "" {
		t.Skip("makes network namespaces; set CAMWARDEN_SITE_TESTS=1 to run it as root")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: apt-get install iproute2 snmpd snmp lldpd snmpsim iputils-ping python3", tool)
		}
	}
}

// openSite is a site of nobody yet. What is started there ends in two minutes
// at the latest.
func openSite(t *testing.T, prefix string) *site {
	return &site{t: t, prefix: fmt.Sprintf("%s%d-", prefix, os.Getpid()), folder: openFolder(t), limit: 2 * time.Minute}
}

func newNetwork(t *testing.T) *site {
	s := openSite(t, "cw")
	for _, name := range []string{"switch", "agent", "camera", "speaker"} {
		s.run("ip", "netns", "add", s.prefix+name)
		t.Cleanup(func() { s.run("ip", "netns", "del", s.prefix+name) })
		s.in(name, "ip", "link", "set", "lo", "up")
		s.in(name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
	}
	s.in("switch", "ip", "link", "add", "br0", "address", "02:00:5e:10:00:01", "type", "bridge", "ageing_time", "30000")
	s.in("switch", "ip", "addr", "add", siteSwitch+"/24", "dev", "br0")
	s.in("switch", "ip", "link", "set", "br0", "up")
	s.attach("agent", "ge1", "02:00:5e:10:00:99", "10.20.0.9", "uplink room")
	s.attach("camera", "ge2", siteCamera, "10.20.0.11", "lobby")
	s.attach("speaker", "ge3", siteSpeaker, "10.20.0.12", "yard")
	return s
}

// openFolder makes a folder that daemons can reach after they have given up
// root.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "camwarden-site-")
	if err == nil {
		err = os.Chmod(folder, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func (s *site) attach(name, port, mac, ip, alias string) {
	s.in("switch", "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", s.prefix+name)
	s.in(name, "ip", "link", "set", "eth0", "address", mac)
	s.in(name, "ip", "addr", "add", ip+"/24", "dev", "eth0")
	s.in(name, "ip", "link", "set", "eth0", "up")
	s.in("switch", "ip", "link", "set", port, "master", "br0", "up", "alias", alias)
}

func (s *site) run(command ...string) string {
	s.t.Helper()
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return string(out)
}

func (s *site) in(namespace string, command ...string) string {
	s.t.Helper()
	return s.run(append([]string{"ip", "netns", "exec", s.prefix + namespace}, command...)...)
}

// start runs a daemon in a namespace until the test ends, or stop is called.
func (s *site) start(namespace string, command ...string) (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	full := append([]string{"netns", "exec", s.prefix + namespace}, command...)
	daemon := exec.CommandContext(ctx, "ip", full...)
	daemon.Cancel = func() error { return daemon.Process.Signal(os.Interrupt) }
	daemon.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	daemon.Stdout, daemon.Stderr = &out, &out
	if err := daemon.Start(); err != nil {
		s.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		cancel()
		_ = daemon.Wait() // it was told to end
	})
	s.t.Cleanup(func() {
		stop()
		if s.t.Failed() {
			s.t.Logf("%s said: %s", command[0], out.String())
		}
	})
	return stop
}

func (s *site) write(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// startSwitch makes the bridge a managed switch: Debian's snmpd with the
// bridge's tables, and Debian's lldpd with LLDP-MIB over AgentX.
func (s *site) startSwitch() {
	script, err := filepath.Abs("testdata/site/bridge_mib.py")
	if err != nil {
		s.t.Fatal(err)
	}
	agentx := filepath.Join(s.folder, "agentx.sock")
	snmpd := s.write("snmpd.conf", strings.Join([]string{
		"agentAddress udp:" + siteSwitch + ":161",
		"rocommunity public 10.20.0.0/24",
		"sysName site-switch",
		"sysDescr Example managed switch",
		"dontLogTCPWrappersConnects yes",
		"master agentx", "agentxsocket " + agentx,
		"pass_persist .1.3.6.1.2.1.17 " + script, ""}, "\n"))
	s.start("switch", "snmpd", "-f", "-Lo", "-m", "", "-C", "-c", snmpd, "-p", filepath.Join(s.folder, "snmpd.pid"), "-I", "-systemstats")
	s.eventually("snmpd listens", func() bool { _, err := os.Stat(agentx); return err == nil })
	s.startLLDP("switch", "ge*,!ge1", "site-switch", "Example managed switch", "-x", "-X", agentx)
	s.startLLDP("speaker", "eth0", "cam-yard", "DH-IPC-HDW2431T dome camera")
	for _, station := range []string{"10.20.0.9", "10.20.0.11", "10.20.0.12"} {
		s.in("switch", "ping", "-c1", "-W2", station)
	}
}

func (s *site) startLLDP(namespace, interfaces, name, description string, more ...string) {
	config := s.write("lldp-"+namespace+".conf", fmt.Sprintf(
		"configure system hostname %s\nconfigure system description %q\nconfigure lldp tx-interval 1\n", name, description))
	s.start(namespace, append([]string{"lldpd", "-d", "-u", filepath.Join(s.folder, "lldp-"+namespace+".sock"),
		"-O", config, "-I", interfaces}, more...)...)
}

func (s *site) eventually(what string, true func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !true(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within 30 s", what)
		}
	}
}

func parseReport(t *testing.T, text string) *report.Report {
	t.Helper()
	r := new(report.Report)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return r
}

func findingOf(t *testing.T, r *report.Report, mac string) report.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.MAC == mac {
			return f
		}
	}
	t.Fatalf("%s was not found among %d findings", mac, len(r.Findings))
	return report.Finding{}
}

// shownIn tells whether a table of the source is evidence of a finding.
func shownIn(f report.Finding, source, table string) bool {
	for _, e := range f.Evidence {
		if e.Source == source && e.Table == table {
			return true
		}
	}
	return false
}

// TestSite scans a switch made of Debian's snmpd and lldpd: the silent camera
// is found in its address and forwarding tables, the other in its LLDP table
// too, each on its port.
func TestSite(t *testing.T) {
	needSite(t, "ip", "snmpd", "lldpd", "python3", "ping")
	s := newNetwork(t)
	program := camwarden(t)
	s.startSwitch()
	scan := func() *report.Report {
		out := s.in("agent", program, "scan", "-switch", siteSwitch, "-json")
		return parseReport(t, out)
	}
	s.eventually("lldpd hears the speaker", func() bool {
		r := scan()
		for _, table := range r.Coverage[0].Tables {
			if table.Table == "lldpRemTable" && table.Rows > 0 {
				return true
			}
		}
		return false
	})
	r := scan()
	for mac, port := range map[string]string{siteCamera: "ge2", siteSpeaker: "ge3"} {
		f := findingOf(t, r, mac)
		if f.Location.Switch != "site-switch" || f.Location.Port != port || f.Location.Certainty != "edge" {
			t.Errorf("%s is at %s %s (%s), want site-switch %s (edge): %s", mac, f.Location.Switch, f.Location.Port, f.Location.Certainty, port, f.Location.Why)
		}
		for _, table := range []string{"ipNetToMediaTable", "dot1dTpFdbTable", "dot1qTpFdbTable"} {
			if !shownIn(f, siteSwitch, table) {
				t.Errorf("%s: no evidence from %s", mac, table)
			}
		}
	}
	if f := findingOf(t, r, siteSpeaker); !shownIn(f, siteSwitch, "lldpRemTable") || len(f.Names) == 0 || f.Names[0] != "cam-yard" {
		t.Errorf("the speaker's LLDP row is missing: names %v", f.Names)
	}
	if c := r.Coverage[0]; c.Status != "complete" || c.Name != "site-switch" {
		t.Errorf("coverage of %s (%s): %s", c.Source, c.Name, c.Status)
	}
	if host := r.Coverage[1]; host.Kind != "host" || host.Status != "complete" || host.Tables[0].Rows == 0 {
		t.Errorf("coverage of the host: %+v", host)
	}
	t.Logf("found %d stations with snmpd and lldpd; the switch took %d requests and %d ms", len(r.Findings), r.Coverage[0].Requests, r.Coverage[0].ElapsedMS)
}

// TestSnmpsim reads a switch that Debian's snmpsim serves from a capture, and
// holds the findings against those from the capture itself.
func TestSnmpsim(t *testing.T) {
	needSite(t, "snmpsimd")
	s := openSite(t, "cw")
	s.run("ip", "netns", "add", s.prefix+"sim")
	t.Cleanup(func() { s.run("ip", "netns", "del", s.prefix+"sim") })
	s.in("sim", "ip", "link", "set", "lo", "up")
	recorded, err := os.ReadFile("demosite/access-ground.snmprec")
	if err != nil {
		t.Fatal(err)
	}
	data, cache := filepath.Join(s.folder, "data"), filepath.Join(s.folder, "cache")
	for _, folder := range []string{data, cache} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o777); err != nil { // snmpsim gives up root
			t.Fatal(err)
		}
	}
	s.write("data/ground.snmprec", string(recorded))
	s.start("sim", "snmpsimd", "--data-dir="+data, "--cache-dir="+cache, "--agent-udpv4-endpoint=127.0.0.1:1161",
		"--process-user=nobody", "--process-group=nogroup", "--logging-method=null")
	program := camwarden(t)
	var live *report.Report
	s.eventually("snmpsim answers", func() bool {
		out, err := exec.Command("ip", "netns", "exec", s.prefix+"sim", program,
			"scan", "-switch", "127.0.0.1:1161", "-community", "ground", "-no-host", "-json").Output()
		if err != nil {
			return false
		}
		live = parseReport(t, string(out))
		return true
	})
	recording := parseReport(t, s.run(program, "scan", "-from", "demosite/access-ground.snmprec", "-json"))
	if len(live.Findings) == 0 || live.Coverage[0].Status != "complete" {
		t.Errorf("%d findings, coverage %s", len(live.Findings), live.Coverage[0].Status)
	}
	if diff := cmp.Diff(placesOf(recording), placesOf(live)); diff != "" {
		t.Errorf("findings (-capture +snmpsim):\n%s", diff)
	}
	t.Logf("found %d stations through snmpsim; it took %d requests and %d ms", len(live.Findings), live.Coverage[0].Requests, live.Coverage[0].ElapsedMS)
}

// placesOf is what a report says of each station, apart from the source.
func placesOf(r *report.Report) map[string]string {
	places := make(map[string]string)
	for _, f := range r.Findings {
		places[f.MAC] = fmt.Sprint(f.Maker.Key, " ", f.Level, " ", f.Location.Switch, " ", f.Location.Port, " ", f.Location.VLAN, " ", f.Location.Certainty, " ", f.IPs, " ", f.Names)
	}
	return places
}
