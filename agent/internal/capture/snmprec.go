package capture

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// snmprecKind returns the kind that a tag of snmpsim stands for: the number of
// its ASN.1 tag, before an x for a value in hexadecimal.
func snmprecKind(number string) (smi.Kind, bool) {
	switch number {
	case "2":
		return smi.Integer, true
	case "4":
		return smi.OctetString, true
	case "5":
		return smi.Null, true
	case "6":
		return smi.ObjectIdentifier, true
	case "64":
		return smi.IPAddress, true
	case "65":
		return smi.Counter32, true
	case "66":
		return smi.Gauge32, true
	case "67":
		return smi.TimeTicks, true
	case "68":
		return smi.Opaque, true
	case "70":
		return smi.Counter64, true
	default:
		return 0, false
	}
}

// A snmprecParser reads lines of snmpsim's format, oid|tag|value.
type snmprecParser struct {
	*reading
	name, value smi.OID // scratch
}

func (p *snmprecParser) line(number int, text []byte) {
	if isFiller(text) {
		p.filler(text)
		return
	}
	name, value, err := p.row(text)
	if err != nil {
		p.fail(number, err)
		return
	}
	p.add(name, value)
}

func (p *snmprecParser) end() {}

func (p *snmprecParser) row(text []byte) (smi.OID, smi.Value, error) {
	oid, rest, _ := bytes.Cut(text, []byte("|"))
	tag, value, ok := bytes.Cut(rest, []byte("|"))
	if !ok {
		return nil, smi.Value{}, fmt.Errorf("expected oid|tag|value, not %s", excerpt(text))
	}
	name, err := appendOID(p.name[:0], oid)
	p.name = name
	if err != nil {
		return nil, smi.Value{}, err
	}
	v, err := p.parse(tag, value)
	return name, v, err
}

// parse returns a value that points into text or scratch memory.
func (p *snmprecParser) parse(tag, text []byte) (smi.Value, error) {
	number, hexed := bytes.CutSuffix(tag, []byte("x"))
	kind, known := snmprecKind(string(number))
	_, octets := smi.Value{Kind: kind}.Octets()
	switch {
	case bytes.IndexByte(tag, ':') >= 0:
		return smi.Value{}, fmt.Errorf("tag %s asks for a variation module of snmpsim: record the plain value in its place", excerpt(tag))
	case !known || hexed && !octets:
		return smi.Value{}, fmt.Errorf("expected one of the tags 2 4 4x 5 6 64 64x 65 66 67 68 68x 70, not %s", excerpt(tag))
	case hexed:
		return parseHex(kind, text)
	}
	switch kind {
	case smi.OctetString, smi.Opaque:
		return octetValue(kind, text)
	case smi.IPAddress:
		return parseIPAddress(bytes.TrimSpace(text))
	case smi.ObjectIdentifier:
		return p.oid(bytes.TrimSpace(text))
	case smi.Null:
		if len(bytes.TrimSpace(text)) > 0 {
			return smi.Value{}, errors.New("expected nothing after the tag 5")
		}
		return smi.Value{}, nil
	default:
		return parseNumber(kind, bytes.TrimSpace(text))
	}
}

// oid reads an identifier. Some devices answer an empty one.
func (p *snmprecParser) oid(text []byte) (smi.Value, error) {
	if len(text) == 0 {
		return smi.Value{Kind: smi.ObjectIdentifier}, nil
	}
	oid, err := appendOID(p.value[:0], text)
	p.value = oid
	return smi.Value{Kind: smi.ObjectIdentifier, OID: oid}, err
}
