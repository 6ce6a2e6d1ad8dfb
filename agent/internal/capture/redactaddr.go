package capture

import "net/netip"

// addressKinds are the ranges of addresses that mean something to whoever
// reads a table, the narrower before the wider, and how many leading bits
// stay in each. Everywhere else none does, and the replacement is an address
// of no such range either.
var addressKinds = []struct {
	prefix netip.Prefix
	kept   int
}{
	{netip.MustParsePrefix("0.0.0.0/8"), 32},
	{netip.MustParsePrefix("10.0.0.0/8"), 8},
	{netip.MustParsePrefix("100.64.0.0/10"), 10},
	{netip.MustParsePrefix("127.0.0.0/8"), 32},
	{netip.MustParsePrefix("169.254.0.0/16"), 16},
	{netip.MustParsePrefix("172.16.0.0/12"), 12},
	{netip.MustParsePrefix("192.168.0.0/16"), 16},
	{netip.MustParsePrefix("224.0.0.0/3"), 32}, // multicast, broadcast, netmasks
	{netip.MustParsePrefix("::/127"), 128},     // unspecified and loopback
	{netip.MustParsePrefix("2000::/3"), 3},
	{netip.MustParsePrefix("fc00::/7"), 8},
	{netip.MustParsePrefix("fe80::/64"), 64},
	{netip.MustParsePrefix("fe80::/10"), 10},
	{netip.MustParsePrefix("ff00::/8"), 16}, // scope; solicited-node groups end in a station's address
}

// kindOf returns the place of an address in addressKinds, and how many bits
// stay.
func kindOf(addr netip.Addr) (kind, kept int) {
	for i, k := range addressKinds {
		if k.prefix.Contains(addr) {
			return i, k.kept
		}
	}
	return -1, 0
}

// Addr replaces an IP address, one to one: addresses of one subnet come to lie
// in one subnet again, of the same size, and private ones stay private.
// Unspecified, loopback and IPv4 multicast addresses stay.
func (r *Redactor) Addr(addr netip.Addr) netip.Addr {
	addr = addr.WithZone("")
	if known, ok := r.addrs[addr]; ok || !addr.IsValid() {
		if !ok {
			return addr
		}
		return known
	}
	if addr.Is4In6() {
		return netip.AddrFrom16(r.Addr(addr.Unmap()).As16())
	}
	kind, kept := kindOf(addr)
	replaced := r.flipAddr(addr, kept)
	// What is replaced from one end to the other may come to lie in a range
	// with a meaning: then it is replaced again. All of those ranges that are
	// wide enough to hold a subnet do so with the whole subnet.
	for next, _ := kindOf(replaced); next != kind; next, _ = kindOf(replaced) {
		replaced = r.flipAddr(replaced, kept)
	}
	r.addrs[addr] = replaced
	return replaced
}

func (r *Redactor) flipAddr(addr netip.Addr, kept int) netip.Addr {
	octets, tweak := addr.AsSlice(), "ipv6"
	if addr.Is4() {
		tweak = "ipv4"
	}
	r.cipher.flip(tweak, octets, kept)
	replaced, _ := netip.AddrFromSlice(octets) // as long as before
	return replaced
}
