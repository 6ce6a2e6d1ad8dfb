package capture

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// maxOctets is the longest OCTET STRING (RFC 2578, section 7.1.2).
const maxOctets = 65535

// appendOID appends the arcs of "1.3.6.1" or ".1.3.6.1" to oid.
func appendOID(oid smi.OID, text []byte) (smi.OID, error) {
	arcs := bytes.TrimPrefix(text, []byte("."))
	start, arc, digits := len(oid), uint64(0), false
	for i := 0; i <= len(arcs); i++ {
		switch {
		case i < len(arcs) && arcs[i] >= '0' && arcs[i] <= '9':
			arc, digits = 10*arc+uint64(arcs[i]-'0'), true
			if arc > math.MaxUint32 {
				return oid[:start], notOID(text)
			}
		case digits && (i == len(arcs) || arcs[i] == '.') && len(oid) < smi.MaxArcs:
			oid = append(oid, uint32(arc))
			arc, digits = 0, false
		default:
			return oid[:start], notOID(text)
		}
	}
	return oid, nil
}

func notOID(text []byte) error {
	return fmt.Errorf("expected an object identifier such as 1.3.6.1.2.1.1.5.0, at most %d numbers of 32 bits, not %s",
		smi.MaxArcs, excerpt(text))
}

// parseNumber reads the decimal value of a kind of number.
func parseNumber(kind smi.Kind, text []byte) (smi.Value, error) {
	if kind == smi.Integer {
		n, err := strconv.ParseInt(string(text), 10, 32)
		if err != nil {
			return smi.Value{}, fmt.Errorf("expected an INTEGER from %d to %d, not %s", math.MinInt32, math.MaxInt32, excerpt(text))
		}
		return smi.Value{Kind: kind, Num: uint64(n)}, nil
	}
	bits, most := 32, uint64(math.MaxUint32)
	if kind == smi.Counter64 {
		bits, most = 64, math.MaxUint64
	}
	n, err := strconv.ParseUint(string(text), 10, bits)
	if err != nil {
		return smi.Value{}, fmt.Errorf("expected a %s from 0 to %d, not %s", kind, most, excerpt(text))
	}
	return smi.Value{Kind: kind, Num: n}, nil
}

func parseIPAddress(text []byte) (smi.Value, error) {
	address, err := netip.ParseAddr(string(text))
	if err != nil || !address.Is4() {
		return smi.Value{}, fmt.Errorf("expected an IPv4 address such as 10.0.0.1, not %s", excerpt(text))
	}
	return smi.Value{Kind: smi.IPAddress, Bytes: address.AsSlice()}, nil
}

func parseHex(kind smi.Kind, text []byte) (smi.Value, error) {
	octets := make([]byte, hex.DecodedLen(len(text)))
	if _, err := hex.Decode(octets, text); err != nil {
		return smi.Value{}, fmt.Errorf("expected pairs of hexadecimal digits, not %s", excerpt(text))
	}
	if kind == smi.IPAddress && len(octets) != 4 {
		return smi.Value{}, fmt.Errorf("expected the four octets of an IPv4 address, not %s", excerpt(text))
	}
	return octetValue(kind, octets)
}

func octetValue(kind smi.Kind, octets []byte) (smi.Value, error) {
	if len(octets) > maxOctets {
		return smi.Value{}, fmt.Errorf("expected at most %d octets, not %d", maxOctets, len(octets))
	}
	return smi.Value{Kind: kind, Bytes: octets}, nil
}

// excerpt quotes the beginning of a text for an error.
func excerpt(text []byte) string {
	const most = 40
	if len(text) > most {
		return strconv.Quote(string(text[:most])) + "…"
	}
	return strconv.Quote(string(text))
}
