package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/memory"
)

// check says where discovery may go, with what, whom it has found and whom it
// would ask, and asks nobody.
func TestCheckDiscovery(t *testing.T) {
	agent := startSwitch(t, map[string]string{"canary-community": numbered(1, 2, 3).rows()})
	s := newCheckSite(t, takingEndpoint(t, "canary-token"), fmt.Sprintf(`
discover = true
[credentials.core-v3]
version = "3"
user = "camwarden"
auth = "sha256"
auth_passphrase_file = "token"
discover = true
[[switch]]
address = "127.0.0.1:%d"
credentials = ["annex"]
[discover]
follow_lldp = true
within = ["10.20.0.0/16"]
`, agent.Addr().Port()))
	written, err := os.ReadFile(s.path("site.toml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(written), `"wrong"`, `"community"`, 1)
	writeTestFile(t, s.path("site.toml"), []byte(text))
	m := memory.Memory{Switches: map[string]memory.Switch{
		"10.20.0.3:161": {AskedAt: time.Now()},
		"10.20.0.4:161": {Credentials: "core-v3", Version: "v3", ReachedAt: time.Now(), Found: "LLDP neighbour of sw-secret-1 port Gi0/4", Name: "sw-secret-4"}}}
	if err := m.Save(filepath.Join(s.path("state"), "memory.json")); err != nil {
		t.Fatal(err)
	}
	said, _ := s.check()
	for _, want := range []string{
		"discovery", "by LLDP and CDP neighbours; never outside 10.20.0.0/16\n",
		"credentials core-v3", "v3: offered to every candidate\n",
		"credentials annex", "v2c: in clear text, and so offered only in 127.0.0.0/24, where a [[switch]] names them too\n",
		"found 10.20.0.4 (sw-secret-4)", "read by v3 with core-v3; camwarden setup -adopt adds it to the configuration\n       LLDP neighbour of sw-secret-1 port Gi0/4\n",
		"candidate 10.20.0.2", "would be asked with core-v3\n       LLDP neighbour of sw01 port Gi0/2\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "candidate 10.20.0.3") {
		t.Errorf("what was asked today would be asked again:\n%s", said)
	}
	said, _ = s.check("-redact")
	for _, secret := range []string{"sw-secret", "10.20.", "core-v3"} {
		if strings.Contains(said, secret) {
			t.Errorf("-redact shows %s:\n%s", secret, said)
		}
	}

	writeTestFile(t, s.path("site.toml"), []byte(strings.Replace(text, "auth_passphrase_file = \"token\"\ndiscover = true", "auth_passphrase_file = \"token\"", 1)))
	if said, _ := s.check(); !strings.Contains(said, "nothing to offer   10.20.0.2, 10.20.0.3\n       name one switch") {
		t.Errorf("with the community alone:\n%s", said)
	}
	writeTestFile(t, s.path("site.toml"), []byte(strings.Replace(text, "follow_lldp = true", "follow_lldp = false", 1)))
	if said, _ := s.check(); strings.Contains(said, "discovery") {
		t.Errorf("it is off:\n%s", said)
	}
}
