package capture

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// An arena keeps many small slices in few allocations: a capture of a large
// switch has a hundred thousand of them.
type arena[T any] struct {
	free []T
}

const arenaChunk = 4096

// keep returns a copy of p that nothing can grow into its neighbour.
func (a *arena[T]) keep(p []T) []T {
	switch {
	case len(p) == 0:
		return nil
	case len(p) > arenaChunk/4:
		return slices.Clip(slices.Clone(p))
	case len(p) > cap(a.free)-len(a.free):
		a.free = make([]T, 0, arenaChunk)
	}
	start := len(a.free)
	a.free = append(a.free, p...)
	return slices.Clip(a.free[start:])
}

// A builder collects the rows of a file in its order.
type builder struct {
	arcs   arena[uint32]
	octets arena[byte]
	full   [][]smi.Varbind
	rows   []smi.Varbind
	count  int
}

const builderChunk = 1024

// add takes a row; it copies the name and what the value points to.
func (b *builder) add(name smi.OID, value smi.Value) {
	if len(b.rows) == cap(b.rows) {
		b.full = append(b.full, b.rows)
		b.rows = make([]smi.Varbind, 0, builderChunk)
	}
	value.Bytes = b.octets.keep(value.Bytes)
	value.OID = b.arcs.keep(value.OID)
	b.rows = append(b.rows, smi.Varbind{Name: b.arcs.keep(name), Value: value})
	b.count++
}

func (b *builder) recording() *Recording {
	return newRecording(slices.Concat(append(b.full, b.rows)...))
}
