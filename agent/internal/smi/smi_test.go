package smi

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseOID(t *testing.T) {
	tests := []struct {
		text string
		want OID
	}{
		{"1.3.6.1", OID{1, 3, 6, 1}},
		{".1.3.6.1", OID{1, 3, 6, 1}},
		{"0", OID{0}},
		{"1.4294967295", OID{1, math.MaxUint32}},
		{"1" + strings.Repeat(".1", MaxArcs-1), slices.Repeat(OID{1}, MaxArcs)},
	}
	for _, test := range tests {
		if got, err := ParseOID(test.text); err != nil || got.Compare(test.want) != 0 {
			t.Errorf("%s: got %v, %v", test.text, got, err)
		}
	}
	for _, text := range []string{"", ".", "..1", "1.", "1..3", "1.3.", "1.-3", "1.+3", "1.x", "1.4294967296", "1 .3", "iso.3.6", "1" + strings.Repeat(".1", MaxArcs)} {
		if got, err := ParseOID(text); err == nil || got != nil {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func FuzzParseOID(f *testing.F) {
	for _, s := range []string{"1.3.6.1.2.1.1.5.0", ".1.3", "0.0", "1.4294967295", "1.4294967296", "1..3", "01.3", "1.3."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		oid, err := ParseOID(s)
		if err != nil {
			return
		}
		if len(oid) == 0 || len(oid) > MaxArcs {
			t.Errorf("%q has %d arcs", s, len(oid))
		}
		again, err := ParseOID(oid.String())
		if err != nil || again.Compare(oid) != 0 {
			t.Errorf("%q is %v, and that is %v, %v", s, oid, again, err)
		}
	})
}

// Rows are ordered by number, not by text, and a name before those below it.
func TestOIDOrder(t *testing.T) {
	inOrder := []string{"1.3", "1.3.2", "1.3.2.1", "1.3.10", "1.4"}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got, want := MustOID(a).Compare(MustOID(b)), i-j; got > 0 != (want > 0) || got < 0 != (want < 0) {
				t.Errorf("%s and %s compare as %d", a, b, got)
			}
		}
	}
	if CompareVarbinds(Varbind{Name: OID{1, 2}}, Varbind{Name: OID{1, 10}}) >= 0 {
		t.Error("varbinds are not ordered by name")
	}
}

func TestOIDHasPrefix(t *testing.T) {
	tests := []struct {
		oid, root string
		want      bool
	}{{"1.3.6.1", "1.3.6", true}, {"1.3.6", "1.3.6", true}, {"1.3", "1.3.6", false}, {"1.3.60", "1.3.6", false}}
	for _, test := range tests {
		if got := MustOID(test.oid).HasPrefix(MustOID(test.root)); got != test.want {
			t.Errorf("%s in %s: got %v", test.oid, test.root, got)
		}
	}
}

// Two identifiers made of one must not share what follows it.
func TestOIDAppendCopies(t *testing.T) {
	root := append(make(OID, 0, 10), 1, 3)
	a, b := root.Append(1), root.Append(2, 5)
	if a.String() != "1.3.1" || b.String() != "1.3.2.5" || root.String() != "1.3" {
		t.Errorf("got %v, %v and %v", a, b, root)
	}
}

func TestValue(t *testing.T) {
	tests := []struct {
		value     Value
		text      string
		number    int64
		isNumber  bool
		isOctets  bool
		exception bool
	}{
		{Value{}, "Null", 0, false, false, false},
		{Value{Kind: Integer, Num: math.MaxUint64}, "-1", -1, true, false, false},
		{Value{Kind: Counter32, Num: math.MaxUint32}, "4294967295", math.MaxUint32, true, false, false},
		{Value{Kind: Gauge32, Num: 5}, "5", 5, true, false, false},
		{Value{Kind: TimeTicks, Num: 100}, "100", 100, true, false, false},
		{Value{Kind: Counter64, Num: math.MaxInt64}, "9223372036854775807", math.MaxInt64, true, false, false},
		{Value{Kind: Counter64, Num: math.MaxUint64}, "18446744073709551615", 0, false, false, false},
		{Value{Kind: OctetString, Bytes: []byte("Gi0/1")}, "Gi0/1", 0, false, true, false},
		{Value{Kind: OctetString, Bytes: []byte{0x14, 0xa7, 0x0b}}, "14:a7:0b", 0, false, true, false},
		{Value{Kind: OctetString}, "", 0, false, true, false},
		{Value{Kind: Opaque, Bytes: []byte{0}}, "00", 0, false, true, false},
		{Value{Kind: IPAddress, Bytes: []byte{10, 0, 0, 255}}, "10.0.0.255", 0, false, true, false},
		{Value{Kind: ObjectIdentifier, OID: OID{1, 3, 6}}, "1.3.6", 0, false, false, false},
		{Value{Kind: NoSuchObject}, "noSuchObject", 0, false, false, true},
		{Value{Kind: NoSuchInstance}, "noSuchInstance", 0, false, false, true},
		{Value{Kind: EndOfMibView}, "endOfMibView", 0, false, false, true},
		{Value{Kind: 99}, "Kind(99)", 0, false, false, false},
	}
	for _, test := range tests {
		n, isNumber := test.value.Int()
		octets, isOctets := test.value.Octets()
		if isNumber != test.isNumber || isNumber && n != test.number {
			t.Errorf("%v: the number is %d, %v", test.value, n, isNumber)
		}
		if isOctets != test.isOctets || !slices.Equal(octets, test.value.Bytes) {
			t.Errorf("%v: the octets are %v, %v", test.value, octets, isOctets)
		}
		if test.value.String() != test.text || test.value.Exception() != test.exception {
			t.Errorf("got %q, exception %v, want %q", test.value, test.value.Exception(), test.text)
		}
	}
}
