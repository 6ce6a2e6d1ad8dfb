package main

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// An installed is a site with a centre and a host on which camwarden is installed.
type installed struct {
	*site
	*host
	t       *testing.T
	program string
	centre  string // the folder of what has arrived
	stop    func() // the endpoint
}

const pilotSite = "LON-0042"

// newInstalled boots a host at a site whose endpoint answers.
func newInstalled(t *testing.T, limit time.Duration) *installed {
	root, release := needHost(t)
	s := newNetwork(t)
	s.limit = limit
	p := &installed{site: s, t: t, program: camwarden(t), centre: filepath.Join(s.folder, "centre")}
	certificate(t, s.folder, net.ParseIP(siteSwitch))
	writeTestFile(t, filepath.Join(s.folder, "token"), []byte("canary-token\n"))
	s.startSwitch()
	p.startEndpoint()
	p.host = s.boot("agent", root)
	for from, to := range map[string]string{"camwarden_*_amd64.deb": "old.deb", "next/camwarden_*_amd64.deb": "new.deb", "camwarden-*.x86_64.rpm": "old.rpm"} {
		files, err := filepath.Glob(filepath.Join(release, from))
		if err != nil || len(files) != 1 {
			t.Fatalf("%s in %s: %d files, %v", from, release, len(files), err)
		}
		p.bring(files[0], "/pkg/"+to)
	}
	for _, name := range []string{"token", "cert.pem"} {
		p.bring(filepath.Join(s.folder, name), "/root/answers/"+name)
	}
	p.host.write("/root/answers/community", "public\n")
	return p
}

func (p *installed) startEndpoint() {
	p.stop = p.site.start("switch", p.program, "receive", "-listen", siteSwitch+":8443", "-dir", p.centre, "-tls-cert", filepath.Join(p.folder, "cert.pem"),
		"-tls-key", filepath.Join(p.folder, "key.pem"), "-token-file", filepath.Join(p.folder, "token"))
}

// answers are what a roll-out gives the package.
func answersOf(site string) []string {
	return []string{"CAMWARDEN_SITE=" + site, "CAMWARDEN_ENDPOINT=https://" + siteSwitch + ":8443/v1/reports",
		"CAMWARDEN_TOKEN_FILE=/root/answers/token", "CAMWARDEN_CA=/root/answers/cert.pem",
		"CAMWARDEN_SWITCHES=" + siteSwitch, "CAMWARDEN_COMMUNITY_FILE=/root/answers/community"}
}

// install installs a package with answers, as a roll-out does: nobody is there
// to reply.
func (p *installed) install(file string, answers ...string) {
	p.t.Helper()
	p.do(append(append([]string{"env"}, answers...), "dpkg", "-i", "/pkg/"+file)...)
}

func (p *installed) spooled() int {
	p.t.Helper()
	files, err := filepath.Glob(p.file("/var/lib/camwarden/spool/*.report"))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(files)
}

// kill ends the service as nothing else does, and says how long it was away.
func (p *installed) kill() time.Duration {
	p.t.Helper()
	before, start := p.pid(), time.Now()
	p.do("kill", "-9", fmt.Sprint(before))
	p.eventually("the service is back", func() bool { return p.active() && p.pid() != before && p.pid() != 0 })
	return time.Since(start)
}

// TestSystemd installs the packages on a real systemd, as a roll-out does, and
// goes with them through what can happen to a host.
func TestSystemd(t *testing.T) {
	p := newInstalled(t, 10*time.Minute)

	start := time.Now()
	p.install("old.deb", answersOf(pilotSite)...)
	p.eventually("the first report arrives", func() bool { return len(arrived(t, p.centre)) > 0 })
	t.Logf("from dpkg -i to the first delivered report: %v", time.Since(start).Round(10*time.Millisecond))
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("the first report took %v, want less than 30 s", took)
	}
	p.checkFinding(arrived(t, p.centre)[0])
	p.checkConfinement()
	p.checkManager()
	p.testKill()
	p.testWatchdog()
	p.testConfiguration()
	p.testCredentials()
	p.testUpgrade()
	p.testPurge()
	p.testNoPackage()
	p.testRPM()
}

