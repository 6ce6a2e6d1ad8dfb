package receive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/camwarden/camwarden/agent/internal/durable"
)

// fileName is the store: one event a line, in the order of arrival.
const fileName = "reports.jsonl"

// A store keeps each event once, by its source and id.
type store struct {
	mu    sync.Mutex
	lock  *os.File // two endpoints would write over each other
	file  *os.File
	size  int64 // of what is known to be whole
	known map[eventKey]bool
}

// An eventKey is what makes an event the same as another (CloudEvents 1.0,
// id).
type eventKey struct{ source, id string }

// An event is what must be known of a CloudEvent.
type event struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Data        json.RawMessage `json:"data"`
}

// check says what is wrong with an event; nil when nothing is.
func (e *event) check() error {
	switch {
	case e.SpecVersion != "1.0":
		return fmt.Errorf("specversion %q, want 1.0", e.SpecVersion)
	case e.ID == "":
		return errors.New("it has no id")
	case e.Source == "":
		return errors.New("it has no source")
	case e.Type != eventType:
		return fmt.Errorf("type %q, want %s", e.Type, eventType)
	case len(e.Data) == 0 || e.Data[0] != '{':
		return errors.New("its data is no JSON object")
	}
	return nil
}

const eventType = "camwarden.report.v1"

func openStore(dir string, log *slog.Logger) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	lock, err := durable.Lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("open the store: another endpoint may be using it: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, fileName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", errors.Join(err, lock.Close()))
	}
	s := &store{lock: lock, file: file, known: make(map[eventKey]bool)}
	if err := errors.Join(durable.SyncDir(dir), s.load(log)); err != nil {
		return nil, fmt.Errorf("open the store %s: %w", file.Name(), errors.Join(err, s.close()))
	}
	return s, nil
}

// load learns which events are kept. A last line without its end was being
// written when the machine stopped: it was never acknowledged, and is cut off.
func (s *store) load(log *slog.Logger) error {
	reader := bufio.NewReader(s.file)
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if len(line) > 0 {
				log.Warn("the last line was never finished and is cut off", "line", number, "bytes", len(line))
			}
			return s.cut()
		}
		if err != nil {
			return err
		}
		s.size += int64(len(line))
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			log.Warn("a line cannot be read and is left as it is", "line", number, "error", err)
			continue
		}
		s.known[eventKey{e.Source, e.ID}] = true
	}
}

// cut shortens the file to what is whole.
func (s *store) cut() error { return s.file.Truncate(s.size) }

// keep adds the events that are new, and answers only when the disk has them.
func (s *store) keep(events []json.RawMessage) (answer, error) {
	result := answer{Accepted: []string{}, Rejected: []refusal{}}
	var lines bytes.Buffer
	fresh := make(map[eventKey]bool)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, raw := range events {
		var e event
		err := json.Unmarshal(raw, &e)
		if err == nil {
			err = e.check()
		}
		if err != nil {
			result.Rejected = append(result.Rejected, refusal{ID: e.ID, Reason: err.Error()})
			continue
		}
		result.Accepted = append(result.Accepted, e.ID)
		key := eventKey{e.Source, e.ID}
		if s.known[key] || fresh[key] {
			continue
		}
		fresh[key] = true
		if err := json.Compact(&lines, raw); err != nil {
			return result, err
		}
		lines.WriteByte('\n')
	}
	if err := s.append(lines.Bytes()); err != nil {
		return answer{}, err
	}
	for key := range fresh {
		s.known[key] = true
	}
	return result, nil
}

func (s *store) append(lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := s.file.Write(lines)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		return errors.Join(err, s.cut()) // half a line must not stay
	}
	s.size += int64(len(lines))
	return nil
}

func (s *store) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known)
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.file.Close(), s.lock.Close())
}
