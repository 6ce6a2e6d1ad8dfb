package snmpagent

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// device has two columns of three rows, 1.3.1 and 1.3.2, and a counter of 64
// bits between them.
func device() *capture.Recording {
	var rows []smi.Varbind
	for _, column := range []uint32{1, 2} {
		for row := range uint32(3) {
			rows = append(rows, smi.Varbind{Name: smi.OID{1, 3, column, row + 1}, Value: smi.Value{Kind: smi.Integer, Num: uint64(10*column + row + 1)}})
		}
	}
	return capture.New(append(rows, smi.Varbind{Name: smi.OID{1, 3, 1, 9}, Value: smi.Value{Kind: smi.Counter64, Num: 99}}))
}

func names(oids ...string) []smi.Varbind {
	var varbinds []smi.Varbind
	for _, oid := range oids {
		varbinds = append(varbinds, smi.Varbind{Name: smi.MustOID(oid)})
	}
	return varbinds
}

// answer returns the response to a request, which has to be what is sent.
func answer(t *testing.T, recording *capture.Recording, request *Message, limit int) Message {
	t.Helper()
	r := responder{answerer: answerer{readable: true}}
	response := *r.answer(newView(recording), request, limit)
	if got, want := r.appendAnswer(nil), response.Append(nil); !bytes.Equal(got, want) {
		t.Errorf("sends %x, which is not %x", got, want)
	}
	return response
}

// told writes a response as "status index: name=value …".
func told(m Message) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d:", m.Status, m.Index)
	for _, varbind := range m.Varbinds {
		fmt.Fprintf(&b, " %s=%s", strings.TrimPrefix(varbind.Name.String(), "1.3."), varbind.Value)
	}
	return b.String()
}

func TestAnswer(t *testing.T) {
	tests := []struct {
		name    string
		request Message
		want    string
	}{
		{"get", Message{Version: V2c, Type: GetRequest, Varbinds: names("1.3.2.3", "1.3.1.1")}, "0 0: 2.3=23 1.1=11"},
		{"get what is not there", Message{Version: V2c, Type: GetRequest, Varbinds: names("1.3.1.7", "1.3.7.1", "1.3.1.9")},
			"0 0: 1.7=noSuchInstance 7.1=noSuchInstance 1.9=99"},
		{"get nothing", Message{Version: V2c, Type: GetRequest}, "0 0:"},
		{"get, version 1", Message{Type: GetRequest, Varbinds: names("1.3.1.1")}, "0 0: 1.1=11"},
		{"get what is not there, version 1", Message{Type: GetRequest, Varbinds: names("1.3.1.1", "1.3.1.7")}, "2 2: 1.1=Null 1.7=Null"},
		{"get a counter of 64 bits, version 1", Message{Type: GetRequest, Varbinds: names("1.3.1.9")}, "2 1: 1.9=Null"},
		{"next", Message{Version: V2c, Type: GetNextRequest, Varbinds: names("1.3", "1.3.1.3", "1.3.2.3")},
			"0 0: 1.1=11 1.9=99 2.3=endOfMibView"},
		{"next, version 1", Message{Type: GetNextRequest, Varbinds: names("1.3.1.3")}, "0 0: 2.1=21"},
		{"next after the end, version 1", Message{Type: GetNextRequest, Varbinds: names("1.3", "1.3.2.3")}, "2 2: 1.3=Null 2.3=Null"},
		{"bulk", Message{Version: V2c, Type: GetBulkRequest, NonRepeaters: 1, MaxRepetitions: 2, Varbinds: names("1.3.2", "1.3.1", "1.3.2")},
			"0 0: 2.1=21 1.1=11 2.1=21 1.2=12 2.2=22"},
		{"bulk to the end", Message{Version: V2c, Type: GetBulkRequest, MaxRepetitions: 100, Varbinds: names("1.3.2.2")},
			"0 0: 2.3=23 2.3=endOfMibView"},
		{"bulk to the end of one of two", Message{Version: V2c, Type: GetBulkRequest, MaxRepetitions: 2, Varbinds: names("1.3.2.3", "1.3.1")},
			"0 0: 2.3=endOfMibView 1.1=11 2.3=endOfMibView 1.2=12"},
		{"bulk of nothing", Message{Version: V2c, Type: GetBulkRequest, NonRepeaters: -1, MaxRepetitions: -1, Varbinds: names("1.3")}, "0 0:"},
		{"bulk without names", Message{Version: V2c, Type: GetBulkRequest, NonRepeaters: 9, MaxRepetitions: 1 << 30}, "0 0:"},
		{"set", Message{Version: V2c, Type: SetRequest, Varbinds: names("1.3.1.1")}, "17 1: 1.1=Null"},
		{"set, version 1", Message{Type: SetRequest, Varbinds: names("1.3.1.1")}, "4 1: 1.1=Null"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.request.RequestID, test.request.Community = 77, "public"
			got := answer(t, device(), &test.request, DefaultMaxMessage)
			if diff := cmp.Diff(test.want, told(got)); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
			if got.Type != GetResponse || got.RequestID != 77 || got.Community != "public" || got.Version != test.request.Version {
				t.Errorf("the head of the response is %+v", got)
			}
		})
	}
}

// At every limit a bulk answer holds as much as fits, and nothing that does
// not; a varbind more would be too long.
func TestAnswerFits(t *testing.T) {
	request := Message{Version: V2c, Type: GetBulkRequest, NonRepeaters: 1, MaxRepetitions: 3, Varbinds: names("1.3.1", "1.3.1", "1.3.2")}
	whole := answer(t, device(), &request, 65535)
	if len(whole.Varbinds) != 7 {
		t.Fatalf("got %s", told(whole))
	}
	for limit := range len(whole.Append(nil)) + 2 {
		got := answer(t, device(), &request, limit)
		if got.Status == TooBig {
			if len(got.Varbinds) > 0 {
				t.Errorf("limit %d: tooBig with varbinds", limit)
			}
			one := whole
			one.Varbinds = one.Varbinds[:1]
			if len(one.Append(nil)) <= limit {
				t.Errorf("limit %d: tooBig, but one varbind fits", limit)
			}
			continue
		}
		if size := len(got.Append(nil)); size > limit {
			t.Errorf("limit %d: %d octets", limit, size)
		}
		more := whole
		more.Varbinds = whole.Varbinds[:min(len(got.Varbinds)+1, len(whole.Varbinds))]
		if len(got.Varbinds) < len(whole.Varbinds) && len(more.Append(nil)) <= limit {
			t.Errorf("limit %d: %d varbinds, but one more fits", limit, len(got.Varbinds))
		}
		if diff := cmp.Diff(whole.Varbinds[:len(got.Varbinds)], got.Varbinds); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
	for _, pdu := range []PDUType{GetRequest, GetNextRequest} {
		request := Message{Version: V2c, Type: pdu, Varbinds: names("1.3.1.1", "1.3.1.2")}
		whole := answer(t, device(), &request, 65535)
		size := len(whole.Append(nil))
		if got := answer(t, device(), &request, size); got.Status != NoError || len(got.Varbinds) != 2 {
			t.Errorf("%#x at its limit: %s", byte(pdu), told(got))
		}
		if got := answer(t, device(), &request, size-1); got.Status != TooBig || len(got.Varbinds) > 0 {
			t.Errorf("%#x above its limit: %s", byte(pdu), told(got))
		}
	}
}
