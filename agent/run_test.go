package main

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A process is a camwarden command that runs until it is told to stop.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *bufio.Reader
	mu     sync.Mutex
	log    bytes.Buffer
}

func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(text)
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

func startProcess(t *testing.T, program string, args ...string) *process {
	t.Helper()
	return startProcessWith(t, nil, program, args...)
}

// startProcessWith starts it in an environment of its own; nil means as this
// one.
func startProcessWith(t *testing.T, env []string, program string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, args...)}
	p.cmd.Stderr, p.cmd.Env = p, env
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill() // the test has failed on the way
			_ = p.cmd.Wait()
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(args, " "), p.logged())
		}
	})
	return p
}

// killProcess ends a process as a power cut would, as far as it can tell.
func killProcess(t *testing.T, p *process) {
	t.Helper()
	err := p.cmd.Process.Kill()
	waited := p.cmd.Wait()
	if _, killed := errors.AsType[*exec.ExitError](waited); err != nil || !killed {
		t.Fatalf("kill %s: %v, %v", p.cmd.Path, err, waited)
	}
}

// stop asks the process to end, and returns how long that took.
func (p *process) stop() time.Duration {
	p.t.Helper()
	start := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%s ended with %v", p.cmd.Args[1], err)
	}
	return time.Since(start)
}

func (p *process) waitFor(what string, true func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !true(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// certificate makes an authority that signs itself, for 127.0.0.1 and further
// addresses.
func certificate(t *testing.T, folder string, more ...net.IP) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "camwarden test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: append(more, net.IPv4(127, 0, 0, 1)), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	writeTestFile(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	writeTestFile(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	return cert, key
}

func writeTestFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// aSwitch answers SNMP as the demonstration's access-ground does.
func aSwitch(t *testing.T) *snmpagent.Agent { return aSwitchThat(t, nil) }

// aSwitchThat is a switch whose answers are changed.
func aSwitchThat(t *testing.T, change func(snmpagent.Request, *snmpagent.Response)) *snmpagent.Agent {
	t.Helper()
	file, err := os.Open("demosite/access-ground.snmprec")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	recording, err := capture.Read(file.Name(), file)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := snmpagent.Start("127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"canary-community": recording}, Intercept: change})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	})
	return agent
}

// arrived reads the reports that an endpoint keeps.
func arrived(t *testing.T, folder string) []report.Report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "reports.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var reports []report.Report
	for line := range strings.Lines(string(text)) {
		var event struct{ Data report.Report }
		if strings.HasSuffix(line, "\n") { // the last line may just be written
			if err := json.Unmarshal([]byte(line), &event); err != nil {
				t.Fatal(err)
			}
			reports = append(reports, event.Data)
		}
	}
	return reports
}

// startEndpoint runs 'camwarden receive' with TLS and a token, and returns
// where it takes reports.
func startEndpoint(t *testing.T, program, folder, listen, cert, key string, more ...string) (*process, string) {
	t.Helper()
	args := append([]string{"receive", "-listen", listen, "-dir", folder, "-tls-cert", cert, "-tls-key", key,
		"-token-file", filepath.Join(filepath.Dir(cert), "token")}, more...)
	p := startProcess(t, program, args...)
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("receive: %v: %s", err, p.logged())
	}
	return p, strings.TrimSuffix(strings.Fields(line)[3], ",")
}

