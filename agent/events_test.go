package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEvents holds that each message that has an id is said somewhere, and
// that ids are such as EventCreate.exe can show, each of one message.
func TestEvents(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, file := range files {
		if file == "events.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code += string(text)
	}
	of := make(map[uint32]string)
	for message, id := range events {
		if !strings.Contains(code, strconv.Quote(message)) {
			t.Errorf("%d: nothing says %q", id, message)
		}
		if of[id] != "" || id < 1 || id > 1000 {
			t.Errorf("%d is the id of %q, and of %q", id, message, of[id])
		}
		of[id] = message
	}
}