// checkFinding holds the silent camera's finding against the truth.
func (p *installed) checkFinding(r report.Report) {
	p.t.Helper()
	f := findingOf(p.t, &r, siteCamera)
	if f.Location.Switch != "site-switch" || f.Location.Port != "ge2" || r.Site.ID != pilotSite {
		p.t.Errorf("at %s the camera is at %s %s, want %s, site-switch ge2", r.Site.ID, f.Location.Switch, f.Location.Port, pilotSite)
	}
	for _, c := range r.Coverage {
		if c.Status != "complete" {
			p.t.Errorf("%s %s is %s", c.Kind, c.Source, c.Status)
		}
	}
	if len(r.Coverage) != 2 || r.Coverage[1].Tables[0].Rows == 0 {
		p.t.Errorf("the host's own neighbour table is not there, or empty: %+v", r.Coverage)
	}
}

// checkConfinement holds what the service may against what it should.
func (p *installed) checkConfinement() {
	p.t.Helper()
	status := p.do("cat", fmt.Sprintf("/proc/%d/status", p.pid()))
	for _, line := range []string{"CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(status, line) {
			p.t.Errorf("the process does not have %q", line)
		}
	}
	if user := p.do("ps", "-o", "user=", "-p", fmt.Sprint(p.pid())); user != "camwarden" {
		p.t.Errorf("the service runs as %s", user)
	}
	for path, want := range map[string]string{"/etc/camwarden": "750 root camwarden", "/etc/camwarden/camwarden.toml": "640 root camwarden",
		"/etc/camwarden/token": "640 root camwarden", "/etc/camwarden/community": "640 root camwarden", "/var/lib/camwarden": "700 camwarden camwarden"} {
		if got := p.do("stat", "-c", "%a %U %G", path); got != want {
			p.t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if sockets := p.do("ss", "-Hlntup"); strings.Contains(sockets, "camwarden") {
		p.t.Errorf("it listens: %s", sockets)
	}
	if said := p.maybe("systemd-analyze", "verify", "--man=no", "camwarden.service"); said != "" {
		p.t.Errorf("systemd-analyze verify: %s", said)
	}
	exposure := p.do("systemd-analyze", "security", "--no-pager", "--threshold=15", "camwarden.service")
	p.t.Log(exposure[strings.LastIndex(exposure, "→")+len("→ "):])
}

// checkManager holds what systemd and the journal know of the service.
func (p *installed) checkManager() {
	p.t.Helper()
	if p.do("systemctl", "is-enabled", "camwarden") != "enabled" {
		p.t.Error("the service is not enabled")
	}
	p.eventually("systemd knows what the service does", func() bool {
		return p.property("StatusText") == "observes every 15 min, switches: 1; all is delivered"
	})
	if text := p.do("journalctl", "-q", "-o", "cat", "CAMWARDEN_REPORTS=1"); !strings.HasPrefix(text, "delivered reports=1") {
		p.t.Errorf("the journal's entry of the delivery is %q", text)
	}
	if text := p.do("journalctl", "-q", "-o", "json", "-u", "camwarden"); strings.Contains(text, "canary") {
		p.t.Error("a secret is in the journal")
	}
	if said := p.fails("camwarden", "service", "install"); !strings.Contains(said, "is a package's: use apt or dnf, and systemctl") {
		p.t.Errorf("service install beside a package says %q", said)
	}
}

// testKill kills the service while the endpoint is away: nothing is lost.
func (p *installed) testKill() {
	t := p.t
	p.stop()
	before := len(arrived(t, p.centre))
	for i := range 2 {
		away := p.kill()
		t.Logf("back after kill -9 in %v", away.Round(10*time.Millisecond))
		if away > 10*time.Second {
			t.Errorf("it took %v to be back", away)
		}
		p.eventually("a report waits", func() bool { return p.spooled() == i+1 })
	}
	start := time.Now()
	p.do("systemctl", "stop", "camwarden")
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v to stop", took)
	} else {
		t.Logf("stopped in %v while the endpoint was away", took.Round(time.Millisecond))
	}
	p.startEndpoint()
	p.do("systemctl", "start", "camwarden")
	p.eventually("all arrives", func() bool { return len(arrived(t, p.centre)) == before+3 && p.spooled() == 0 })
	var seqs []uint64
	for _, r := range arrived(t, p.centre) {
		seqs = append(seqs, r.Seq)
	}
	slices.Sort(seqs)
	for i, seq := range seqs {
		if seq != uint64(i+1) {
			t.Fatalf("the reports that arrived are %v", seqs)
		}
	}
}

