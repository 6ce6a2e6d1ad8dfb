package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestEvidenceByHand types the commands of docs/evidence.md and holds what
// comes against what stands below them.
func TestEvidenceByHand(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell here")
	}
	text, err := os.ReadFile("../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	typed := 0
	var command, want string
	check := func() {
		if command == "" {
			return
		}
		typed++
		run := exec.Command("sh", "-c", command)
		run.Dir = ".."
		got, err := run.Output()
		if _, found := err.(*exec.ExitError); err != nil && !found { // grep -c of nothing ends with 1
			t.Skip(err)
		}
		if string(got) != want {
			t.Errorf("$ %s\n%s\nthe document says\n%s", command, got, want)
		}
		command, want = "", ""
	}
	for _, line := range strings.Split(string(text), "\n") {
		line, block := strings.CutPrefix(line, "    ")
		next, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case !block:
			check()
		case isCommand:
			check()
			command = next
		case command != "":
			want += line + "\n"
		}
	}
	if check(); typed < 9 {
		t.Errorf("only %d commands were found", typed)
	}
}

// TestEveryRuleIsDocumented: an auditor finds each rule that a report may name.
func TestEveryRuleIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	rule := regexp.MustCompile(`"((?:text|snmp|label|lldp|own|core|registry|sadp|dhip|rtsp|http|tls|onvif|recorder|operator|poe|lowered|confirmed|probable|possible|conflict|rebadge)-[a-z-]+)"`)
	named := make(map[string]bool)
	for _, folder := range []string{"internal/detect", "internal/memory"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
				continue
			}
			source, err := os.ReadFile(folder + "/" + entry.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range rule.FindAllStringSubmatch(string(source), -1) {
				named[match[1]] = true
			}
		}
	}
	for id := range named {
		isPart := id == "core-network" || strings.HasSuffix(id, "-") // the claim; the beginning of several rules
		if !isPart && !strings.Contains(string(doc), "`"+id+"`") {
			t.Errorf("docs/evidence.md does not have the rule %s", id)
		}
	}
	if len(named) < 30 {
		t.Errorf("only %d rules were found in the code", len(named))
	}
}
