package main

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// TestRetryAfter has an overloaded endpoint ask for patience in every way that
// there is: it is asked again at most three times a minute, and at least every
// hour and an interval.
func TestRetryAfter(t *testing.T) {
	var value, date atomic.Value
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Retry-After", value.Load().(string))
		w.Header().Set("Date", date.Load().(string))
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	client, err := uplink.New(uplink.Endpoint{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	slots := newSchedule(15*time.Minute, "LON-0042", "6f1c")
	now := time.Now().UTC()
	tried := 0
	for _, years := range []int{0, 10, -10} { // the endpoint's clock is wrong by these
		theirs := now.AddDate(years, 0, 0)
		date.Store(theirs.Format(http.TimeFormat))
		for _, asked := range []string{"0", "-5", "1.5", "1", "3600", "86400", "9223372037", "18446744074", "soon", "",
			theirs.Add(-time.Hour).Format(http.TimeFormat), theirs.Add(time.Minute).Format(http.TimeFormat), theirs.AddDate(1, 0, 0).Format(http.TimeFormat),
			theirs.Add(time.Minute).Format("Monday, 02-Jan-06 15:04:05 GMT"), theirs.Add(time.Minute).Format(time.ANSIC)} {
			value.Store(asked)
			tried++
			at, moments := now, []time.Time{}
			for failures := 1; failures <= 8; failures++ {
				requests.Store(0)
				_, err := client.Send(t.Context(), nil)
				for range requests.Load() {
					moments = append(moments, at)
				}
				pause := pauseAfter(outcome{err: err, slots: slots}, failures, at)
				if pause < time.Second || pause > time.Hour+16*time.Minute {
					t.Errorf("%q, %d years: waits %v", asked, years, pause)
				}
				at = at.Add(pause)
			}
			for i := 3; i < len(moments); i++ {
				if moments[i].Sub(moments[i-3]) < time.Minute {
					t.Errorf("%q, %d years: four requests within a minute: %v", asked, years, moments)
					break
				}
			}
		}
	}
	t.Logf("%d ways to ask for patience: never more than 3 requests a minute, each wait from 1 s to 1 h and one interval", tried)
}

// TestMendedFiles has what the endpoint needs be wrong in the configuration's
// files, one after the other, and mended while the service runs.
func TestMendedFiles(t *testing.T) {
	folder := t.TempDir()
	cert, _ := certificate(t, t.TempDir()) // of another authority
	var token atomic.Value
	token.Store("second")
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token.Load().(string) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"accepted":[%q]}`, r.Header.Get("Idempotency-Key"))
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	defer server.Close()
	other, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	ca, tokenFile, config := filepath.Join(folder, "ca.pem"), filepath.Join(folder, "token"), filepath.Join(folder, "camwarden.toml")
	writeTestFile(t, ca, other)
	writeTestFile(t, tokenFile, []byte("first\n"))
	writeTestFile(t, config, fmt.Appendf(nil, "[site]\nid = \"x\"\n[endpoint]\nurl = %q\nca_file = \"ca.pem\"\ntoken_file = \"token\"\n", server.URL))
	s := &service{configPath: config, state: filepath.Join(folder, "state"), log: slog.New(slog.DiscardHandler)}
	if err := os.Mkdir(s.state, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	defer s.spool.Close()
	if !s.put(&report.Report{ID: "a"}) {
		t.Fatal("not put")
	}
	c := &courier{spool: s.spool, log: s.log}
	fails := func(what string) {
		t.Helper()
		o := s.round(t.Context(), c)
		var failure *uplink.Failure
		if o.left != 1 || !errors.As(o.err, &failure) || failure.Class != uplink.Config {
			t.Errorf("%s: %d left, %v", what, o.left, o.err)
		}
	}
	fails("wrong authority")
	writeTestFile(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	fails("wrong token")
	writeTestFile(t, tokenFile, []byte("second\n"))
	if o := s.round(t.Context(), c); o.left != 0 || o.err != nil {
		t.Errorf("all mended: %d left, %v", o.left, o.err)
	}
}

// TestMendingIsNoticed holds that a wait of hours ends when a file changes.
func TestMendingIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := rounds{log: slog.New(slog.DiscardHandler), note: func(outcome, int, time.Duration) {}, settings: func() []time.Time {
			if time.Since(began) > time.Hour {
				return []time.Time{began.Add(time.Hour)}
			}
			return []time.Time{began}
		}}
		if err := r.waitOut(context.Background(), 6*time.Hour); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < time.Hour || took > time.Hour+2*unconfigured {
			t.Errorf("waited %v", took)
		}
	})
}

// TestCanaries gives the service secrets of every kind, and an endpoint and a
// switch that repeat what they are told, and looks for them in all that it
// writes and shows.
func TestCanaries(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	program, folder := camwarden(t), t.TempDir()
	cert, key := certificate(t, folder)
	writeTestFile(t, filepath.Join(folder, "token"), []byte("canary-token\n"))
	writeTestFile(t, filepath.Join(folder, "priv"), []byte("canary-privacy\n"))
	keyText, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, r.Header)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	config, state := filepath.Join(folder, "camwarden.toml"), filepath.Join(folder, "state")
	writeTestFile(t, config, fmt.Appendf(nil, `
[site]
id = "LON-0042"
[endpoint]
url = "https://%s/v1/reports?key=canary-query"
token_file = "token"
ca_file = "cert.pem"
cert_file = "cert.pem"
key_file = "key.pem"
[[switch]]
address = %q
credentials = ["v3", "v2"]
[credentials.v3]
version = "3"
user = "someone"
auth = "sha256"
auth_passphrase = "canary-authentication"
priv = "aes"
priv_passphrase_file = "priv"
[credentials.v2]
version = "2c"
community = "canary-community"
`, strings.TrimPrefix(server.URL, "https://"), aSwitch(t).Addr()))
	p := startProcess(t, program, "run", "-config", config, "-state", state)
	p.waitFor("a report is refused", func() bool { return strings.Contains(p.logged(), "not delivered") })
	shown := map[string]string{}
	for _, file := range []string{"cmdline", "environ"} { // only Linux has them
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, file)); err == nil {
			shown[file] = string(text)
		}
	}
	p.stop()
	shown["log"], shown["state and spool"] = p.logged(), tree(t, state)
	shown["check"] = output(t, program, "check", "-config", config, "-state", state)
	searched := 0
	for where, text := range shown {
		searched += len(text)
		for _, canary := range append(strings.Split(strings.TrimSpace(string(keyText)), "\n")[1:3], "canary-token", "canary-privacy",
			"canary-authentication", "canary-community", "canary-query") {
			if strings.Contains(text, canary) {
				t.Errorf("%s shows the secret %s:\n%s", where, canary, text)
			}
		}
	}
	t.Logf("%d places, %d bytes: no secret", len(shown), searched)
	if !strings.Contains(shown["state and spool"], "camwarden-report 1 ") {
		t.Error("there was no spooled report to search")
	}
}

// output is all that a command writes.
func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	text, err := exec.Command(program, args...).CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return string(text)
}

// TestTwoServices starts a second service on the state of the first.
func TestTwoServices(t *testing.T) {
	program, folder := camwarden(t), t.TempDir()
	config, state := filepath.Join(folder, "camwarden.toml"), filepath.Join(folder, "state")
	writeTestFile(t, config, []byte("[site]\nid = \"x\"\n[endpoint]\nurl = \"http://127.0.0.1:9/v1/reports\"\n"))
	first := startProcess(t, program, "run", "-config", config, "-state", state)
	first.waitFor("it runs", func() bool { return strings.Contains(first.logged(), "camwarden runs") })
	second := startProcess(t, program, "run", "-config", config, "-state", state)
	if err := second.cmd.Wait(); err == nil {
		t.Error("a second service runs on the same state")
	}
	if said := second.logged(); !strings.Contains(said, "in use by another camwarden process: stop that one first") {
		t.Errorf("it says: %s", said)
	}
	t.Logf("the second says: %s", strings.TrimSpace(second.logged()))
	if err := first.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.cmd.Wait() // it was killed, and says so
}
