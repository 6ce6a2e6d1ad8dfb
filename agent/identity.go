package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// ownID makes sure that the agent has an id that belongs to this very
// machine. A cloned image carries its origin's state, and would otherwise
// report under the origin's name: then everything remembered is the origin's,
// and it is forgotten.
func ownID(m *memory.Memory) error {
	digest := ""
	if id := machineID(); id != "" {
		sum := sha256.Sum256([]byte("camwarden " + id))
		digest = hex.EncodeToString(sum[:])
	}
	if m.AgentID != "" && (digest == "" || digest == m.Machine) {
		return nil
	}
	id, err := report.NewID(time.Now())
	if err != nil {
		return fmt.Errorf("name this agent: %w", err)
	}
	*m = memory.Memory{AgentID: id, Machine: digest, Stations: make(map[string]*memory.Station)}
	return nil
}
