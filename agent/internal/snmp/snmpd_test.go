package snmp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

const (
	authPass = "a canary for authentication"
	privPass = "a canary for privacy"
)

// users are one for each pair of protocols that Debian's snmpd can be built
// with, named for the pair.
var users = []struct {
	auth      Auth
	authNamed string
	priv      Priv
	privNamed string
}{
	{MD5, "MD5", DES, "DES"},
	{SHA, "SHA", AES, "AES"},
	{SHA224, "SHA-224", AES, "AES"},
	{SHA256, "SHA-256", AES256, "AES-256"},
	{SHA384, "SHA-384", AES192, "AES-192"},
	{SHA512, "SHA-512", AES256, "AES-256"},
	{SHA, "SHA", AES256C, "AES-256-C"},
	{SHA, "SHA", AES192C, "AES-192-C"},
	{SHA256, "SHA-256", "", ""},
}

func userName(auth Auth, priv Priv) string { return strings.Trim(string(auth)+"-"+string(priv), "-") }

// An snmpd is Debian's agent, on a port of loopback.
type snmpd struct {
	address string
	folder  string
	cmd     *exec.Cmd
}

// startSnmpd runs snmpd with a user for each pair of protocols. Its engine id
// is derived from the given text. Further lines go into its configuration.
func startSnmpd(t *testing.T, address, engine string, lines ...string) *snmpd {
	t.Helper()
	path, err := exec.LookPath("snmpd")
	if err != nil {
		t.Skip("snmpd is not installed: ", err)
	}
	if address == "" {
		address = freeUDP(t)
	}
	d := &snmpd{address: address, folder: t.TempDir()}
	var config strings.Builder
	fmt.Fprintf(&config, "agentAddress udp:%s\nengineID %s\nsysName real-agent\nrocommunity canary-community\n", address, engine)
	for _, u := range users {
		name := userName(u.auth, u.priv)
		level := "priv"
		if u.priv == "" {
			level = "auth"
		}
		fmt.Fprintf(&config, "createUser %s %s %q %s\nrouser %s %s\n", name, u.authNamed, authPass, privacy(u.privNamed), name, level)
	}
	fmt.Fprintln(&config, strings.Join(lines, "\n"))
	file := filepath.Join(d.folder, "snmpd.conf")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	d.cmd = exec.CommandContext(ctx, path, "-f", "-Lo", "-m", "", "-C", "-c", file, "-I", "-systemstats")
	d.cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+d.folder)
	var said bytes.Buffer
	d.cmd.Stdout, d.cmd.Stderr = &said, &said
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = d.cmd.Wait() // it was told to end
		if t.Failed() {
			t.Log("snmpd said: ", said.String())
		}
	})
	d.await(t)
	return d
}

func privacy(named string) string {
	if named == "" {
		return ""
	}
	return fmt.Sprintf("%s %q", named, privPass)
}

func freeUDP(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// await returns when the agent answers.
func (d *snmpd) await(t *testing.T) {
	t.Helper()
	community := []Credential{{Name: "community", Version: V2c, Community: "canary-community"}}
	var last error
	for range 50 {
		s, err := Open(context.Background(), d.address, community, Options{Timeout: 200 * time.Millisecond})
		if err == nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return
		}
		last = err
	}
	t.Fatal(last)
}

func credentialOf(auth Auth, priv Priv) Credential {
	return Credential{Name: "test", Version: V3, User: userName(auth, priv), Auth: auth, AuthPassphrase: authPass, Priv: priv, PrivPassphrase: privPass}
}

var quick = Options{Timeout: 300 * time.Millisecond}

// TestRealAgentV3 reads Debian's snmpd with every pair of protocols. It says
// which pairs that snmpd was built without.
func TestRealAgentV3(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	for _, u := range users {
		t.Run(userName(u.auth, u.priv), func(t *testing.T) {
			s, err := Open(context.Background(), d.address, []Credential{credentialOf(u.auth, u.priv)}, quick)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			rows := 0
			err = s.Walk(context.Background(), smi.MustOID("1.3.6.1.2.1.1"), func(smi.Varbind) error { rows++; return nil })
			if err != nil || rows < 8 {
				t.Errorf("%d rows, %v", rows, err)
			}
		})
	}
}

// TestRealAgentRefusals holds that what is wrong is said in words that lead to
// the cause, without a secret.
func TestRealAgentRefusals(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	good := credentialOf(SHA256, AES256)
	change := func(f func(*Credential)) Credential {
		c := good
		f(&c)
		return c
	}
	tests := []struct {
		name   string
		cred   Credential
		denied bool
		want   string
	}{
		{"wrong authentication passphrase", change(func(c *Credential) { c.AuthPassphrase = "canary, but wrong" }), true,
			"wrong authentication passphrase or protocol for user sha256-aes256"},
		{"wrong authentication protocol", change(func(c *Credential) { c.Auth = SHA512 }), true, "wrong authentication passphrase or protocol"},
		{"unknown user", change(func(c *Credential) { c.User = "nobody" }), true, "user nobody"},
		{"wrong privacy passphrase", change(func(c *Credential) { c.PrivPassphrase = "canary, but wrong" }), false,
			"though it tells its engine id: wrong privacy passphrase or protocol for user sha256-aes256"},
		{"too low a level", change(func(c *Credential) { c.Priv, c.PrivPassphrase = "", "" }), true, "gives no right to read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(context.Background(), d.address, []Credential{tt.cred}, quick)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v, want an error with %q and no secret", err, tt.want)
			}
			if errors.Is(err, ErrDenied) != tt.denied {
				t.Errorf("ErrDenied: %v, want %v", !tt.denied, tt.denied)
			}
		})
	}
	t.Run("the next credentials are tried", func(t *testing.T) {
		s, err := Open(context.Background(), d.address, []Credential{tests[0].cred, good}, quick)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if s.Credential().AuthPassphrase != authPass {
			t.Error("reached by the wrong credentials")
		}
	})
}

// TestRealAgentNewEngine replaces the agent by one with another engine id
// while a session is open, as a stack does that fails over.
func TestRealAgentNewEngine(t *testing.T) {
	d := startSnmpd(t, "", "real-agent-1")
	s, err := Open(context.Background(), d.address, []Credential{credentialOf(SHA256, AES256)}, quick)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = d.cmd.Wait() // killed
	startSnmpd(t, d.address, "real-agent-2")
	name := smi.MustOID("1.3.6.1.2.1.1.5.0")
	got, err := s.Get(context.Background(), name)
	if err != nil {
		t.Fatal("after the engine id changed: ", err)
	}
	if text, _ := got[0].Value.Octets(); string(text) != "real-agent" {
		t.Errorf("sysName %q", text)
	}
}
