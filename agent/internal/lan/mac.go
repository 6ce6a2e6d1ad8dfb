package lan

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"strings"
)

// A MAC is a 48-bit hardware address (IEEE 802, EUI-48).
type MAC [6]byte

// ParseMAC reads an address of six octets as people and devices write it:
// 44:19:b6:0:0:9 (leading zeros optional), 44-19-B6-00-00-09,
// 4419.b600.0009 or 4419b6000009.
func ParseMAC(s string) (MAC, error) {
	if m, ok := parseMAC(strings.TrimSpace(s)); ok {
		return m, nil
	}
	return MAC{}, fmt.Errorf("%q is no hardware address: write six octets, such as 44:19:b6:00:00:09", s)
}

// parseMAC is strict about groups: an IPv4 address of twelve digits and an
// IPv6 address that ends in "::" are no hardware addresses.
func parseMAC(s string) (MAC, bool) {
	groups, width := []string{s}, 12
	if i := strings.IndexAny(s, ":- "); i >= 0 {
		groups, width = strings.Split(s, s[i:i+1]), 2
	} else if strings.Contains(s, ".") {
		groups, width = strings.Split(s, "."), 4
	}
	var digits []byte
	for _, group := range groups {
		if width == 2 && len(group) == 1 {
			group = "0" + group
		}
		if len(group) != width {
			return MAC{}, false
		}
		digits = append(digits, group...)
	}
	octets, err := hex.DecodeString(string(digits))
	if err != nil || len(octets) != len(MAC{}) {
		return MAC{}, false
	}
	return MAC(octets), true
}

// MACFromOctets reads the value of an SNMP object that holds an address: six
// octets, or the same as text, which some agents answer in place of them
// (Dell Networking and Dell PowerVault answer "00:11:22:33:44:55", TP-Link
// JetStream puts typographic quotes around it).
func MACFromOctets(octets []byte) (MAC, bool) {
	if len(octets) == len(MAC{}) {
		return MAC(octets), true
	}
	text := bytes.Trim(octets, "\x00 \"“”")
	if len(text) < 11 || len(text) > 17 {
		return MAC{}, false
	}
	return parseMAC(string(text))
}

// MACFromArcs reads an address from the last six arcs of a table's index.
func MACFromArcs(arcs []uint32) (MAC, bool) {
	var m MAC
	if len(arcs) < len(m) {
		return m, false
	}
	for i, arc := range arcs[len(arcs)-len(m):] {
		if arc > 255 {
			return MAC{}, false
		}
		m[i] = byte(arc)
	}
	return m, true
}

// Arcs returns the address as the arcs of an index.
func (m MAC) Arcs() []uint32 {
	arcs := make([]uint32, len(m))
	for i, octet := range m {
		arcs[i] = uint32(octet)
	}
	return arcs
}

// String prints 44:19:b6:00:00:09.
func (m MAC) String() string {
	const digits = "0123456789abcdef"
	var buf [17]byte
	for i, octet := range m {
		if i > 0 {
			buf[3*i-1] = ':'
		}
		buf[3*i], buf[3*i+1] = digits[octet>>4], digits[octet&15]
	}
	return string(buf[:])
}

// MarshalText prints the address as String does.
func (m MAC) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what ParseMAC reads.
func (m *MAC) UnmarshalText(text []byte) error {
	parsed, err := ParseMAC(string(text))
	if err == nil {
		*m = parsed
	}
	return err
}

// Compare orders addresses as a forwarding table does.
func (m MAC) Compare(n MAC) int { return cmp.Compare(m.key(), n.key()) }

// IsZero tells the address that stands for none. (Its block belongs to Xerox.)
func (m MAC) IsZero() bool { return m == MAC{} }

// IsGroup tells a multicast or broadcast address: the I/G bit is set.
func (m MAC) IsGroup() bool { return m[0]&1 != 0 }

// IsLocal tells a locally administered address: the U/L bit is set.
func (m MAC) IsLocal() bool { return m[0]&2 != 0 }

// IsStation tells whether the address can belong to one station.
func (m MAC) IsStation() bool { return !m.IsZero() && !m.IsGroup() }
