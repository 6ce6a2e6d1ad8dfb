package snmpagent

import (
	"bytes"
	"sort"

	"github.com/camwarden/camwarden/agent/internal/ber"
	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A view is what a community shows: a recording, and its rows as they are
// sent. They are encoded once, and an answer copies them: an agent often
// shares the processor with a client that is measured.
type view struct {
	*capture.Recording
	octets []byte
	ends   []uint32 // of the row at each place, in octets
	heads  [][]byte // the names of every strideth row, encoded
	sorted bool     // the encoded names increase
}

// stride is after how many rows the next head comes.
const stride = 32

// views are those of all communities.
func views(communities map[string]*capture.Recording) map[string]*view {
	all := make(map[string]*view, len(communities))
	for community, recording := range communities {
		if recording != nil {
			all[community] = newView(recording)
		}
	}
	return all
}

func newView(recording *capture.Recording) *view {
	v := &view{Recording: recording, ends: make([]uint32, recording.Len()), sorted: true}
	for place := range v.ends {
		v.octets = appendVarbind(v.octets, recording.At(place))
		v.ends[place] = uint32(len(v.octets))
		if place%stride == 0 {
			v.heads = append(v.heads, bytes.Clone(v.name(place)))
		}
		v.sorted = v.sorted && (place == 0 || ber.CompareOID(v.name(place-1), v.name(place)) < 0)
	}
	return v
}

// encoded returns the row at a place as it is sent.
func (v *view) encoded(place int) []byte {
	start := uint32(0)
	if place > 0 {
		start = v.ends[place-1]
	}
	return v.octets[start:v.ends[place]]
}

// name returns the name of the row at a place as it is sent.
func (v *view) name(place int) []byte {
	row, _, _ := ber.Expect(v.encoded(place), ber.Sequence)
	name, _, _ := ber.Expect(row, ber.OID)
	return name
}

// After is that of the recording. It is for the processor's caches that it
// searches the heads, which lie close together, and then what will be sent.
func (v *view) After(name smi.OID) int {
	if !v.sorted {
		return v.Recording.After(name)
	}
	encoded := ber.AppendOID(make([]byte, 0, 64), name)
	block := sort.Search(len(v.heads), func(i int) bool { return ber.CompareOID(v.heads[i], encoded) > 0 })
	if block == 0 {
		return 0
	}
	start := (block - 1) * stride
	return start + sort.Search(min(stride, v.Len()-start), func(i int) bool { return ber.CompareOID(v.name(start+i), encoded) > 0 })
}
