package capture

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// string begins a STRING. It stands in quotation marks unless its object has
// a display hint.
func (p *walkParser) string(text []byte) {
	if rest, ok := bytes.CutPrefix(text, []byte(`"`)); ok {
		p.open = quoted
		p.quoted(rest)
		return
	}
	p.open = plain
	p.value = append(p.value, text...)
}

// quoted takes a line of a quoted string, in which a backslash stands before
// quotation marks and backslashes.
func (p *walkParser) quoted(text []byte) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			p.value = append(p.value, text[i])
		case c != '"':
			p.value = append(p.value, c)
		default:
			if rest := bytes.TrimSpace(text[i+1:]); len(rest) > 0 {
				p.abandon(fmt.Errorf("expected nothing after the closing quotation mark, not %s", excerpt(rest)))
				return
			}
			p.keep()
			return
		}
	}
	if len(p.value) > maxOctets {
		p.end()
	}
}

// octets takes the pairs of hexadecimal digits of a line. The names of bits
// may follow them. (Printed as bare numbers, those above 9 look like octets
// themselves; of the objects that are read later none has so many bits.)
func (p *walkParser) octets(text []byte) {
	for word := range bytes.FieldsSeq(text) {
		var octet [1]byte
		err := hex.ErrLength
		if len(word) == hex.EncodedLen(len(octet)) {
			_, err = hex.Decode(octet[:], word)
		}
		switch {
		case err == nil:
			p.value = append(p.value, octet[0])
		case p.open == bits:
			p.keep()
			return
		default:
			p.abandon(fmt.Errorf("expected octets in hexadecimal, not %s", excerpt(word)))
			return
		}
	}
}

// walkNumber returns the number in the forms that snmpwalk gives it: 6, up(1),
// (123) 0:00:01.23, "10 seconds", and 12.34 where a display hint puts a
// decimal point into 1234.
func walkNumber(text []byte) []byte {
	if len(text) > 0 && text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		_, inside, _ := bytes.Cut(text, []byte("("))
		number, _, _ := bytes.Cut(inside, []byte(")"))
		return number
	}
	number, _, _ := bytes.Cut(text, []byte(" "))
	return bytes.Replace(number, []byte("."), nil, 1)
}

// isRow tells whether a line begins a row: with an identifier and an equals
// sign.
func isRow(text []byte) bool {
	if !hasAnyPrefix(text, ".", "iso.", "0.", "1.", "2.") {
		return false
	}
	oid, _, ok := bytes.Cut(text, []byte(" = "))
	return ok && bytes.IndexByte(oid, ' ') < 0
}

// isEnd tells the line that snmpwalk -v1 prints when the agent has no more.
func isEnd(text []byte) bool { return string(bytes.TrimSpace(text)) == "End of MIB" }

// brokeOff tells the words with which snmpwalk gives up.
func brokeOff(text []byte) bool {
	return hasAnyPrefix(text, "Timeout: ", "Error in packet", "Error: OID not increasing", "snmpwalk: ", "snmpbulkwalk: ")
}

func hasAnyPrefix(text []byte, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if bytes.HasPrefix(text, []byte(prefix)) {
			return true
		}
	}
	return false
}
