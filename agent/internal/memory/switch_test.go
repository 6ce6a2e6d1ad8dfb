package memory

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
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

// What was asked in vain is forgotten before a switch is, but not on the day on
// which it was asked.
func TestRememberAsked(t *testing.T) {
	m := Memory{Switches: map[string]Switch{"long ago": {AskedAt: start}, "reached": {ReachedAt: start.Add(2 * time.Hour)}}}
	for i := range MaxSwitches - 1 {
		m.Remember(map[string]Switch{fmt.Sprint(i): {AskedAt: start.Add(time.Hour + time.Duration(i)*time.Millisecond)}})
	}
	for address, want := range map[string]bool{"long ago": false, "0": true, "reached": true} {
		if _, got := m.Switches[address]; got != want {
			t.Errorf("%s is remembered: %v, want %v", address, got, want)
		}
	}
}

func TestAskedLately(t *testing.T) {
	for age, want := range map[time.Duration]bool{0: true, time.Hour: true, -time.Hour: true, 24*time.Hour - 1: true, 24 * time.Hour: false, -24 * time.Hour: false} {
		if got := (Switch{AskedAt: start}).AskedLately(start.Add(age)); got != want {
			t.Errorf("asked %v ago: %v", age, got)
		}
	}
	if (Switch{}).AskedLately(start) {
		t.Error("never asked, and yet lately")
	}
}

// A memory of an older version, and what a newer one adds to it.
func TestSwitchAsWritten(t *testing.T) {
	old := `{"switches": {"10.0.0.2:161": {"credentials": "core", "version": "v3", "reached_at": "2026-03-04T05:06:07Z"}}}`
	m, err := parse([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Switches["10.0.0.2:161"]; s.Found != "" || !s.AskedAt.IsZero() || !s.Chassis.IsZero() {
		t.Errorf("got %+v", s)
	}
	found := Switch{Credentials: "core", Version: "v3", ReachedAt: start, AskedAt: start, Found: "LLDP neighbour of sw00 port Gi0/24", FoundAt: start,
		Name: "sw03", Chassis: lan.MAC{0, 27, 33, 0, 0, 3}, Engine: "80001f8804"}
	m.Remember(map[string]Switch{"10.0.0.5:161": found})
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(found, again.Switches["10.0.0.5:161"]); diff != "" {
		t.Errorf("difference (-written +read):\n%s", diff)
	}
	if strings.Count(string(text), `"chassis"`) != 1 {
		t.Errorf("written as %s", text)
	}
}
