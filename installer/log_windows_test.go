package installer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLogFile(t *testing.T) {
	folder := t.TempDir()
	l := &logFile{path: filepath.Join(folder, "camwarden.log"), size: 100}
	const lines = 100
	for i := range lines {
		if _, err := fmt.Fprintf(l, "line %03d\n", i); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != logFiles+1 {
		t.Fatalf("%d files, %v; want %d", len(entries), err, logFiles+1)
	}
	last := lines
	for i := range logFiles + 1 { // no line is missing, from the newest file on
		text, err := os.ReadFile(l.numbered(i))
		if err != nil || len(text) > 100 {
			t.Fatalf("file %d holds %d bytes, %v", i, len(text), err)
		}
		of := strings.Fields(strings.ReplaceAll(string(text), "line ", ""))
		for n := len(of) - 1; n >= 0; n-- {
			last--
			if want := fmt.Sprintf("%03d", last); of[n] != want {
				t.Fatalf("file %d, line %d is %s, want %s", i, n, of[n], want)
			}
		}
	}
}

// The event log is told once an hour what is said each minute.
func TestNews(t *testing.T) {
	s := &said{last: make(map[string]time.Time)}
	now, told := time.Now(), 0
	for minute := range 180 {
		if s.news("not configured", now.Add(time.Duration(minute)*time.Minute)) {
			told++
		}
	}
	if told != 3 {
		t.Errorf("in three hours it was told %d times", told)
	}
	if !s.news("another", now) || s.news("another", now) {
		t.Error("each text counts by itself")
	}
}
