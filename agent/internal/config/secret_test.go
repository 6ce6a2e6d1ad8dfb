package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func TestSecretNeverPrints(t *testing.T) {
	s := NewSecret(canary)
	type inner struct{ secret Secret } // fmt cannot call methods on what is not exported
	all := struct {
		Secret  Secret
		Pointer *Secret
		inner   inner
	}{s, &s, inner{s}}

	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%5.1f", "%!"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", s, &s, all)
	}
	fmt.Fprintln(&out, s, []Secret{s}, map[string]Secret{"a": s}, fmt.Errorf("wrapped: %v", s))
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "secret", s, "all", all)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "secret", s, "all", all)
	if err := json.NewEncoder(&out).Encode(all); err != nil {
		t.Fatal(err)
	}
	if err := toml.NewEncoder(&out).Encode(map[string]any{"a": s}); err != nil {
		t.Fatal(err)
	}
	printed := out.String()
	for _, shape := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(printed, shape) {
			t.Errorf("the secret is printed:\n%s", printed)
		}
	}
	if n := strings.Count(printed, hidden); n < 30 {
		t.Errorf("%s is printed %d times only:\n%s", hidden, n, printed)
	}
	if s.Reveal() != canary || s.String() != hidden || s.GoString() != hidden {
		t.Errorf("Reveal, String, GoString = %q, %q, %q", s.Reveal(), s.String(), s.GoString())
	}
}

func TestSecretEqual(t *testing.T) {
	for _, test := range []struct {
		a, b Secret
		want bool
	}{
		{NewSecret("a"), NewSecret("a"), true},
		{NewSecret("a"), NewSecret("b"), false},
		{NewSecret("a"), NewSecret("ab"), false},
		{NewSecret("a"), Secret{}, false},
		{NewSecret(""), Secret{}, true},
	} {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%q equal to %q: %t", test.a.Reveal(), test.b.Reveal(), got)
		}
	}
	if !NewSecret("").IsZero() || NewSecret("a").IsZero() {
		t.Error("IsZero does not tell none from one")
	}
}

// Only the line end goes: spaces may belong to a community.
func TestCheckSecret(t *testing.T) {
	for text, want := range map[string]string{
		"public": "public", "public\n": "public", "public\r\n\n": "public", " a b ": " a b ", "Größe": "Größe",
		"": "", "\n": "", "a\nb": "", "a\tb": "", "p\x00u\x00": "",
	} {
		s, err := checkSecret(text)
		if s.Reveal() != want || (err == nil) != (want != "") {
			t.Errorf("checkSecret(%q) = %q, %v, want %q", text, s.Reveal(), err, want)
		}
	}
}
