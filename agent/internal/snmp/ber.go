package snmp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// The Basic Encoding Rules as far as a community message needs them (RFC
// 1157, RFC 1901, RFC 3416, section 3; RFC 3417, section 8). gosnmp turns
// each name into text and back, which for a forwarding table of 100,000 rows
// is most of the work; here a name is arcs from the wire to the decoder.

const (
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagNull     = 0x05
	tagOID      = 0x06
	tagSequence = 0x30
)

// tagKinds are the kinds of value by their tags; what is not among them is
// none.
var tagKinds = map[byte]smi.Kind{
	tagInteger: smi.Integer, tagOctets: smi.OctetString, tagOID: smi.ObjectIdentifier,
	0x40: smi.IPAddress, 0x41: smi.Counter32, 0x42: smi.Gauge32, 0x43: smi.TimeTicks, 0x44: smi.Opaque, 0x46: smi.Counter64,
	0x47: smi.Gauge32, // Uinteger32, of RFC 1442
	0x80: smi.NoSuchObject, 0x81: smi.NoSuchInstance, 0x82: smi.EndOfMibView,
}

// appendRequest writes a message to dst. What counts the repetitions stands
// where other requests have their error index, 0.
func appendRequest(dst []byte, version gosnmp.SnmpVersion, community string, id uint32, r *request) []byte {
	varbinds := make([]byte, 0, 32*len(r.names))
	var buf [128]byte
	for _, name := range r.names {
		content := appendOID(buf[:0], name)
		varbinds = appendHead(varbinds, tagSequence, sizeTLV(len(content))+2)
		varbinds = append(appendHead(varbinds, tagOID, len(content)), content...)
		varbinds = append(varbinds, tagNull, 0)
	}
	pdu := make([]byte, 0, len(varbinds)+32)
	pdu = appendUint(pdu, id)
	pdu = appendUint(pdu, 0)
	pdu = appendUint(pdu, uint32(r.repetitions))
	pdu = append(appendHead(pdu, tagSequence, len(varbinds)), varbinds...)
	body := make([]byte, 0, len(pdu)+len(community)+32)
	body = appendUint(body, uint32(version))
	body = append(appendHead(body, tagOctets, len(community)), community...)
	body = append(appendHead(body, byte(r.pdu), len(pdu)), pdu...)
	return append(appendHead(dst, tagSequence, len(body)), body...)
}

// appendHead appends the tag and the length of an element.
func appendHead(dst []byte, tag byte, length int) []byte {
	switch {
	case length < 0x80:
		return append(dst, tag, byte(length))
	case length <= math.MaxUint8:
		return append(dst, tag, 0x81, byte(length))
	default:
		return append(dst, tag, 0x82, byte(length>>8), byte(length))
	}
}

// sizeTLV is the size of an element whose content has so many octets.
func sizeTLV(length int) int {
	switch {
	case length < 0x80:
		return 2 + length
	case length <= math.MaxUint8:
		return 3 + length
	default:
		return 4 + length
	}
}

// appendUint appends an INTEGER that is not negative.
func appendUint(dst []byte, n uint32) []byte {
	var buf [5]byte
	binary.BigEndian.PutUint32(buf[1:], n)
	content := buf[:]
	for len(content) > 1 && content[0] == 0 && content[1] < 0x80 {
		content = content[1:]
	}
	return append(appendHead(dst, tagInteger, len(content)), content...)
}

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

// A message is what a datagram of version 1 or 2c holds.
type message struct {
	version   gosnmp.SnmpVersion
	community []byte // part of the datagram
	pdu       gosnmp.PDUType
	id        uint32
	answer
}

var errShort = errors.New("it ends inside an element")

// parseMessage reads a datagram. Names and values are copies of their own.
func parseMessage(datagram []byte) (message, error) {
	var m message
	body, _, err := expect(datagram, tagSequence)
	if err != nil {
		return m, err
	}
	version, body, err := readInt(body)
	if err != nil {
		return m, err
	}
	if m.community, body, err = expect(body, tagOctets); err != nil {
		return m, err
	}
	tag, pdu, _, err := readTLV(body)
	if err != nil {
		return m, err
	}
	m.version, m.pdu = gosnmp.SnmpVersion(version), gosnmp.PDUType(tag)
	if m.pdu != gosnmp.GetResponse {
		return m, nil // whatever it is, it is no answer
	}
	var fields [3]int64
	for i := range fields {
		if fields[i], pdu, err = readInt(pdu); err != nil {
			return m, err
		}
	}
	m.id, m.status, m.errorIndex = uint32(fields[0]), gosnmp.SNMPError(fields[1]), int(fields[2])
	list, _, err := expect(pdu, tagSequence)
	if err != nil {
		return m, err
	}
	m.varbinds, err = parseVarbinds(list)
	return m, err
}

