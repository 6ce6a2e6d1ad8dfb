package poll

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

const benchFlagged = 100

// benchTable is a forwarding table of 20 VLANs with a hundred stations that
// are sought, scattered over blocks and VLANs or in a row in one of each.
func benchTable(rows int, clustered bool) fdbTable {
	dice := rand.New(rand.NewPCG(1, uint64(rows)))
	f := fdbTable{}
	for id := range uint32(20) {
		f[id+1] = map[lan.MAC]lan.BridgePort{}
	}
	for n := range rows - benchFlagged {
		f[uint32(n%20)+1][macOf(dice.Uint64N(1<<48)&^(1<<40))] = lan.BridgePort(1 + n%47)
	}
	for n := range uint64(benchFlagged) {
		in, id := blocks[dice.IntN(len(blocks))], uint32(1+n%20)
		if clustered {
			in, id = blocks[len(blocks)/2], 7
		}
		first, last := numberOf(in.First), numberOf(in.Last)
		f[id][macOf(first+n*7919%(last-first+1))] = lan.BridgePort(1 + n%47)
	}
	return f
}

// measure reads a device again and again, and reports how often it was asked.
func measure(b *testing.B, device Device, agent *snmpagent.Agent) (rows int) {
	b.Helper()
	start := agent.Requests()
	for b.Loop() {
		agent.Rounds().Take()
		s := All(b.Context(), []Device{device}, blocks, nil)[0]
		rows = len(s.FDB)
	}
	b.ReportMetric(float64(agent.Requests()-start)/float64(b.N), "requests/op")
	return rows
}

// BenchmarkSeek reads the sought rows alone, 5 ms away.
func BenchmarkSeek(b *testing.B) {
	for _, rows := range []int{1000, 10_000, 100_000} {
		for _, clustered := range []bool{false, true} {
			name := map[bool]string{false: "scattered", true: "clustered"}[clustered]
			b.Run(fmt.Sprintf("rows=%d/%s", rows, name), func(b *testing.B) {
				device, agent := serve(b, benchTable(rows, clustered).recording(honest), snmpagent.Options{Delay: 5 * time.Millisecond})
				b.ReportAllocs()
				if found := measure(b, device, agent); found < benchFlagged*9/10 {
					b.Errorf("found %d", found)
				}
				b.ReportMetric(float64(agent.Rounds().Take()), "rounds/op")
			})
		}
	}
}

// BenchmarkWalk reads every row. The agent in this process counts in: of the
// memory it needs one datagram for each answer.
func BenchmarkWalk(b *testing.B) {
	for _, rows := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			device, agent := serve(b, benchTable(rows, false).recording(honest), snmpagent.Options{})
			device.Full = true
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			found := measure(b, device, agent)
			runtime.ReadMemStats(&after)
			total := float64(found) * float64(b.N)
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/row")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/total, "B/row")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/total, "ns/row")
		})
	}
}

// BenchmarkGrowth reports by how much the requests grow when a table grows
// tenfold and the stations that are sought stay as many.
func BenchmarkGrowth(b *testing.B) {
	requests := func(rows int) uint64 {
		device, agent := serve(b, benchTable(rows, false).recording(honest), snmpagent.Options{})
		All(b.Context(), []Device{device}, blocks, nil)
		return agent.Requests()
	}
	var growth []float64
	for b.Loop() {
		growth = append(growth, float64(requests(100_000))/float64(requests(10_000)))
	}
	slices.Sort(growth)
	b.ReportMetric(growth[len(growth)/2], "growth")
	b.ReportMetric(0, "ns/op")
}
