package snmp

import (
	"context"
	"runtime"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// BenchmarkWalk reads one column of 10,000 rows of a forwarding table. The
// agent in this process counts in: of the memory it needs one datagram for
// each answer.
func BenchmarkWalk(b *testing.B) {
	const rows = 10_000
	root := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")
	table := make([]smi.Varbind, rows)
	for n := range table {
		index := []uint32{10, 0x44, 0x19, 0xb6, uint32(n >> 16), uint32(n >> 8 & 0xff), uint32(n & 0xff)}
		table[n] = smi.Varbind{Name: root.Append(index...), Value: smi.Value{Kind: smi.Integer, Num: 7}}
	}
	agent := start(b, capture.New(table), nil)
	s := open(b, agent, Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	seen := 0
	for b.Loop() {
		err := s.Walk(context.Background(), root, func(smi.Varbind) error { seen++; return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if seen != rows*b.N {
		b.Fatalf("%d rows, want %d", seen, rows*b.N)
	}
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(seen), "allocs/row")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(seen), "B/row")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(seen), "ns/row")
	b.ReportMetric(float64(s.Requests())/float64(b.N), "requests/op")
}
