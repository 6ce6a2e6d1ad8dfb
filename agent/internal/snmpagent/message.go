package snmpagent

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Version is what the version field of a message says.
type Version int32

// The versions that the agent speaks (RFC 1157, RFC 1901).
const (
	V1  Version = 0
	V2c Version = 1
)

// A PDUType is the tag of a protocol data unit.
type PDUType byte

// The protocol data units that the agent receives or sends (RFC 3416, section
// 3).
const (
	GetRequest     PDUType = 0xa0
	GetNextRequest PDUType = 0xa1
	GetResponse    PDUType = 0xa2
	SetRequest     PDUType = 0xa3
	GetBulkRequest PDUType = 0xa5
)

// An ErrorStatus is what a response says of the request (RFC 3416, section 3).
type ErrorStatus int32

// The states that the agent itself sends; an Intercept may set any other.
const (
	NoError     ErrorStatus = 0
	TooBig      ErrorStatus = 1
	NoSuchName  ErrorStatus = 2
	ReadOnly    ErrorStatus = 4
	GenErr      ErrorStatus = 5
	NotWritable ErrorStatus = 17
)

// A Message is a message of SNMP version 1 or 2c.
type Message struct {
	Version   Version
	Community string
	Type      PDUType
	RequestID int32

	Status ErrorStatus
	Index  int32 // of the varbind that Status is about, from 1

	// A GetBulkRequest has these two in the places of Status and Index.
	NonRepeaters, MaxRepetitions int32

	Varbinds []smi.Varbind
}

// Append appends the message in the Basic Encoding Rules.
func (m *Message) Append(dst []byte) []byte {
	var varbinds []byte
	for _, varbind := range m.Varbinds {
		varbinds = appendVarbind(varbinds, varbind)
	}
	return m.appendAround(dst, varbinds)
}

// appendAround appends the message with varbinds that are encoded already.
func (m *Message) appendAround(dst, varbinds []byte) []byte {
	second, third := m.numbers()
	pdu := appendNumber(nil, int64(m.RequestID))
	pdu = appendNumber(pdu, int64(second))
	pdu = appendNumber(pdu, int64(third))
	pdu = AppendTLV(pdu, tagSequence, varbinds)

	body := appendNumber(nil, int64(m.Version))
	body = AppendTLV(body, tagOctets, []byte(m.Community))
	body = AppendTLV(body, byte(m.Type), pdu)
	return AppendTLV(dst, tagSequence, body)
}

// size is the number of octets of the message with encoded varbinds of n.
func (m *Message) size(n int) int {
	second, third := m.numbers()
	pdu := sizeTLV(n)
	for _, number := range []int32{m.RequestID, second, third} {
		pdu += len(appendNumber(nil, int64(number)))
	}
	return sizeTLV(len(appendNumber(nil, int64(m.Version))) + sizeTLV(len(m.Community)) + sizeTLV(pdu))
}

func (m *Message) numbers() (second, third int32) {
	if m.Type == GetBulkRequest {
		return m.NonRepeaters, m.MaxRepetitions
	}
	return int32(m.Status), m.Index
}

func appendNumber(dst []byte, n int64) []byte {
	return AppendTLV(dst, tagInteger, appendInt(nil, n))
}

func appendVarbind(dst []byte, varbind smi.Varbind) []byte {
	var name, pair [192]byte
	content := AppendTLV(pair[:0], tagOID, appendOID(name[:0], varbind.Name))
	return AppendTLV(dst, tagSequence, appendValue(content, varbind.Value))
}

func appendValue(dst []byte, v smi.Value) []byte {
	if int(v.Kind) >= len(kindTags) {
		return AppendTLV(dst, tagNull, nil)
	}
	tag := kindTags[v.Kind]
	switch v.Kind {
	case smi.Integer:
		return AppendTLV(dst, tag, appendInt(nil, int64(v.Num)))
	case smi.Counter32, smi.Gauge32, smi.TimeTicks, smi.Counter64:
		return AppendTLV(dst, tag, appendUint(nil, v.Num))
	case smi.OctetString, smi.IPAddress, smi.Opaque:
		return AppendTLV(dst, tag, v.Bytes)
	case smi.ObjectIdentifier:
		return AppendTLV(dst, tag, appendOID(nil, v.OID))
	default:
		return AppendTLV(dst, tag, nil)
	}
}

// ParseMessage reads a datagram that is one whole message of version 1 or 2c.
func ParseMessage(datagram []byte) (Message, error) {
	m, err := parseMessage(datagram)
	if err != nil {
		return Message{}, fmt.Errorf("read SNMP message of %d octets: %w", len(datagram), err)
	}
	return m, nil
}

