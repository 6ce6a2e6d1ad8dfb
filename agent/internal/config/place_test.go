package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

// lines lists the places of a document as "path line".
func lines(p *place, path string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(p.keys)) {
		under := strings.TrimPrefix(path+"."+key, ".")
		all = append(all, fmt.Sprintf("%s %d", under, p.keys[key].line))
		all = append(all, lines(p.keys[key], under)...)
	}
	for i, item := range p.items {
		under := fmt.Sprintf("%s[%d]", path, i)
		all = append(all, fmt.Sprintf("%s %d", under, item.line))
		all = append(all, lines(item, under)...)
	}
	return all
}

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"tables", "a = 1\n[b]\n# c = 0\nc = 2\n\n[b.d]\ne = 3", []string{"a 1", "b 2", "b.c 4", "b.d 6", "b.d.e 7"}},
		{"table after its child", "[a.b]\n[a]\nc = 1", []string{"a 2", "a.b 1", "a.c 3"}},
		{"arrays of tables", "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]", []string{
			"a 1", "a[0] 1", "a[0].b 2", "a[1] 3", "a[1].b 4", "a[1].c 5", "a[1].c.d 6", "a[1].e 7", "a[1].e[0] 7"}},
		{"dotted and quoted keys", "a . \"b.c\" . 'd#' = 1\n\"a\".\"\\u0062\" = 2", []string{"a 1", "a.b 2", "a.b.c 1", "a.b.c.d# 1"}},
		{"quoted headers", "[\"a]\"]\nb = 1\n['c'.\"d\"]\ne = 1", []string{"a] 1", "a].b 2", "c 3", "c.d 3", "c.d.e 4"}},
		{"inline tables", "a = { b = 1, c.d = { e = \"}\" } } # f = 2\ng = 1", []string{"a 1", "a.b 1", "a.c 1", "a.c.d 1", "a.c.d.e 1", "g 2"}},
		{"lists", "a = [\n  1, # one, \"\n  [2],\n  { b = 3 },\n]\nc = []", []string{
			"a 1", "a[0] 2", "a[1] 3", "a[1][0] 3", "a[2] 4", "a[2].b 4", "c 6"}},
		{"long strings", "a = \"\"\"\n[x]\nb = \\\"\"\" 1\n\"\"\"\"\"\nc = '''\nd = '\\'''\ne = 1", []string{"a 1", "c 5", "e 7"}},
		{"strings", `a = "\\"` + "\nb = 'c:\\'\n" + `d = "\"#"` + "\ne = \"\"\nf = ''", []string{"a 1", "b 2", "d 3", "e 4", "f 5"}},
		{"other values", "a = 1979-05-27 07:32:00Z # now\nb = -inf\nc = 0x1_F\r\nd = true", []string{"a 1", "b 2", "c 3", "d 4"}},
		{"byte order mark", "\ufeffa = 1", []string{"a 1"}},
		{"nothing", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var values map[string]any
			if _, err := toml.Decode(test.text, &values); err != nil {
				t.Fatalf("the test is no TOML: %v", err)
			}
			root, err := places([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, lines(root, "")); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		})
	}
}

// A path that is not in the text stands at the nearest one that is.
func TestPlaceNearest(t *testing.T) {
	root, err := places([]byte("\n[a]\nb = [1,\n2]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		p    *place
		want int
	}{
		{"key", root.at("a").at("b"), 3},
		{"item", root.at("a").at("b").item(1), 4},
		{"no such item", root.at("a").at("b").item(2), 3},
		{"no such key", root.at("a").at("c").at("d"), 2},
		{"no such table", root.at("c"), 1},
		{"no document", (*place)(nil).at("a").item(0), 1},
	} {
		if got := test.p.number(); got != test.want {
			t.Errorf("%s: line %d, want %d", test.name, got, test.want)
		}
	}
}

// The places have the shape of what the TOML library makes of the text.
func FuzzPlaces(f *testing.F) {
	f.Add("a.b = [{ c = '''\n''' }, \"x\"]\n[[d.\"e f\"]]\ng = 1 # h\n[d.i]\n")
	f.Add(valid)
	f.Fuzz(func(t *testing.T, text string) {
		root, err := places([]byte(text))
		if err != nil {
			return
		}
		var values map[string]any
		if _, err := toml.Decode(text, &values); err == nil {
			sameShape(t, root, values, "")
		}
	})
}

func sameShape(t *testing.T, p *place, v any, path string) {
	t.Helper()
	if table, ok := v.(map[string]any); ok {
		for key, under := range table {
			if p.keys[key] == nil {
				t.Fatalf("no place for %q in %s", key, path)
			}
			sameShape(t, p.keys[key], under, path+"."+key)
		}
		if len(p.keys) != len(table) {
			t.Fatalf("%d places for %d keys in %s", len(p.keys), len(table), path)
		}
	}
	if items, ok := elements(v); ok {
		if len(p.items) != len(items) {
			t.Fatalf("%d places for %d items of %s", len(p.items), len(items), path)
		}
		for i, item := range items {
			sameShape(t, p.items[i], item, fmt.Sprintf("%s[%d]", path, i))
		}
	}
}

func TestClosest(t *testing.T) {
	known := []string{"address", "credentials", "id", "role"}
	for word, want := range map[string]string{
		"adress": "address", "ADDRESS": "address", "credential": "credentials", "credntails": "credentials",
		"roll": "role", "ID": "id", "is": "id", "xy": "", "colour": "", "": "",
	} {
		if got := closest(word, known); got != want {
			t.Errorf("closest(%q) = %q, want %q", word, got, want)
		}
	}
}
