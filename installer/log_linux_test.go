package installer

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"
)

// TestJournal holds an entry against the journal's native protocol.
func TestJournal(t *testing.T) {
	var entry, fallback bytes.Buffer
	log := slog.New(newJournal(&entry, slog.NewTextHandler(&fallback, nil)))
	log.With("agent", "0193").WithGroup("spool").Warn("not delivered", "waiting", 3, "last-error", "one\ntwo")
	want := "MESSAGE=not delivered agent=0193 spool.waiting=3 spool.last-error=\"one\\ntwo\"\n" +
		"PRIORITY=4\nSYSLOG_IDENTIFIER=camwarden\nCAMWARDEN_AGENT=0193\nCAMWARDEN_SPOOL_WAITING=3\n" +
		"CAMWARDEN_SPOOL_LAST_ERROR\n\x07\x00\x00\x00\x00\x00\x00\x00one\ntwo\n"
	if got := entry.String(); got != want {
		t.Errorf("entry\n%q, want\n%q", got, want)
	}
	if fallback.Len() > 0 {
		t.Errorf("the entry was written twice: %s", fallback.String())
	}
}

type refusing struct{ io.Writer }

func (refusing) Write([]byte) (int, error) { return 0, errors.New("message too long") }

// TestJournalRefuses holds that nothing is lost which the journal does not
// take.
func TestJournalRefuses(t *testing.T) {
	var fallback bytes.Buffer
	log := slog.New(newJournal(refusing{}, slog.NewTextHandler(&fallback, nil)))
	log.With("agent", "0193").Error("observe", "error", "no space")
	if !bytes.Contains(fallback.Bytes(), []byte(`level=ERROR msg=observe agent=0193 error="no space"`)) {
		t.Errorf("the fallback has %q", fallback.String())
	}
}
