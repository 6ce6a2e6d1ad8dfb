package config

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestSet(t *testing.T) {
	for _, test := range []struct {
		name, text, section, key string
		value                    any
		want                     string
	}{
		{"empty", "", "site", "id", "A", "[site]\nid = \"A\"\n"},
		{"no line end", "[watch]", "site", "id", "A", "[watch]\n\n[site]\nid = \"A\"\n"},
		{"new key", "[site] # ours\nname = 'x' # y\n", "site", "id", "A", "[site] # ours\nid = \"A\"\nname = 'x' # y\n"},
		{"last section without a line end", "[site]", "site", "id", "A", "[site]\nid = \"A\""},
		{"other value", "[site]\nid = 'B' # of old\n", "site", "id", "A", "[site]\nid = \"A\" # of old\n"},
		{"same value, other spelling", "site.id = 'A'", "site", "id", "A", "site.id = 'A'"},
		{"dotted key", "site.id = 'B'", "site", "id", "A", "site.id = \"A\""},
		{"inline table", "site = { id = 'B', name = \"x\" }", "site", "id", "A", "site = { id = \"A\", name = \"x\" }"},
		{"long string", "[site]\nid = '''\n[site]\nid='''\nname='x'", "site", "id", "A", "[site]\nid = \"A\"\nname='x'"},
		{"Windows lines", "[site]\r\nname = \"x\"\r\n", "site", "id", "A", "[site]\r\nid = \"A\"\r\nname = \"x\"\r\n"},
		{"byte order mark", "\ufeff[site]\nid = \"B\"\n", "site", "id", "A", "\ufeff[site]\nid = \"A\"\n"},
		{"list", "[watch]\nlists = [\n 'a', # one\n 'b',\n]\n", "watch", "lists", []string{"c", "d"}, "[watch]\nlists = [\"c\", \"d\"]\n"},
		{"escapes", "", "endpoint", "ca_file", `C:\a "b"`, "[endpoint]\nca_file = \"C:\\\\a \\\"b\\\"\"\n"},
		{"example of a key", "[site]\n#id = \"LON\"   # of the site\n", "site", "id", "A", "[site]\nid = \"A\"   # of the site\n"},
		{"example of a section", "# Where to.\n#[endpoint]\n#url = \"https://x\" # there\n#proxy = \"y\"\n\n[watch]\n", "endpoint", "url", "https://z",
			"# Where to.\n[endpoint]\nurl = \"https://z\" # there\n#proxy = \"y\"\n\n[watch]\n"},
		{"example that would take another's keys", "[site]\nid = \"A\"\n#[endpoint]\nname = \"x\"\n", "endpoint", "url", "z",
			"[site]\nid = \"A\"\n#[endpoint]\nname = \"x\"\n\n[endpoint]\nurl = \"z\"\n"},
		{"example in a text", "[site]\nname = '''\n#id = 1\n'''\n", "site", "id", "A", "[site]\nid = \"A\"\nname = '''\n#id = 1\n'''\n"},
		{"section below another", "[credentials.old]\nversion = \"1\"\n", "credentials.setup", "version", "2c",
			"[credentials.old]\nversion = \"1\"\n\n[credentials.setup]\nversion = \"2c\"\n"},
	} {
		got, err := Set([]byte(test.text), test.section, test.key, test.value)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %v\n%s\nwant\n%s", test.name, err, got, test.want)
		}
		again, err := Set(got, test.section, test.key, test.value)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: the second time %v\n%s", test.name, err, again)
		}
	}
}

// What cannot be written without harm is not written.
func TestSetRefuses(t *testing.T) {
	for _, text := range []string{"site = 1\n", "site = {}\n", "site.name = \"x\"\n", "[[site]]\n", "[site\n"} {
		if got, err := Set([]byte(text), "site", "id", "A"); err == nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestSetInOurOwn writes into the configuration that packages begin with.
func TestSetInOurOwn(t *testing.T) {
	before, err := os.ReadFile("../../../configs/camwarden.toml")
	if err != nil {
		t.Fatal(err)
	}
	after := before
	for _, s := range []struct {
		section, key string
		value        any
	}{{"site", "id", "LON-1"}, {"endpoint", "url", "https://example.org/"}, {"watch", "lists", []string{"prc-linked"}}} {
		if after, err = Set(after, s.section, s.key, s.value); err != nil {
			t.Fatal(err)
		}
	}
	if old, now := strings.Count(string(before), "\n"), strings.Count(string(after), "\n"); old != now {
		t.Errorf("there were %d lines, and are %d: the examples were not used\n%s", old, now, after)
	}
}

// FuzzSet holds that whatever is set, all else stays: values, and comments.
func FuzzSet(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte("#[site]\n#id = 'x'\nsite.name = 'a'\n"))
	f.Add([]byte("site = { id = 'B' } # c\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Set(text, "site", "id", "A")
		if err != nil {
			return
		}
		before, err := valuesOf(text)
		if err != nil {
			t.Fatalf("set in a text that is none: %v", err)
		}
		after, err := valuesOf(got)
		if err != nil {
			t.Fatalf("%v in %s", err, got)
		}
		site, _ := after["site"].(map[string]any)
		if site["id"] != "A" {
			t.Errorf("id is %v in %s", site["id"], got)
		}
		delete(site, "id")
		if old, ok := before["site"].(map[string]any); ok {
			delete(old, "id")
		} else {
			delete(after, "site")
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s\nbecame\n%s", text, got)
		}
		if old, now := bytes.Count(text, []byte("#")), bytes.Count(got, []byte("#")); now < old-2 && !bytes.Contains(text, []byte("id")) {
			t.Errorf("comments are lost: %s\nbecame\n%s", text, got)
		}
	})
}
