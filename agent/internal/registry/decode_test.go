package registry

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"
)

const digest = "18cb299e927e9c06dac2cb5300544184c9415b793fc5e62d9c8d2f299349ba08"

func edition(line string, payload ...byte) []byte {
	out := bytes.NewBufferString(line + "\n")
	stream := gzip.NewWriter(out)
	if _, err := stream.Write(payload); err != nil {
		panic(err)
	}
	if err := stream.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestParseRefuses(t *testing.T) {
	first := "camwarden-registry/1 2026-09-23 " + digest
	good := edition(first+" 1 0 0 1", 5, 0, 'X', 0)
	if _, err := Parse(good); err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)-6] ^= 1 // in the check sum
	tests := []struct {
		name string
		bin  []byte
		want string
	}{
		{"empty", nil, "first line"},
		{"other file", []byte("PK\x03\x04\n"), "first line"},
		{"no end of line", bytes.Repeat([]byte("x"), 1000), "first line"},
		{"date", edition("camwarden-registry/1 today "+digest+" 0 0 0 0", 0), "no date"},
		{"digest", edition("camwarden-registry/1 2026-09-23 abc 0 0 0 0", 0), "SHA-256"},
		{"count", edition(first + " 1 0 x 1"), "no count"},
		{"negative count", edition(first + " -1 0 0 1"), "must be at most"},
		{"huge count", edition(first + " 99999999 0 0 1"), "must be at most"},
		{"too many names", edition(first + " 1 0 0 65537"), "must be at most"},
		{"no stream", []byte(first + " 1 0 0 1\n"), "EOF"},
		{"short stream", good[:len(good)-9], "unexpected EOF"},
		{"check sum", flipped, "checksum"},
		{"fewer rows", edition(first+" 2 0 0 1", 5), "24-bit rows: prefix 1"},
		{"prefix too long", edition(first+" 1 0 0 1", 0x80, 0x80, 0x80, 0x08, 0, 'X', 0), "longer than 24 bits"},
		{"prefixes wrap", edition(first+" 0 0 2 1", 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), "longer than 36 bits"},
		{"unknown name", edition(first+" 0 1 0 1", 5, 1, 'X', 0), "28-bit rows: name of prefix 0: there is no name 1"},
		{"missing name", edition(first+" 1 0 0 2", 5, 0, 'X', 0), "found 1 in place of 2"},
		{"open name", edition(first+" 1 0 0 1", 5, 0, 0, 'X'), "found 1 in place of 1"},
		{"names too long", edition(first+" 1 0 0 1", append([]byte{5, 0}, make([]byte, maxNameBytes+1)...)...), "more than"},
	}
	for _, test := range tests {
		if _, err := Parse(test.bin); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	first := "camwarden-registry/1 2026-09-23 " + digest
	f.Add(first, []byte{5, 0, 'X', 0})
	f.Add(first+" 1 0 0 1", []byte{5, 0, 'X', 0})
	f.Add(first+" 2 1 1 2", []byte{5, 0, 0, 1, 7, 0, 9, 1, 'X', 0, 'Y', 0})
	f.Fuzz(func(t *testing.T, line string, payload []byte) {
		r, err := Parse(edition(line, payload...))
		if err != nil {
			return
		}
		for _, p := range r.Prefixes(func(string) bool { return true }) {
			if a := r.table().lookup(keyOf(p.Last())); a.Prefix.Bits < p.Bits || len(a.Organizations) == 0 {
				t.Errorf("%s is listed but not found", p)
			}
		}
	})
}

func FuzzParseStream(f *testing.F) {
	f.Add(embedded[:1000])
	f.Add(edition("camwarden-registry/1 2026-09-23 "+digest+" 1 0 0 1", 5, 0, 'X', 0))
	f.Fuzz(func(_ *testing.T, bin []byte) {
		if r, err := Parse(bin); err == nil {
			r.Lookup([6]byte{0, 1, 2, 3, 4, 5})
		}
	})
}

func FuzzCompile(f *testing.F) {
	f.Add(heading + "0001C8,24,MA-L,THOMAS CONRAD CORP.,ieee-csv,2026-06-25\n")
	f.Add(heading + "0050C2001,36,IAB,X,s,2026-06-25\n70B3D50,28,MA-M,\"Y, Z\",s,2026-06-25\n")
	f.Fuzz(func(t *testing.T, file string) {
		bin, err := Compile([]byte(file))
		if err != nil {
			return
		}
		if _, err := Parse(bin); err != nil {
			t.Errorf("compiled what cannot be parsed: %v", err)
		}
	})
}
