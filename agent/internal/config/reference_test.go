package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The two files under configs/ and the code say the same.
func TestConfigsFiles(t *testing.T) {
	for _, name := range []string{"camwarden.toml", "reference.toml"} {
		text, err := os.ReadFile("../../../configs/" + name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(name, text, t.TempDir(), known)
		if err != nil {
			t.Fatalf("%s as it is installed:\n%v", name, err)
		}
		if diff := cmp.Diff(Default(), got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s shows other defaults than the code has (-code +file):\n%s", name, diff)
		}
	}
}

// uncomment turns the examples of a file under configs/ into live lines.
func uncomment(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../../configs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if example, ok := strings.CutPrefix(line, "#"); ok && example != "" && !strings.HasPrefix(example, " ") {
			lines[i] = example
		}
	}
	return strings.Join(lines, "\n")
}

func TestStarterExamples(t *testing.T) {
	c, err := Parse("camwarden.toml", []byte(uncomment(t, "camwarden.toml")), secrets(t), known)
	if err != nil {
		t.Fatal(err)
	}
	if c.Endpoint == nil || len(c.Switches) != 1 || c.Site.ID == "" {
		t.Errorf("an example is not where it should be: %+v", c)
	}
}

// reference.toml has every key, and nothing that the code does not know.
func TestReferenceComplete(t *testing.T) {
	folder := secrets(t)
	for _, name := range []string{"old.community", "core.auth", "core.priv", "ca.pem", "client.pem", "client.key"} {
		writeFile(t, filepath.Join(folder, name), canary+"-is-long-enough", 0o600)
	}
	t.Setenv("CAMWARDEN_COMMUNITY", canary)
	text := uncomment(t, "reference.toml")
	r := &reader{file: "reference.toml", folder: folder, options: known}
	_, err := r.config([]byte(text), nil)
	broken, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, want what this version does not serve", err)
	}
	want := []string{
		"endpoint.token_file: keep only one of token, token_file and token_env",
		"endpoint.token_env: keep only one of token, token_file and token_env",
		"watch.update_url: this version does not fetch lists: remove the line, newer lists come with newer versions of camwarden",
	}
	var got []string
	for _, m := range broken.Mistakes {
		got = append(got, m.Key+": "+m.Text)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes of reference.toml with all examples (-want +got):\n%s", diff)
	}
	for section, keys := range r.known {
		for key := range keys {
			shown := regexp.MustCompile(`(?m)^\[*(\w+\.)?` + key + `( = |\]|\.)| or ` + key + `\b`)
			if !shown.MatchString(text) {
				t.Errorf("reference.toml does not show %s of [%s]", key, section)
			}
		}
	}
}

// The example of the contract is read whole; nothing but what this version
// cannot serve is wrong with it.
func TestContractExample(t *testing.T) {
	text, err := os.ReadFile("../../../../shared/contract.md")
	if err != nil {
		t.Skip("no contract beside the repository")
	}
	_, example, _ := strings.Cut(string(text), "```toml\n")
	example, _, found := strings.Cut(example, "```")
	if !found {
		t.Fatal("the contract has no example")
	}
	folder := secrets(t)
	for _, name := range []string{"old.community", "core.auth", "core.priv"} {
		writeFile(t, filepath.Join(folder, name), canary+"-is-long-enough", 0o600)
	}
	keys := func(text string) (keys []string) {
		_, err := Parse("example.toml", []byte(text), folder, known)
		if broken, ok := errors.AsType[*Error](err); ok {
			for _, m := range broken.Mistakes {
				if !strings.Contains(m.Text, "this version does not") {
					t.Errorf("not a word of what this version cannot do: %s", m)
				}
				keys = append(keys, m.Key)
			}
		}
		return keys
	}
	if diff := cmp.Diff([]string(nil), keys(example)); diff != "" {
		t.Errorf("refused as it is (-want +got):\n%s", diff)
	}
	all := strings.NewReplacer("from_gateway = false", "from_gateway = true", "follow_lldp = false", "follow_lldp = true",
		"enabled = false", "enabled = true", `user = "camwarden"`, "user = \"camwarden\"\ndiscover = true", `"cloudevents"`, `"otlp"`, "# update_url", `update_url = "https://lists.example.org" #`)
	want := []string{"watch.update_url"}
	if diff := cmp.Diff(want, keys(all.Replace(example))); diff != "" {
		t.Errorf("refused with all that this version cannot do (-want +got):\n%s", diff)
	}
}