// TestService runs the service as users do: against an endpoint that is away
// at first, refuses once, and then takes the report over TLS. It is stopped
// while it waits, and while it has nothing to do; nothing is lost, and no
// secret is anywhere.
func TestService(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	program, folder := camwarden(t), t.TempDir()
	cert, key := certificate(t, folder)
	writeTestFile(t, filepath.Join(folder, "token"), []byte("canary-token\n"))
	listener, err := net.Listen("tcp", "127.0.0.1:0") // a port where nobody is, for now
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	config, state, centre := filepath.Join(folder, "camwarden.toml"), filepath.Join(folder, "state"), filepath.Join(folder, "centre")
	writeTestFile(t, config, fmt.Appendf(nil, `
[site]
id = "LON-0042"
[endpoint]
url = "https://%s/v1/reports"
token_file = "token"
ca_file = "cert.pem"
[[switch]]
address = %q
credentials = ["sw"]
[credentials.sw]
version = "2c"
community = "canary-community"
`, address, aSwitch(t).Addr()))
	spooled := func() int {
		files, err := filepath.Glob(filepath.Join(state, "spool", "*.report"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}

	service := startProcess(t, program, "run", "-config", config, "-state", state)
	service.waitFor("the report waits in the spool", func() bool { return strings.Contains(service.logged(), "not delivered") })
	if ok, text := statusOf(t, program, state); ok || !strings.Contains(text, `"failures": 1`) || !strings.Contains(text, `"findings": 7`) {
		t.Errorf("while nobody takes the report, status says %v: %s", ok, text)
	}
	if took := service.stop(); took > 2*time.Second {
		t.Errorf("it took %v to stop while it waited", took)
	}
	if ok, text := statusOf(t, program, state); ok || !strings.Contains(text, "it was stopped") {
		t.Errorf("after it was stopped, status says %v: %s", ok, text)
	}
	if n := spooled(); n != 1 {
		t.Fatalf("%d reports in the spool, want 1", n)
	}

	endpoint, _ := startEndpoint(t, program, centre, address, cert, key, "-fail", "1")
	service = startProcess(t, program, "run", "-config", config, "-state", state)
	service.waitFor("the reports arrive", func() bool { return len(arrived(t, centre)) == 2 && spooled() == 0 })
	service.waitFor("status says that all is well", func() bool { ok, _ := statusOf(t, program, state); return ok })
	if page, err := os.ReadFile(filepath.Join(state, "report.html")); err != nil || !strings.Contains(string(page), "Since the first report of ") {
		t.Errorf("the page in the state folder: %v: %.500s", err, page)
	}
	if took := service.stop(); took > 2*time.Second {
		t.Errorf("it took %v to stop while it had nothing to do", took)
	}
	endpoint.stop()

	reports := arrived(t, centre)
	checkReports(t, reports)
	if kept := tree(t, state); !strings.Contains(kept, `"credentials":"sw","version":"v2c","repetitions":`) {
		t.Errorf("how the switch was reached is not remembered: %.500s", kept)
	}
	for _, text := range []string{service.logged(), endpoint.logged(), fmt.Sprintf("%+v", reports), tree(t, state), tree(t, centre)} {
		for _, canary := range []string{"canary-token", "canary-community"} {
			if strings.Contains(text, canary) {
				t.Errorf("the secret %s is in: %.200s", canary, text)
			}
		}
	}
}

// statusOf is what the status command says, and whether all is well.
func statusOf(t *testing.T, program, state string) (bool, string) {
	t.Helper()
	out, err := exec.Command(program, "status", "-state", state, "-json").Output()
	var failed *exec.ExitError
	if err != nil && (!errors.As(err, &failed) || failed.ExitCode() != exitFailed) {
		t.Fatal(err)
	}
	return err == nil, string(out)
}

func checkReports(t *testing.T, reports []report.Report) {
	t.Helper()
	seqs := make(map[uint64]bool)
	for _, r := range reports {
		seqs[r.Seq] = true
		if len(r.Findings) == 0 || r.Agent.ID == "" || r.Agent.ID != reports[0].Agent.ID || r.Site.ID != "LON-0042" {
			t.Errorf("report %d has %d findings of agent %q at %q", r.Seq, len(r.Findings), r.Agent.ID, r.Site.ID)
		}
	}
	if !seqs[1] || !seqs[2] {
		t.Errorf("sequence numbers %v, want 1 and 2", seqs)
	}
	for _, r := range reports {
		appeared := 0
		for _, c := range r.Changes {
			if c.Op == report.Appeared {
				appeared++
			}
		}
		if want := map[uint64]int{1: len(r.Findings), 2: 0}[r.Seq]; appeared != want {
			t.Errorf("report %d: %d stations appeared, want %d", r.Seq, appeared, want)
		}
	}
}

// tree is the content of all files of a folder.
func tree(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
