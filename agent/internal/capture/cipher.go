package capture

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// A cipher replaces things one to one by a key: nobody without the key can
// tell what stood there, and with the same key the same comes out each time.
type cipher struct{ keyed hash.Hash }

func newCipher(key []byte) cipher { return cipher{hmac.New(sha256.New, key)} }

// sum is HMAC-SHA-256 of the parts, each with its length before it.
func (c cipher) sum(parts ...[]byte) [sha256.Size]byte {
	c.keyed.Reset()
	var size [4]byte
	for _, part := range parts {
		binary.BigEndian.PutUint32(size[:], uint32(len(part)))
		c.keyed.Write(size[:]) // a hash takes everything
		c.keyed.Write(part)
	}
	var sum [sha256.Size]byte
	c.keyed.Sum(sum[:0])
	return sum
}

// A digit of a number in mixed radix: value < radix, 2 ≤ radix ≤ 256.
type digit struct{ value, radix uint16 }

// permute replaces a number by another with the same radixes, one to one for
// each tweak: an unbalanced Feistel network whose halves are added digit by
// digit, with the rounds of NIST SP 800-38G.
func (c cipher) permute(tweak string, number []digit) {
	const rounds = 10
	radixes := make([]byte, 0, 2*len(number))
	for _, d := range number {
		radixes = binary.BigEndian.AppendUint16(radixes, d.radix)
	}
	shape := c.sum([]byte(tweak), radixes)
	left, right := number[:len(number)/2], number[len(number)/2:]
	for round := range byte(rounds) {
		c.mix(shape[:], round, left, right)
		left, right = right, left
	}
}

// mix adds to one half what the other one gives.
func (c cipher) mix(shape []byte, round byte, from, to []digit) {
	source := make([]byte, 0, 2*len(from))
	for _, d := range from {
		source = binary.BigEndian.AppendUint16(source, d.value)
	}
	seed := c.sum(shape, []byte{round}, source)
	const perBlock = sha256.Size / 2
	var block [sha256.Size]byte
	for i := range to {
		if i%perBlock == 0 {
			block = c.sum(seed[:], binary.BigEndian.AppendUint32(nil, uint32(i/perBlock)))
		}
		add := binary.BigEndian.Uint16(block[2*(i%perBlock):])
		to[i].value = uint16((uint32(to[i].value) + uint32(add)) % uint32(to[i].radix))
	}
}

// flip changes the bits of an address from the given one on, each by what
// stands before it, so that addresses which share their first n bits still do,
// and share no more (the scheme of Xu, Fan, Ammar and Moon, 2002).
func (c cipher) flip(tweak string, octets []byte, from int) {
	before := make([]byte, len(octets))
	original := append([]byte(nil), octets...)
	copy(before, octets[:from/8])
	for bit := range from % 8 {
		before[from/8] |= octets[from/8] & (0x80 >> bit)
	}
	for bit := from; bit < 8*len(octets); bit++ {
		mask := byte(0x80) >> (bit % 8)
		sum := c.sum([]byte(tweak), []byte{byte(bit)}, before)
		octets[bit/8] ^= mask & -(sum[0] & 1)
		before[bit/8] |= original[bit/8] & mask
	}
}
