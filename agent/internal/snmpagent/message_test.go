package snmpagent

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Encodings worked out by hand from X.690, sections 8.3 and 8.19.
func TestValueEncoding(t *testing.T) {
	tests := []struct {
		value smi.Value
		want  string
	}{
		{smi.Value{}, "0500"},
		{smi.Value{Kind: smi.Integer}, "020100"},
		{smi.Value{Kind: smi.Integer, Num: 127}, "02017f"},
		{smi.Value{Kind: smi.Integer, Num: 128}, "02020080"},
		{smi.Value{Kind: smi.Integer, Num: math.MaxUint64}, "0201ff"},
		{smi.Value{Kind: smi.Integer, Num: 1<<64 - 128}, "020180"},
		{smi.Value{Kind: smi.Integer, Num: 1<<64 - 129}, "0202ff7f"},
		{smi.Value{Kind: smi.Integer, Num: 1<<64 - 1<<31}, "020480000000"},
		{smi.Value{Kind: smi.Counter32, Num: math.MaxUint32}, "410500ffffffff"},
		{smi.Value{Kind: smi.Gauge32, Num: 1000}, "420203e8"},
		{smi.Value{Kind: smi.TimeTicks, Num: 255}, "430200ff"},
		{smi.Value{Kind: smi.Counter64, Num: math.MaxUint64}, "460900ffffffffffffffff"},
		{smi.Value{Kind: smi.OctetString, Bytes: []byte("ab")}, "04026162"},
		{smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 1}}, "40040a000001"},
		{smi.Value{Kind: smi.Opaque, Bytes: []byte{0x9f}}, "44019f"},
		{smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{1, 3, 6, 1, 4, 1, 311, 4294967295}}, "060c2b060104018237" + "8fffffff7f"},
		{smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{2, 999, 3}}, "0603883703"},
		{smi.Value{Kind: smi.ObjectIdentifier, OID: smi.OID{0, 0}}, "060100"},
		{smi.Value{Kind: smi.NoSuchObject}, "8000"},
		{smi.Value{Kind: smi.NoSuchInstance}, "8100"},
		{smi.Value{Kind: smi.EndOfMibView}, "8200"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			encoded := appendValue(nil, &test.value)
			if got := hex.EncodeToString(encoded); got != test.want {
				t.Fatalf("%s %s: got %s, want %s", test.value.Kind, test.value, got, test.want)
			}
			tag, content, _, err := ber.ReadTLV(encoded)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parseValue(tag, content)
			if diff := cmp.Diff(test.value, got); err != nil || diff != "" {
				t.Errorf("read back: error %v, difference (-want +got):\n%s", err, diff)
			}
		})
	}
	if got := appendValue(nil, &smi.Value{Kind: smi.ObjectIdentifier}); hex.EncodeToString(got) != "060100" {
		t.Errorf("an empty identifier is sent as %x, want 0.0", got)
	}
}

// A GetRequest for sysDescr.0 as net-snmp sends it.
const sysDescrRequest = "302602010104067075626c6963a019020126020100020100300e300c06082b060102010101000500"

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return octets
}

func TestMessage(t *testing.T) {
	want := Message{Version: V2c, Community: "public", Type: GetRequest, RequestID: 0x26,
		Varbinds: []smi.Varbind{{Name: smi.MustOID("1.3.6.1.2.1.1.1.0")}}}
	got, err := ParseMessage(unhex(t, sysDescrRequest))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, difference (-want +got):\n%s", err, diff)
	}
	if got := hex.EncodeToString(want.Append(nil)); got != sysDescrRequest {
		t.Errorf("got %s, want %s", got, sysDescrRequest)
	}

	bulk := Message{Version: V2c, Type: GetBulkRequest, RequestID: -1, NonRepeaters: 1, MaxRepetitions: 1000, Varbinds: want.Varbinds}
	got, err = ParseMessage(bulk.Append(nil))
	if diff := cmp.Diff(bulk, got); err != nil || diff != "" {
		t.Errorf("bulk: error %v, difference (-want +got):\n%s", err, diff)
	}
	refused := Message{Type: GetResponse, Status: NoSuchName, Index: 1, Varbinds: want.Varbinds}
	got, err = ParseMessage(refused.Append(nil))
	if diff := cmp.Diff(refused, got); err != nil || diff != "" {
		t.Errorf("error response: error %v, difference (-want +got):\n%s", err, diff)
	}
}

