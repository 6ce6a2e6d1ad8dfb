package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// What 'camwarden receive' refuses, it refuses in words that say what to write
// instead.
func TestReceiveRefuses(t *testing.T) {
	folder := t.TempDir()
	cert, key := certificate(t, folder)
	path := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(folder, name)
		writeTestFile(t, file, []byte(text))
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	secret, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flags []string
		want  string
		unix  bool
	}{
		{[]string{"-fail", "half"}, "-fail half: write how many", false},
		{[]string{"-silent", "0s"}, "-silent 0s: write how long", false},
		{[]string{"-listen", "0.0.0.0:0"}, "without -tls-cert and -tls-key only a loopback address", false},
		{[]string{"-listen", "0.0.0.0:0", "-tls-cert", cert, "-tls-key", key}, "everybody could send reports: give -token-file, or -client-ca", false},
		{[]string{"-tls-cert", cert}, "-tls-cert and -tls-key belong together", false},
		{[]string{"-client-ca", cert}, "-client-ca needs TLS", false},
		{[]string{"-tls-cert", cert, "-tls-key", key, "-client-ca", key}, "holds no certificate", false},
		{[]string{"-tls-cert", key, "-tls-key", key}, "-tls-cert", false},
		{[]string{"-token-file", path("empty", "", 0o600)}, "it holds no token", false},
		{[]string{"-token-file", path("three", "LON-0042 canary canary", 0o600)}, "line 1 has 3 words", false},
		{[]string{"-token-file", path("open", "LON-0042 canary", 0o644)}, "every user can read the file: run chmod", true},
		{[]string{"-token-file", path("shared", "LON-0042 canary", 0o660)}, "other users can change the file: run chmod", true},
		{[]string{"-tls-cert", cert, "-tls-key", path("open.key", string(secret), 0o644)}, "every user can read the file: run chmod", true},
	} {
		if test.unix && runtime.GOOS == "windows" {
			continue
		}
		flags := append([]string{"-dir", filepath.Join(folder, "reports"), "-listen", "127.0.0.1:0"}, test.flags...)
		var out, log bytes.Buffer
		err := runReceive(t.Context(), flags, stdio{out: &out, err: &log})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v: %v, want %q", test.flags, err, test.want)
		}
	}
}

// A pilot is 'camwarden receive' with mutual TLS and tokens.
type pilot struct {
	t                 *testing.T
	program           string
	folder, cert, key string
	listen            string
	reports           string // the store
	running           *process
	mu                sync.Mutex
	ids               []string
}

func newPilot(t *testing.T) *pilot {
	p := &pilot{t: t, program: camwarden(t), folder: t.TempDir(), listen: freeAddress(t)}
	p.cert, p.key = certificate(t, p.folder)
	p.reports = filepath.Join(p.folder, "centre")
	writeTestFile(t, filepath.Join(p.folder, "token"), []byte("LON-0042 canary-token\n* canary-page\n"))
	return p
}

func (p *pilot) start() {
	p.t.Helper()
	p.running, _ = startEndpoint(p.t, p.program, p.reports, p.listen, p.cert, p.key, "-client-ca", p.cert)
}

