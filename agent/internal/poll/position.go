package poll

import (
	"cmp"
	"math"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A position is where a row stands in a forwarding table: by its FDB id,
// which is 0 in dot1dTpFdbTable, and its address as a number of 48 bits.
type position struct {
	id  uint32
	mac uint64
}

const (
	maxMAC = 1<<48 - 1
	maxID  = math.MaxUint32
)

func (p position) compare(q position) int {
	if p.id != q.id {
		return cmp.Compare(p.id, q.id)
	}
	return cmp.Compare(p.mac, q.mac)
}

// after is the next position, and whether there is one.
func (p position) after() (position, bool) {
	switch {
	case p.mac < maxMAC:
		return position{p.id, p.mac + 1}, true
	case p.id < maxID:
		return position{p.id + 1, 0}, true
	default:
		return p, false
	}
}

// before is the position before this one, and whether there is one.
func (p position) before() (position, bool) {
	switch {
	case p.mac > 0:
		return position{p.id, p.mac - 1}, true
	case p.id > 0:
		return position{p.id - 1, maxMAC}, true
	default:
		return p, false
	}
}

func numberOf(mac lan.MAC) uint64 {
	n := uint64(0)
	for _, octet := range mac {
		n = n<<8 | uint64(octet)
	}
	return n
}

// A layout is how a forwarding table is indexed: dot1qTpFdbTable by FDB id and
// address, dot1dTpFdbTable by address.
type layout struct{ ids bool }

// index appends the index of a row.
func (l layout) index(dst smi.OID, p position) smi.OID {
	if l.ids {
		dst = append(dst, p.id)
	}
	for shift := 40; shift >= 0; shift -= 8 {
		dst = append(dst, uint32(p.mac>>shift)&0xff)
	}
	return dst
}

// position reads the index of a row. It takes the standard shape alone: what
// is indexed otherwise is not sorted by address.
func (l layout) position(index smi.OID) (position, bool) {
	var p position
	if l.ids {
		if len(index) != 7 {
			return p, false
		}
		p.id, index = index[0], index[1:]
	}
	if len(index) != 6 {
		return p, false
	}
	for _, arc := range index {
		if arc > 255 {
			return p, false
		}
		p.mac = p.mac<<8 | uint64(arc)
	}
	return p, true
}
