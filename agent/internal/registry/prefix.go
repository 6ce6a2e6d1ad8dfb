package registry

import (
	"cmp"
	"encoding/binary"
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A Prefix is a block of addresses that share their first bits.
type Prefix struct {
	First lan.MAC // the lowest address of the block
	Bits  int     // how many bits are shared: 24, 28 or 36 in the registry
}

// String prints the shared digits and their number: 14:a7:8b/24, 40:2c:76:1/28.
func (p Prefix) String() string {
	digits := (p.Bits + 3) / 4
	return p.First.String()[:max(0, digits+(digits-1)/2)] + "/" + strconv.Itoa(p.Bits)
}

// Last is the highest address of the block.
func (p Prefix) Last() lan.MAC { return macOf(keyOf(p.First) | (1<<(48-p.Bits) - 1)) }

// Contains tells whether an address lies in the block.
func (p Prefix) Contains(mac lan.MAC) bool {
	return (keyOf(p.First)^keyOf(mac))>>(48-p.Bits) == 0
}

// Compare orders blocks by their lowest address, and a block before its parts.
func (p Prefix) Compare(q Prefix) int {
	return cmp.Or(p.First.Compare(q.First), cmp.Compare(p.Bits, q.Bits))
}

// keyOf reads an address as a number of 48 bits.
func keyOf(mac lan.MAC) uint64 {
	var octets [8]byte
	copy(octets[2:], mac[:])
	return binary.BigEndian.Uint64(octets[:])
}

func macOf(key uint64) lan.MAC {
	var octets [8]byte
	binary.BigEndian.PutUint64(octets[:], key)
	return lan.MAC(octets[2:])
}

// prefixOf makes the block whose shared bits are the number given.
func prefixOf(shared uint64, bits int) Prefix { return Prefix{macOf(shared << (48 - bits)), bits} }