// kill ends it at once, and leaves what a power cut leaves of a line.
func (p *pilot) kill() {
	p.t.Helper()
	killProcess(p.t, p.running)
	file, err := os.OpenFile(filepath.Join(p.reports, "reports.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := file.WriteString(`{"specversion":"1.0","id":"torn`); err != nil {
		p.t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// client is the agents' own.
func (p *pilot) client() *uplink.Client {
	client, err := uplink.New(uplink.Endpoint{URL: "https://" + p.listen + "/v1/reports", CAFile: p.cert, CertFile: p.cert, KeyFile: p.key,
		Proxy: "direct", Token: func() (string, error) { return "canary-token", nil }})
	if err != nil {
		p.t.Error(err)
	}
	return client
}

// deliver sends reports one by one, each until it is acknowledged.
func (p *pilot) deliver(list []uplink.Report, acknowledged func()) {
	client := p.client()
	defer client.Close()
	for _, r := range list {
		for accepted := false; !accepted && p.t.Context().Err() == nil; {
			result, err := client.Send(p.t.Context(), []uplink.Report{r})
			accepted = err == nil && len(result.Accepted) == 1
			if len(result.Rejected) > 0 {
				p.t.Errorf("rejected: %+v", result.Rejected)
				return
			}
		}
		p.mu.Lock()
		p.ids = append(p.ids, r.ID)
		p.mu.Unlock()
		acknowledged()
	}
}

// TestReceiveKilled measures 'camwarden receive' with mutual TLS, each report
// in a request of its own and synced before it is acknowledged; then it kills
// it in the middle, again and again, and holds that it has kept all it has
// acknowledged, each once.
func TestReceiveKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the processes of this test end by signals")
	}
	const senders, each, kills, mark = 4, 150, 5, 50.0
	p := newPilot(t)
	p.start()
	p.refusesStrangers()

	measured := someReports(t, 0, senders*each)
	began := time.Now()
	p.inParallel(senders, measured, func() {})
	rate := float64(len(measured)) / time.Since(began).Seconds()
	t.Logf("%.0f reports/s of %d bytes over mutual TLS, each synced", rate, len(measured[0].Data))
	if rate < mark {
		t.Errorf("%.0f reports/s, less than %.0f", rate, mark)
	}

	acks := make(chan struct{}, senders*each)
	go func() {
		defer close(acks)
		p.inParallel(senders, someReports(t, 1, senders*each), func() { acks <- struct{}{} })
	}()
	n := 0
	for range acks {
		if n++; n%(senders*each/(kills+1)) == 0 && n < senders*each {
			p.kill()
			p.start()
		}
	}
	kept := map[string]int{}
	for _, r := range arrived(t, p.reports) {
		kept[r.ID]++
	}
	missing, twice := 0, 0
	for _, id := range p.ids {
		if kept[id] == 0 {
			missing++
		} else if kept[id] > 1 {
			twice++
		}
	}
	t.Logf("killed %d times: of %d acknowledged reports %d are missing and %d are kept twice", kills, len(p.ids), missing, twice)
	if missing > 0 || twice > 0 || len(p.ids) != 2*senders*each || len(kept) != len(p.ids) {
		t.Errorf("%d missing, %d twice, %d acknowledged, %d kept", missing, twice, len(p.ids), len(kept))
	}
	p.showsThePage()
	p.running.stop()
}

// inParallel shares the reports among senders, and waits for them.
func (p *pilot) inParallel(senders int, list []uplink.Report, acknowledged func()) {
	var sending sync.WaitGroup
	each := len(list) / senders
	for i := range senders {
		sending.Go(func() { p.deliver(list[i*each:(i+1)*each], acknowledged) })
	}
	sending.Wait()
}

// refusesStrangers holds that nobody without a certificate gets anywhere.
func (p *pilot) refusesStrangers() {
	p.t.Helper()
	stranger, err := uplink.New(uplink.Endpoint{URL: "https://" + p.listen + "/v1/reports", CAFile: p.cert, Proxy: "direct",
		Token: func() (string, error) { return "canary-token", nil }})
	if err != nil {
		p.t.Fatal(err)
	}
	defer stranger.Close()
	if _, err := stranger.Send(p.t.Context(), nil); err == nil {
		p.t.Error("it answers without a client certificate")
	}
}

// showsThePage reads the page as a browser does.
func (p *pilot) showsThePage() {
	p.t.Helper()
	pair, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	pem, err := os.ReadFile(p.cert)
	if err != nil {
		p.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	browser := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}}
	defer browser.CloseIdleConnections()
	request, err := http.NewRequest(http.MethodGet, "https://"+p.listen+"/", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.SetBasicAuth("operator", "canary-page")
	resp, err := browser.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if want := fmt.Sprintf("%d reports kept", len(p.ids)); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(text), want) || !strings.Contains(string(text), "LON-0042") {
		p.t.Errorf("the page: %d, %v: no %q in %.2000s", resp.StatusCode, err, want, text)
	}
}
