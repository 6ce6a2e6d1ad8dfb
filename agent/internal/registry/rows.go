package registry

import "slices"

// The lengths of a prefix in the registry, in bits.
const (
	largeBits  = 24 // MA-L
	mediumBits = 28 // MA-M
	smallBits  = 36 // MA-S, and IAB before it
)

// rows holds every assignment, one block for each length of prefix.
type rows struct {
	large, medium block[uint32]
	small         block[uint64]
	names         []string
}

// A block maps prefixes, ascending, to indexes of names. A prefix that the
// registry lists twice stands in it twice.
type block[K uint32 | uint64] struct {
	keys  []K
	names []uint16
}

// find returns the half-open range of rows that have the key.
func (b *block[K]) find(key K) (from, to int) {
	from, found := slices.BinarySearch(b.keys, key)
	if !found {
		return 0, 0
	}
	to = from + 1
	for to < len(b.keys) && b.keys[to] == key {
		to++
	}
	return from, to
}

func (r *rows) lookup(key uint64) Assignment {
	if from, to := r.small.find(key >> (48 - smallBits)); from < to {
		return r.assignment(key, smallBits, r.small.names[from:to])
	}
	if from, to := r.medium.find(uint32(key >> (48 - mediumBits))); from < to {
		return r.assignment(key, mediumBits, r.medium.names[from:to])
	}
	if from, to := r.large.find(uint32(key >> (48 - largeBits))); from < to {
		return r.assignment(key, largeBits, r.large.names[from:to])
	}
	return Assignment{}
}

func (r *rows) assignment(key uint64, bits int, names []uint16) Assignment {
	shared := key >> (48 - bits)
	a := Assignment{Prefix: prefixOf(shared, bits), Registry: registryOf(shared, bits)}
	if first := names[0]; len(names) == 1 {
		a.Organizations = r.names[first : first+1 : first+1]
	} else {
		for _, name := range names {
			a.Organizations = append(a.Organizations, r.names[name])
		}
	}
	a.Standing = standingOf(a.Organizations[0])
	return a
}

// registryOf names the registry of a prefix. The closed IAB registry used the
// 36-bit blocks of two MA-L prefixes, and MA-S uses neither of them.
func registryOf(shared uint64, bits int) string {
	switch bits {
	case largeBits:
		return "MA-L"
	case mediumBits:
		return "MA-M"
	}
	if oui := shared >> (smallBits - largeBits); oui == 0x0050c2 || oui == 0x40d855 {
		return "IAB"
	}
	return "MA-S"
}

func (r *rows) prefixes(wanted func(string) bool) []Prefix {
	want := make([]bool, len(r.names))
	for i, name := range r.names {
		want[i] = wanted(name)
	}
	found := r.large.prefixes(nil, largeBits, want)
	found = r.medium.prefixes(found, mediumBits, want)
	found = r.small.prefixes(found, smallBits, want)
	slices.SortFunc(found, Prefix.Compare)
	return slices.Compact(found)
}

func (b *block[K]) prefixes(found []Prefix, bits int, want []bool) []Prefix {
	for i, key := range b.keys {
		if want[b.names[i]] {
			found = append(found, prefixOf(uint64(key), bits))
		}
	}
	return found
}
