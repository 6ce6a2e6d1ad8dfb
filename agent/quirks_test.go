package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestQuirks holds that every test named in docs/quirks.md exists.
func TestQuirks(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "quirks.md"))
	if err != nil {
		t.Fatal(err)
	}
	exist := make(map[string]bool)
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(filepath.FromSlash(path))
		for _, match := range declared.FindAllSubmatch(source, -1) {
			exist[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(page, -1)
	if len(named) == 0 {
		t.Error("docs/quirks.md names no test")
	}
	for _, match := range named {
		if !exist[string(match[1])] {
			t.Errorf("docs/quirks.md names %s, which does not exist", match[1])
		}
	}
}
