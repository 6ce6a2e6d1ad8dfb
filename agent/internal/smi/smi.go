// Package smi holds the words of SNMP data: object identifiers, values and
// the pairs of both that a request asks for and an answer carries
// (RFC 2578, RFC 3416).
package smi

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An OID is an object identifier, one element per arc. It holds at most 128
// arcs (RFC 2578, section 3.5).
type OID []uint32

// MaxArcs is the longest object identifier that SMIv2 allows (RFC 2578,
// section 3.5).
const MaxArcs = 128

// ParseOID reads "1.3.6.1" or ".1.3.6.1".
func ParseOID(s string) (OID, error) {
	text := strings.TrimPrefix(s, ".")
	if text == "" {
		return nil, fmt.Errorf("object identifier %q: no arcs", s)
	}
	oid := make(OID, 0, strings.Count(text, ".")+1)
	for len(text) > 0 {
		arc, rest, dotted := strings.Cut(text, ".")
		n, err := strconv.ParseUint(arc, 10, 32)
		if err != nil || (dotted && rest == "") {
			return nil, fmt.Errorf("object identifier %q: %q is not a number from 0 to 4294967295", s, arc)
		}
		oid = append(oid, uint32(n))
		text = rest
	}
	if len(oid) > MaxArcs {
		return nil, fmt.Errorf("object identifier of %d arcs: at most %d are allowed", len(oid), MaxArcs)
	}
	return oid, nil
}

// MustOID is ParseOID for the constants of this program.
func MustOID(s string) OID {
	oid, err := ParseOID(s)
	if err != nil {
		panic(err)
	}
	return oid
}

// String prints the identifier without a leading dot.
func (o OID) String() string {
	buf := make([]byte, 0, 4*len(o))
	for i, arc := range o {
		if i > 0 {
			buf = append(buf, '.')
		}
		buf = strconv.AppendUint(buf, uint64(arc), 10)
	}
	return string(buf)
}

// Compare orders identifiers lexicographically, as a table's rows are.
func (o OID) Compare(p OID) int {
	for i := range min(len(o), len(p)) { // what slices.Compare does, without a call for each arc
		if o[i] != p[i] {
			if o[i] < p[i] {
				return -1
			}
			return 1
		}
	}
	return len(o) - len(p)
}

// HasPrefix tells whether o lies in the subtree of root, root included.
func (o OID) HasPrefix(root OID) bool {
	return len(o) >= len(root) && slices.Equal(o[:len(root)], root)
}

// Append returns a new identifier: o and the arcs after it.
func (o OID) Append(arcs ...uint32) OID {
	return append(slices.Clip(o), arcs...)
}

// A Kind says what a value is (RFC 2578, section 7.1; the last three are the
// exceptions of RFC 3416, section 3).
type Kind uint8

// The kinds of value.
const (
	Null Kind = iota
	Integer
	OctetString
	ObjectIdentifier
	IPAddress
	Counter32
	Gauge32
	TimeTicks
	Opaque
	Counter64
	NoSuchObject
	NoSuchInstance
	EndOfMibView
)

var kindNames = [...]string{"Null", "INTEGER", "OCTET STRING", "OBJECT IDENTIFIER", "IpAddress", "Counter32",
	"Gauge32", "TimeTicks", "Opaque", "Counter64", "noSuchObject", "noSuchInstance", "endOfMibView"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Value is one typed value. Only the field of its kind is set: Num for the
// numbers (an INTEGER's sign kept in two's complement), Bytes for OCTET
// STRING, Opaque and the four octets of an IpAddress, OID for an identifier.
type Value struct {
	Kind  Kind
	Num   uint64
	Bytes []byte
	OID   OID
}

// Int returns the value of a number that fits an int64, and whether it is one.
func (v Value) Int() (int64, bool) {
	switch v.Kind {
	case Integer, Counter32, Gauge32, TimeTicks:
		return int64(v.Num), true
	case Counter64:
		return int64(v.Num), v.Num <= math.MaxInt64
	default:
		return 0, false
	}
}

// Octets returns the bytes of an OCTET STRING, Opaque or IpAddress.
func (v Value) Octets() ([]byte, bool) {
	switch v.Kind {
	case OctetString, IPAddress, Opaque:
		return v.Bytes, true
	default:
		return nil, false
	}
}

// Exception tells whether the value says that there is none.
func (v Value) Exception() bool {
	return v.Kind == NoSuchObject || v.Kind == NoSuchInstance || v.Kind == EndOfMibView
}

// String prints the value as evidence: numbers in decimal, octets as text
// where they are printable ASCII and as colon-separated hex where not.
func (v Value) String() string {
	switch v.Kind {
	case Integer:
		return strconv.FormatInt(int64(v.Num), 10)
	case Counter32, Gauge32, TimeTicks, Counter64:
		return strconv.FormatUint(v.Num, 10)
	case ObjectIdentifier:
		return v.OID.String()
	case IPAddress:
		parts := make([]string, len(v.Bytes))
		for i, b := range v.Bytes {
			parts[i] = strconv.Itoa(int(b))
		}
		return strings.Join(parts, ".")
	case OctetString, Opaque:
		return octetText(v.Bytes)
	default:
		return v.Kind.String()
	}
}

func octetText(octets []byte) string {
	printable := !slices.ContainsFunc(octets, func(b byte) bool { return b < ' ' || b > '~' })
	if printable {
		return string(octets)
	}
	const hex = "0123456789abcdef"
	buf := make([]byte, 0, 3*len(octets))
	for i, b := range octets {
		if i > 0 {
			buf = append(buf, ':')
		}
		buf = append(buf, hex[b>>4], hex[b&15])
	}
	return string(buf)
}

// A Varbind is one object and its value.
type Varbind struct {
	Name  OID
	Value Value
}

// CompareVarbinds orders varbinds by name.
func CompareVarbinds(a, b Varbind) int { return a.Name.Compare(b.Name) }
