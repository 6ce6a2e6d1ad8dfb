package config

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func at(t *testing.T, text string) Address {
	t.Helper()
	a, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAddSwitches(t *testing.T) {
	sw03 := NewSwitch{Address: at(t, "10.0.0.5"), Credentials: []string{"core-v3"}, Name: "sw03", Found: "LLDP neighbour of sw00 port Gi0/24"}
	gateway := NewSwitch{Address: at(t, "[2001:db8::1]:1161"), Credentials: []string{"core-v3", "old"}, Found: "default gateway of this host"}
	const (
		sw03Text    = "\n# Found: LLDP neighbour of sw00 port Gi0/24; it calls itself sw03\n[[switch]]\naddress = \"10.0.0.5\"\ncredentials = [\"core-v3\"]\n"
		gatewayText = "\n# Found: default gateway of this host\n[[switch]]\naddress = \"[2001:db8::1]:1161\"\ncredentials = [\"core-v3\", \"old\"]\n"
		before      = "# ours\n[[switch]]  # the core\naddress = \"10.0.0.2\"\n\n[credentials.core-v3]\nuser = 'x' # kept\n"
	)
	for _, test := range []struct {
		name, text string
		found      []NewSwitch
		want       string
	}{
		{"both, in order", before, []NewSwitch{sw03, gateway}, before + sw03Text + gatewayText},
		{"named by somebody", before, []NewSwitch{{Address: at(t, "10.0.0.6"), Credentials: []string{"setup"}}}, before + "\n[[switch]]\naddress = \"10.0.0.6\"\ncredentials = [\"setup\"]\n"},
		{"nothing", before, nil, before},
		{"twice the same", before, []NewSwitch{sw03, sw03}, before + sw03Text},
		{"into an empty file", "", []NewSwitch{sw03}, sw03Text},
		{"behind a last line without an end", "[site]\nid = \"A\"", []NewSwitch{sw03}, "[site]\nid = \"A\"\n" + sw03Text},
		{"a file of Windows", strings.ReplaceAll(before, "\n", "\r\n"), []NewSwitch{sw03}, strings.ReplaceAll(before+sw03Text, "\n", "\r\n")},
		{"a file with a byte order mark", "\ufeff" + before, []NewSwitch{sw03}, "\ufeff" + before + sw03Text},
		{"spelt in another way", "[[switch]]\naddress = \"10.0.0.5:161\"\n[[switch]]\naddress = \"2001:DB8:0::1\"\n",
			[]NewSwitch{sw03, {Address: at(t, "2001:db8::1"), Credentials: []string{"c"}}}, "[[switch]]\naddress = \"10.0.0.5:161\"\n[[switch]]\naddress = \"2001:DB8:0::1\"\n"},
		{"a switch that is off", "[[switch]]\naddress = \"10.0.0.5\"\noff = true\n", []NewSwitch{sw03}, "[[switch]]\naddress = \"10.0.0.5\"\noff = true\n"},
		{"beside a mistake", "[[switch]]\naddress = 5\n", []NewSwitch{sw03}, "[[switch]]\naddress = 5\n" + sw03Text},
	} {
		t.Run(test.name, func(t *testing.T) {
			given := bytes.Clone([]byte(test.text))
			got, err := AddSwitches(given, test.found)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			if string(given) != test.text {
				t.Error("what was given has changed")
			}
			again, err := AddSwitches(got, test.found)
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("a second time: %v, %q", err, again)
			}
		})
	}
}

// What a device says of itself stays in a comment of one line.
func TestAddSwitchesOfHostileNames(t *testing.T) {
	const evil = "sw\n[endpoint]\nurl = \"https://evil.example\"\x00\x7f\u2028\r[site]"
	got, err := AddSwitches([]byte("[site]\nid = \"A\"\n"), []NewSwitch{{Address: at(t, "10.0.0.5"), Credentials: []string{"core"}, Name: evil, Found: evil + strings.Repeat("x", 9999)}})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(got)) {
		if strings.Contains(line, "evil") && !strings.HasPrefix(line, "#") {
			t.Errorf("it gets out of its comment: %q", line)
		}
	}
	if n := strings.Count(string(got), "\n"); n != 7 {
		t.Errorf("%d lines: %q", n, got)
	}
}

func TestAddSwitchesRefuses(t *testing.T) {
	good := []string{"core"}
	for _, test := range []struct {
		name, text string
		found      NewSwitch
		want       string
	}{
		{"no TOML", "community = " + canary + "\n", NewSwitch{Address: at(t, "10.0.0.5"), Credentials: good}, "the configuration:1: community: "},
		{"a list in one piece", "switch = [{address = \"10.0.0.2\"}]\n", NewSwitch{Address: at(t, "10.0.0.5"), Credentials: good}, "[[switch]] of its own"},
		{"no credentials", "", NewSwitch{Address: at(t, "10.0.0.5")}, "10.0.0.5:161: it has no credentials"},
		{"credentials of an impossible name", "", NewSwitch{Address: at(t, "10.0.0.5"), Credentials: []string{canary + "\"]"}}, "no name that a table"},
		{"no host", "", NewSwitch{Address: Address{Host: "\"\n", Port: 161}, Credentials: good}, "write a host name or an IP address"},
		{"many hosts", "", NewSwitch{Address: Address{Host: "224.0.0.1", Port: 161}, Credentials: good}, "belongs to none, or to many"},
	} {
		got, err := AddSwitches([]byte(test.text), []NewSwitch{test.found})
		if err == nil || got != nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %q, %v, want an error with %q", test.name, got, err, test.want)
		}
	}
}

// What was added is read as it was meant, beside all that the reference has.
func TestAddedSwitchesAreRead(t *testing.T) {
	for _, name := range []string{"camwarden.toml", "reference.toml"} {
		text, err := os.ReadFile("../../../configs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, "\n[credentials.core]\nversion = \"3\"\nuser = \"camwarden\"\n"...)
		got, err := AddSwitches(text, []NewSwitch{{Address: at(t, "10.0.0.5"), Credentials: []string{"core"}}, {Address: at(t, "sw4.example.org:1161"), Credentials: []string{"core"}}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(name, got, t.TempDir(), known)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Switches) != 2 || c.Switches[0].Address != at(t, "10.0.0.5") || c.Switches[1].Address != at(t, "sw4.example.org:1161") || c.Switches[0].Credentials[0].User != "camwarden" {
			t.Errorf("%s: got %+v", name, c.Switches)
		}
	}
}
