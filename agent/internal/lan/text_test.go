package lan

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

func TestCleanText(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "Gi0/1 lobby", "Gi0/1 lobby"},
		{"letters of any script", "Empfang Süd 监控", "Empfang Süd 监控"},
		{"NUL behind it", "sw03\x00\x00", "sw03"},
		{"lines", "Cisco IOS\r\nVersion 15\t(2)", "Cisco IOS  Version 15 (2)"},
		{"white space around it", " \n\u00a0sw03\u3000 ", "sw03"},
		{"a terminal's colours", "\x1b[31mred\x1b[0m", "[31mred[0m"},
		{"C1 control characters", "a\u009b31mb", "a31mb"},
		{"no UTF-8", "caf\xe9 \xff\xfe", "caf? ??"},
		{"cut inside a letter", "Süd"[:2], "S?"},
		{"an encoded surrogate", "\xed\xa0\x80", "???"},
		{"reversed direction", "cam\u202egpj.exe", "camgpj.exe"},
		{"invisible", "a\u200bb\ufeffc", "abc"},
		{"line and paragraph separators", "a\u2028b\u2029c", "abc"},
		{"a replacement character of its own", "a\ufffdb", "a\ufffdb"},
		{"markup and formulas are text", "<script>=cmd|", "<script>=cmd|"},
		{"nothing", "\x00\x01\x02", ""},
		{"too long", strings.Repeat("a", 300), strings.Repeat("a", 255)},
		{"too long by half a letter", strings.Repeat("a", 254) + "ü", strings.Repeat("a", 254)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := CleanText([]byte(test.text)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := CleanString(test.text); got != test.want {
				t.Errorf("of a string got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"Gi0/1", "\x1b[31m\u202e\x00\xff\u0085\u2028", strings.Repeat("ü", 200), " \u00a0\u200b x \ufeff "} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		got := CleanText(octets)
		if !utf8.ValidString(got) || len(got) > MaxText || got != strings.TrimSpace(got) {
			t.Errorf("%q becomes %q", octets, got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) }); i >= 0 {
			t.Errorf("%q becomes %q, with a control character", octets, got)
		}
		if again := CleanText([]byte(got)); again != got {
			t.Errorf("%q becomes %q, and that %q", octets, got, again)
		}
	})
}

// Texts that are alike are kept once, however many ports are called so.
func TestCleanTextKeepsOneOfMany(t *testing.T) {
	first, again := CleanText([]byte(" GigabitEthernet0/7")), CleanText([]byte("GigabitEthernet0/7 "))
	if first != "GigabitEthernet0/7" || unsafe.StringData(first) != unsafe.StringData(again) {
		t.Errorf("%q and %q are two texts", first, again)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := range 5000 { // more than are kept
				if text := fmt.Sprint("port ", n); CleanText([]byte(text)) != text {
					t.Errorf("%s became another text", text)
				}
			}
		})
	}
	all.Wait()
}
