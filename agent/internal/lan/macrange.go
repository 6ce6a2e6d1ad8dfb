package lan

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// A MACRange is all addresses from First to Last, as a block of them is.
type MACRange struct{ First, Last MAC }

// Contains tells whether an address lies in the range.
func (r MACRange) Contains(m MAC) bool { return r.First.Compare(m) <= 0 && m.Compare(r.Last) <= 0 }

// String prints 14:a7:8b/24 for a block, the address for one alone, and the
// first and the last address for what is neither.
func (r MACRange) String() string {
	differ := r.First.key() ^ r.Last.key()
	shared := 48 - bits.Len64(differ)
	switch {
	case differ == 0:
		return r.First.String()
	case shared%4 != 0 || r.First.key()&differ != 0 || differ&(differ+1) != 0:
		return r.First.String() + " to " + r.Last.String()
	}
	digits := shared / 4
	return r.First.String()[:digits+(digits-1)/2] + "/" + strconv.Itoa(shared)
}

// minPrefix is the fewest bits of a prefix that people may write: those of the
// largest block that the IEEE gives out.
const minPrefix = 24

// ParseMACPrefix reads the first digits of addresses, 6 to 12 of them, as
// people and camwarden itself write them: 14:a7:8b, 14-A7-8B, 14a78b,
// 40:2c:76:1, 40:2c:76:1/28.
func ParseMACPrefix(s string) (MACRange, error) {
	errPrefix := errors.New("write the first 6 to 12 digits of the addresses, such as 14:a7:8b or 40:2c:76:1/28")
	text, length, lengthGiven := strings.Cut(strings.TrimSpace(s), "/")
	digits := strings.NewReplacer(":", "", "-", "", ".", "").Replace(text)
	first, err := strconv.ParseUint(digits, 16, 48)
	shared := 4 * len(digits)
	switch {
	case err != nil || shared < minPrefix || shared > 48:
		return MACRange{}, errPrefix
	case lengthGiven && length != strconv.Itoa(shared):
		return MACRange{}, errors.New("write as many digits as the prefix is long: six digits are /24, seven are /28, nine are /36")
	}
	first <<= 48 - shared
	r := MACRange{macOfKey(first), macOfKey(first | (1<<(48-shared) - 1))}
	if r.First.IsGroup() {
		return MACRange{}, errors.New("this is a prefix of multicast addresses, which no station has")
	}
	return r, nil
}

// MergeRanges sorts ranges, and makes one of those that overlap or follow each
// other without a gap.
func MergeRanges(ranges []MACRange) []MACRange {
	sorted := slices.SortedFunc(slices.Values(ranges), func(a, b MACRange) int {
		return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last))
	})
	merged := sorted[:0]
	for _, r := range sorted {
		n := len(merged) - 1
		if n >= 0 && r.First.key() <= merged[n].Last.key()+1 {
			if r.Last.Compare(merged[n].Last) > 0 {
				merged[n].Last = r.Last
			}
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// key is the address as a number of 48 bits.
func (m MAC) key() uint64 {
	return uint64(binary.BigEndian.Uint32(m[:4]))<<16 | uint64(binary.BigEndian.Uint16(m[4:]))
}

func macOfKey(key uint64) MAC {
	var octets [8]byte
	binary.BigEndian.PutUint64(octets[:], key)
	return MAC(octets[2:])
}