// testWatchdog holds that a service which does not get on is restarted.
func (p *installed) testWatchdog() {
	dropin := p.dropin("watchdog.conf", "[Service]\nWatchdogSec=2\n")
	p.do("systemctl", "restart", "camwarden")
	before := p.pid()
	p.eventually("it is fed", func() bool { return p.property("WatchdogTimestampMonotonic") != "0" })
	p.do("kill", "-STOP", fmt.Sprint(before))
	p.eventually("the watchdog restarts it", func() bool { return p.active() && p.pid() != before && p.pid() != 0 })
	p.do("rm", dropin)
	p.do("systemctl", "daemon-reload")
	p.do("systemctl", "restart", "camwarden")
}

// testConfiguration holds that a service without a configuration that it can
// use stays up, and says what it waits for.
func (p *installed) testConfiguration() {
	t := p.t
	const path = "/etc/camwarden/camwarden.toml"
	good := p.read(path)
	for text, want := range map[string]string{
		good + "\n[sight]\n": "camwarden.toml:", strings.ReplaceAll(good, "[endpoint]", "#"): "camwarden.toml"} {
		p.host.write(path, text)
		p.do("chown", "root:camwarden", path)
		p.do("chmod", "640", path)
		p.do("systemctl", "restart", "camwarden")
		p.eventually("it says what it waits for", func() bool {
			said := p.property("StatusText")
			return strings.HasPrefix(said, "waits for a configuration: ") && strings.Contains(said, want)
		})
		if !p.active() || p.property("NRestarts") == "" {
			t.Error("it does not stay up")
		}
	}
	p.do("mv", path, path+".away")
	p.do("systemctl", "restart", "camwarden")
	p.eventually("it says that there is none", func() bool { return strings.Contains(p.property("StatusText"), "write it") })
	p.do("mv", path+".away", path)
	p.host.write(path, good)
	p.do("systemctl", "restart", "camwarden")
}

// testCredentials hands over secrets that only root may read, as docs/install.md
// says.
func (p *installed) testCredentials() {
	t := p.t
	lines := documented(t, "LoadCredential=")
	if len(lines) != 2 {
		t.Fatalf("docs/install.md shows %q", lines)
	}
	p.do("chown", "root:root", "/etc/camwarden/token", "/etc/camwarden/community")
	p.do("chmod", "600", "/etc/camwarden/token", "/etc/camwarden/community")
	before := len(arrived(t, p.centre))
	p.do("systemctl", "restart", "camwarden")
	p.eventually("it may not read them", func() bool {
		return strings.Contains(p.property("StatusText"), "this user may not read the file")
	})
	p.dropin("credentials.conf", "[Service]\n"+strings.Join(lines, "\n")+"\n")
	p.do("systemctl", "restart", "camwarden")
	p.eventually("they are handed over", func() bool { return len(arrived(t, p.centre)) > before })
	p.checkFinding(arrived(t, p.centre)[before])
}

// documented are the lines of docs/install.md that begin with a word.
func documented(t *testing.T, word string) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, word) {
			lines = append(lines, line)
		}
	}
	return lines
}

// testUpgrade holds that an upgrade keeps what is the administrator's, and
// that nobody has to be asked.
func (p *installed) testUpgrade() {
	t := p.t
	const path = "/etc/camwarden/camwarden.toml"
	p.host.write(path, p.read(path)+"# ours\n")
	p.do("chmod", "600", path) // root's alone would keep the service from it, and is the administrator's to say
	p.do("chmod", "640", path)
	p.stop()
	p.kill()
	p.eventually("a report waits", func() bool { return p.spooled() == 1 })
	config, before := p.read(path), p.pid()
	agent := arrived(t, p.centre)[0].Agent.ID
	p.install("new.deb")
	if v := p.do("camwarden", "version"); !strings.Contains(v, "0.1.1") {
		t.Errorf("after the upgrade, %s", v)
	}
	p.eventually("the new version runs", func() bool { return p.active() && p.pid() != before && p.pid() != 0 })
	p.eventually("the report before the upgrade waits on", func() bool { return p.spooled() == 2 })
	if p.read(path) != config {
		t.Error("the upgrade has changed the configuration")
	}
	p.startEndpoint()
	p.do("systemctl", "restart", "camwarden")
	p.eventually("all arrives", func() bool { return p.spooled() == 0 })
	for _, r := range arrived(t, p.centre) {
		if r.Agent.ID != agent {
			t.Errorf("the agent was %s, and became %s", agent, r.Agent.ID)
		}
	}

	p.do("systemctl", "stop", "camwarden")
	p.install("new.deb")
	if p.active() {
		t.Error("a stopped service was started by an upgrade")
	}
	p.do("systemctl", "disable", "camwarden")
	p.install("old.deb")
	p.install("new.deb", "CAMWARDEN_LISTS=us-ndaa-889")
	if p.active() || p.maybe("systemctl", "is-enabled", "camwarden") != "disabled" {
		t.Error("a disabled service was enabled or started by an upgrade")
	}
	if text := p.read(path); !strings.Contains(text, "\nlists = [\"us-ndaa-889\"]") || !strings.HasSuffix(text, "# ours\n") {
		t.Errorf("an answer at an upgrade made of the configuration\n%s", text)
	}
	p.do("systemctl", "enable", "--now", "camwarden")
}

