package lan

import (
	"slices"
	"strings"
	"testing"
)

var example = MAC{0x44, 0x19, 0xb6, 0x00, 0x00, 0x09}

func TestParseMAC(t *testing.T) {
	good := []string{"44:19:b6:00:00:09", "44:19:B6:0:0:9", "44-19-B6-00-00-09", "44 19 b6 00 00 09", "4419.b600.0009", "4419B6000009", "\t44:19:b6:00:00:09\n"}
	for _, s := range good {
		if m, err := ParseMAC(s); m != example || err != nil {
			t.Errorf("%q: got %v, %v", s, m, err)
		}
	}
	bad := []string{"", "44", "44:19:b6:00:00", "44:19:b6:00:00:09:01", "44:19:b6:00:00:0g", "44:19:b6:00:00:009", "44:19-b6:00-00:09",
		":4419b6000009", "44::19:b6:00:00:09", "44:19:b6:00:00:", "4419.b600.00.09", "4419b6.000009", "4419b600000g", "4419b60000091", "+4:19:b6:00:00:09",
		"192.168.100.200",    // an IPv4 address of twelve digits
		"1:2:3:4:5:6::",      // an IPv6 address that ends in zeros
		"1::2:3:4:5:6",       // and one with zeros inside
		"44.19.b6.00.00.09",  // dots part groups of four
		"1.0.8802.1.1.2.1.4", // an object identifier
	}
	for _, s := range bad {
		if m, err := ParseMAC(s); err == nil || !m.IsZero() || !strings.Contains(err.Error(), "write six octets") {
			t.Errorf("%q: got %v, %v", s, m, err)
		}
	}
}

func TestMACFromOctets(t *testing.T) {
	tests := []struct {
		octets string
		want   MAC
	}{
		{"\x44\x19\xb6\x00\x00\x09", example},
		{"44:19:b6:00:00:09", example}, // Dell Networking, Dell PowerVault
		{"44-19-B6-00-00-09\x00", example},
		{`"44 19 B6 00 00 09 "`, example},
		{"4419b6000009", example},
		{"44:19:b6:0:0:9", example},
		{"switch", MAC{'s', 'w', 'i', 't', 'c', 'h'}},
		{"", MAC{}}, {"\x00", MAC{}}, {"0:0:0:0:0", MAC{}},
		{"\x44\x19\xb6\x00\x00\x09\x00\x00", MAC{}}, // EUI-64
		{"4419b60000zz", MAC{}},                     // nothing of what is not wholly one
		{"192.168.100.200", MAC{}},
		{strings.Repeat("4", 100), MAC{}},
	}
	for _, test := range tests {
		m, ok := MACFromOctets([]byte(test.octets))
		if m != test.want || ok != !test.want.IsZero() {
			t.Errorf("%q: got %v, %v", test.octets, m, ok)
		}
	}
}

func TestMACFromArcs(t *testing.T) {
	if m, ok := MACFromArcs(append([]uint32{20}, example.Arcs()...)); m != example || !ok {
		t.Errorf("got %v, %v", m, ok)
	}
	for _, arcs := range [][]uint32{nil, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 256}, {256, 2, 3, 4, 5, 6}} {
		if m, ok := MACFromArcs(arcs); !m.IsZero() || ok {
			t.Errorf("%v: got %v, %v", arcs, m, ok)
		}
	}
}

func TestMACKinds(t *testing.T) {
	tests := []struct {
		mac                          string
		zero, group, local, aStation bool
	}{
		{"44:19:b6:00:00:09", false, false, false, true},
		{"00:00:00:00:00:00", true, false, false, false},
		{"ff:ff:ff:ff:ff:ff", false, true, true, false},
		{"01:00:5e:00:00:01", false, true, false, false},
		{"02:00:00:00:00:01", false, false, true, true},
	}
	for _, test := range tests {
		m, err := ParseMAC(test.mac)
		if err != nil || m.IsZero() != test.zero || m.IsGroup() != test.group || m.IsLocal() != test.local || m.IsStation() != test.aStation {
			t.Errorf("%s: zero %v, group %v, local %v, station %v, error %v", test.mac, m.IsZero(), m.IsGroup(), m.IsLocal(), m.IsStation(), err)
		}
	}
}

func TestMACCompare(t *testing.T) {
	macs := []MAC{{0xff}, {0, 1}, {0, 0, 0, 0, 0, 2}, {}}
	slices.SortFunc(macs, MAC.Compare)
	if want := []MAC{{}, {0, 0, 0, 0, 0, 2}, {0, 1}, {0xff}}; !slices.Equal(macs, want) {
		t.Errorf("got %v", macs)
	}
}

func FuzzParseMAC(f *testing.F) {
	for _, s := range []string{"44:19:b6:00:00:09", "44-19-B6-0-0-9", "4419.b600.0009", "4419b6000009", "192.168.100.200", "1::2:3:4:5:6", "é:0:0:0:0:0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMAC(s)
		if err != nil {
			if !m.IsZero() {
				t.Errorf("an error, and %v", m)
			}
			return
		}
		var again MAC
		text, _ := m.MarshalText()
		if err := again.UnmarshalText(text); err != nil || again != m {
			t.Errorf("%q is %v, and that is %v, %v", s, m, again, err)
		}
		digits := strings.Map(func(r rune) rune {
			if strings.ContainsRune("0123456789abcdefABCDEF", r) {
				return r
			}
			return -1
		}, s)
		if len(digits) > 12 || len(digits) < 6 {
			t.Errorf("%q of %d digits is taken for %v", s, len(digits), m)
		}
	})
}
