package installer

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told is an event log that only remembers.
type told []string

func (l *told) add(level string, id uint32, text string) error {
	*l = append(*l, fmt.Sprint(level, " ", id, " ", text))
	return nil
}
func (l *told) Info(id uint32, text string) error    { return l.add("info", id, text) }
func (l *told) Warning(id uint32, text string) error { return l.add("warning", id, text) }
func (l *told) Error(id uint32, text string) error   { return l.add("error", id, text) }

// The file has everything, the event log what somebody should know of.
func TestEventHandler(t *testing.T) {
	var file bytes.Buffer
	var events told
	log := slog.New(newEventHandler(slog.NewTextHandler(&file, nil), &events, map[string]uint32{"runs": 1, "not configured": 201}))
	log.Info("runs", "version", "1.0.0")
	log.Info("observed")
	log.Error("not configured", "error", errors.New("line 3"))
	log.Error("not configured", "error", errors.New("line 3"))
	log.With("switch", "10.0.0.2").WithGroup("table").Warn("slow", "rows", 3)
	log.Error("broken")
	want := told{
		"info 1 runs\r\nversion=1.0.0",
		"error 201 not configured\r\nerror=\"line 3\"",
		"warning 100 slow\r\nswitch=10.0.0.2 table.rows=3",
		"error 200 broken",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
	if lines := strings.Count(file.String(), "\n"); lines != 6 {
		t.Errorf("the file has %d lines:\n%s", lines, file.String())
	}
}

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
