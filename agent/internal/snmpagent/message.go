package snmpagent

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/ber"
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
	for i := range m.Varbinds {
		varbinds = appendVarbind(varbinds, &m.Varbinds[i])
	}
	return append(m.appendHead(dst, len(varbinds)), varbinds...)
}

// appendHead appends all of the message that comes before its varbinds, which
// take a number of octets.
func (m *Message) appendHead(dst []byte, varbinds int) []byte {
	second, third := int32(m.Status), m.Index
	if m.Type == GetBulkRequest {
		second, third = m.NonRepeaters, m.MaxRepetitions
	}
	var space [2][64]byte
	pdu := appendNumber(space[0][:0], m.RequestID)
	pdu = appendNumber(appendNumber(pdu, second), third)
	pdu = appendStart(pdu, ber.Sequence, nil, varbinds)
	body := appendNumber(space[1][:0], int32(m.Version))
	body = ber.AppendTLV(body, ber.Octets, []byte(m.Community))
	body = appendStart(body, byte(m.Type), pdu, varbinds)
	return appendStart(dst, ber.Sequence, body, varbinds)
}

// appendStart appends an element but for the last octets of its content.
func appendStart(dst []byte, tag byte, content []byte, missing int) []byte {
	return append(ber.AppendHead(dst, tag, len(content)+missing), content...)
}

func appendNumber(dst []byte, n int32) []byte {
	return appendValue(dst, &smi.Value{Kind: smi.Integer, Num: uint64(n)})
}

func appendVarbind(dst []byte, varbind *smi.Varbind) []byte {
	var space [2][128]byte
	pair := ber.AppendTLV(space[0][:0], ber.OID, ber.AppendOID(space[1][:0], varbind.Name))
	return ber.AppendTLV(dst, ber.Sequence, appendValue(pair, &varbind.Value))
}

func appendValue(dst []byte, v *smi.Value) []byte {
	var space [64]byte
	content := space[:0]
	switch v.Kind {
	case smi.Integer:
		content = ber.AppendInt(content, int64(v.Num))
	case smi.Counter32, smi.Gauge32, smi.TimeTicks, smi.Counter64:
		content = ber.AppendUint(content, v.Num)
	case smi.OctetString, smi.IPAddress, smi.Opaque:
		content = v.Bytes
	case smi.ObjectIdentifier:
		content = ber.AppendOID(content, v.OID)
	}
	return ber.AppendTLV(dst, ber.Tag(v.Kind), content)
}

// ParseMessage reads a datagram that is one whole message of version 1 or 2c.
func ParseMessage(datagram []byte) (Message, error) {
	var p parser
	if err := p.parse(datagram); err != nil {
		return Message{}, err
	}
	return p.Message, nil
}

// A parser reads one message after the other. What it has read is good until
// the next.
type parser struct {
	Message
	arcs []uint32 // of all names
}

func (p *parser) parse(datagram []byte) error {
	p.Message, p.arcs = Message{Community: p.Community, Varbinds: p.Varbinds[:0]}, p.arcs[:0]
	if err := p.parseMessage(datagram); err != nil {
		return fmt.Errorf("read SNMP message of %d octets: %w", len(datagram), err)
	}
	return nil
}

func (p *parser) parseMessage(datagram []byte) error {
	body, rest, err := ber.Expect(datagram, ber.Sequence)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d octets after its end", len(rest))
	}
	version, body, err := readInt32(body)
	if err != nil {
		return err
	}
	if p.Version = Version(version); p.Version != V1 && p.Version != V2c {
		return fmt.Errorf("version field %d is neither 0 for version 1 nor 1 for version 2c", version)
	}
	community, body, err := ber.Expect(body, ber.Octets)
	if err != nil {
		return err
	}
	if p.Community != string(community) {
		p.Community = string(community)
	}
	tag, pdu, rest, err := ber.ReadTLV(body)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%d octets after its PDU", len(rest))
	}
	p.Type = PDUType(tag)
	return p.parsePDU(pdu)
}

func (p *parser) parsePDU(pdu []byte) (err error) {
	m := &p.Message
	switch {
	case m.Type == GetRequest, m.Type == GetNextRequest, m.Type == GetResponse, m.Type == SetRequest,
		m.Type == GetBulkRequest && m.Version == V2c:
	default:
		return fmt.Errorf("PDU %#02x is none of version %d", byte(m.Type), m.Version)
	}
	var second, third int32
	for _, field := range [...]*int32{&m.RequestID, &second, &third} {
		if *field, pdu, err = readInt32(pdu); err != nil {
			return err
		}
	}
	if m.Type == GetBulkRequest {
		m.NonRepeaters, m.MaxRepetitions = second, third
	} else {
		m.Status, m.Index = ErrorStatus(second), third
	}
	list, rest, err := ber.Expect(pdu, ber.Sequence)
	if err == nil && len(rest) > 0 {
		err = errors.New("octets after the varbinds")
	}
	for len(list) > 0 && err == nil {
		var varbind smi.Varbind
		varbind, list, err = p.readVarbind(list)
		m.Varbinds = append(m.Varbinds, varbind)
	}
	return err
}

func readInt32(b []byte) (int32, []byte, error) {
	content, rest, err := ber.Expect(b, ber.Integer)
	if err != nil {
		return 0, nil, err
	}
	n, err := ber.ParseInt(content)
	if err == nil && int64(int32(n)) != n {
		err = fmt.Errorf("%d where 32 bits are allowed", n)
	}
	return int32(n), rest, err
}

func (p *parser) readVarbind(b []byte) (varbind smi.Varbind, rest []byte, err error) {
	pair, rest, err := ber.Expect(b, ber.Sequence)
	if err != nil {
		return varbind, nil, err
	}
	name, pair, err := ber.Expect(pair, ber.OID)
	if err != nil {
		return varbind, nil, err
	}
	start := len(p.arcs)
	if p.arcs, err = ber.AppendArcs(p.arcs, name); err != nil {
		return varbind, nil, err
	}
	varbind.Name = p.arcs[start:len(p.arcs):len(p.arcs)]
	tag, content, after, err := ber.ReadTLV(pair)
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
	kind, known := ber.Kind(tag)
	if !known {
		return v, fmt.Errorf("a value of the unknown type %#02x", tag)
	}
	v.Kind = kind
	switch v.Kind {
	case smi.Integer:
		var n int64
		if n, err = ber.ParseInt(content); err == nil && int64(int32(n)) != n {
			err = fmt.Errorf("INTEGER %d of more than 32 bits", n)
		}
		v.Num = uint64(n)
	case smi.Counter32, smi.Gauge32, smi.TimeTicks:
		v.Num, err = ber.ParseUint(content, math.MaxUint32)
	case smi.Counter64:
		v.Num, err = ber.ParseUint(content, math.MaxUint64)
	case smi.OctetString, smi.Opaque:
		v.Bytes = slices.Clone(content)
	case smi.IPAddress:
		if len(content) != 4 {
			err = fmt.Errorf("an IpAddress of %d octets", len(content))
		}
		v.Bytes = slices.Clone(content)
	case smi.ObjectIdentifier:
		v.OID, err = ber.ParseOID(content)
	default:
		if len(content) > 0 {
			err = fmt.Errorf("%s with %d octets", v.Kind, len(content))
		}
	}
	return v, err
}
