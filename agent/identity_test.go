package main

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/memory"
)

// TestOwnID holds that an agent keeps its name over restarts, and that a
// machine cloned from another's image takes a new one and forgets what the
// other remembered.
func TestOwnID(t *testing.T) {
	m := &memory.Memory{}
	if err := ownID(m); err != nil {
		t.Fatal(err)
	}
	first := m.AgentID
	if first == "" {
		t.Fatal("no id was made")
	}
	m.Stations["44:19:b6:00:00:09"], m.Seq = &memory.Station{}, 7
	if err := ownID(m); err != nil || m.AgentID != first || m.Seq != 7 {
		t.Errorf("after a restart: id %s, seq %d, %v; want %s, 7", m.AgentID, m.Seq, err, first)
	}
	if machineID() == "" {
		t.Skip("this machine has no id")
	}
	m.Machine = "the digest of another machine"
	if err := ownID(m); err != nil || m.AgentID == first || m.Seq != 0 || len(m.Stations) != 0 {
		t.Errorf("on a clone: id %s, seq %d, %d stations, %v; want a new id and nothing remembered", m.AgentID, m.Seq, len(m.Stations), err)
	}
}