// testPurge removes the package, and then what it has left.
func (p *installed) testPurge() {
	t := p.t
	p.do("dpkg", "-r", "camwarden")
	if p.active() {
		t.Error("it runs without its package")
	}
	for _, path := range []string{"/etc/camwarden/camwarden.toml", "/var/lib/camwarden"} {
		if _, err := os.Stat(p.file(path)); err != nil {
			t.Errorf("removed, not purged: %v", err)
		}
	}
	p.do("dpkg", "-P", "camwarden")
	if left := p.do("find", "/", "-xdev", "-name", "*camwarden*", "-not", "-path", "/proc/*", "-not", "-path", "/sys/*", "-not", "-path", "/var/log/journal/*"); left != "" {
		t.Errorf("a purge leaves %s", left)
	}
	p.fails("getent", "passwd", "camwarden")
	p.fails("getent", "group", "camwarden")
}

// testNoPackage registers the program by itself.
func (p *installed) testNoPackage() {
	t := p.t
	p.bring(p.program, "/usr/local/bin/camwarden")
	p.do("chmod", "755", "/usr/local/bin/camwarden")
	if said := p.do("camwarden", "service", "install"); !strings.HasPrefix(said, "installed; ") {
		t.Errorf("service install says %q", said)
	}
	before := len(arrived(t, p.centre))
	p.do(append(append([]string{"env"}, answersOf(pilotSite)...), "camwarden", "setup")...)
	p.do("camwarden", "service", "start")
	if said := p.do("camwarden", "service", "status"); said != "the service is running" {
		t.Errorf("service status says %q", said)
	}
	p.eventually("a report arrives", func() bool { return len(arrived(t, p.centre)) > before })
	want := strings.ReplaceAll(p.do("cat", "/etc/systemd/system/camwarden.service"), "/usr/local/bin/camwarden", "/usr/bin/camwarden")
	if text, err := os.ReadFile("../packaging/systemd/camwarden.service"); err != nil || strings.TrimSpace(string(text)) != want {
		t.Errorf("the unit is not the packaged one (%v): %s", err, want)
	}
	if status := p.do("cat", fmt.Sprintf("/proc/%d/status", p.pid())); !strings.Contains(status, "CapBnd:\t0000000000000000") {
		t.Error("the service is not confined")
	}
	if said := p.fails("camwarden", "service", "install"); !strings.Contains(said, "is there already: run 'camwarden service uninstall' first") {
		t.Errorf("service install the second time says %q", said)
	}
	p.do("camwarden", "service", "restart")
	p.do("camwarden", "service", "stop")
	if said := p.fails("camwarden", "service", "status"); !strings.Contains(said, "the service is stopped") {
		t.Errorf("service status says %q", said)
	}
	p.do("camwarden", "service", "start")
	p.do("camwarden", "service", "uninstall")
	if said := p.fails("camwarden", "service", "status"); !strings.Contains(said, "the service is not installed") {
		t.Errorf("service status says %q", said)
	}
	p.do("rm", "-rf", "/usr/local/bin/camwarden", "/etc/camwarden", "/var/lib/camwarden")
	p.do("userdel", "camwarden")
}

// testRPM runs the rpm's scripts, with Debian's rpm.
func (p *installed) testRPM() {
	t := p.t
	before := len(arrived(t, p.centre))
	p.do(append(append([]string{"env"}, answersOf(pilotSite)...), "rpm", "-i", "--nodeps", "/pkg/old.rpm")...)
	p.eventually("a report arrives", func() bool { return len(arrived(t, p.centre)) > before })
	if p.do("systemctl", "is-enabled", "camwarden") != "enabled" {
		t.Error("the service is not enabled")
	}
	pid := p.pid()
	p.do("rpm", "-U", "--replacepkgs", "--nodeps", "/pkg/old.rpm")
	p.eventually("the upgrade restarts it", func() bool { return p.active() && p.pid() != pid && p.pid() != 0 })
	p.do("rpm", "-e", "--nodeps", "camwarden")
	if p.active() {
		t.Error("it runs without its package")
	}
	if _, err := os.Stat(p.file("/etc/camwarden/camwarden.toml")); err != nil {
		t.Errorf("the configuration is gone with the package: %v", err)
	}
}

