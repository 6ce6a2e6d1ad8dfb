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
	"time"

	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/page"
)

// fileName is the store: one event a line, in the order of arrival.
const fileName = "reports.jsonl"

// A store keeps each event once, by its source and id.
type store struct {
	mu    sync.Mutex
	lock  *os.File // two endpoints would write over each other
	file  *os.File
	size  int64 // of what is known to be whole
	kept  int   // events
	sites sites
}

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
	s := &store{lock: lock, file: file, sites: sites{}}
	if err := errors.Join(durable.SyncDir(dir), s.load(log)); err != nil {
		return nil, fmt.Errorf("open the store %s: %w", file.Name(), errors.Join(err, s.close()))
	}
	return s, nil
}

// load learns which events are kept. A last line without its end was being
// written when the machine stopped: it was never acknowledged, and is cut off.
func (s *store) load(log *slog.Logger) error {
	reader := bufio.NewReaderSize(s.file, 1<<20)
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
		e, err := readEvent(line)
		if err != nil {
			log.Warn("a line cannot be read and is left as it is", "line", number, "error", err)
			continue
		}
		if e.Received.IsZero() {
			e.Received = e.Time // kept by an endpoint that did not write it down
		}
		s.kept++
		s.sites.add(&e)
	}
}

// cut shortens the file to what is whole.
func (s *store) cut() error { return s.file.Truncate(s.size) }

// keep adds the events that are new, and answers only when the disk has them.
// A site's token speaks for that site alone.
func (s *store) keep(raws []json.RawMessage, site string, now time.Time) (answer, error) {
	result := answer{Accepted: []string{}, Rejected: []refusal{}}
	var events []event
	for _, raw := range raws {
		e, err := readEvent(raw)
		e.Received = now
		switch {
		case err != nil:
			result.Rejected = append(result.Rejected, refusal{ID: e.ID, Reason: err.Error()})
			continue
		case site != AnySite && site != e.site:
			return answer{}, httpError{status: 403, text: fmt.Sprintf("the token is that of site %q, and a report is of site %q", site, e.site)}
		}
		result.Accepted = append(result.Accepted, e.ID)
		events = append(events, e)
	}
	return result, s.add(events)
}

// add writes what is new, and notes it when the disk has it.
func (s *store) add(events []event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines bytes.Buffer
	var fresh []*event
	seen := map[[16]byte]bool{}
	for i := range events {
		e := &events[i]
		switch {
		case s.sites.full(e):
			return httpError{status: 403, text: fmt.Sprintf("this endpoint is for pilots and knows %d sites already: put an OpenTelemetry Collector in its place", maxSites)}
		case seen[e.mark()] || s.sites.has(e):
			continue
		}
		seen[e.mark()] = true
		line, err := e.line()
		if err != nil {
			return err
		}
		lines.Write(line)
		fresh = append(fresh, e)
	}
	if err := s.append(lines.Bytes()); err != nil {
		return err
	}
	for _, e := range fresh {
		s.kept++
		s.sites.add(e)
	}
	return nil
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
	return s.kept
}

// agents lists what is known, for the page.
func (s *store) agents(expected []string) (list []page.Agent, reports int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sites.agents(expected), s.kept
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.file.Close(), s.lock.Close())
}
