package capture

import (
	"net/netip"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// The functions here replace the addresses in the index of a row, in all the
// forms that package mib reads. An index in any other form may hide an
// address, so that its row is left out.

// scalar takes the index of a scalar.
func scalar(_ *redaction, index smi.OID) (smi.OID, bool) {
	return index, len(index) == 1 && index[0] == 0
}

// numbers takes an index of a few numbers that count something in the device.
func numbers(most int) func(*redaction, smi.OID) (smi.OID, bool) {
	return func(_ *redaction, index smi.OID) (smi.OID, bool) { return index, len(index) <= most }
}

// counters is how many arcs an index has at most that counts rows in place of
// naming an address (FortiSwitch and Juniper, devices of APC and Eaton).
const counters = 2

func dot1dIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	if len(index) <= counters {
		return index, true
	}
	return f.stationIndex(index)
}

// dot1qIndex takes the FDB id and the address.
func dot1qIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	if len(index) <= counters {
		return index, true
	}
	rest, ok := f.stationIndex(index[1:])
	return index[:1].Append(rest...), ok
}

// stationIndex replaces an address in an index: alone, behind its length
// (Zyxel GS1900), or before the number of a slot (Zyxel IES-5200).
func (f *redaction) stationIndex(index smi.OID) (smi.OID, bool) {
	at := 0
	switch {
	case len(index) == 7 && index[0] == 6:
		at = 1
	case len(index) != 6 && len(index) != 7:
		return nil, false
	}
	return f.replaceMAC(index, at)
}

func (f *redaction) replaceMAC(index smi.OID, at int) (smi.OID, bool) {
	mac, ok := lan.MACFromArcs(index[at : at+macSize])
	if !ok {
		return nil, false
	}
	replaced := index[:at].Append(f.mac(mac).Arcs()...)
	return replaced.Append(index[at+macSize:]...), true
}

// arpIndex takes an index that ends in an IPv4 address, behind the ifIndex.
func arpIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	switch {
	case len(index) <= counters:
		return index, true
	case len(index) < 4 || len(index) > 6:
		return nil, false
	}
	return f.replaceAddr(index, len(index)-4, 4)
}

// InetAddressType (RFC 4001) and IANA AddressFamilyNumbers, which agree on the
// first two.
const (
	inetIPv4, familyIPv4 = 1, 1
	inetIPv6, familyIPv6 = 2, 2
	inetIPv4z            = 3
	inetIPv6z            = 4
	family802            = 6
)

// physicalIndex takes ifIndex, InetAddressType and InetAddress, with the
// length before it once, twice or not at all.
func physicalIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	if len(index) <= counters {
		return index, true
	}
	size, zone := 4, 0
	switch index[1] {
	case inetIPv4:
	case inetIPv6:
		size = 16
	case inetIPv4z:
		zone = 4
	case inetIPv6z:
		size, zone = 16, 4
	default:
		return nil, false
	}
	at := 2
	for rest := len(index) - at; rest > size && rest != size+zone && int(index[at]) == rest-1; rest-- {
		at++
	}
	if rest := len(index) - at; rest != size && rest != size+zone {
		return nil, false
	}
	return f.replaceAddr(index, at, size)
}

// managementIndex takes the numbers of a neighbour, so many, and then family,
// length and address. The length may be missing (MikroTik), the address be
// zeros (BTI 800), and everything but a count of rows be left out.
func managementIndex(family int) func(*redaction, smi.OID) (smi.OID, bool) {
	return func(f *redaction, index smi.OID) (smi.OID, bool) {
		switch {
		case len(index) <= family:
			return index, true
		case len(index) < family+2:
			return nil, false
		case !slices.ContainsFunc(index[family:], func(arc uint32) bool { return arc != 0 }):
			return index, true
		}
		size := 0
		switch index[family] {
		case familyIPv4:
			size = 4
		case familyIPv6:
			size = 16
		case family802:
			size = macSize
		}
		at := family + 1
		if len(index)-at == size+1 && int(index[at]) == size {
			at++
		}
		switch {
		case len(index)-at != size:
			return nil, false
		case index[family] == family802:
			return f.replaceMAC(index, at)
		default:
			return f.replaceAddr(index, at, size)
		}
	}
}

// slMacIndex takes ifIndex, VLAN and address.
func slMacIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	if len(index) != 8 {
		return nil, false
	}
	return f.replaceMAC(index, 2)
}

// wlRtabIndex takes address and ifIndex.
func wlRtabIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	if len(index) != macSize+1 {
		return nil, false
	}
	return f.replaceMAC(index, 0)
}

// hwDynIndex takes address, VLAN, and the name of a virtual switching
// instance behind its length; "0" is none.
func hwDynIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	const name = 7
	if len(index) <= name {
		return nil, false
	}
	replaced, ok := replaceText(index, name, func(instance string) string {
		if instance == "0" {
			return instance
		}
		return f.Name(instance)
	})
	if !ok {
		return nil, false
	}
	return f.replaceMAC(replaced, 0)
}

// contextIndex takes the name of a context behind its length.
func contextIndex(f *redaction, index smi.OID) (smi.OID, bool) {
	return replaceText(index, 0, f.Context)
}

// replaceText replaces a text at the end of an index, behind its length, by
// another of that length.
func replaceText(index smi.OID, at int, replace func(string) string) (smi.OID, bool) {
	if len(index) <= at || len(index)-at-1 != int(index[at]) {
		return nil, false
	}
	text := make([]byte, 0, len(index)-at)
	for _, arc := range index[at+1:] {
		if arc > 255 {
			return nil, false
		}
		text = append(text, byte(arc))
	}
	replaced := slices.Clone(index[:at+1])
	for _, c := range []byte(replace(string(text))) {
		replaced = append(replaced, uint32(c))
	}
	return replaced, true
}

func (f *redaction) replaceAddr(index smi.OID, at, size int) (smi.OID, bool) {
	octets := make([]byte, size)
	for i, arc := range index[at : at+size] {
		if arc > 255 {
			return nil, false
		}
		octets[i] = byte(arc)
	}
	addr, _ := netip.AddrFromSlice(octets) // 4 or 16 octets
	replaced := index[:at].Append()
	for _, octet := range f.Addr(addr).AsSlice() {
		replaced = append(replaced, uint32(octet))
	}
	return replaced.Append(index[at+size:]...), true
}
