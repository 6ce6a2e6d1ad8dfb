package watchlist

import (
	"strings"
	"testing"
)

// TestRebadgeMistakes: an entry with a mistake is refused, with its key.
func TestRebadgeMistakes(t *testing.T) {
	const before = `
version = 1
as_of = "2026-11-23"
[makers.dahua]
name = "Dahua"
[[makers.dahua.organization]]
brand = "Dahua"
names = ["Dahua Inc."]
role = "video-mostly"
tie = "named"
prc = true
`
	entry := func(brand, names, platform, source string) string {
		return "[[rebadge]]\nbrand = \"" + brand + "\"\nnames = [" + names + "]\nplatform = \"" + platform + "\"\nsource = \"" + source + "\"\n"
	}
	tests := []struct{ text, want string }{
		{entry("Lorex", `"Lorex Inc."`, "dahua", "seen"), ""},
		{entry("", `"Lorex Inc."`, "dahua", "seen"), "rebadge[0].brand: missing"},
		{entry("Lorex", ``, "dahua", "seen"), "rebadge[0].names: missing"},
		{entry("Lorex", `""`, "dahua", "seen"), "rebadge[0].names: missing, or one is empty"},
		{entry("Lorex", `"Lorex Inc."`, "dahau", "seen"), `rebadge[0].platform: there is no maker "dahau"`},
		{entry("Lorex", `"Lorex Inc."`, "dahua", ""), "rebadge[0].source: missing"},
		{entry("Lorex", `"Dahua Inc."`, "dahua", "seen"), `rebadge[0].names: "Dahua Inc." belongs to dahua already`},
		{entry("Lorex", `"Lorex Inc."`, "dahua", "seen") + entry("Lorek", `"Lorex Inc."`, "dahua", "seen"), `rebadge[1].names: "Lorex Inc." belongs to Lorex already`},
	}
	for _, test := range tests {
		c := new(Catalog)
		err := c.readMakers([]byte(before + test.text))
		switch {
		case test.want == "" && err != nil, test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("got %v, want %q", err, test.want)
		case err == nil:
			if b, ok := c.Rebadge("Lorex Inc."); !ok || b.Platform != "dahua" {
				t.Errorf("got %+v", b)
			}
		}
	}
}
