package snmpagent

import (
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// BenchmarkAnswer measures what an answer of 25 rows from a table of 100,000
// costs the agent, which must be little beside what it costs who asks.
func BenchmarkAnswer(b *testing.B) {
	var rows []smi.Varbind
	root := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")
	for n := range uint32(100_000) {
		rows = append(rows, smi.Varbind{Name: root.Append(1, 0, n>>16, 0x19, n>>8&0xff, n&0xff, 0xff), Value: smi.Value{Kind: smi.Integer, Num: 7}})
	}
	device := NewDevice(map[string]*capture.Recording{"public": capture.New(rows)})
	requests := make([][]byte, 1000)
	for i := range requests {
		requests[i] = (&Message{Version: V2c, Community: "public", Type: GetBulkRequest, MaxRepetitions: 25,
			Varbinds: []smi.Varbind{{Name: rows[i*7919%len(rows)].Name}}}).Append(nil)
	}
	var answer []byte
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		answer = device.Answer(answer[:0], requests[n%len(requests)])
	}
}