func TestParseMessageErrors(t *testing.T) {
	valid := unhex(t, sysDescrRequest)
	for n := range valid {
		if _, err := ParseMessage(valid[:n]); err == nil {
			t.Errorf("the first %d octets alone: no error", n)
		}
	}
	pdu := func(tag byte, content string) string {
		body := ber.AppendTLV(unhex(t, "020101 0400"), tag, unhex(t, content))
		return hex.EncodeToString(ber.AppendTLV(nil, ber.Sequence, body))
	}
	const numbers = "020101 020100 020100"
	tests := []struct{ name, message, want string }{
		{"octets after the message", sysDescrRequest + "00", "1 octets after its end"},
		{"version 3", "3003020103", "version field 3"},
		{"length of five octets", "3085000000000100", "a length of 5 octets"},
		{"indefinite length", "3080", "a length of 0 octets"},
		{"length beyond the end", "3084ffffffff00", "4294967295 octets are said to follow"},
		{"not a sequence", "0400", "element 0x04 where 0x30 was due"},
		{"trap", pdu(0xa7, numbers+"3000"), "PDU 0xa7"},
		{"request id of five octets", pdu(0xa0, "02050100000000 020100 020100 3000"), "32 bits"},
		{"empty request id", pdu(0xa0, "0200 020100 020100 3000"), "a number of 0 octets"},
		{"octets after the varbinds", pdu(0xa0, numbers+"3000 00"), "octets after the varbinds"},
		{"octets after a value", pdu(0xa0, numbers+"3009 3007 06012b 0500 0500"), "octets after a value"},
		{"name that ends inside an arc", pdu(0xa0, numbers+"3007 3005 060181 0500"), "ends inside an arc"},
		{"arc of 35 bits", pdu(0xa0, numbers+"300c 300a 06062bffffffff7f 0500"), "more than 32 bits"},
		{"name of 129 arcs", pdu(0xa0, numbers+"30818830818506818"+"0"+strings.Repeat("01", 128)+"0500"), "more than 128 arcs"},
		{"unknown type", pdu(0xa0, numbers+"3007 3005 06012b 1300"), "unknown type 0x13"},
		{"short IP address", pdu(0xa0, numbers+"3008 3006 06012b 40010a"), "an IpAddress of 1 octets"},
		{"counter of 33 bits", pdu(0xa0, numbers+"300c 300a 06012b 41050100000000"), "at most 4294967295"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseMessage(unhex(t, test.message))
			if err == nil || !strings.HasPrefix(err.Error(), "read SNMP message of ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add(unhex(f, sysDescrRequest))
	f.Add((&Message{Version: V2c, Type: GetBulkRequest, MaxRepetitions: 10, Varbinds: []smi.Varbind{
		{Name: smi.OID{1, 3}, Value: smi.Value{Kind: smi.Counter64, Num: 1 << 63}},
		{Name: smi.OID{2, 100, 1}, Value: smi.Value{Kind: smi.Integer, Num: math.MaxUint64}},
	}}).Append(nil))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		message, err := ParseMessage(datagram)
		if err != nil {
			return
		}
		encoded := message.Append(nil)
		again, err := ParseMessage(encoded)
		if diff := cmp.Diff(message, again); err != nil || diff != "" {
			t.Errorf("error %v, difference (-first +again):\n%s", err, diff)
		}
	})
}
