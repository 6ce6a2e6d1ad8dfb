package snmp

import (
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// seen remembers the rows of a walk by their hash, as a plain list for as
// long as they come in order and none can come twice.
type seen struct {
	hashes []uint64
	set    map[uint64]bool
}

// seed is that of all hashes. No device knows it.
var seed = maphash.MakeSeed()

// before tells whether a row was seen, and remembers it. index is that of the
// row, and in order it is where it is behind all others.
func (s *seen) before(index smi.OID, inOrder bool) bool {
	hash := hashOf(index)
	if inOrder && s.set == nil {
		s.hashes = append(s.hashes, hash)
		return false
	}
	if s.set == nil {
		s.set = make(map[uint64]bool, 2*len(s.hashes))
		for _, h := range s.hashes {
			s.set[h] = true
		}
		s.hashes = nil
	}
	if s.set[hash] {
		return true
	}
	s.set[hash] = true
	return false
}

// reserve makes room for so many rows that are in order.
func (s *seen) reserve(rows int) {
	if s.set == nil {
		s.hashes = slices.Grow(s.hashes, rows)
	}
}

// has tells whether a row was seen.
func (s *seen) has(index smi.OID) bool {
	hash := hashOf(index)
	return s.set[hash] || slices.Contains(s.hashes, hash)
}

func hashOf(index smi.OID) uint64 {
	var room [4 * 32]byte
	octets := room[:0]
	for _, arc := range index {
		octets = binary.LittleEndian.AppendUint32(octets, arc)
	}
	return maphash.Bytes(seed, octets)
}
