package lan

import (
	"slices"
	"strings"
	"testing"
)

func mac(t *testing.T, text string) MAC {
	t.Helper()
	m, err := ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestParseMACPrefix(t *testing.T) {
	for text, want := range map[string]string{
		"14:a7:8b": "14:a7:8b/24", "14-A7-8B": "14:a7:8b/24", "14A78B": "14:a7:8b/24", "14:a7:8b/24": "14:a7:8b/24",
		"40:2c:76:1": "40:2c:76:1/28", "40:2c:76:1/28": "40:2c:76:1/28", "402c.761": "40:2c:76:1/28", "40:2c:76:10": "40:2c:76:10/32",
		"70:b3:d5:00:1/36": "70:b3:d5:00:1/36", "14:a7:8b:00:00:01": "14:a7:8b:00:00:01", "02:84:24": "02:84:24/24",
	} {
		r, err := ParseMACPrefix(text)
		if err != nil || r.String() != want || !r.Contains(r.First) || !r.Contains(r.Last) {
			t.Errorf("%q: got %v, %v, want %s", text, r, err, want)
		}
		if again, err := ParseMACPrefix(r.String()); err != nil || again != r {
			t.Errorf("%q is printed as %s, which is read as %v, %v", text, r, again, err)
		}
	}
	for text, want := range map[string]string{
		"": "first 6 to 12", "14:a7": "first 6 to 12", "14:a7:8g": "first 6 to 12", "14:a7:8b:00:00:01:02": "first 6 to 12", "+14a78b": "first 6 to 12",
		"14:a7:8b/28": "as many digits", "14:a7:8b/": "as many digits", "01:00:5e": "multicast",
	} {
		if r, err := ParseMACPrefix(text); err == nil || r != (MACRange{}) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v, want an error with %q", text, r, err, want)
		}
	}
}

func TestMACRange(t *testing.T) {
	r := MACRange{mac(t, "14:a7:8b:00:00:10"), mac(t, "14:a7:8b:00:00:21")}
	if got := r.String(); got != "14:a7:8b:00:00:10 to 14:a7:8b:00:00:21" {
		t.Errorf("no block is printed as %s", got)
	}
	for text, want := range map[string]bool{"14:a7:8b:00:00:0f": false, "14:a7:8b:00:00:10": true, "14:a7:8b:00:00:21": true, "14:a7:8b:00:00:22": false} {
		if r.Contains(mac(t, text)) != want {
			t.Errorf("%s in %v: want %v", text, r, want)
		}
	}
}

func TestMergeRanges(t *testing.T) {
	block := func(text string) MACRange {
		r, err := ParseMACPrefix(text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	tests := []struct{ in, want string }{
		{"", ""},
		{"14:a7:8b", "14:a7:8b/24"},
		{"c0:56:e3 14:a7:8b", "14:a7:8b/24, c0:56:e3/24"},
		{"14:a7:8b 14:a7:8b:00:00:01 14:a7:8b", "14:a7:8b/24"},
		{"14:a7:8b:1 14:a7:8b:0", "14:a7:8b:00:00:00 to 14:a7:8b:1f:ff:ff"},
		{"14:a7:8b:00:00:01 14:a7:8b:00:00:03", "14:a7:8b:00:00:01, 14:a7:8b:00:00:03"},
		{"fe:ff:ff:ff:ff:ff 14:a7:8b:00:00:01", "14:a7:8b:00:00:01, fe:ff:ff:ff:ff:ff"},
	}
	for _, test := range tests {
		var ranges []MACRange
		for _, text := range strings.Fields(test.in) {
			ranges = append(ranges, block(text))
		}
		before := slices.Clone(ranges)
		var got []string
		for _, r := range MergeRanges(ranges) {
			got = append(got, r.String())
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: got %q, want %q", test.in, got, test.want)
		}
		if !slices.Equal(ranges, before) {
			t.Errorf("%s: what was given has changed", test.in)
		}
	}
}
