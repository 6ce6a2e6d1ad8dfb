package registry

import (
	"slices"
	"testing"
)

func TestPrefix(t *testing.T) {
	tests := []struct {
		first string
		bits  int
		text  string
		last  string
		after string // the address behind the last
	}{
		{"14:a7:8b:00:00:00", 24, "14:a7:8b/24", "14:a7:8b:ff:ff:ff", "14:a7:8c:00:00:00"},
		{"40:2c:76:10:00:00", 28, "40:2c:76:1/28", "40:2c:76:1f:ff:ff", "40:2c:76:20:00:00"},
		{"00:50:c2:00:10:00", 36, "00:50:c2:00:1/36", "00:50:c2:00:1f:ff", "00:50:c2:00:20:00"},
		{"00:22:bd:f8:19:ff", 48, "00:22:bd:f8:19:ff/48", "00:22:bd:f8:19:ff", "00:22:bd:f8:1a:00"},
		{"00:00:00:00:00:00", 0, "/0", "ff:ff:ff:ff:ff:ff", ""},
	}
	for _, test := range tests {
		p := Prefix{mustMAC(t, test.first), test.bits}
		if got := p.String(); got != test.text {
			t.Errorf("prints %s, want %s", got, test.text)
		}
		if got := p.Last().String(); got != test.last {
			t.Errorf("%s: last is %s, want %s", p, got, test.last)
		}
		if !p.Contains(p.First) || !p.Contains(p.Last()) {
			t.Errorf("%s lacks its first or last address", p)
		}
		if test.after != "" && p.Contains(mustMAC(t, test.after)) {
			t.Errorf("%s contains %s", p, test.after)
		}
	}
}

func TestPrefixCompare(t *testing.T) {
	sorted := []Prefix{
		{mustMAC(t, "00:50:c2:00:00:00"), 24},
		{mustMAC(t, "00:50:c2:00:00:00"), 36},
		{mustMAC(t, "00:50:c2:00:10:00"), 36},
		{mustMAC(t, "40:2c:76:10:00:00"), 28},
	}
	got := slices.Clone(sorted)
	slices.Reverse(got)
	slices.SortFunc(got, Prefix.Compare)
	if !slices.Equal(got, sorted) {
		t.Errorf("got %v, want %v", got, sorted)
	}
}
