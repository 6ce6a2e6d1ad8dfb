package capture

import (
	"net/netip"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A Block is what must stay of a hardware address for it to be judged alike.
type Block struct {
	// Bits is how many leading bits stay: 24, 28 or 36 for an assigned block,
	// 48 for an address that stays as it is. Where fewer than 8 stay, the two
	// bits that tell group and locally administered addresses stay as well.
	Bits int
	// Kind names the block and what is known of it. An address is replaced by
	// one with the same Block.
	Kind string
}

// A Redactor replaces what tells one station, network or place from another:
// the device's part of hardware addresses, IP addresses, and names. Equal
// things stay equal and different ones different, in one file and in all files
// that are redacted with the same key. It serves one goroutine.
type Redactor struct {
	cipher cipher
	block  func(lan.MAC) Block
	macs   map[lan.MAC]lan.MAC
	addrs  map[netip.Addr]netip.Addr
}

// NewRedactor makes a redactor. The key is a secret of at least 16 octets;
// block tells the block of an address, from its value alone.
func NewRedactor(key []byte, block func(lan.MAC) Block) *Redactor {
	return &Redactor{cipher: newCipher(key), block: block,
		macs: make(map[lan.MAC]lan.MAC), addrs: make(map[netip.Addr]netip.Addr)}
}

// MAC replaces the device's part of an address by that of another in the same
// block, one to one. Zero, broadcast, multicast and virtual addresses stay, as
// the function given to NewRedactor says, except those that IPv6 makes of a
// station's address.
func (r *Redactor) MAC(mac lan.MAC) lan.MAC {
	if known, ok := r.macs[mac]; ok {
		return known
	}
	block := r.block(mac)
	if isSolicitedNode(mac) {
		block = Block{Bits: 24}
	}
	replaced := mac
	if block.Bits < 8*len(mac) {
		// Some of the addresses with these bits may be of another block, such
		// as a virtual one. Going on until the block is the same again keeps
		// this one to one.
		replaced = r.permuteMAC(mac, block.Bits)
		for !isSolicitedNode(mac) && r.block(replaced) != block {
			replaced = r.permuteMAC(replaced, block.Bits)
		}
	}
	r.macs[mac] = replaced
	return replaced
}

// isSolicitedNode tells the group address of a solicited-node multicast, which
// ends in three octets of a station's address (RFC 2464, RFC 4291).
func isSolicitedNode(mac lan.MAC) bool { return mac[0] == 0x33 && mac[1] == 0x33 && mac[2] == 0xff }

func (r *Redactor) permuteMAC(mac lan.MAC, kept int) lan.MAC {
	const groupAndLocal = 3 // the I/G and U/L bits (IEEE Std 802-2014, 8.2)
	var rest []digit
	first := (kept + 3) / 4 // in half octets
	for i := first; i < 2*len(mac); i++ {
		d := digit{uint16(mac[i/2]>>4) & 15, 16}
		switch {
		case i == 1:
			d = digit{uint16(mac[0]&15) >> 2, 4}
		case i%2 == 1:
			d.value = uint16(mac[i/2]) & 15
		}
		rest = append(rest, d)
	}
	var stays [2 * len(mac)]byte
	for i := range first {
		stays[i] = mac[i/2] >> (4 - 4*(i%2)) & 15
	}
	if first <= 1 {
		stays[1] = mac[0] & groupAndLocal
	}
	r.cipher.permute("mac"+string(stays[:]), rest)
	for i, d := range rest {
		value := byte(d.value)
		if i+first == 1 {
			value <<= 2
		}
		stays[i+first] |= value
	}
	var replaced lan.MAC
	for i := range replaced {
		replaced[i] = stays[2*i]<<4 | stays[2*i+1]
	}
	return replaced
}

// Name replaces the letters and digits of a text by others, one to one: small
// letters by small ones, capitals by capitals, digits by digits. The length in
// octets and everything else stays.
func (r *Redactor) Name(text string) string {
	number, places, stays := shape([]byte(text))
	r.cipher.permute("name"+string(stays), number)
	for i, d := range number {
		stays[places[i]] += byte(d.value)
	}
	return string(stays)
}

// Context replaces the name of a context, unless it is that of a VLAN.
func (r *Redactor) Context(name string) string {
	if lan.ContextVLAN(name) != 0 {
		return name
	}
	return r.Name(name)
}

// opaque replaces octets that are neither text nor an address of a known
// length, other than zeros.
func (r *Redactor) opaque(octets []byte) []byte {
	number := make([]digit, len(octets))
	zero := true
	for i, octet := range octets {
		number[i] = digit{uint16(octet), 256}
		zero = zero && octet == 0
	}
	if zero {
		return octets
	}
	r.cipher.permute("octets", number)
	replaced := make([]byte, len(octets))
	for i, d := range number {
		replaced[i] = byte(d.value)
	}
	return replaced
}
