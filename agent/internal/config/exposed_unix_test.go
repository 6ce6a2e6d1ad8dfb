//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every kind of secret file is held to the same permissions, and what is no
// secret is not.
func TestExposedFiles(t *testing.T) {
	for _, test := range []struct {
		mode   os.FileMode
		refuse bool
	}{
		{0o400, false}, {0o600, false}, {0o640, false}, {0o440, false},
		{0o644, true}, {0o604, true}, {0o660, true}, {0o620, true}, {0o602, true}, {0o666, true},
	} {
		for _, file := range []string{"passphrase", "token"} { // key_file and token_file of valid
			folder := secrets(t)
			path := filepath.Join(folder, file)
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Parse("camwarden.toml", []byte(valid), folder, known)
			refused := err != nil && strings.Contains(err.Error(), "chmod g-w,o-rwx "+path)
			if refused != test.refuse || err != nil && !refused {
				t.Errorf("%s with mode %o: %v", file, test.mode, err)
			}
		}
	}
}

func TestExposedTokenAtUse(t *testing.T) {
	folder := secrets(t)
	c, err := Parse("camwarden.toml", []byte(valid), folder, known)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(c.Endpoint.TokenFile, 0o644); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Endpoint.BearerToken(); err == nil {
		t.Errorf("an exposed token is used: %q", s.Reveal())
	}
}

// Certificates are public.
func TestExposedCertificates(t *testing.T) {
	folder := secrets(t)
	writeFile(t, filepath.Join(folder, "public"), "PEM", 0o644)
	text := "[site]\nid = \"A\"\n[endpoint]\nurl = \"https://a.example\"\nca_file = \"public\"\ncert_file = \"public\"\nkey_file = \"token\"\n"
	if _, err := Parse("camwarden.toml", []byte(text), folder, known); err != nil {
		t.Error(err)
	}
}

// The configuration itself is private only when a secret stands in it.
func TestExposedConfiguration(t *testing.T) {
	const inPlace = "[credentials.a]\nversion = \"2c\"\ncommunity = \"" + canary + "\"\n"
	const without = "[report]\ninventory = false\n"
	for _, test := range []struct {
		text   string
		mode   os.FileMode
		refuse bool
	}{
		{inPlace, 0o600, false}, {inPlace, 0o640, false}, {inPlace, 0o644, true}, {inPlace, 0o660, true}, {without, 0o644, false},
	} {
		path := filepath.Join(t.TempDir(), "camwarden.toml")
		writeFile(t, path, test.text, test.mode)
		_, err := Load(path, Options{})
		if !test.refuse {
			if err != nil {
				t.Errorf("mode %o: %v", test.mode, err)
			}
			continue
		}
		if err == nil || !strings.HasPrefix(err.Error(), path+":3: credentials.a.community: ") ||
			!strings.HasSuffix(err.Error(), "chmod g-w,o-rwx "+path) || strings.Contains(err.Error(), canary) {
			t.Errorf("mode %o: %v", test.mode, err)
		}
	}
}
