package config

import (
	"errors"
	"flag"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// canary stands for every secret in these tests. No message may hold it.
const canary = "hunter2"

var known = Options{Lists: []string{"us-ndaa-889", "us-fcc-covered", "uk-2022-nil", "prc-linked"},
	Tables: []lan.Table{lan.IfTable, lan.Dot1qTpFdbTable, lan.LLDPRemTable}, Makers: []string{"dahua", "hikvision", "uniview"},
	Registered: func(name string) bool { return name == "Axis Communications AB" }}

// secrets makes a folder of secret files, as an installer leaves them.
func secrets(t *testing.T) string {
	t.Helper()
	t.Setenv(credentialsDirectory, "")
	t.Setenv("CAMWARDEN_TEST_TOKEN", canary+"-from-the-environment")
	folder := t.TempDir()
	for name, text := range map[string]string{
		"community":  canary + "\n",
		"passphrase": canary + "-is-long-enough\r\n",
		"token":      "\ufeff" + canary + "-token",
		"short":      canary,
		"empty":      "\n",
		"lines":      canary + "\n" + canary + "\n",
		"large":      strings.Repeat(canary, 10_000),
	} {
		writeFile(t, filepath.Join(folder, name), text, 0o600)
	}
	return folder
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask says
		t.Fatal(err)
	}
}

