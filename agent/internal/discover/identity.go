package discover

import (
	"net/netip"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// An Identity is what tells one device from another.
type Identity struct {
	Addresses []netip.Addr // at which it is asked, as far as they are known
	Own       []lan.MAC    // of the device as a whole: its bridge's, its chassis'
	Ports     []lan.MAC    // of its interfaces
	Engine    string       // snmpEngineID, in hexadecimal
	Name      string       // sysName
	Booted    time.Time    // by its sysUpTime
}

// IdentityOf is that of a device which was read, or asked for no more than
// its scalars.
func IdentityOf(s *lan.Snapshot) Identity {
	id := Identity{Name: s.System.Name}
	for _, mac := range []lan.MAC{s.BaseMAC, s.LLDPLocal.Chassis.MAC} {
		if mac.IsStation() && !slices.Contains(id.Own, mac) {
			id.Own = append(id.Own, mac)
		}
	}
	for i := range s.Interfaces {
		if mac := s.Interfaces[i].MAC; mac.IsStation() {
			id.Ports = append(id.Ports, mac)
		}
	}
	if s.System.UpTime > 0 {
		id.Booted = s.From.Add(-s.System.UpTime)
	}
	return id
}

// sameBoot is how far apart two readings of when a device was booted may lie.
const sameBoot = 10 * time.Second

// Same tells whether two are one device. Its hardware addresses decide where
// both tell them. A name alone says nothing, for many switches keep the one
// they were sold with; nor does an engine id, which some makers give to all of
// a model.
func (a Identity) Same(b Identity) bool {
	switch {
	case overlap(a.Own, b.Own), overlap(a.Own, b.Ports), overlap(a.Ports, b.Own):
		return true
	case len(a.Own) > 0 && len(b.Own) > 0, a.Name == "" || a.Name != b.Name:
		return false
	case a.Engine != "" && b.Engine != "":
		return a.Engine == b.Engine
	default:
		return !a.Booted.IsZero() && !b.Booted.IsZero() && a.Booted.Sub(b.Booted).Abs() <= sameBoot
	}
}

// claimedBy tells whether a neighbour says that it is this device, whether it
// may be asked or not.
func (a Identity) claimedBy(c claim, n *lan.LLDPNeighbor) bool {
	return overlap(a.Addresses, n.Addresses) || overlap(a.Own, c.chassis) || overlap(a.Ports, c.chassis)
}

func overlap[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(one T) bool { return slices.Contains(b, one) })
}
