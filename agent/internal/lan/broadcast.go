package lan

import "net/netip"

// Broadcasts tells the first and the last address of an IPv4 network, by
// which all of it is meant (RFC 1122, 3.2.1.3). Networks of two addresses have
// none (RFC 3021).
func Broadcasts(p netip.Prefix, addr netip.Addr) bool {
	if !p.Addr().Is4() || p.Bits() > 30 || !p.Contains(addr) {
		return false
	}
	return addr == p.Masked().Addr() || !p.Contains(addr.Next())
}
