package memory

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A Switch is what is remembered of how a switch was reached. It never holds a
// secret: credentials are known by their names in the configuration.
type Switch struct {
	Credentials string    `json:"credentials"`           // the last good ones
	Version     string    `json:"version"`               // of SNMP, that they speak: v1, v2c or v3
	ReadByV3    bool      `json:"read_by_v3,omitempty"`  // it was once let in by version 3
	Repetitions int       `json:"repetitions,omitempty"` // rows at once that it has managed; zero when nobody can tell
	SettledAt   time.Time `json:"settled_at,omitzero"`   // when more than Repetitions were tried last
	ReachedAt   time.Time `json:"reached_at"`

	// Of discovery. Of one that it asked in vain nothing else is set.
	AskedAt  time.Time `json:"asked_at,omitzero"`   // when it was asked last whether it is one
	AskedFor string    `json:"asked_for,omitempty"` // why then, such as the port that has named it
	Found    string    `json:"found,omitempty"`     // how it was found; empty where the configuration names it
	FoundAt  time.Time `json:"found_at,omitzero"`
	Name     string    `json:"name,omitempty"`   // sysName
	Chassis  lan.MAC   `json:"chassis,omitzero"` // of the device as a whole, where it tells one
	Engine   string    `json:"engine,omitempty"` // snmpEngineID, in hexadecimal
}

// AskedLately tells whether discovery has to leave the switch alone. A clock
// that was set back a little must not have it asked twice.
func (s Switch) AskedLately(now time.Time) bool { return now.Sub(s.AskedAt).Abs() < AskAgain }

const (
	version1 = "v1" // knows no repetitions
	version3 = "v3"
)

// settledFor is how long less is asked of a switch than usual. What seemed too
// much may have been a datagram that got lost.
const settledFor = 24 * time.Hour

// StartRepetitions is how many rows to ask for at first; zero for as many as
// of any switch.
func (s Switch) StartRepetitions(now time.Time) int {
	if age := now.Sub(s.SettledAt); s.Repetitions < 1 || age < 0 || age >= settledFor {
		return 0
	}
	return s.Repetitions
}

// Reached is what is to be remembered of the switch after it was reached with
// these credentials, and has in the end managed so many rows at once.
func (s Switch) Reached(credentials, version string, repetitions int, now time.Time) Switch {
	now = now.UTC().Truncate(time.Second)
	if version == version1 {
		repetitions = 0
	}
	if s.StartRepetitions(now) == 0 {
		s.SettledAt = now
	}
	s.Credentials, s.Version, s.Repetitions, s.ReachedAt = credentials, version, repetitions, now
	s.ReadByV3 = s.ReadByV3 || version == version3
	return s
}

// lastUse is when the switch was reached, or asked in vain, last.
func (s Switch) lastUse() time.Time {
	if s.AskedAt.After(s.ReachedAt) {
		return s.AskedAt
	}
	return s.ReachedAt
}

// Remember takes in what is to be remembered of switches, by address and port.
func (m *Memory) Remember(switches map[string]Switch) {
	if m.Switches == nil {
		m.Switches = make(map[string]Switch, len(switches))
	}
	maps.Copy(m.Switches, switches)
	if len(m.Switches) <= MaxSwitches {
		return
	}
	oldest := slices.SortedFunc(maps.Keys(m.Switches), func(a, b string) int {
		return cmp.Or(m.Switches[a].lastUse().Compare(m.Switches[b].lastUse()), cmp.Compare(a, b))
	})
	for _, address := range oldest[:len(m.Switches)-MaxSwitches] {
		delete(m.Switches, address)
	}
}
