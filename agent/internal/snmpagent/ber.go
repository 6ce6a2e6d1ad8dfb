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
	dst = appendLength(append(dst, tag), len(content))
	return append(dst, content...)
}

func appendLength(dst []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0x81, byte(n))
	case n <= math.MaxUint16:
		return append(dst, 0x82, byte(n>>8), byte(n))
	default:
		return append(dst, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

// sizeTLV is the number of octets of an element whose content has n.
func sizeTLV(n int) int {
	var buf [5]byte
	return 1 + len(appendLength(buf[:0], n)) + n
}

// appendInt appends the shortest two's complement of n.
func appendInt(dst []byte, n int64) []byte {
	octets := 1
	for m := n; m > math.MaxInt8 || m < math.MinInt8; m >>= 8 {
		octets++
	}
	for shift := 8 * (octets - 1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst
}

// appendUint appends a number without sign as the shortest two's complement,
// which has a leading zero where the highest bit is set.
func appendUint(dst []byte, n uint64) []byte {
	if n > math.MaxInt64 {
		return binary.BigEndian.AppendUint64(append(dst, 0), n)
	}
	return appendInt(dst, int64(n))
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
	shift := 0
	for arc>>shift >= 0x80 {
		shift += 7
	}
	for ; shift > 0; shift -= 7 {
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
	if len(content) == 0 || content[len(content)-1]&0x80 != 0 {
		return nil, errors.New("an object identifier that ends inside an arc")
	}
	oid := make(smi.OID, 0, len(content)+1)
	var arc uint64
	for _, octet := range content {
		arc = arc<<7 | uint64(octet&0x7f)
		if arc > math.MaxUint32+80 {
			return nil, errors.New("an object identifier with an arc of more than 32 bits")
		}
		if octet&0x80 != 0 {
			continue
		}
		if len(oid) == 0 {
			first := min(arc/40, 2)
			oid, arc = append(oid, uint32(first)), arc-40*first
		}
		if arc > math.MaxUint32 || len(oid) == smi.MaxArcs {
			return nil, fmt.Errorf("an object identifier with more than %d arcs or one of more than 32 bits", smi.MaxArcs)
		}
		oid, arc = append(oid, uint32(arc)), 0
	}
	return oid, nil
}
