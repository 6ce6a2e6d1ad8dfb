package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func helpOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, errors bytes.Buffer
	if code := run(args, stdio{in: strings.NewReader(""), out: &out, err: &errors}); code != exitDone || errors.Len() > 0 {
		t.Fatalf("%v: exit code %d: %s", args, code, &errors)
	}
	return out.String()
}

// The manual page and the completions know every command and every flag that
// the help knows, in the same words.
func TestManualsAreWhole(t *testing.T) {
	page := helpOf(t, "man")
	shells := []string{helpOf(t, "completion", "bash"), helpOf(t, "completion", "zsh"), helpOf(t, "completion", "powershell")}
	flags := 0
	for _, m := range manuals() {
		if !strings.Contains(page, ".SS camwarden "+m.name) || !strings.Contains(page, roff(m.summary)) {
			t.Errorf("the manual page does not have %s", m.name)
		}
		for _, f := range m.flags {
			flags++
			if _, text := flag.UnquoteUsage(f); !strings.Contains(page, `\fB\-`+roff(f.Name)+`\fR`) || !strings.Contains(page, roff(text)) {
				t.Errorf("the manual page does not have -%s of %s", f.Name, m.name)
			}
			for i, text := range shells {
				if !strings.Contains(text, "-"+f.Name) {
					t.Errorf("completion %d does not have -%s of %s", i, f.Name, m.name)
				}
			}
		}
	}
	if flags < 40 {
		t.Errorf("only %d flags were looked at", flags)
	}
}

// complete is what bash offers for a line.
func complete(t *testing.T, script string, words ...string) string {
	t.Helper()
	line := `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _camwarden; echo "${COMPREPLY[*]}"`
	command := exec.Command("bash", append([]string{"-c", line, "bash", script}, words...)...)
	command.Dir = t.TempDir()
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("bash: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestBashCompletion(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash here")
	}
	script := filepath.Join(t.TempDir(), "completion")
	if err := os.WriteFile(script, []byte(bashCompletion()), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"camwarden sc":           "scan",
		"camwarden scan -com":    "-community -community-file",
		"camwarden status -":     "-json -state",
		"camwarden completion z": "zsh",
		"camwarden nosuch -":     "",
	} {
		if got := complete(t, script, strings.Fields(line)...); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// Shells that are here understand what is written for them.
func TestShellsUnderstand(t *testing.T) {
	for name, command := range map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "man": {"man", "--warnings", "-l"}} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("there is no %s here", command[0])
			}
			text := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "man": func() string { return helpOf(t, "man") }}[name]()
			file := filepath.Join(t.TempDir(), "camwarden.1")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(command[0], append(command[1:], file)...).CombinedOutput()
			if err != nil || name != "man" && len(out) > 0 {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

func TestCompletionOfNoShell(t *testing.T) {
	for _, args := range [][]string{nil, {"fish"}, {"bash", "zsh"}} {
		if err := runCompletion(context.Background(), args, stdio{out: &bytes.Buffer{}, err: &bytes.Buffer{}}); exitCode(err, &bytes.Buffer{}) != exitUsage {
			t.Errorf("%v: got %v", args, err)
		}
	}
}
