package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestInstallDoc holds what docs/install.md and README.md say to type against
// the program.
func TestInstallDoc(t *testing.T) {
	known := []string{"CAMWARDEN_TOKEN", "CAMWARDEN_COMMUNITY", "CAMWARDEN_FINDINGS"} // the last is a field of the journal
	flags := []string{"-h"}
	doc := readText(t, "../docs/install.md")
	for _, asked := range new(answers).asked() {
		known = append(known, asked.name)
		flags = append(flags, "-"+asked.flag)
		if !strings.Contains(doc, "`"+asked.name+"`") || !strings.Contains(doc, "`-"+asked.flag+"`") {
			t.Errorf("docs/install.md does not explain %s and -%s", asked.name, asked.flag)
		}
	}
	for _, file := range []string{"../docs/install.md", "../README.md"} {
		text := readText(t, file)
		for _, name := range regexp.MustCompile(`CAMWARDEN_[A-Z_]*[A-Z]`).FindAllString(text, -1) {
			if !slices.Contains(known, name) && name != "CAMWARDEN_" {
				t.Errorf("%s: nothing reads %s", file, name)
			}
		}
		for _, line := range regexp.MustCompile(`(?m)^    camwarden (\w+)(.*)$`).FindAllStringSubmatch(text, -1) {
			if !slices.ContainsFunc(commands(), func(c command) bool { return c.name == line[1] }) {
				t.Errorf("%s: there is no command %q", file, line[1])
			}
			for _, word := range strings.Fields(line[2]) {
				if line[1] == "setup" && strings.HasPrefix(word, "-") && word != "-" && !slices.Contains(flags, word) {
					t.Errorf("%s: setup has no flag %s", file, word)
				}
			}
		}
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