func parseMessage(datagram []byte) (m Message, err error) {
	body, rest, err := expectTLV(datagram, tagSequence)
	if err != nil {
		return m, err
	}
	if len(rest) > 0 {
		return m, fmt.Errorf("%d octets after its end", len(rest))
	}
	version, body, err := readInt32(body)
	if err != nil {
		return m, err
	}
	if m.Version = Version(version); m.Version != V1 && m.Version != V2c {
		return m, fmt.Errorf("version field %d is neither 0 for version 1 nor 1 for version 2c", version)
	}
	community, body, err := expectTLV(body, tagOctets)
	if err != nil {
		return m, err
	}
	m.Community = string(community)
	tag, pdu, rest, err := readTLV(body)
	if err != nil {
		return m, err
	}
	if len(rest) > 0 {
		return m, fmt.Errorf("%d octets after its PDU", len(rest))
	}
	m.Type = PDUType(tag)
	return m, m.parsePDU(pdu)
}

func (m *Message) parsePDU(pdu []byte) (err error) {
	types := []PDUType{GetRequest, GetNextRequest, GetResponse, SetRequest}
	if m.Version == V2c {
		types = append(types, GetBulkRequest)
	}
	if !slices.Contains(types, m.Type) {
		return fmt.Errorf("PDU %#02x is none of version %d", byte(m.Type), m.Version)
	}
	var second, third int32
	for _, field := range []*int32{&m.RequestID, &second, &third} {
		if *field, pdu, err = readInt32(pdu); err != nil {
			return err
		}
	}
	if m.Type == GetBulkRequest {
		m.NonRepeaters, m.MaxRepetitions = second, third
	} else {
		m.Status, m.Index = ErrorStatus(second), third
	}
	list, rest, err := expectTLV(pdu, tagSequence)
	if err == nil && len(rest) > 0 {
		err = errors.New("octets after the varbinds")
	}
	for len(list) > 0 && err == nil {
		var varbind smi.Varbind
		varbind, list, err = readVarbind(list)
		m.Varbinds = append(m.Varbinds, varbind)
	}
	return err
}

func readInt32(b []byte) (int32, []byte, error) {
	content, rest, err := expectTLV(b, tagInteger)
	if err != nil {
		return 0, nil, err
	}
	n, err := parseInt(content)
	if err == nil && int64(int32(n)) != n {
		err = fmt.Errorf("%d where 32 bits are allowed", n)
	}
	return int32(n), rest, err
}

func readVarbind(b []byte) (varbind smi.Varbind, rest []byte, err error) {
	pair, rest, err := expectTLV(b, tagSequence)
	if err != nil {
		return varbind, nil, err
	}
	name, pair, err := expectTLV(pair, tagOID)
	if err != nil {
		return varbind, nil, err
	}
	if varbind.Name, err = parseOID(name); err != nil {
		return varbind, nil, err
	}
	tag, content, after, err := readTLV(pair)
	if err != nil {
		return varbind, nil, err
	}
	if len(after) > 0 {
		return varbind, nil, errors.New("octets after a value")
	}
	varbind.Value, err = parseValue(tag, content)
	return varbind, rest, err
}

func parseValue(tag byte, content []byte) (v smi.Value, err error) {
	kind := slices.Index(kindTags[:], tag)
	if kind < 0 {
		return v, fmt.Errorf("a value of the unknown type %#02x", tag)
	}
	v.Kind = smi.Kind(kind)
	switch v.Kind {
	case smi.Integer:
		var n int64
		if n, err = parseInt(content); err == nil && int64(int32(n)) != n {
			err = fmt.Errorf("INTEGER %d of more than 32 bits", n)
		}
		v.Num = uint64(n)
	case smi.Counter32, smi.Gauge32, smi.TimeTicks:
		v.Num, err = parseUint(content, math.MaxUint32)
	case smi.Counter64:
		v.Num, err = parseUint(content, math.MaxUint64)
	case smi.OctetString, smi.Opaque:
		v.Bytes = slices.Clone(content)
	case smi.IPAddress:
		if len(content) != 4 {
			err = fmt.Errorf("an IpAddress of %d octets", len(content))
		}
		v.Bytes = slices.Clone(content)
	case smi.ObjectIdentifier:
		v.OID, err = parseOID(content)
	default:
		if len(content) > 0 {
			err = fmt.Errorf("%s with %d octets", v.Kind, len(content))
		}
	}
	return v, err
}
