// Package ber is the Basic Encoding Rules (ITU-T X.690) as far as SNMP uses
// them (RFC 3417, section 8): elements of a tag, a length and a content, each
// length being definite. What asks and what answers share it.
package ber

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// The tags of the Basic Encoding Rules that SNMP uses (ITU-T X.690; RFC 3417,
// section 8). A tag is one octet, for SNMP has no more than 31 of a class.
const (
	Integer  = 0x02
	Octets   = 0x04
	Null     = 0x05
	OID      = 0x06
	Sequence = 0x30
)

// tags are the tags of the kinds of value (RFC 2578, section 7.1; RFC
// 3416, section 3).
var tags = [...]byte{
	smi.Null: Null, smi.Integer: Integer, smi.OctetString: Octets, smi.ObjectIdentifier: OID,
	smi.IPAddress: 0x40, smi.Counter32: 0x41, smi.Gauge32: 0x42, smi.TimeTicks: 0x43, smi.Opaque: 0x44, smi.Counter64: 0x46,
	smi.NoSuchObject: 0x80, smi.NoSuchInstance: 0x81, smi.EndOfMibView: 0x82,
}

// Tag is the tag of a kind of value, and that of Null for what is no kind.
func Tag(kind smi.Kind) byte {
	if int(kind) < len(tags) {
		return tags[kind]
	}
	return Null
}

// Kind is the kind of value that has the tag, if any has.
func Kind(tag byte) (kind smi.Kind, known bool) {
	at := bytes.IndexByte(tags[:], tag)
	return smi.Kind(max(at, 0)), at >= 0
}

// AppendTLV appends one element: its tag, the length of its content and the
// content. With made-up content a test can craft any message.
func AppendTLV(dst []byte, tag byte, content []byte) []byte {
	return append(AppendHead(dst, tag, len(content)), content...)
}

// AppendHead appends the tag of an element and the length of its content. The
// content follows: an answer is written in one go, each length being known
// before, which costs no memory but that of the answer. A message has many of
// them: not inlined, they take 4 KB less of the program.
//
//go:noinline
func AppendHead(dst []byte, tag byte, length int) []byte {
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

// SizeTLV is the number of octets of an element whose content has n.
func SizeTLV(n int) int {
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

// SizeInt is the number of octets of the shortest two's complement of n.
func SizeInt(n int64) int {
	octets := 1
	for ; n > math.MaxInt8 || n < math.MinInt8; n >>= 8 {
		octets++
	}
	return octets
}

// AppendInt appends the shortest two's complement of n, without tag and length.
func AppendInt(dst []byte, n int64) []byte {
	for shift := 8 * (SizeInt(n) - 1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst
}

// SizeUint is the number of octets of the shortest form of a number without
// sign, which has a leading zero where the highest bit is set.
func SizeUint(n uint64) int {
	if n > math.MaxInt64 {
		return 9
	}
	return SizeInt(int64(n))
}

// AppendUint appends the shortest form of a number without sign.
func AppendUint(dst []byte, n uint64) []byte {
	if n > math.MaxInt64 {
		return binary.BigEndian.AppendUint64(append(dst, 0), n)
	}
	return AppendInt(dst, int64(n))
}

// SizeOID is the number of octets of an identifier.
func SizeOID(oid smi.OID) int {
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

// AppendOID appends the arcs of an identifier, the first two in one. One that
// has fewer is sent as 0.0, as net-snmp does.
func AppendOID(dst []byte, oid smi.OID) []byte {
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

// CompareOID compares two identifiers that AppendOID has encoded, in the order
// of their arcs. Of two arcs the longer one is the larger, and all octets of
// an arc but the last have the highest bit set.
func CompareOID(a, b []byte) int {
	short := min(len(a), len(b))
	at := 0
	for at < short && a[at] == b[at] {
		at++
	}
	if at == short {
		return len(a) - len(b)
	}
	// Here an arc differs. It may go on in both.
	end := at
	for a[end]&b[end]&0x80 != 0 {
		end++
	}
	if a[end]&0x80 != b[end]&0x80 {
		return int(a[end]) - int(b[end])
	}
	return int(a[at]) - int(b[at])
}

// ReadTLV splits the first element off b.
func ReadTLV(b []byte) (tag byte, content, rest []byte, err error) {
	if end := endOfShort(b); end > 0 {
		return b[0], b[2:end], b[end:], nil
	}
	return readLong(b)
}

// endOfShort is where the first element ends, if its length takes one octet, as
// that of most does.
func endOfShort(b []byte) int {
	if len(b) >= 2 && b[1] < 0x80 && int(b[1]) <= len(b)-2 {
		return 2 + int(b[1])
	}
	return 0
}

// readLong is ReadTLV for an element that is longer than most, or no element.
func readLong(b []byte) (tag byte, content, rest []byte, err error) {
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

// Expect is ReadTLV for an element that must have one tag.
func Expect(b []byte, tag byte) (content, rest []byte, err error) {
	if end := endOfShort(b); end > 0 && b[0] == tag {
		return b[2:end], b[end:], nil
	}
	got, content, rest, err := ReadTLV(b)
	if err == nil && got != tag {
		err = fmt.Errorf("element %#02x where %#02x was due", got, tag)
	}
	return content, rest, err
}

// ParseInt reads two's complement of up to eight octets.
func ParseInt(content []byte) (int64, error) {
	if len(content) == 0 || len(content) > 8 {
		return 0, fmt.Errorf("a number of %d octets", len(content))
	}
	n := int64(int8(content[0]))
	for _, octet := range content[1:] {
		n = n<<8 | int64(octet)
	}
	return n, nil
}

// ParseUint reads a number without sign of up to 64 bits, and up to limit.
func ParseUint(content []byte, limit uint64) (uint64, error) {
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

// ParseOID reads an identifier.
func ParseOID(content []byte) (smi.OID, error) {
	return AppendArcs(make(smi.OID, 0, len(content)+1), content)
}

// AppendArcs reads the arcs of an identifier behind those in dst.
func AppendArcs(dst []uint32, content []byte) ([]uint32, error) {
	if len(content) == 0 || content[len(content)-1]&0x80 != 0 {
		return nil, errors.New("an object identifier that ends inside an arc")
	}
	start, arc := len(dst), uint64(0)
	all := slices.Grow(dst, len(content)+1)[:start+len(content)+1]
	n := start
	for _, octet := range content {
		if arc == 0 && octet < 0x80 && n > start { // most arcs are one octet
			all[n] = uint32(octet)
			n++
			continue
		}
		arc = arc<<7 | uint64(octet&0x7f)
		if arc > math.MaxUint32+80 {
			return nil, errors.New("an object identifier with an arc of more than 32 bits")
		}
		if octet&0x80 != 0 {
			continue
		}
		if n == start {
			first := min(arc/40, 2)
			all[n], arc = uint32(first), arc-40*first
			n++
		}
		if arc > math.MaxUint32 {
			return nil, errors.New("an object identifier with an arc of more than 32 bits")
		}
		all[n], arc = uint32(arc), 0
		n++
	}
	if n-start > smi.MaxArcs {
		return nil, fmt.Errorf("an object identifier with more than %d arcs", smi.MaxArcs)
	}
	return all[:n], nil
}
