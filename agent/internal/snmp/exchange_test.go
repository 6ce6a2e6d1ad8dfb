package snmp

import (
	"errors"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// FuzzAnswer reads any datagram. What is taken for an answer has to be one.
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
	s := Session{client: &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		if s.accept(datagram) != nil {
			return
		}
		p, err := s.client.SnmpDecodePacket(datagram)
		if err != nil {
			t.Fatalf("accepted, and then %v", err)
		}
		a, err := decode(p)
		if err != nil {
			return
		}
		if a.status == gosnmp.NoError && len(a.varbinds) == 0 {
			t.Error("an answer without content is taken for one")
		}
		for _, vb := range a.varbinds {
			if vb.Value.Kind == smi.IPAddress && len(vb.Value.Bytes) != 4 {
				t.Errorf("an IpAddress of %d octets", len(vb.Value.Bytes))
			}
		}
	})
}

// A panic that gosnmp recovers comes with the stacks of all goroutines.
func TestFirstLine(t *testing.T) {
	for text, want := range map[string]string{
		"recover: index out of range Stack:goroutine 1 [running]:\nmain.main()": "recover: index out of range",
		"request timeout": "request timeout",
	} {
		if got := firstLine(errors.New(text)); got.Error() != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
