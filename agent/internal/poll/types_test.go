package poll

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A mistype is what stands in place of every value of a device.
type mistype struct {
	tag     byte
	content []byte
}

// contents are short and long, and numbers out of all bounds among them.
var contents = [][]byte{{}, {7}, {0xff}, {0, 0, 0, 0}, []byte("\x14\xa7\x8b\xb6\xd3\x41"), bytes.Repeat([]byte{0xff}, 8), make([]byte, 9), bytes.Repeat([]byte{0x9f}, 60)}

// mistypes have every tag with one of the contents, and those of SNMP with all.
func mistypes() []mistype {
	var all []mistype
	for tag := range 256 {
		all = append(all, mistype{byte(tag), contents[tag%len(contents)]})
	}
	for _, tag := range []byte{0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0x47} {
		for _, content := range contents {
			all = append(all, mistype{tag, content})
		}
	}
	return all
}

// exception tells a tag that says that there is no object.
func (m mistype) exception() bool { return m.tag >= 0x80 && m.tag <= 0x82 }

// answer encodes an answer with the mistyped values.
func (m mistype) answer(answer snmpagent.Message) []byte {
	var varbinds []byte
	for _, vb := range answer.Varbinds {
		value := ber.AppendTLV(nil, m.tag, m.content)
		if vb.Value.Exception() {
			value = []byte{0x82, 0}
		}
		varbinds = ber.AppendTLV(varbinds, 0x30, append(ber.AppendTLV(nil, 0x06, encoded(vb.Name)), value...))
	}
	id := answer.RequestID
	pdu := ber.AppendTLV(nil, 0x02, []byte{byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)})
	pdu = ber.AppendTLV(append(pdu, 2, 1, 0, 2, 1, 0), 0x30, varbinds)
	body := ber.AppendTLV([]byte{2, 1, 1}, 0x04, []byte("public"))
	return ber.AppendTLV(nil, 0x30, ber.AppendTLV(body, 0xa2, pdu))
}

func encoded(name smi.OID) []byte {
	out := []byte{byte(40*name[0] + name[1])}
	for _, arc := range name[2:] {
		octets := []byte{byte(arc & 0x7f)}
		for arc >>= 7; arc > 0; arc >>= 7 {
			octets = append([]byte{byte(arc&0x7f) | 0x80}, octets...)
		}
		out = append(out, octets...)
	}
	return out
}

// Whatever stands in place of the values: the rows are counted, and what it
// leaves unknown of stations is said.
func TestReadOfWrongTypes(t *testing.T) {
	all := mistypes()
	if testing.Short() || racing {
		all = all[256:]
	}
	files, errs := capture.List([]string{"../../demosite/core-1.snmprec", "../../demosite/access-first.snmprec"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	readings := 0
	for _, file := range files {
		c, err := file.Load()
		if err != nil {
			t.Fatal(err)
		}
		var now atomic.Pointer[mistype]
		d, _ := serve(t, c.Recording, snmpagent.Options{Intercept: func(_ snmpagent.Request, r *snmpagent.Response) {
			if m := now.Load(); m != nil && len(r.Varbinds) > 0 {
				r.Datagrams = [][]byte{m.answer(r.Message)}
			}
		}})
		rows := make(map[lan.Table]int)
		for _, r := range Read(t.Context(), d).Readings {
			rows[r.Table] = r.Rows
		}
		for _, m := range all {
			now.Store(&m)
			s := Read(t.Context(), d)
			if s.Err != "" && !m.exception() {
				t.Fatalf("tag %#02x, %d octets: %s", m.tag, len(m.content), s.Err)
			}
			for _, r := range s.Readings {
				readings++
				if want := m.becomes(r.Table, rows[r.Table]); r.Status != want || !m.exception() && r.Rows != rows[r.Table] {
					t.Errorf("tag %#02x, %d octets: %s: %s (%s), %d rows; want %s, %d", m.tag, len(m.content), r.Table, r.Status, r.Reason, r.Rows, want, rows[r.Table])
				}
			}
		}
	}
	t.Logf("%d tables read with %d wrong types", readings, len(all))
}

// becomes is what is to be said of a table of so many rows.
func (m mistype) becomes(table lan.Table, rows int) lan.ReadStatus {
	value := m.value()
	_, isNumber := value.Int()
	_, fits := value.Octets()
	switch table {
	case lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable, lan.Dot1dBasePortTable:
		fits = isNumber
	case lan.IPNetToMediaTable, lan.IPNetToPhysicalTable, lan.ATTable:
	default:
		fits = true
	}
	switch {
	case rows == 0 || m.exception():
		return lan.Absent
	case !fits:
		return lan.Partial
	}
	return lan.Complete
}

// value is what the mistyped one is, as the agent's own codec reads it.
func (m mistype) value() smi.Value {
	name := smi.MustOID("1.3.6.1.2.1.1.1.0")
	message := snmpagent.Message{Version: snmpagent.V2c, Community: "public", Type: snmpagent.GetResponse, RequestID: 1, Varbinds: []smi.Varbind{{Name: name}}}
	switch { // what the agent's codec does not have, and what it is stricter with
	case m.tag == 0x47: // Uinteger32, of RFC 1442
		m.tag = 0x42
	case m.tag == 0x02 && len(m.content) > 4 && len(m.content) <= 8:
		m.content = m.content[:4]
	}
	read, err := snmpagent.ParseMessage(m.answer(message))
	if err != nil {
		return smi.Value{}
	}
	return read.Varbinds[0].Value
}
