//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSecretFilesOfFlags: a file with a secret that a flag names is used only
// if nobody else can read or write it.
func TestSecretFilesOfFlags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	writeTestFile(t, path, []byte("canary-secret\n"))
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o400: false, 0o644: true, 0o604: true, 0o620: true, 0o602: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		const cure = ": run chmod g-w,o-rwx "
		community, err := readCommunity(path, nil)
		if refused != (err != nil) || refused && !strings.HasSuffix(err.Error(), cure+path) || !refused && community != "canary-secret" {
			t.Errorf("-community-file of mode %o: %q, %v", mode, community, err)
		}
		// An address that is none: what is good gets as far as that.
		code, _, log := invoke("receive", "-listen", "nowhere", "-token-file", path)
		if code != exitUsage || strings.Contains(log, cure+path) != refused || strings.Contains(log, "-listen nowhere") == refused {
			t.Errorf("-token-file of mode %o: exit %d, %s", mode, code, log)
		}
	}
}

// TestCommunityFromAPipe: what a shell hands over as <(COMMAND) is no file.
func TestCommunityFromAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	written := make(chan error)
	go func() { written <- os.WriteFile(path, []byte("canary-secret"), 0) }()
	if community, err := readCommunity(path, nil); err != nil || community != "canary-secret" {
		t.Errorf("got %q, %v", community, err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

// TestCommunityFile: the file holds one line, and no more than a secret.
func TestCommunityFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	for text, want := range map[string]string{
		"":                        "must hold one line",
		"one\ntwo":                "must hold one line",
		strings.Repeat("x", 4097): "is longer than 4096 bytes",
	} {
		writeTestFile(t, path, []byte(text))
		if community, err := readCommunity(path, nil); err == nil || !strings.Contains(err.Error(), path+" "+want) {
			t.Errorf("%.9q: %q, %v", text, community, err)
		}
	}
	if community, err := readCommunity("-", strings.NewReader("canary-secret\r\n")); err != nil || community != "canary-secret" {
		t.Errorf("from standard input: %q, %v", community, err)
	}
	if _, err := readCommunity(filepath.Join(path, "missing"), nil); err == nil || !strings.HasPrefix(err.Error(), "-community-file: open ") {
		t.Errorf("of none: %v", err)
	}
}
