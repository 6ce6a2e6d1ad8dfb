package memory

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReached(t *testing.T) {
	const hour = time.Hour
	later := start.Add(hour)
	v3 := Switch{Credentials: "core-v3", Version: "v3", ReadByV3: true, Repetitions: 12, SettledAt: start, ReachedAt: start}
	tests := []struct {
		name        string
		before      Switch
		by, version string
		repetitions int
		now         time.Time
		want        Switch
	}{
		{"for the first time", Switch{}, "old", "v2c", 25, start,
			Switch{Credentials: "old", Version: "v2c", Repetitions: 25, SettledAt: start, ReachedAt: start}},
		{"by version 3", Switch{}, "core-v3", "v3", 12, start, v3},
		{"by version 2c after version 3", v3, "old", "v2c", 12, later,
			Switch{Credentials: "old", Version: "v2c", ReadByV3: true, Repetitions: 12, SettledAt: start, ReachedAt: later}},
		{"with less than before", v3, "core-v3", "v3", 3, later,
			Switch{Credentials: "core-v3", Version: "v3", ReadByV3: true, Repetitions: 3, SettledAt: start, ReachedAt: later}},
		{"a day later, when more was tried", v3, "core-v3", "v3", 12, start.Add(24 * hour),
			Switch{Credentials: "core-v3", Version: "v3", ReadByV3: true, Repetitions: 12, SettledAt: start.Add(24 * hour), ReachedAt: start.Add(24 * hour)}},
		{"by version 1, which knows no repetitions", Switch{}, "old", "v1", 1, start,
			Switch{Credentials: "old", Version: "v1", SettledAt: start, ReachedAt: start}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.before.Reached(test.by, test.version, test.repetitions, test.now)); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStartRepetitions(t *testing.T) {
	for _, test := range []struct {
		repetitions int
		age         time.Duration
		want        int
	}{
		{12, 0, 12}, {12, 24*time.Hour - 1, 12}, {12, 24 * time.Hour, 0},
		{12, -time.Hour, 0}, // a clock that was set back
		{0, 0, 0}, {-3, 0, 0},
	} {
		s := Switch{Repetitions: test.repetitions, SettledAt: start}
		if got := s.StartRepetitions(start.Add(test.age)); got != test.want {
			t.Errorf("%d, %v ago: got %d, want %d", test.repetitions, test.age, got, test.want)
		}
	}
}

// What is remembered of other switches stays, until there are too many: then
// those go that were not reached for the longest time.
func TestRemember(t *testing.T) {
	var m Memory
	for i := range MaxSwitches {
		m.Remember(map[string]Switch{fmt.Sprint(i): {ReachedAt: start.Add(time.Duration(i) * time.Second)}})
	}
	m.Remember(map[string]Switch{"0": {Credentials: "renewed", ReachedAt: start.Add(24 * time.Hour)}})
	if len(m.Switches) != MaxSwitches || m.Switches["0"].Credentials != "renewed" {
		t.Fatalf("%d switches; the first is %+v", len(m.Switches), m.Switches["0"])
	}
	m.Remember(map[string]Switch{"new": {ReachedAt: start.Add(25 * time.Hour)}})
	for address, want := range map[string]bool{"0": true, "1": false, "2": true, "new": true} {
		if _, got := m.Switches[address]; got != want {
			t.Errorf("%s is remembered: %v, want %v", address, got, want)
		}
	}
}
