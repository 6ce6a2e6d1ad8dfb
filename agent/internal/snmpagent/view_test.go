package snmpagent

import (
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A view comes to the places that its recording comes to, with as many rows as
// there are before, at and after a head.
func TestViewAfter(t *testing.T) {
	for _, rows := range []int{0, 1, stride - 1, stride, stride + 1, 5*stride + 3} {
		var table []smi.Varbind
		for n := range uint32(rows) {
			table = append(table, smi.Varbind{Name: smi.OID{1, 3, 2 * n, 10 * n}, Value: smi.Value{Kind: smi.Integer, Num: 7}})
		}
		sorted := capture.New(table)
		slices.Reverse(table)
		for _, recording := range []*capture.Recording{sorted, capture.New(table).InFileOrder()} {
			view := newView(recording)
			for n := range uint32(2*rows + 2) {
				for _, name := range []smi.OID{{1, 3, n}, {1, 3, n, 5 * n}, {1, 3, n, 5*n + 1}, {1, 3, n, 5 * n, 0}} {
					if got, want := view.After(name), recording.After(name); got != want {
						t.Errorf("after %v of %d rows is place %d, want %d", name, rows, got, want)
					}
				}
			}
		}
	}
}
