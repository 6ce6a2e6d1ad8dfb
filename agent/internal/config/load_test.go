package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	folder := secrets(t)
	path := filepath.Join(folder, "camwarden.toml")
	writeFile(t, path, valid, 0o640)
	c, err := Load(path, known)
	if err != nil {
		t.Fatal(err)
	}
	if c.Endpoint.TokenFile != filepath.Join(folder, "token") {
		t.Errorf("token file %s is not beside the configuration", c.Endpoint.TokenFile)
	}

	t.Chdir(folder)
	c, err = Load("camwarden.toml", known)
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(c.Endpoint.TokenFile) {
		t.Errorf("token file %s depends on the working folder", c.Endpoint.TokenFile)
	}
}

func TestLoadMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "camwarden.toml")
	_, err := Load(path, Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "write it, or name another") || strings.Count(err.Error(), path) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestLoadFolder(t *testing.T) {
	if _, err := Load(t.TempDir(), Options{}); err == nil {
		t.Error("a folder is read as a configuration")
	}
}

func TestLoadTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "camwarden.toml")
	writeFile(t, path, "[site]\n"+strings.Repeat("#\n", maxSize/2), 0o600)
	_, err := Load(path, Options{})
	if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), "1 MiB") {
		t.Errorf("got %v", err)
	}
}

func TestLoadTellsThePath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "camwarden.toml")
	writeFile(t, path, "\n[report]\ninventory = 1\n", 0o644)
	_, err := Load(path, Options{})
	want := path + ":3: report.inventory: write true or false, without quotes, not a number"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// The token is read when it is needed, so a new one counts at once.
func TestBearerToken(t *testing.T) {
	folder := secrets(t)
	c, err := Parse("camwarden.toml", []byte(valid), folder, known)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{canary + "-token", "renewed"} {
		if want == "renewed" {
			writeFile(t, filepath.Join(folder, "token"), "renewed\n", 0o600)
		}
		if s, err := c.Endpoint.BearerToken(); err != nil || s.Reveal() != want {
			t.Errorf("BearerToken() = %q, %v, want %q", s.Reveal(), err, want)
		}
	}
	if err := os.Remove(filepath.Join(folder, "token")); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Endpoint.BearerToken(); err == nil {
		t.Errorf("a token without its file: %q", s.Reveal())
	}
	inPlace := Endpoint{Token: NewSecret(canary)}
	if s, err := inPlace.BearerToken(); err != nil || s.Reveal() != canary {
		t.Errorf("BearerToken() in place = %q, %v", s.Reveal(), err)
	}
	if s, err := new(Endpoint).BearerToken(); err != nil || !s.IsZero() {
		t.Errorf("BearerToken() of none = %q, %v", s.Reveal(), err)
	}
}

const communityByName = `
[credentials.a]
version = "2c"
community_file = "site.community"
`

// A name is looked for among the credentials of systemd, then beside the
// configuration, where the service's own user may not read what is root's.
func TestCredentialsDirectory(t *testing.T) {
	folder, systemd := secrets(t), t.TempDir()
	t.Setenv(credentialsDirectory, systemd)
	community := func() string {
		c, err := Parse("camwarden.toml", []byte(communityByName), folder, known)
		if err != nil {
			return "refused"
		}
		return c.Credentials["a"].Community.Reveal()
	}
	if got := community(); got != "refused" {
		t.Errorf("community %q with no file at all", got)
	}
	writeFile(t, filepath.Join(folder, "site.community"), "from the folder", 0o600)
	if got := community(); got != "from the folder" {
		t.Errorf("community %q, want that beside the configuration", got)
	}
	writeFile(t, filepath.Join(systemd, "site.community"), "from systemd", 0o444)
	if got := community(); got != "from systemd" {
		t.Errorf("community %q, want that of systemd, whose permissions are its own", got)
	}
	if err := os.Chmod(filepath.Join(folder, "site.community"), 0o000); err != nil {
		t.Fatal(err)
	}
	if got := community(); got != "from systemd" {
		t.Errorf("community %q with a file of root's beside the configuration, want that of systemd", got)
	}
}
