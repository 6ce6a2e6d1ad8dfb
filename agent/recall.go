package main

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A recall is how switches were reached before, and how they are reached now.
// It serves several goroutines; the zero value knows nothing.
type recall struct {
	log   *slog.Logger                // nil: silent
	where func(address string) string // nil: a switch answers where it is asked; otherwise in tests

	mu       sync.Mutex
	switches map[string]memory.Switch // by address and port
}

func newRecall(m *memory.Memory, log *slog.Logger) *recall {
	return &recall{log: log, switches: maps.Clone(m.Switches)}
}

// peekRecall knows what the service remembers in its state folder, if this
// user may read it, and logs to a writer. It changes nothing there.
func peekRecall(state string, to io.Writer) *recall {
	log := slog.New(slog.NewTextHandler(to, nil))
	m, err := memory.Peek(memoryPath(state))
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		log.Warn("how switches were reached before is not known", "error", err)
	}
	return newRecall(m, log)
}

func memoryPath(state string) string { return filepath.Join(state, "memory.json") }

// of tells how a switch was reached last.
func (r *recall) of(address string) memory.Switch {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.switches[address]
}

// way is where a switch answers that is asked at an address.
func (r *recall) way(address string) string {
	if r.where == nil {
		return address
	}
	return r.where(address)
}

// reached takes in how a session has ended.
func (r *recall) reached(address string, s *snmp.Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.switches == nil {
		r.switches = make(map[string]memory.Switch)
	}
	by := s.Credential()
	r.switches[address] = r.switches[address].Reached(by.Name, by.Version.String(), s.Repetitions(), time.Now())
}

// change changes what is remembered of a switch.
func (r *recall) change(address string, change func(*memory.Switch)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.switches == nil {
		r.switches = make(map[string]memory.Switch)
	}
	s := r.switches[address]
	change(&s)
	r.switches[address] = s
}

// all tells of every switch, for the memory.
func (r *recall) all() map[string]memory.Switch {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.switches)
}

func (r *recall) info(message string, args ...any) {
	if r.log != nil {
		r.log.Info(message, args...)
	}
}

func (r *recall) warn(message string, args ...any) {
	if r.log != nil {
		r.log.Warn(message, args...)
	}
}
