package ber

import (
	"cmp"
	"math"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

func TestLengths(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 65536} {
		encoded := AppendTLV(nil, Octets, make([]byte, n))
		_, content, rest, err := ReadTLV(append(encoded, 1, 2))
		if err != nil || len(content) != n || len(rest) != 2 || SizeTLV(n) != len(encoded) {
			t.Errorf("%d octets: read %d and %d after them, size %d of %d, error %v", n, len(content), len(rest), SizeTLV(n), len(encoded), err)
		}
	}
}

// A tag leads to one kind, and back.
func TestTags(t *testing.T) {
	for kind := range smi.Kind(len(tags)) {
		if got, known := Kind(Tag(kind)); got != kind || !known {
			t.Errorf("%s: tag %#02x, which is %s, %t", kind, Tag(kind), got, known)
		}
	}
	if kind, known := Kind(0x13); known {
		t.Errorf("0x13 is %s", kind)
	}
	if tag := Tag(smi.Kind(len(tags))); tag != Null {
		t.Errorf("what is no kind has the tag %#02x", tag)
	}
}

// Encoded identifiers are in the order that their arcs are in.
func TestCompareOID(t *testing.T) {
	arcs := []uint32{0, 1, 39, 127, 128, 129, 255, 256, 16383, 16384, 16511, 16512, 1 << 21, math.MaxUint32}
	oids := []smi.OID{{0, 0}, {1, 3}, {2, 100}}
	for _, arc := range arcs {
		oids = append(oids, smi.OID{1, 3, arc}, smi.OID{2, arc})
		for _, next := range arcs {
			oids = append(oids, smi.OID{1, 3, arc, next}, smi.OID{1, 3, 6, arc, 1, next})
		}
	}
	for _, a := range oids {
		for _, b := range oids {
			got, want := CompareOID(AppendOID(nil, a), AppendOID(nil, b)), a.Compare(b)
			if cmp.Compare(got, 0) != cmp.Compare(want, 0) {
				t.Errorf("%v and %v compare as %d, want %d", a, b, got, want)
			}
		}
	}
}

// An identifier is read behind what there is, whatever is odd about it.
func TestAppendArcs(t *testing.T) {
	tests := []struct {
		content []byte
		want    smi.OID // nil: it cannot be read
	}{
		{[]byte{0x2b, 6, 1}, smi.OID{1, 3, 6, 1}},
		{[]byte{0}, smi.OID{0, 0}},
		{[]byte{0x88, 0x37, 3}, smi.OID{2, 999, 3}},
		{[]byte{0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f, 0x81, 0, 5}, smi.OID{1, 3, 1<<32 - 1, 128, 5}},
		{[]byte{0x80, 0x2b, 0x80, 6, 0x80, 0x80, 0}, smi.OID{1, 3, 6, 0}}, // longer than need be
		{append([]byte{0x2b}, make([]byte, 126)...), append(smi.OID{1, 3}, make(smi.OID, 126)...)},
		{append([]byte{0x2b}, make([]byte, 127)...), nil},
		{[]byte{0x2b, 0x90, 0x80, 0x80, 0x80, 0}, nil},
		{[]byte{0x2b, 0x81}, nil},
		{nil, nil},
	}
	for _, test := range tests {
		for _, room := range []int{1, 200} {
			got, err := AppendArcs(append(make([]uint32, 0, room), 7), test.content)
			if test.want == nil {
				if err == nil {
					t.Errorf("% x: read as %v", test.content, got)
				}
				continue
			}
			if err != nil || got[0] != 7 || smi.OID(got[1:]).Compare(test.want) != 0 {
				t.Errorf("% x: got %v and %v, want %v", test.content, got, err, test.want)
			}
		}
	}
}
