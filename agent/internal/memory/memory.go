// Package memory keeps what the service must know from one observation to
// the next: who the agent is, the number of its last report, and each
// flagged station with when it was first and last seen. It is one small file,
// written whole.
package memory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// Limits on what is remembered.
const (
	MaxStations = 10_000
	MaxAge      = 365 * 24 * time.Hour
	maxBytes    = 64 << 20
)

// A Memory is the file's content. The zero value remembers nothing.
type Memory struct {
	AgentID  string              `json:"agent_id"`
	Machine  string              `json:"machine"` // digest of the machine that AgentID was made for
	Seq      uint64              `json:"seq"`     // of the last report
	Stations map[string]*Station `json:"stations"`
}

// A Station is what is remembered of one.
type Station struct {
	FirstSeen time.Time      `json:"first_seen"`
	LastSeen  time.Time      `json:"last_seen"`
	Finding   report.Finding `json:"finding"`           // as last reported
	Attached  Port           `json:"attached,omitzero"` // where it was told for sure last
	ShownBy   []Table        `json:"shown_by"`          // the tables that showed it last
	Misses    int            `json:"misses,omitempty"`  // complete observations since then that did not
	MissedAt  time.Time      `json:"missed_at,omitzero"`
	Gone      bool           `json:"gone,omitempty"`
}

// A Port is a port of a switch, which is named by how it is asked: its system
// name is missing when that one answer is.
type Port struct {
	Switch string `json:"switch"`
	Port   string `json:"port"`
}

// A Table is a table of a device.
type Table struct {
	Source string `json:"source"`
	Table  string `json:"table"`
}

// Load reads the file. A file that is not there is an empty memory. One that
// cannot be understood is set aside beside it, and the error says so: the
// memory returned with it is empty and good to use.
func Load(path string) (*Memory, error) {
	empty := &Memory{Stations: make(map[string]*Station)}
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, fmt.Errorf("read what was remembered: %w", err)
	}
	m, err := parse(text)
	if err == nil {
		return m, nil
	}
	aside := path + ".corrupt"
	if moved := os.Rename(path, aside); moved != nil {
		return empty, fmt.Errorf("%s is damaged (%v) and could not be set aside: %w", path, err, moved)
	}
	return empty, fmt.Errorf("%s is damaged (%v); it was set aside as %s, and stations count as new", path, err, aside)
}

// read reads no more of a file than parse accepts.
func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	return text, errors.Join(err, file.Close())
}

func parse(text []byte) (*Memory, error) {
	if len(text) > maxBytes {
		return nil, fmt.Errorf("it has more than %d bytes", maxBytes)
	}
	m := &Memory{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, err
	}
	for mac, station := range m.Stations {
		if station == nil {
			return nil, fmt.Errorf("station %s has no content", mac)
		}
	}
	if m.Stations == nil {
		m.Stations = make(map[string]*Station)
	}
	return m, nil
}

// Save replaces the file: either the old or the new content is there, at any
// moment.
func (m *Memory) Save(path string) (err error) {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write what is to be remembered: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp*")
	if err != nil {
		return fmt.Errorf("write what is to be remembered: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write what is to be remembered: %w", errors.Join(err, os.Remove(file.Name())))
		}
	}()
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
