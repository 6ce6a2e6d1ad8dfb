package capture

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// value redacts a value; false where nobody knows what it tells. subtype reads
// the column before it.
func (f *redaction) value(v smi.Value, c content, subtype func() int64) (smi.Value, bool) {
	switch v.Kind {
	case smi.Integer, smi.Counter32, smi.Gauge32, smi.TimeTicks, smi.Counter64:
		return v, true
	case smi.IPAddress:
		addr, ok := netip.AddrFromSlice(v.Bytes)
		return smi.Value{Kind: v.Kind, Bytes: f.Addr(addr).AsSlice()}, ok
	case smi.OctetString:
		if len(v.Bytes) == 0 || c == keptContent {
			return v, true
		}
		octets, ok := f.octets(v.Bytes, c, subtype)
		return smi.Value{Kind: v.Kind, Bytes: octets}, ok
	default:
		return v, v.Kind == smi.Null || c == keptContent
	}
}

func (f *redaction) octets(octets []byte, c content, subtype func() int64) ([]byte, bool) {
	switch c {
	case macContent:
		return f.macOctets(octets), true
	case contextContent:
		return []byte(f.Context(string(octets))), true
	case nameContent, hostContent:
		return []byte(f.Name(string(octets))), true
	case textContent, interfaceContent:
		return []byte(f.scrub(string(octets))), true
	case portContent:
		return f.port(octets), true
	case chassisIDContent:
		return f.id(octets, chassisIDs[subtype()]), true
	case portIDContent:
		return f.id(octets, portIDs[subtype()]), true
	case networkContent:
		return f.network(octets, subtype()), true
	case addressContent:
		return f.addressText(string(octets))
	case deviceIDContent:
		return f.deviceID(octets), true
	default:
		return nil, false
	}
}

const macSize = len(lan.MAC{})

// macOctets replaces a hardware address; of any other length it is one of
// another kind of network.
func (f *redaction) macOctets(octets []byte) []byte {
	mac, ok := lan.MACFromOctets(octets)
	switch {
	case !ok:
		return f.opaque(octets)
	case len(octets) == macSize:
		replaced := f.mac(mac)
		return replaced[:]
	default:
		return []byte(rewriteMAC(string(octets), f.mac(mac)))
	}
}

// port keeps what names an interface of the device itself, and numbers.
func (f *redaction) port(octets []byte) []byte {
	text := string(octets)
	if f.interfaces[text] || strings.Trim(text, "0123456789/.:-_ ") == "" {
		return []byte(f.scrub(text))
	}
	return []byte(f.Name(text))
}

// addressText replaces an address that is written out. TP-Link writes IPv4
// addresses behind "::".
func (f *redaction) addressText(text string) ([]byte, bool) {
	if after, ok := strings.CutPrefix(text, "::"); ok {
		if addr, err := netip.ParseAddr(after); err == nil && addr.Is4() {
			return []byte("::" + f.Addr(addr).String()), true
		}
	}
	addr, err := netip.ParseAddr(text)
	return []byte(f.Addr(addr).String()), err == nil
}

// network replaces an address of a family; RouterOS writes it out. Families
// other than IP have addresses of their own.
func (f *redaction) network(octets []byte, family int64) []byte {
	if addr, ok := netip.AddrFromSlice(octets); ok && (family == familyIPv4 || addr.Is6()) {
		return f.Addr(addr).AsSlice()
	}
	if text, ok := f.addressText(string(octets)); ok {
		return text
	}
	return f.opaque(octets)
}

// deviceID replaces a name, and behind it in brackets a serial number, or a
// hardware address.
func (f *redaction) deviceID(octets []byte) []byte {
	if _, ok := lan.MACFromOctets(octets); ok && (len(octets) != macSize || !printable(octets)) {
		return f.macOctets(octets)
	}
	name, serial, bracket := strings.Cut(string(octets), "(")
	if bracket {
		return []byte(f.Name(name) + "(" + f.Name(serial))
	}
	return []byte(f.Name(name))
}

// An idKind says how an LLDP id is to be taken.
type idKind uint8

const (
	otherID idKind = iota
	macID
	networkID
	interfaceID
)

// LldpChassisIdSubtype and LldpPortIdSubtype (IEEE 802.1AB).
var (
	chassisIDs = map[int64]idKind{4: macID, 5: networkID, 6: interfaceID}
	portIDs    = map[int64]idKind{3: macID, 4: networkID, 5: interfaceID}
)

// id replaces an LLDP id by its kind, and by its look where a device has
// written something else there, or its kind is not known.
func (f *redaction) id(octets []byte, kind idKind) []byte {
	if kind == networkID && (len(octets) == 5 && octets[0] == familyIPv4 || len(octets) == 17 && octets[0] == familyIPv6) {
		addr, _ := netip.AddrFromSlice(octets[1:])
		return append([]byte{octets[0]}, f.Addr(addr).AsSlice()...)
	}
	if _, ok := lan.MACFromOctets(octets); ok && (kind == macID || len(octets) != macSize || !printable(octets)) {
		return f.macOctets(octets)
	}
	if addr, err := netip.ParseAddr(string(octets)); err == nil {
		return []byte(f.Addr(addr).String())
	}
	switch {
	case !printable(octets):
		return f.opaque(octets)
	case kind == interfaceID:
		return []byte(f.scrub(string(octets)))
	default:
		return f.port(octets)
	}
}

func printable(octets []byte) bool {
	return utf8.Valid(octets) && !strings.ContainsFunc(strings.TrimRight(string(octets), "\x00\r\n"), unicode.IsControl)
}
