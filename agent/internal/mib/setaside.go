package mib

import (
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A census counts the stations in a forwarding table.
type census struct {
	macs       map[lan.MAC]bool
	improbable int // group addresses and locally administered ones
}

func countStations(entries []lan.FDBEntry, table lan.Table) census {
	c := census{macs: make(map[lan.MAC]bool)}
	for _, e := range entries {
		if e.Table != table || e.Port == 0 || c.macs[e.MAC] {
			continue
		}
		c.macs[e.MAC] = true
		if !e.MAC.IsStation() || e.MAC.IsLocal() {
			c.improbable++
		}
	}
	return c
}

// setAside compares the two standard forwarding tables, which should show the
// same stations. Allied Telesis AT-IFS802SP fills dot1qTpFdbTable with
// addresses that nobody has, by the look of which most are group or locally
// administered ones, while dot1dTpFdbTable is right. Where the tables have
// nothing in common, and one is improbable in itself and the other is not,
// the improbable one is set aside, and its reading says so.
func setAside(s *lan.Snapshot) {
	dot1d := countStations(s.FDB, lan.Dot1dTpFdbTable)
	if len(dot1d.macs) < 2 {
		return // as of most devices
	}
	dot1q := countStations(s.FDB, lan.Dot1qTpFdbTable)
	if len(dot1q.macs) < 2 {
		return
	}
	for mac := range dot1d.macs {
		if dot1q.macs[mac] {
			return
		}
	}
	wrong, right := lan.Dot1qTpFdbTable, lan.Dot1dTpFdbTable
	switch {
	case dot1q.improbableBeside(dot1d):
	case dot1d.improbableBeside(dot1q):
		wrong, right = right, wrong
	default:
		return
	}
	before := len(s.FDB)
	s.FDB = slices.DeleteFunc(s.FDB, func(e lan.FDBEntry) bool { return e.Table == wrong })
	s.Note(wrong, fmt.Sprintf("its %d rows are set aside: %s shows other stations, and most of these are no addresses that are in use", before-len(s.FDB), right))
}

// improbableBeside tells whether a table is improbable by half of its
// addresses while the other is not.
func (c census) improbableBeside(other census) bool {
	return 2*c.improbable >= len(c.macs) && 4*other.improbable <= len(other.macs)
}
