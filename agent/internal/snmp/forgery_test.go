package snmp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A forgery makes a datagram that is no answer out of one that is.
type forgery struct {
	name string
	make func(good snmpagent.Message) []byte
	want string // what is said where nothing else comes
}

// changed makes a forgery that differs from the answer in one field, and would
// show a row that the device does not have.
func changed(change func(m *snmpagent.Message)) func(snmpagent.Message) []byte {
	return func(m snmpagent.Message) []byte {
		m.Varbinds = []smi.Varbind{row(666)}
		change(&m)
		return m.Append(nil)
	}
}

var forgeries = []forgery{
	{"request-id 0", changed(func(m *snmpagent.Message) { m.RequestID = 0 }), "request-id 0"},
	{"another request-id", changed(func(m *snmpagent.Message) { m.RequestID ^= 1 << 20 }), "no answer to 2 requests"},
	{"another community", changed(func(m *snmpagent.Message) { m.Community = "private" }), "another community"},
	{"another version", changed(func(m *snmpagent.Message) { m.Version = snmpagent.V1 }), "in version 1"},
	{"a request", changed(func(m *snmpagent.Message) { m.Type = snmpagent.GetRequest }), "an answer of type GetRequest"},
	{"a trap", changed(func(m *snmpagent.Message) { m.Type = 0xa7 }), "an answer of type SNMPv2Trap"},
	{"no varbinds", changed(func(m *snmpagent.Message) { m.Varbinds = nil }), "an answer without content"},
	{"no varbinds to another request", changed(func(m *snmpagent.Message) { m.Varbinds, m.RequestID = nil, 7 }), "an answer without content"},
	{"garbage", func(snmpagent.Message) []byte { return []byte("GET / HTTP/1.1\r\n\r\n") }, "an answer that cannot be read"},
	{"nothing", func(snmpagent.Message) []byte { return []byte{} }, "an answer that cannot be read"},
	{"half an answer", func(m snmpagent.Message) []byte { b := m.Append(nil); return b[:len(b)/2] }, "an answer that cannot be read"},
}

// Before each answer comes something that is none. gosnmp takes some of these
// for the answer, and others for the end of all its attempts.
func TestWalkIgnoresWhatIsNoAnswer(t *testing.T) {
	for _, forged := range forgeries {
		t.Run(forged.name, func(t *testing.T) {
			agent := start(t, device(60), func(_ snmpagent.Request, r *snmpagent.Response) {
				r.Datagrams = [][]byte{forged.make(r.Message), r.Append(nil)}
			})
			s := open(t, agent, Options{Repetitions: 25})
			checkWalk(t, s, upTo(60), nil)
			if s.Requests() != 4 { // the probe, and 60 rows at 25 a time
				t.Errorf("%d requests: the datagrams cost attempts", s.Requests())
			}
		})
	}
}

func TestWalkSaysWhatCameInPlaceOfAnswers(t *testing.T) {
	for _, forged := range forgeries {
		t.Run(forged.name, func(t *testing.T) {
			agent := start(t, device(60), func(request snmpagent.Request, r *snmpagent.Response) {
				if request.Type != snmpagent.GetRequest {
					r.Datagrams = [][]byte{forged.make(r.Message)}
				}
			})
			s := open(t, agent, Options{Timeout: soon / 3, Attempts: 2, Repetitions: 1})
			got, err := walkAll(t.Context(), s)
			if len(got) != 0 || !errors.Is(err, ErrNoAnswer) || !strings.Contains(err.Error(), forged.want) {
				t.Errorf("got %d rows and %v, want an error with %q", len(got), err, forged.want)
			}
			if err != nil && strings.Contains(err.Error(), "public") {
				t.Errorf("the error holds the community: %v", err)
			}
		})
	}
}

func TestWalkIgnoresAnswersThatComeTwice(t *testing.T) {
	agent := start(t, device(60), func(_ snmpagent.Request, r *snmpagent.Response) {
		r.Datagrams = [][]byte{r.Append(nil), r.Append(nil)}
	})
	s := open(t, agent, Options{Repetitions: 7})
	checkWalk(t, s, upTo(60), nil)
	if s.Requests() != 10 {
		t.Errorf("%d requests, want the probe and nine", s.Requests())
	}
}

// element is one element of the Basic Encoding Rules.
func element(tag byte, content ...byte) []byte { return ber.AppendTLV(nil, tag, content) }

// A value that is not what its tag says is none.
func TestMalformedValues(t *testing.T) {
	tests := []struct {
		name  string
		value []byte
		want  smi.Value
	}{
		{"a good INTEGER", element(0x02, 5), smi.Value{Kind: smi.Integer, Num: 5}},
		{"a negative INTEGER", element(0x02, 0xff), smi.Value{Kind: smi.Integer, Num: 1<<64 - 1}},
		{"a Gauge32 with a leading zero", element(0x42, 0, 0xff, 0xff, 0xff, 0xff), smi.Value{Kind: smi.Gauge32, Num: 1<<32 - 1}},
		{"an IpAddress without octets", element(0x40), smi.Value{}},
		{"an IpAddress of 16 octets", element(0x40, make([]byte, 16)...), smi.Value{}},
		{"an Opaque that holds a float", element(0x44, 0x9f, 0x78, 4, 0x3f, 0x80, 0, 0), smi.Value{Kind: smi.Opaque, Bytes: []byte{0x9f, 0x78, 4, 0x3f, 0x80, 0, 0}}},
		{"a Gauge32 of more than 32 bits", element(0x42, 1, 0, 0, 0, 0), smi.Value{}},
		{"an INTEGER of nine octets", element(0x02, make([]byte, 9)...), smi.Value{}},
		{"a NULL", element(0x05), smi.Value{}},
		{"a type that SNMP does not have", element(0x13, 'x'), smi.Value{}},
		{"a SEQUENCE", element(0x30, 2, 1, 5), smi.Value{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			agent := start(t, device(1), func(request snmpagent.Request, r *snmpagent.Response) {
				if request.RequestID != 0 && request.Varbinds[0].Name.Compare(row(1).Name) == 0 {
					r.Datagrams = [][]byte{holding(r.Message, test.value)}
				}
			})
			got, err := open(t, agent, Options{Timeout: soon}).Get(t.Context(), row(1).Name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]smi.Varbind{{Name: row(1).Name, Value: test.want}}, got); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

// holding encodes an answer whose one varbind has the given value.
func holding(m snmpagent.Message, value []byte) []byte {
	name := []byte{0x2b}
	for _, arc := range m.Varbinds[0].Name[2:] {
		name = append(name, byte(arc)) // the test's arcs are below 128
	}
	return around(m, element(0x30, append(element(0x06, name...), value...)...))
}

// around encodes an answer around varbinds that are encoded already.
func around(m snmpagent.Message, varbinds []byte) []byte {
	pdu := element(0x02, byte(m.RequestID>>24), byte(m.RequestID>>16), byte(m.RequestID>>8), byte(m.RequestID))
	pdu = slices.Concat(pdu, element(0x02, 0), element(0x02, 0), element(0x30, varbinds...))
	return element(0x30, slices.Concat(element(0x02, byte(m.Version)), element(0x04, []byte(m.Community)...), element(byte(m.Type), pdu...))...)
}
