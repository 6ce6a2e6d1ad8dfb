package capture

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A walkParser reads what net-snmp's snmpwalk -On prints, with or without -Oe:
// lines of ".1.3.6… = TYPE: value", of which strings and octets in hexadecimal
// may go on over several lines (net-snmp, snmplib/mib.c).
type walkParser struct {
	*reading
	open  continuation
	start int     // the line on which the open value began
	name  smi.OID // of the open value
	kind  smi.Kind
	value []byte // of it, so far

	oid smi.OID // scratch
}

// A continuation says how the value of a row may go on in the next line.
type continuation uint8

const (
	closed continuation = iota
	quoted              // to the next quotation mark
	plain               // to the next row
	octets              // while there are octets in hexadecimal
	bits                // as octets, before the names of the bits
)

func (p *walkParser) line(number int, text []byte) {
	if p.goesOn(text) {
		return
	}
	p.end()
	if isFiller(text) {
		return
	}
	if err := p.row(number, text); err != nil {
		p.fail(number, err)
	}
}

// goesOn adds a line to the open value where it belongs to that.
func (p *walkParser) goesOn(text []byte) bool {
	switch {
	case p.open == quoted:
		p.value = append(p.value, '\n')
		p.quoted(text)
	case p.open == closed || isFiller(text) || isRow(text) || isEnd(text) || brokeOff(text):
		return false
	case p.open == plain:
		p.value = append(append(p.value, '\n'), text...)
	default:
		p.octets(text)
	}
	return true
}

// end keeps the open value, if there is one.
func (p *walkParser) end() {
	switch p.open {
	case closed:
	case quoted:
		p.abandon(errors.New("expected a closing quotation mark in what follows"))
	default:
		p.keep()
	}
}

func (p *walkParser) keep() {
	value, err := octetValue(p.kind, p.value)
	if err != nil {
		p.abandon(err)
		return
	}
	p.open = closed
	p.add(p.name, value)
}

func (p *walkParser) abandon(err error) {
	p.open = closed
	p.fail(p.start, err)
}

// row reads the line on which a row begins.
func (p *walkParser) row(number int, text []byte) error {
	oid, value, ok := bytes.Cut(text, []byte(" = "))
	switch {
	case isEnd(text):
		return nil
	case brokeOff(text):
		return fmt.Errorf("the recording broke off here, with %s: record it again", excerpt(text))
	case !ok:
		return fmt.Errorf("expected .1.3.6… = TYPE: value, not %s", excerpt(text))
	}
	name, err := p.appendName(p.name[:0], oid)
	p.name = name
	if err != nil {
		return err
	}
	value = bytes.TrimLeft(value, " ")
	if wrong := []byte("Wrong Type (should be "); bytes.HasPrefix(value, wrong) {
		_, value, _ = bytes.Cut(value, []byte("): "))
	}
	switch {
	case hasAnyPrefix(value, "No Such Object", "No Such Instance", "No more variables left"):
		return nil
	case string(value) == `""`:
		p.add(name, smi.Value{Kind: smi.OctetString})
		return nil
	case string(value) == "NULL":
		p.add(name, smi.Value{})
		return nil
	}
	label, value, ok := bytes.Cut(value, []byte(":"))
	if !ok {
		return fmt.Errorf("expected a type such as STRING: before the value, not %s", excerpt(label))
	}
	p.start, p.kind, p.value = number, smi.OctetString, p.value[:0]
	return p.typed(string(label), bytes.TrimPrefix(value, []byte(" ")))
}

// typed reads a value by the label of its type.
func (p *walkParser) typed(label string, text []byte) error {
	switch label {
	case "STRING":
		p.string(text)
		return nil
	case "Hex-STRING":
		p.open = octets
		p.octets(text)
		return nil
	case "BITS":
		p.open = bits
		p.octets(text)
		return nil
	case "Opaque", "OPAQUE":
		// Nothing that is read later is opaque: its text will do.
		p.kind, p.open = smi.Opaque, plain
		p.value = append(p.value, text...)
		return nil
	}
	value, err := p.single(label, bytes.TrimSpace(text))
	if err == nil {
		p.add(p.name, value)
	}
	return err
}

// single reads a value of a type that takes one line.
func (p *walkParser) single(label string, text []byte) (smi.Value, error) {
	switch label {
	case "INTEGER":
		return parseNumber(smi.Integer, walkNumber(text))
	case "Counter32":
		return parseNumber(smi.Counter32, walkNumber(text))
	case "Gauge32", "Unsigned32", "UInteger32":
		return parseNumber(smi.Gauge32, walkNumber(text))
	case "Counter64":
		return parseNumber(smi.Counter64, walkNumber(text))
	case "Timeticks":
		return parseNumber(smi.TimeTicks, walkNumber(text))
	case "IpAddress":
		return parseIPAddress(text)
	case "Network Address":
		return parseHex(smi.IPAddress, bytes.ReplaceAll(text, []byte(":"), nil))
	case "OID":
		oid, err := p.appendName(p.oid[:0], text)
		p.oid = oid
		return smi.Value{Kind: smi.ObjectIdentifier, OID: oid}, err
	default:
		return smi.Value{}, fmt.Errorf("expected a type that snmpwalk prints, such as STRING or INTEGER, not %s", excerpt([]byte(label)))
	}
}

// appendName reads an identifier in the forms that snmpwalk gives it.
func (p *walkParser) appendName(oid smi.OID, text []byte) (smi.OID, error) {
	if rest, ok := bytes.CutPrefix(text, []byte("iso.")); ok {
		return appendOID(append(oid, 1), rest)
	}
	oid, err := appendOID(oid, text)
	if err != nil && bytes.Contains(text, []byte("::")) {
		return oid, fmt.Errorf("%s is a name in place of numbers: record with snmpwalk -On", excerpt(text))
	}
	return oid, err
}
