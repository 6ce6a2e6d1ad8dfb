package locate

import "github.com/camwarden/camwarden/agent/internal/lan"

// Count counts the stations on each port of a device whose forwarding tables
// were read to their end, for a time when only some of them are read; nil
// where they were not.
func Count(s *lan.Snapshot) *lan.PortCounts {
	if !counted(s) {
		return nil
	}
	own := map[lan.MAC]bool{s.BaseMAC: true, s.LLDPLocal.Chassis.MAC: true}
	for _, i := range s.Interfaces {
		own[i.MAC] = true
	}
	type at struct {
		port lan.PortNumber
		mac  lan.MAC
	}
	seen := make(map[at]bool, len(s.FDB))
	counts := &lan.PortCounts{At: s.To, Ports: make(map[lan.PortNumber]int)}
	for i := range s.FDB {
		e := &s.FDB[i]
		key := at{numberOf(s, portKey{ifIndex: e.IfIndex, bridge: e.Port}), e.MAC}
		if learnt(e) && !own[e.MAC] && !seen[key] {
			seen[key] = true
			counts.Ports[key.port]++
		}
	}
	return counts
}

func numberOf(s *lan.Snapshot, key portKey) lan.PortNumber {
	if aggregate, ok := s.Aggregates[key.ifIndex]; ok {
		key.ifIndex = aggregate
	}
	if key.ifIndex != 0 {
		key.bridge = 0
	}
	return lan.PortNumber{IfIndex: key.ifIndex, Bridge: key.bridge}
}

// counted is how many stations were on the port when all were counted last.
func (p *port) counted() (int, bool) {
	c := p.device.Counted
	if c == nil || p.key.heard.known {
		return 0, false
	}
	n, ok := c.Ports[numberOf(p.device.Snapshot, p.key)]
	return n, ok
}
