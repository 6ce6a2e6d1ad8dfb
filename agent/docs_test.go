package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/mib"
)

// documents are the texts for users, by their path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string)
	for _, path := range append(paths, filepath.Join("..", "README.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.ToSlash(strings.TrimPrefix(path, ".."+string(filepath.Separator)))] = string(text)
	}
	return texts
}

// block is a line of a command, which is indented.
var block = regexp.MustCompile(`(?m)^    (?:sudo )?(?:\./)?(camwarden [a-z][^\n]*)$`)

// tested elsewhere: what changes the machine, and what waits for others.
var elsewhere = []string{"setup", "service", "receive", "run"}

// TestCommandsInDocuments runs every command that a document shows, against a
// switch, a state folder and files of the names that the documents use.
func TestCommandsInDocuments(t *testing.T) {
	program, folder := camwarden(t), t.TempDir()
	agent := aSwitch(t)
	if err := os.CopyFS(filepath.Join(folder, "captures"), os.DirFS("demosite")); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(folder, "FILE"), []byte("canary-community\n"))
	writeTestFile(t, filepath.Join(folder, "camwarden.toml"), []byte("[[switch]]\naddress = \""+agent.Addr().String()+
		"\"\ncredentials = [\"a\"]\n[credentials.a]\nversion = \"2c\"\ncommunity_file = \"FILE\"\n"))
	status := well(time.Now())
	text, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, filepath.Join(folder, "state", "status.json"), text)

	known, ran := make(map[string][]string), 0
	for _, m := range manuals() {
		known[m.name] = strings.Fields(m.flagNames())
	}
	for name, document := range documents(t) {
		for _, match := range block.FindAllStringSubmatch(document, -1) {
			line, _, _ := strings.Cut(match[1], "   ") // the rest says what it does
			words := strings.Fields(line)
			flags, exists := known[words[1]]
			if !exists && !slices.Contains(elsewhere, words[1]) {
				t.Errorf("%s: %q: there is no such command", name, line)
				continue
			}
			for _, word := range words[2:] {
				if exists && strings.HasPrefix(word, "-") && word != "-" && !slices.Contains(flags, word) {
					t.Errorf("%s: %q: there is no flag %s", name, line, word)
				}
			}
			if slices.Contains(elsewhere, words[1]) {
				continue
			}
			ran++
			args := strings.Fields(strings.NewReplacer("10.0.0.2", agent.Addr().String(), "10.0.0.3", agent.Addr().String(), "...", "").Replace(strings.Join(words[1:], " ")))
			for _, place := range []string{"-config camwarden.toml", "-state state"} {
				flag, value, _ := strings.Cut(place, " ")
				if slices.Contains(flags, flag) && !slices.Contains(args, flag) && words[1] != "scan" {
					args = slices.Insert(args, 1, flag, value)
				}
			}
			runDocumented(t, name, program, folder, args)
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands were run", ran)
	}
}

func runDocumented(t *testing.T, name, program, folder string, args []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "TMPDIR="+folder)
	out, err := command.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) && (failed.ExitCode() == exitFlagged || failed.ExitCode() == exitIncomplete) {
		err = nil // what was asked for
	}
	if err != nil {
		t.Errorf("%s: camwarden %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// TestConfigurationsInDocuments loads every configuration that is shown.
func TestConfigurationsInDocuments(t *testing.T) {
	blocks := 0
	for name, document := range documents(t) {
		for _, match := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(document, -1) {
			blocks++
			folder := t.TempDir()
			for _, file := range regexp.MustCompile(`_file = "([^"/]+)"`).FindAllStringSubmatch(match[1], -1) {
				writeTestFile(t, filepath.Join(folder, file[1]), []byte("a-secret-of-length\n"))
			}
			path := filepath.Join(folder, "camwarden.toml")
			writeTestFile(t, path, []byte(match[1]))
			e, err := embeddedEditions()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(path, e.options()); err != nil {
				t.Errorf("%s: %v\n%s", name, err, match[1])
			}
		}
	}
	if blocks == 0 {
		t.Error("no document shows a configuration")
	}
}

// TestViewInDocuments holds that what is to be granted covers what is asked
// for, and nothing that is never asked for.
func TestViewInDocuments(t *testing.T) {
	text := documents(t)["docs/network.md"]
	_, table, _ := strings.Cut(text, "## The view")
	table, _, _ = strings.Cut(table, "## By vendor")
	var granted []string
	for _, match := range regexp.MustCompile("`([0-9.]+)`").FindAllStringSubmatch(table, -1) {
		granted = append(granted, match[1])
	}
	within := func(oid, subtree string) bool { return oid == subtree || strings.HasPrefix(oid, subtree+".") }
	used := make(map[string]bool)
	for _, s := range mib.Subtrees(mib.Decoders()) {
		oid := s.OID.String()
		i := slices.IndexFunc(granted, func(g string) bool { return within(oid, g) })
		if i < 0 {
			t.Errorf("docs/network.md does not grant %s, in which %v is asked for", oid, s.Tables)
			continue
		}
		used[granted[i]] = true
	}
	for _, g := range granted {
		if !used[g] {
			t.Errorf("docs/network.md grants %s, in which nothing is asked for", g)
		}
	}
}

// TestLinksInDocuments holds that what a document leads to is there.
func TestLinksInDocuments(t *testing.T) {
	for name, document := range documents(t) {
		for _, match := range regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(document, -1) {
			path := filepath.Join("..", filepath.Dir(name), match[1])
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s leads to %s, which is not there", name, match[1])
			}
		}
	}
}