// Each file of testdata/invalid breaks one rule, in all the ways it can be
// broken; what a user reads stands beside it.
func TestParseInvalid(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid/*.toml")
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d files in testdata/invalid, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".toml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			folder := secrets(t)
			c, err := Parse(name, text, folder, known)
			broken, ok := errors.AsType[*Error](err)
			if !ok || c != nil {
				t.Fatalf("got %v, %v, want mistakes alone", c, err)
			}
			got := strings.ReplaceAll(broken.Error(), folder, "FOLDER") + "\n"
			if strings.Contains(got, canary) {
				t.Errorf("a secret stands in the mistakes:\n%s", got)
			}
			golden := strings.TrimSuffix(file, ".toml") + ".txt"
			if *update {
				writeFile(t, golden, got, 0o644)
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("mistakes differ (-want +got):\n%s", diff)
			}
		})
	}
}

const valid = `
[site]
id = "LON-0042"
name = "Riverside House"
sensitive = false
core_vlans = [10, 4094]
core_prefixes = ["10.1.0.0/24", "2001:db8::/48"]

[endpoint]
url = "https://central.example.org/v1/reports"
token_file = "token"
ca_file = "community"
cert_file = "community"
key_file = "passphrase"
proxy = "http://proxy.example.org:3128"

[schedule]
every = "8h"

[[switch]]
address = "10.0.0.2"
credentials = ["old", "env"]
role = "core"

[[switch]]
address = "SW01.example.org:1161"
credentials = ["env"]
off = true
skip_tables = ["lldpRemTable", "ifTable"]
contexts = ["20", "vrf-cameras"]
requests_per_second = 1000
from_address = "::ffff:10.0.0.9"
any_reply_address = true
allow_downgrade = true

[credentials]
old = { version = "2c", community_file = "community", discover = true }
env.version = "1"
env.community_env = "CAMWARDEN_TEST_TOKEN"

[credentials.cameras]
version = "2c"
community = "hunter2-in-place"

[watch]
lists = ["prc-linked"]

[confirm]
enabled = true
subnets = ["10.20.0.0/24"]
multicast = true
credentials = ["cameras"]

[discover]
from_gateway = true
follow_lldp = true
within = ["10.0.0.0/16"]

[report]
inventory = false
`

func TestParse(t *testing.T) {
	folder := secrets(t)
	got, err := Parse("camwarden.toml", []byte(valid), folder, known)
	if err != nil {
		t.Fatal(err)
	}
	old := &Credential{Name: "old", Version: V2c, Community: NewSecret(canary), Discover: true}
	env := &Credential{Name: "env", Version: V1, Community: NewSecret(canary + "-from-the-environment")}
	cameras := &Credential{Name: "cameras", Version: V2c, Community: NewSecret(canary + "-in-place")}
	want := &Config{
		Site: Site{
			ID: "LON-0042", Name: "Riverside House", Sensitive: new(bool),
			CoreVLANs:    []lan.VLAN{10, 4094},
			CorePrefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24"), netip.MustParsePrefix("2001:db8::/48")},
		},
		Endpoint: &Endpoint{
			URL:       &url.URL{Scheme: "https", Host: "central.example.org", Path: "/v1/reports"},
			Format:    CloudEvents,
			TokenFile: filepath.Join(folder, "token"),
			CAFile:    filepath.Join(folder, "community"),
			CertFile:  filepath.Join(folder, "community"),
			KeyFile:   filepath.Join(folder, "passphrase"),
			Proxy:     &url.URL{Scheme: "http", Host: "proxy.example.org:3128"},
		},
		Schedule: Schedule{Every: 8 * time.Hour, FullEvery: 24 * time.Hour, ReportEvery: 8 * time.Hour},
		Switches: []Switch{
			{Address: Address{Host: "10.0.0.2", Port: 161}, Credentials: []*Credential{old, env}, Role: Core, RequestsPerSecond: 0},
			{Address: Address{Host: "sw01.example.org", Port: 1161}, Credentials: []*Credential{env}, Off: true,
				SkipTables: []lan.Table{lan.LLDPRemTable, lan.IfTable}, Contexts: []string{"20", "vrf-cameras"}, RequestsPerSecond: 1000,
				FromAddress: netip.MustParseAddr("10.0.0.9"), AnyReplyAddress: true, AllowDowngrade: true},
		},
		Discover:    Discover{FromGateway: true, FollowLLDP: true, Within: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}, Credentials: []*Credential{old}},
		Credentials: map[string]*Credential{"old": old, "env": env, "cameras": cameras},
		Watch:       Watch{Lists: []string{"prc-linked"}},
		Confirm: Confirm{
			Enabled: true, Subnets: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/24")}, Multicast: true,
			Credentials: []*Credential{cameras},
		},
		Report:  Report{Inventory: false},
		InPlace: true,
		Secrets: []SecretSource{
			{Key: "endpoint.token_file", File: filepath.Join(folder, "token")},
			{Key: "endpoint.key_file", File: filepath.Join(folder, "passphrase")},
			{Key: "credentials.cameras.community"},
			{Key: "credentials.env.community_env"},
			{Key: "credentials.old.community_file", File: filepath.Join(folder, "community")},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{}, netip.Addr{})); diff != "" {
		t.Errorf("configuration differs (-want +got):\n%s", diff)
	}
}

// Where secrets are is told of a file with mistakes too, with what is wrong
// with each, and by what names the user calls credentials.
func TestParseTellsOfSecretsAmongMistakes(t *testing.T) {
	folder := secrets(t)
	_, err := Parse("camwarden.toml", []byte(`
[site]
idd = "A"
[credentials.north-wing]
version = "2c"
community_file = "nowhere"
[credentials.old]
version = "2c"
community_file = "community"
`), folder, known)
	broken, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want := []SecretSource{
		{Key: "credentials.north-wing.community_file", File: filepath.Join(folder, "nowhere"),
			Wrong: "the file is not there: write it, or correct its name (relative to the configuration's folder)"},
		{Key: "credentials.old.community_file", File: filepath.Join(folder, "community")},
	}
	if diff := cmp.Diff(want, broken.Secrets); diff != "" {
		t.Errorf("secrets differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"north-wing", "old"}, broken.Names); diff != "" || len(broken.Mistakes) != 2 {
		t.Errorf("%d mistakes; names differ (-want +got):\n%s", len(broken.Mistakes), diff)
	}
}

func TestParseEmpty(t *testing.T) {
	got, err := Parse("camwarden.toml", nil, t.TempDir(), known)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("an empty file is not the default (-want +got):\n%s", diff)
	}
}

// A byte order mark and Windows line ends are what Notepad leaves.
func TestParseWindowsText(t *testing.T) {
	text := "\ufeff[site]\r\nid = \"A\"\r\n\r\n[schedule]\r\nevry = \"15m\"\r\n"
	_, err := Parse("camwarden.toml", []byte(text), t.TempDir(), Options{})
	want := `camwarden.toml:5: schedule.evry: unknown key: did you mean "every"?`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestParseTooLarge(t *testing.T) {
	if _, err := Parse("camwarden.toml", []byte(strings.Repeat("#", maxSize)), "", Options{}); err != nil {
		t.Errorf("1 MiB is refused: %v", err)
	}
	if _, err := Parse("camwarden.toml", []byte(strings.Repeat("#", maxSize+1)), "", Options{}); err == nil {
		t.Error("more than 1 MiB is read")
	}
}

func TestParseAddress(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"10.0.0.2", "10.0.0.2:161"},
		{"10.0.0.2:1161", "10.0.0.2:1161"},
		{"2001:db8::2", "[2001:db8::2]:161"},
		{"[2001:DB8::2]", "[2001:db8::2]:161"},
		{"[2001:db8:0:0::2]:1161", "[2001:db8::2]:1161"},
		{"::ffff:10.0.0.2", "10.0.0.2:161"},
		{"fe80::1%eth0", "[fe80::1%eth0]:161"},
		{"Core_SW-1", "core_sw-1:161"},
		{"sw00.example.org.", "sw00.example.org.:161"},
		{"1sw:162", "1sw:162"},
		{"[2001:db8::2", ""},
		{"2001:db8::2]", ""},
		{"a..b", ""},
		{"10.0.0.2:snmp", ""},
		{"user@sw00", ""},
		{strings.Repeat("a", 64), ""},
		{strings.Repeat("a.", 127), ""},
	} {
		a, err := ParseAddress(test.text)
		if err == nil && a.String() != test.want || err != nil && test.want != "" {
			t.Errorf("ParseAddress(%q) = %s, %v, want %q", test.text, a, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/invalid/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(valid))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("fuzz.toml", text, folder, known)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v, %v", c, err)
		}
		if err == nil {
			return
		}
		broken, ok := errors.AsType[*Error](err)
		if !ok {
			t.Fatalf("not a list of mistakes: %v", err)
		}
		for _, m := range broken.Mistakes {
			if m.Line < 1 || m.Line > 1+strings.Count(string(text), "\n") || strings.Contains(m.String(), "\n") {
				t.Errorf("not one line about a line of the file: %q", m)
			}
		}
	})
}

// Whoever is found is offered the newest version first, whatever the names are.
func TestDiscoverCredentialsInOrder(t *testing.T) {
	c, err := Parse("camwarden.toml", []byte(`
[discover]
follow_lldp = true
within = ["10.0.0.0/16"]
[credentials]
a = { version = "1", community = "x", discover = true }
b = { version = "2c", community = "x", discover = true }
c = { version = "3", user = "x", discover = true }
d = { version = "3", user = "x" }
e = { version = "3", user = "x", discover = true }
`), t.TempDir(), known)
	if err != nil {
		t.Fatal(err)
	}
	order := ""
	for _, credential := range c.Discover.Credentials {
		order += credential.Name
	}
	if order != "ceba" || !c.Discover.Enabled() {
		t.Errorf("offered in the order %s", order)
	}
}
