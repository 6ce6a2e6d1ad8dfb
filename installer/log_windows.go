package installer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/windows/svc/eventlog"
)

// logFolder is the folder of the log, beside that of the state.
const logFolder = "log"

// LogHandler is where a service logs to: a file beside the state, and for
// warnings, errors and what has an event's id of its own the event log too.
// What a person has started logs to to.
func LogHandler(to io.Writer, l Logging) slog.Handler {
	if !l.Managed {
		return slog.NewTextHandler(to, nil)
	}
	folder := filepath.Join(filepath.Dir(l.State), logFolder)
	file := io.Discard
	if l.State != "" {
		file = &logFile{path: filepath.Join(folder, Name+".log"), size: logSize}
	}
	handler := slog.Handler(slog.NewTextHandler(file, nil))
	log, err := eventlog.Open(Name)
	if err == nil {
		handler = newEventHandler(handler, log, l.Events)
	} else {
		slog.New(handler).Warn("the event log cannot be opened; this file has everything", "error", err)
	}
	if l.State == "" {
		return handler
	}
	if err := logCrashes(filepath.Join(folder, "crash.log")); err != nil {
		slog.New(handler).Warn("a crash will leave no trace", "error", err)
	}
	return handler
}

// logCrashes has the runtime write what ends the program into a file, since
// nobody reads the standard error of a service. What the last crash left is
// kept until the next one.
func logCrashes(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() > logSize {
		err = file.Truncate(0)
	}
	return errors.Join(err, debug.SetCrashOutput(file, debug.CrashOptions{}), file.Close())
}

// Events of messages that have no id of their own.
const (
	eventWarning = 100
	eventError   = 200
)

// quiet is how long the event log is spared what it was told before: the file
// has every time.
const quiet = time.Hour

// An eventHandler hands on to the file, and tells the event log what belongs
// there.
type eventHandler struct {
	slog.Handler // the file
	said         *said
	text         slog.Handler // writes into said.buffer
}

func newEventHandler(file slog.Handler, log eventLog, events map[string]uint32) *eventHandler {
	s := &said{log: log, events: events, last: make(map[string]time.Time)}
	return &eventHandler{Handler: file, said: s, text: attributesOnly(&s.buffer)}
}

// An eventLog is where Windows keeps events: an eventlog.Log.
type eventLog interface {
	Info(id uint32, text string) error
	Warning(id uint32, text string) error
	Error(id uint32, text string) error
}

// said is what the event log was told.
type said struct {
	mu     sync.Mutex
	log    eventLog
	events map[string]uint32
	last   map[string]time.Time
	buffer bytes.Buffer
}

func (h *eventHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &eventHandler{Handler: h.Handler.WithAttrs(attrs), said: h.said, text: h.text.WithAttrs(attrs)}
}

func (h *eventHandler) WithGroup(name string) slog.Handler {
	return &eventHandler{Handler: h.Handler.WithGroup(name), said: h.said, text: h.text.WithGroup(name)}
}

func (h *eventHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	id, own := h.said.events[r.Message]
	switch {
	case own:
	case r.Level >= slog.LevelError:
		id = eventError
	case r.Level >= slog.LevelWarn:
		id = eventWarning
	default:
		return err
	}
	return errors.Join(err, h.tell(ctx, r, id))
}

// tell writes to the event log what was not written there within an hour.
func (h *eventHandler) tell(ctx context.Context, r slog.Record, id uint32) error {
	h.said.mu.Lock()
	defer h.said.mu.Unlock()
	h.said.buffer.Reset()
	if err := h.text.Handle(ctx, r); err != nil {
		return err
	}
	text := strings.TrimSpace(r.Message + "\r\n" + h.said.buffer.String())
	if !h.said.news(text, r.Time) {
		return nil
	}
	switch {
	case r.Level >= slog.LevelError:
		return h.said.log.Error(id, text)
	case r.Level >= slog.LevelWarn:
		return h.said.log.Warning(id, text)
	default:
		return h.said.log.Info(id, text)
	}
}

// news tells what was not said within the quiet time, and notes it.
func (s *said) news(text string, now time.Time) bool {
	for old, at := range s.last {
		if now.Sub(at) >= quiet {
			delete(s.last, old)
		}
	}
	if _, told := s.last[text]; told {
		return false
	}
	s.last[text] = now
	return true
}
