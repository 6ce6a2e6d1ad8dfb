// Package neigh reads what this host knows of its network: its default
// gateways, and its neighbour table, that is which hardware address
// answered for which IP address on which interface (ARP, RFC 826; IPv6
// neighbour discovery, RFC 4861). It sends nothing.
package neigh

import (
	"os"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Read returns the table as the snapshot of a host. Entries without a
// hardware address, or for which neighbour resolution failed, are counted as
// rows and set aside. An operating system that cannot be asked, or does not
// answer, is in the snapshot as a failed reading.
func Read() lan.Snapshot {
	s := lan.Snapshot{Kind: lan.HostSource, Source: "this host", From: time.Now()}
	if name, err := os.Hostname(); err == nil {
		s.System.Name = lan.CleanString(name)
	}
	reading := lan.Reading{Table: lan.Neighbours, Method: lan.Walk, Status: lan.Complete}
	var err error
	if s.Interfaces, err = interfaces(); err == nil {
		s.ARP, reading.Rows, err = table()
	}
	switch {
	case err != nil && reading.Rows > 0: // one of the families
		reading.Status, reading.Reason = lan.Partial, err.Error()
	case err != nil:
		reading.Status, reading.Reason = lan.Failed, err.Error()
		s.Err = err.Error()
	}
	s.To = time.Now()
	reading.Elapsed = s.To.Sub(s.From)
	s.Readings = []lan.Reading{reading}
	return s
}