// parseVarbinds reads a list of varbinds. The names share their memory, and so
// do the values, which outlive the datagram.
func parseVarbinds(list []byte) ([]smi.Varbind, error) {
	n, arcs, err := measure(list)
	if err != nil {
		return nil, err
	}
	list = append([]byte(nil), list...)
	varbinds := make([]smi.Varbind, 0, n)
	all := make([]uint32, 0, arcs)
	for len(list) > 0 {
		varbind, rest, _ := expect(list, tagSequence)
		list = rest
		name, varbind, _ := expect(varbind, tagOID)
		start := len(all)
		if all, err = appendArcs(all, name); err != nil {
			return nil, err
		}
		tag, content, _, err := readTLV(varbind)
		if err != nil {
			return nil, err
		}
		varbinds = append(varbinds, smi.Varbind{Name: all[start:len(all):len(all)], Value: parseValue(tag, content)})
	}
	return varbinds, nil
}

// measure tells how many varbinds a list has, and at most how many arcs their
// names have together.
func measure(list []byte) (varbinds, arcs int, err error) {
	for len(list) > 0 {
		varbind, rest, err := expect(list, tagSequence)
		if err != nil {
			return 0, 0, err
		}
		name, _, err := expect(varbind, tagOID)
		if err != nil {
			return 0, 0, err
		}
		list = rest
		varbinds++
		arcs += len(name) + 1
	}
	return varbinds, arcs, nil
}

// appendArcs reads an object identifier.
func appendArcs(arcs []uint32, content []byte) ([]uint32, error) {
	if len(content) == 0 || content[len(content)-1]&0x80 != 0 {
		return nil, errors.New("an object identifier ends inside an arc")
	}
	start, arc := len(arcs), uint64(0)
	for _, octet := range content {
		arc = arc<<7 | uint64(octet&0x7f)
		if arc > math.MaxUint32+80 {
			return nil, errors.New("an arc of an object identifier has more than 32 bits")
		}
		if octet&0x80 != 0 {
			continue
		}
		if len(arcs) == start {
			first := min(arc/40, 2)
			arcs, arc = append(arcs, uint32(first)), arc-40*first
		}
		if arc > math.MaxUint32 || len(arcs)-start == smi.MaxArcs {
			return nil, fmt.Errorf("an object identifier has more than %d arcs, or one of more than 32 bits", smi.MaxArcs)
		}
		arcs, arc = append(arcs, uint32(arc)), 0
	}
	return arcs, nil
}

// parseValue keeps a value only when it is what its tag promises. The rest
// becomes Null, which no decoder takes for data.
func parseValue(tag byte, content []byte) smi.Value {
	kind := tagKinds[tag]
	switch kind {
	case smi.Integer:
		if n, err := parseInt(content); err == nil {
			return smi.Value{Kind: kind, Num: uint64(n)}
		}
	case smi.Counter32, smi.Gauge32, smi.TimeTicks:
		if n, ok := parseUint(content); ok && n <= math.MaxUint32 {
			return smi.Value{Kind: kind, Num: n}
		}
	case smi.Counter64:
		if n, ok := parseUint(content); ok {
			return smi.Value{Kind: kind, Num: n}
		}
	case smi.OctetString, smi.Opaque:
		return smi.Value{Kind: kind, Bytes: content}
	case smi.IPAddress:
		if len(content) == 4 {
			return smi.Value{Kind: kind, Bytes: content}
		}
	case smi.ObjectIdentifier:
		if oid, err := appendArcs(nil, content); err == nil {
			return smi.Value{Kind: kind, OID: oid}
		}
	case smi.NoSuchObject, smi.NoSuchInstance, smi.EndOfMibView:
		return smi.Value{Kind: kind}
	}
	return smi.Value{}
}

// readTLV splits the first element off b.
func readTLV(b []byte) (tag byte, content, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, errShort
	}
	tag, length, b := b[0], int(b[1]), b[2:]
	if length >= 0x80 {
		octets := length & 0x7f
		if octets == 0 || octets > 4 || octets > len(b) {
			return 0, nil, nil, fmt.Errorf("an element has a length of %d octets", octets)
		}
		var long uint64
		for _, octet := range b[:octets] {
			long = long<<8 | uint64(octet)
		}
		if b = b[octets:]; long > uint64(len(b)) {
			return 0, nil, nil, errShort
		}
		length = int(long)
	}
	if length > len(b) {
		return 0, nil, nil, errShort
	}
	return tag, b[:length], b[length:], nil
}

// expect is readTLV for an element that must have one tag.
func expect(b []byte, tag byte) (content, rest []byte, err error) {
	got, content, rest, err := readTLV(b)
	if err == nil && got != tag {
		err = fmt.Errorf("element %#02x where %#02x was due", got, tag)
	}
	return content, rest, err
}

func readInt(b []byte) (n int64, rest []byte, err error) {
	content, rest, err := expect(b, tagInteger)
	if err != nil {
		return 0, nil, err
	}
	n, err = parseInt(content)
	return n, rest, err
}

func parseInt(content []byte) (int64, error) {
	if len(content) == 0 || len(content) > 8 {
		return 0, fmt.Errorf("a number has %d octets", len(content))
	}
	n := int64(int8(content[0]))
	for _, octet := range content[1:] {
		n = n<<8 | int64(octet)
	}
	return n, nil
}

func parseUint(content []byte) (uint64, bool) {
	for len(content) > 1 && content[0] == 0 {
		content = content[1:]
	}
	if len(content) == 0 || len(content) > 8 {
		return 0, false
	}
	var n uint64
	for _, octet := range content {
		n = n<<8 | uint64(octet)
	}
	return n, true
}
