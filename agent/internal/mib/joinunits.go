package mib

import (
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

const juniper = "1.3.6.1.4.1.2636." // sysObjectID

// joinUnits makes a logical unit of a Juniper port one with the port: the
// forwarding, VLAN and aggregate tables speak of ge-0/0/1.0, LLDP of
// ge-0/0/1.
func joinUnits(s *lan.Snapshot) {
	if !strings.HasPrefix(s.System.ObjectID+".", juniper) {
		return
	}
	ports := make(map[string]lan.IfIndex, len(s.Interfaces))
	for _, i := range s.Interfaces {
		if isPort(i.Type) && !strings.Contains(i.Label(), ".") {
			ports[i.Label()] = i.Index
		}
	}
	portOf := make(map[lan.IfIndex]lan.IfIndex)
	for _, i := range s.Interfaces {
		if name, _, ok := strings.Cut(i.Label(), "."); ok && ports[name] != 0 {
			portOf[i.Index] = ports[name]
		}
	}
	if len(portOf) == 0 {
		return
	}
	whole := func(i lan.IfIndex) lan.IfIndex {
		if port, ok := portOf[i]; ok {
			return port
		}
		return i
	}
	joined := make(map[lan.IfIndex]lan.IfIndex, len(portOf))
	for member, aggregate := range s.Aggregates {
		if member, aggregate = whole(member), whole(aggregate); member != aggregate {
			joined[member] = aggregate
		}
	}
	for unit, port := range portOf {
		if aggregate, ok := joined[port]; ok {
			port = aggregate
		}
		joined[unit] = port
	}
	s.Aggregates = joined
}
