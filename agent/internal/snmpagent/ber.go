package snmpagent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// The tags of the Basic Encoding Rules that SNMP uses (ITU-T X.690; RFC 3417,
// section 8). A tag is one octet, for SNMP has no more than 31 of a class.
const (
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagNull     = 0x05
	tagOID      = 0x06
	tagSequence = 0x30
)

// kindTags are the tags of the kinds of value (RFC 2578, section 7.1; RFC
// 3416, section 3).
var kindTags = [...]byte{
	smi.Null: tagNull, smi.Integer: tagInteger, smi.OctetString: tagOctets, smi.ObjectIdentifier: tagOID,
	smi.IPAddress: 0x40, smi.Counter32: 0x41, smi.Gauge32: 0x42, smi.TimeTicks: 0x43, smi.Opaque: 0x44, smi.Counter64: 0x46,
	smi.NoSuchObject: 0x80, smi.NoSuchInstance: 0x81, smi.EndOfMibView: 0x82,
}

// AppendTLV appends one element: its tag, the length of its content and the
// content. With made-up content a test can craft any message.
func AppendTLV(dst []byte, tag byte, content []byte) []byte {
	return append(appendHead(dst, tag, len(content)), content...)
}

// appendHead appends the tag of an element and the length of its content. The
// content follows: an answer is written in one go, each length being known
// before, which costs no memory but that of the answer.
func appendHead(dst []byte, tag byte, length int) []byte {
	switch {
	case length < 0x80:
		return append(dst, tag, byte(length))
	case length <= math.MaxUint8:
		return append(dst, tag, 0x81, byte(length))
	case length <= math.MaxUint16:
		return append(dst, tag, 0x82, byte(length>>8), byte(length))
	default:
		return append(dst, tag, 0x84, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	}
}

// sizeTLV is the number of octets of an element whose content has n.
func sizeTLV(n int) int {
	switch {
	case n < 0x80:
		return 2 + n
	case n <= math.MaxUint8:
		return 3 + n
	case n <= math.MaxUint16:
		return 4 + n
	default:
		return 6 + n
	}
}

// sizeInt is the number of octets of the shortest two's complement of n.
func sizeInt(n int64) int {
	octets := 1
	for ; n > math.MaxInt8 || n < math.MinInt8; n >>= 8 {
		octets++
	}
	return octets
}

func appendInt(dst []byte, n int64) []byte {
	for shift := 8 * (sizeInt(n) - 1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst
}

// sizeUint is that of a number without sign, which has a leading zero where
// the highest bit is set.
func sizeUint(n uint64) int {
	if n > math.MaxInt64 {
		return 9
	}
	return sizeInt(int64(n))
}

func appendUint(dst []byte, n uint64) []byte {
	if n > math.MaxInt64 {
		return binary.BigEndian.AppendUint64(append(dst, 0), n)
	}
	return appendInt(dst, int64(n))
}

func sizeOID(oid smi.OID) int {
	if len(oid) < 2 {
		return 1
	}
	octets := sizeArc(40*uint64(oid[0]) + uint64(oid[1]))
	for _, arc := range oid[2:] {
		octets += sizeArc(uint64(arc))
	}
	return octets
}

func sizeArc(arc uint64) int {
	octets := 1
	for ; arc >= 0x80; arc >>= 7 {
		octets++
	}
	return octets
}

// appendOID appends the arcs of an identifier, the first two in one. One that
// has fewer is sent as 0.0, as net-snmp does.
func appendOID(dst []byte, oid smi.OID) []byte {
	if len(oid) < 2 {
		return append(dst, 0)
	}
	dst = appendArc(dst, 40*uint64(oid[0])+uint64(oid[1]))
	for _, arc := range oid[2:] {
		dst = appendArc(dst, uint64(arc))
	}
	return dst
}

func appendArc(dst []byte, arc uint64) []byte {
	for shift := 7 * (sizeArc(arc) - 1); shift > 0; shift -= 7 {
		dst = append(dst, byte(arc>>shift)|0x80)
	}
	return append(dst, byte(arc)&0x7f)
}

// readTLV splits the first element off b.
func readTLV(b []byte) (tag byte, content, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, errors.New("the message ends inside an element")
	}
	tag, length, b := b[0], int(b[1]), b[2:]
	if length >= 0x80 {
		octets := length & 0x7f
		if octets == 0 || octets > 4 || octets > len(b) {
			return 0, nil, nil, fmt.Errorf("element %#02x: a length of %d octets", tag, octets)
		}
		var long uint64
		for _, octet := range b[:octets] {
			long = long<<8 | uint64(octet)
		}
		if b = b[octets:]; long > uint64(len(b)) {
			return 0, nil, nil, fmt.Errorf("element %#02x: %d octets are said to follow, %d do", tag, long, len(b))
		}
		length = int(long)
	}
	if length > len(b) {
		return 0, nil, nil, fmt.Errorf("element %#02x: %d octets are said to follow, %d do", tag, length, len(b))
	}
	return tag, b[:length], b[length:], nil
}

// expectTLV is readTLV for an element that must have one tag.
func expectTLV(b []byte, tag byte) (content, rest []byte, err error) {
	got, content, rest, err := readTLV(b)
	if err == nil && got != tag {
		err = fmt.Errorf("element %#02x where %#02x was due", got, tag)
	}
	return content, rest, err
}

// parseInt reads two's complement of up to eight octets.
func parseInt(content []byte) (int64, error) {
	if len(content) == 0 || len(content) > 8 {
		return 0, fmt.Errorf("a number of %d octets", len(content))
	}
	n := int64(int8(content[0]))
	for _, octet := range content[1:] {
		n = n<<8 | int64(octet)
	}
	return n, nil
}

// parseUint reads a number without sign of up to 64 bits.
func parseUint(content []byte, limit uint64) (uint64, error) {
	for len(content) > 1 && content[0] == 0 {
		content = content[1:]
	}
	if len(content) == 0 || len(content) > 8 {
		return 0, fmt.Errorf("a number of %d octets", len(content))
	}
	var n uint64
	for _, octet := range content {
		n = n<<8 | uint64(octet)
	}
	if n > limit {
		return 0, fmt.Errorf("%d where at most %d is allowed", n, limit)
	}
	return n, nil
}

func parseOID(content []byte) (smi.OID, error) {
	return appendArcs(make(smi.OID, 0, len(content)+1), content)
}

// appendArcs reads the arcs of an identifier.
func appendArcs(dst []uint32, content []byte) ([]uint32, error) {
	if len(content) == 0 || content[len(content)-1]&0x80 != 0 {
		return nil, errors.New("an object identifier that ends inside an arc")
	}
	start, arc := len(dst), uint64(0)
	for _, octet := range content {
		arc = arc<<7 | uint64(octet&0x7f)
		if arc > math.MaxUint32+80 {
			return nil, errors.New("an object identifier with an arc of more than 32 bits")
		}
		if octet&0x80 != 0 {
			continue
		}
		if len(dst) == start {
			first := min(arc/40, 2)
			dst, arc = append(dst, uint32(first)), arc-40*first
		}
		if arc > math.MaxUint32 || len(dst)-start == smi.MaxArcs {
			return nil, fmt.Errorf("an object identifier with more than %d arcs or one of more than 32 bits", smi.MaxArcs)
		}
		dst, arc = append(dst, uint32(arc)), 0
	}
	return dst, nil
}
