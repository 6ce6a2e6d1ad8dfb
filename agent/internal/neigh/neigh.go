// Package neigh reads what this host knows of its network: its default
// gateways, and its neighbour table, that is which hardware address
// answered for which IP address on which interface (ARP, RFC 826; IPv6
// neighbour discovery, RFC 4861). It sends nothing.
package neigh

import (
	"net"
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
		s.System.Name = lan.CleanText([]byte(name))
	}
	reading := lan.Reading{Table: lan.Neighbours, Method: lan.Walk, Status: lan.Complete}
	err := readInterfaces(&s)
	if err == nil {
		s.ARP, reading.Rows, err = table()
	}
	if err != nil {
		reading.Status, reading.Reason = lan.Failed, err.Error()
		s.Err = err.Error()
	}
	s.To = time.Now()
	reading.Elapsed = s.To.Sub(s.From)
	s.Readings = []lan.Reading{reading}
	return s
}

func readInterfaces(s *lan.Snapshot) error {
	interfaces, err := net.Interfaces()
	if err != nil {
		return err
	}
	for _, i := range interfaces {
		entry := lan.Interface{Index: lan.IfIndex(i.Index), Name: lan.CleanText([]byte(i.Name))}
		if len(i.HardwareAddr) == len(entry.MAC) {
			entry.MAC = lan.MAC(i.HardwareAddr)
		}
		s.Interfaces = append(s.Interfaces, entry)
	}
	return nil
}
