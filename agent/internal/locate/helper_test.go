package locate_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// readAt is when every device of these tests was read.
var readAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A row adds to what a device says.
type row func(*lan.Snapshot)

// bridge is a switch whose tables were read to their end. Its interfaces are
// called p1 to p30 and have the same numbers as its bridge ports.
func bridge(name string, rows ...row) lan.Snapshot {
	s := lan.Snapshot{Source: name + ".example", Kind: lan.SwitchSource, From: readAt, To: readAt,
		System:   lan.System{Name: name},
		Readings: []lan.Reading{{Table: lan.Dot1qTpFdbTable, Status: lan.Complete, Method: lan.Walk}}}
	for i := lan.IfIndex(1); i <= 30; i++ {
		s.Interfaces = append(s.Interfaces, lan.Interface{Index: i, Name: "p" + i.String()})
	}
	for _, r := range rows {
		r(&s)
	}
	return s
}

// host is a machine that forwards nothing.
func host(name string, kind lan.SourceKind, rows ...row) lan.Snapshot {
	s := lan.Snapshot{Source: name + ".example", Kind: kind, From: readAt, To: readAt, System: lan.System{Name: name},
		Interfaces: []lan.Interface{{Index: 2, Name: "eth0"}, {Index: 3, Name: "cams"}}}
	for _, r := range rows {
		r(&s)
	}
	return s
}

// mac is the address of a station, own that of a switch.
func mac(n int) lan.MAC { return lan.MAC{0x00, 0x25, 0x90, 0, byte(n >> 8), byte(n)} }
func own(n int) lan.MAC { return lan.MAC{0x00, 0x1b, 0x17, 0, byte(n >> 8), byte(n)} }

// fdb is an entry as a switch learns it.
func fdb(port lan.IfIndex, macs ...lan.MAC) row { return entry(port, lan.FDBLearned, macs...) }

func entry(port lan.IfIndex, status lan.FDBStatus, macs ...lan.MAC) row {
	return func(s *lan.Snapshot) {
		for _, m := range macs {
			s.FDB = append(s.FDB, lan.FDBEntry{MAC: m, FDBID: 20, VLAN: 20, Port: lan.BridgePort(port), IfIndex: port,
				Status: status, Table: lan.Dot1qTpFdbTable})
		}
	}
}

// unmapped is an entry whose bridge port no interface is known for.
func unmapped(port lan.BridgePort, m lan.MAC) row {
	return func(s *lan.Snapshot) {
		s.FDB = append(s.FDB, lan.FDBEntry{MAC: m, Port: port, Status: lan.FDBLearned, Table: lan.Dot1dTpFdbTable})
	}
}

func base(m lan.MAC) row { return func(s *lan.Snapshot) { s.BaseMAC = m } }

// member makes a port part of an aggregate.
func member(port, aggregate lan.IfIndex) row {
	return func(s *lan.Snapshot) {
		if s.Aggregates == nil {
			s.Aggregates = make(map[lan.IfIndex]lan.IfIndex)
		}
		s.Aggregates[port] = aggregate
	}
}

// table says how the reading of a table ended.
func table(name lan.Table, status lan.ReadStatus) row {
	return func(s *lan.Snapshot) {
		s.Readings = append(s.Readings, lan.Reading{Table: name, Status: status})
	}
}

// radio is a station that is registered at a wireless interface.
func radio(port lan.IfIndex, m lan.MAC) row {
	return func(s *lan.Snapshot) {
		s.FDB = append(s.FDB, lan.FDBEntry{MAC: m, Port: lan.BridgePort(port), IfIndex: port, Table: lan.MtxrWlRtabTable})
	}
}

// unread makes a device without any reading.
func unread(s *lan.Snapshot) { s.Readings = nil }

// hears is an LLDP neighbour with a hardware address for chassis id.
func hears(port lan.IfIndex, chassis lan.MAC, name string, enabled lan.LLDPCapabilities) row {
	return neighbour(lan.LLDPNeighbor{IfIndex: port, SysName: name, Enabled: enabled,
		Chassis: lan.LLDPID{Subtype: lan.LLDPMAC, Text: chassis.String(), MAC: chassis}})
}

func neighbour(n lan.LLDPNeighbor) row {
	return func(s *lan.Snapshot) { s.LLDP = append(s.LLDP, n) }
}

func arp(port lan.IfIndex, m lan.MAC, ip string) row {
	return func(s *lan.Snapshot) {
		name := lan.IPNetToMediaTable
		if s.Kind == lan.HostSource {
			name = lan.Neighbours
		}
		s.ARP = append(s.ARP, lan.ARPEntry{IfIndex: port, MAC: m, IP: netip.MustParseAddr(ip), Table: name})
	}
}

// places says where every station is, in one line each.
func places(snapshots ...lan.Snapshot) map[lan.MAC]string {
	lines := make(map[lan.MAC]string)
	for _, st := range locate.Stations(snapshots) {
		lines[st.MAC] = describe(st.Place)
	}
	return lines
}

// describe prints a place such as "shared sw1 p3 (2) behind phone".
func describe(p locate.Place) string {
	line := string(p.Certainty)
	switch p.Certainty {
	case locate.Double, locate.Ambiguous:
		for _, a := range p.Alternatives {
			line += fmt.Sprintf(" [%s %s]", a.Switch, a.Port)
		}
	default:
		line = strings.Join(nonEmpty(line, p.Switch, p.Port, p.Host, p.Interface), " ")
	}
	if p.Stations != nil {
		line += fmt.Sprintf(" (%d)", *p.Stations)
	}
	if p.Behind != "" {
		line += " behind " + p.Behind
	}
	return line
}

func nonEmpty(words ...string) []string {
	var kept []string
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}
