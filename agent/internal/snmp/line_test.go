package snmp

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// FuzzAnswer reads any datagram. What is taken for an answer has to be one,
// and where gosnmp can read it as well, both read the same.
func FuzzAnswer(f *testing.F) {
	good := snmpagent.Message{Version: snmpagent.V2c, Community: "public", Type: snmpagent.GetResponse, RequestID: 7, Varbinds: []smi.Varbind{
		row(1), {Name: sysUpTime, Value: smi.Value{Kind: smi.EndOfMibView}},
		{Name: column, Value: smi.Value{Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 1}}},
		{Name: column, Value: smi.Value{Kind: smi.ObjectIdentifier, OID: column}},
	}}
	f.Add(good.Append(nil))
	for _, forged := range forgeries {
		f.Add(forged.make(good))
	}
	for _, value := range [][]byte{element(0x44, 0x9f, 0x78, 4, 0x3f, 0x80, 0, 0), element(0x13, 'x'), element(0x40)} {
		f.Add(holding(good, value))
	}
	l := communityLine{version: gosnmp.Version2c, community: "public"}
	library := &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		a := l.read(datagram)
		if a.err != nil {
			return
		}
		if a.status == gosnmp.NoError && len(a.varbinds) == 0 || a.id == 0 {
			t.Errorf("taken for an answer: %+v", a)
		}
		for _, vb := range a.varbinds {
			if vb.Value.Kind == smi.IPAddress && len(vb.Value.Bytes) != 4 || len(vb.Name) > smi.MaxArcs {
				t.Errorf("%v holds %v", vb.Name, vb.Value)
			}
		}
		p, err := library.SnmpDecodePacket(datagram)
		if err != nil || p.PDUType != gosnmp.GetResponse || len(p.Variables) != len(a.varbinds) {
			return
		}
		theirs, err := decodePacket(p)
		if err != nil {
			return
		}
		for i, vb := range theirs.varbinds {
			if mine := a.varbinds[i]; vb.Value.Kind == mine.Value.Kind && vb.Value.Kind == smi.OctetString &&
				vb.Name.Compare(mine.Name) == 0 && string(vb.Value.Bytes) != string(mine.Value.Bytes) {
				t.Errorf("%v: read %v, gosnmp reads %v", vb.Name, mine.Value, vb.Value)
			}
		}
	})
}

// What is written is read by an agent's codec of its own, and by gosnmp.
func TestRequestOnTheWire(t *testing.T) {
	names := []smi.OID{sysUpTime, column.Append(255, 128, 1<<32-1, 0), {1, 3}, {2, 999, 3}}
	for _, r := range []request{
		{gosnmp.GetRequest, names, 0}, {gosnmp.GetNextRequest, names[:1], 0}, {gosnmp.GetBulkRequest, names, 25},
		{gosnmp.GetBulkRequest, names, 200}, {gosnmp.GetBulkRequest, manyNames(60), 1},
	} {
		datagram := appendRequest(nil, gosnmp.Version2c, "public", 1<<31-1, &r)
		m, err := snmpagent.ParseMessage(datagram)
		if err != nil {
			t.Fatal(err)
		}
		var got []smi.OID
		for _, vb := range m.Varbinds {
			got = append(got, vb.Name)
		}
		if diff := cmp.Diff(r.names, got); diff != "" || m.RequestID != 1<<31-1 || m.Community != "public" ||
			byte(m.Type) != byte(r.pdu) || int(m.MaxRepetitions) != r.repetitions || m.Version != snmpagent.V2c {
			t.Errorf("read as %+v; names differ (-want +got):\n%s", m, diff)
		}
		p, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}).SnmpDecodePacket(datagram)
		if err != nil || len(p.Variables) != len(r.names) {
			t.Errorf("gosnmp reads %v and %v", p, err)
		}
	}
}

func manyNames(n uint32) []smi.OID {
	var oids []smi.OID
	for i := range n {
		oids = append(oids, column.Append(i))
	}
	return oids
}

// A panic that gosnmp recovers comes with the stacks of all goroutines.
func TestExplain(t *testing.T) {
	for text, want := range map[string]string{
		"recover: index out of range Stack:goroutine 1 [running]:\nmain.main()": "recover: index out of range",
		"request timeout (after 0 retries)":                                     errAttemptOver.Error(),
		"broken pipe":                                                           "broken pipe",
	} {
		if got := (&usmLine{}).explain(errors.New(text)); got.Error() != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
