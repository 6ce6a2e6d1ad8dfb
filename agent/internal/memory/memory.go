// Package memory keeps what the service must know from one observation to
// the next: who the agent is, the number of its last report, each flagged
// station with when it was first and last seen, how each switch was reached,
// and what stations have answered. It is one small file, written whole, and holds no secret.
package memory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"time"

	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// Limits on what is remembered.
const (
	MaxStations = 10_000
	MaxSwitches = 10_000
	MaxAge      = 365 * 24 * time.Hour
	maxBytes    = 64 << 20
)

// A Memory is the file's content. The zero value remembers nothing.
type Memory struct {
	AgentID  string              `json:"agent_id"`
	Machine  string              `json:"machine"` // digest of the machine that AgentID was made for
	Seq      uint64              `json:"seq"`     // of the last report
	Stations map[string]*Station `json:"stations"`
	Switches map[string]Switch   `json:"switches,omitempty"` // by address and port
	Asked    Inquiries           `json:"asked,omitzero"`

	// The first observation, and how many flagged stations it has shown.
	Since time.Time `json:"since,omitzero"`
	First int       `json:"first,omitempty"`
}

// A Station is what is remembered of one.
type Station struct {
	FirstSeen time.Time      `json:"first_seen"`
	LastSeen  time.Time      `json:"last_seen"`
	Finding   report.Finding `json:"finding"`              // as last reported
	Attached  Port           `json:"attached,omitzero"`    // where it was told for sure last
	MovedAt   time.Time      `json:"moved_at,omitzero"`    // when it was last said to have moved
	ShownBy   []Table        `json:"shown_by"`             // the tables that showed it last
	Misses    int            `json:"misses,omitempty"`     // complete observations since then that did not
	MissedAt  time.Time      `json:"missed_at,omitzero"`   // the last of them
	MissedFor time.Duration  `json:"missed_for,omitempty"` // from the first of them to the last

	// When the last of them was, by a clock that nobody sets.
	MissedBoot   string `json:"missed_boot,omitempty"`
	MissedUptime int64  `json:"missed_uptime_s,omitempty"`
	Gone         bool   `json:"gone,omitempty"`
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

var errDamaged = errors.New("it is damaged")

// Peek reads the file and leaves it as it is. A file that is not there is an
// empty memory; the one that comes with an error is empty and good to use.
func Peek(path string) (*Memory, error) {
	empty := &Memory{Stations: make(map[string]*Station)}
	text, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, fmt.Errorf("read what was remembered: %w", err)
	}
	m, err := parse(text)
	if err != nil {
		return empty, fmt.Errorf("read what was remembered in %s: %w (%v)", path, errDamaged, err)
	}
	return m, nil
}

// Load reads the file as Peek does, for the one who writes it. One that cannot
// be understood is set aside beside it, and the error says so. What a write has
// left that was cut off is removed.
func Load(path string) (*Memory, error) {
	m, err := Peek(path)
	swept := durable.Sweep(path)
	if errors.Is(swept, fs.ErrNotExist) {
		swept = nil // no folder, and so nothing in it
	}
	if !errors.Is(err, errDamaged) {
		return m, errors.Join(err, swept)
	}
	aside := path + ".corrupt"
	if moved := os.Rename(path, aside); moved != nil {
		return m, fmt.Errorf("%w and could not be set aside: %w", err, moved)
	}
	return m, fmt.Errorf("%w; it was set aside as %s, and stations count as new", err, aside)
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
func (m *Memory) Save(path string) error {
	text, err := json.Marshal(m)
	if err == nil {
		err = durable.WriteFile(path, 0o600, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("write what is to be remembered: %w", err)
	}
	return nil
}

// An Acquaintance is what SaveAsked keeps, but for how many rows a switch has
// managed, and at what time of the day it was reached.
type Acquaintance struct {
	agent    string
	switches map[string]Switch
	asked    Inquiries
}

// Acquaintance is who is known, and who was asked, by now. The zero one is of
// nobody.
func (m *Memory) Acquaintance() Acquaintance {
	a := Acquaintance{agent: m.AgentID + " " + m.Machine, switches: make(map[string]Switch, len(m.Switches)), asked: *m.Asked.Clone()}
	for address, s := range m.Switches {
		s.ReachedAt, s.Repetitions = s.ReachedAt.Truncate(24*time.Hour), 0
		a.switches[address] = s
	}
	return a
}

// Equal tells whether nobody new is known, or was asked.
func (a Acquaintance) Equal(b Acquaintance) bool {
	return a.agent == b.agent && maps.Equal(a.switches, b.switches) && a.asked.SegmentAt.Equal(b.asked.SegmentAt) &&
		maps.EqualFunc(a.asked.Stations, b.asked.Stations, func(x, y Asked) bool {
			return x.At.Equal(y.At) && x.Address == y.Address && len(x.Answers) == len(y.Answers)
		})
}

// SaveAsked replaces what the file says of who was asked, and of switches, and
// leaves all else as it was saved last: who was asked today is not to be asked
// again, whatever becomes of the report, while Stations and Seq have to wait
// until it is safe.
func (m *Memory) SaveAsked(path string) error {
	kept, err := Peek(path)
	if err != nil {
		return err
	}
	kept.AgentID, kept.Machine = m.AgentID, m.Machine
	kept.Switches, kept.Asked = m.Switches, m.Asked
	return kept.Save(path)
}