// TestIdle watches the installed service between two observations.
func TestIdle(t *testing.T) {
	watched, err := time.ParseDuration(cmp.Or(os.Getenv("CAMWARDEN_IDLE"), "5m"))
	if err != nil {
		t.Fatal(err)
	}
	p := newInstalled(t, watched+5*time.Minute)
	p.install("old.deb", answersOf(pilotSite)...)
	p.eventually("the first report is delivered", func() bool { return len(arrived(t, p.centre)) > 0 && p.spooled() == 0 })
	const configuration = "/etc/camwarden/camwarden.toml"
	every := idleFor(arrived(t, p.centre)[0], watched+2*time.Minute)
	p.host.write(configuration, strings.Replace(p.read(configuration), `every = "15m"`, fmt.Sprintf("every = %q", every), 1))
	p.do("systemctl", "restart", "camwarden")
	p.eventually("it runs again and all is delivered", func() bool { return p.active() && p.pid() != 0 && p.spooled() == 0 })
	pid := p.host.outside(p.pid())
	time.Sleep(10 * time.Second) // what comes after a delivery is no idleness
	reports := len(arrived(t, p.centre))
	before := usageOf(t, pid)
	after, wakeups, when := before, 0, ""
	for second := range int(watched.Seconds()) {
		time.Sleep(time.Second)
		now := usageOf(t, pid)
		if n := now.voluntary - after.voluntary; n > 0 {
			wakeups++
			when += fmt.Sprintf(" %ds (%d)", second+1, n)
		}
		after = now
	}
	if n := len(arrived(t, p.centre)) - reports; n > 0 {
		t.Fatalf("%d reports arrived: the service was not idle", n)
	}
	cpu := after.cpu - before.cpu
	share := 100 * cpu.Seconds() / watched.Seconds()
	t.Logf("idle for %v: VmRSS %.1f MiB (%.1f MiB of it are pages of the program's file), CPU %v (%.3f %%), %d voluntary switches of all threads in %d wake-ups, at%s",
		watched, float64(after.rss)/1024, float64(after.file)/1024, cpu, share, after.voluntary-before.voluntary, wakeups, when)
	if share > 0.1 {
		t.Errorf("the idle service takes %.3f %% of a processor, want at most 0.1 %%", share)
	}
	if most := int(watched / (10 * time.Second)); wakeups > most {
		t.Errorf("the idle service wakes up %d times, want at most %d, each 10 s", wakeups, most)
	}
	if after.rss > 16*1024 {
		t.Errorf("the idle service holds %.1f MiB, want at most 16", float64(after.rss)/1024)
	}
}

// idleFor is an interval at which the agent's next observation is not soon.
func idleFor(r report.Report, d time.Duration) time.Duration {
	for every := 24 * time.Hour; ; every -= time.Minute {
		if now := time.Now(); newSchedule(every, r.Site.ID, r.Agent.ID).next(now, 0).Sub(now) > d {
			return every
		}
	}
}

// taken is what a process has cost so far.
type taken struct {
	rss, file int // KiB
	cpu       time.Duration
	voluntary int // context switches, of all threads
}

func usageOf(t *testing.T, pid int) taken {
	t.Helper()
	var u taken
	status := procFile(t, pid, "status")
	u.rss, u.file = procNumber(t, status, "VmRSS:"), procNumber(t, status, "RssFile:")
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("process %d has %d threads, %v", pid, len(threads), err)
	}
	for _, thread := range threads {
		text := procFile(t, pid, "task/"+filepath.Base(thread)+"/status")
		u.voluntary += procNumber(t, text, "voluntary_ctxt_switches:")
		var ns int64 // /proc/PID/schedstat: time on the processor, in ns
		if _, err := fmt.Sscan(procFile(t, pid, "task/"+filepath.Base(thread)+"/schedstat"), &ns); err != nil {
			t.Fatal(err)
		}
		u.cpu += time.Duration(ns)
	}
	return u
}

func procFile(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func procNumber(t *testing.T, status, key string) int {
	t.Helper()
	for line := range strings.Lines(status) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == key {
			n, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("there is no %s in %s", key, status)
	return 0
}
