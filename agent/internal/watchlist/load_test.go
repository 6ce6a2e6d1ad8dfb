package watchlist

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const acme = `
version = 3
as_of = "2026-11-23"

[makers.acme]
name = "Acme"

[[makers.acme.organization]]
brand = "Acme Cam"
names = ["Acme Ltd.", "ACME LTD"]
role = "video-mostly"
tie = "named"
prc = true
note = "a note"
`

const xyList = `
id = "xy"
version = 2
as_of = "2026-11-23"
expires = "2027-05-23"
title = "A title"
scope = "A scope"
sites = "Some sites"
equipment = "Cameras"
speaks_of = ["core-network"]
criterion = false
covers_affiliates = true
[source]
text = "A law"
where = "https://example.org"
[entries.acme]
note = "since 2025"
organizations = ["Acme Ltd."]
`

func folder(makers, list string) fstest.MapFS {
	return fstest.MapFS{
		"makers.toml":   {Data: []byte(makers)},
		"lists/xy.toml": {Data: []byte(list)},
	}
}

func TestLoad(t *testing.T) {
	catalog, err := Load(folder(acme, xyList))
	if err != nil {
		t.Fatal(err)
	}
	maker := &Maker{Key: "acme", Name: "Acme", Organizations: []Organization{{Brand: "Acme Cam",
		Names: []string{"Acme Ltd.", "ACME LTD"}, Role: VideoMostly, Tie: TieNamed, PRC: true, Note: "a note"}}}
	if diff := cmp.Diff([]*Maker{maker}, catalog.Makers()); diff != "" {
		t.Error(diff)
	}
	list := &List{ID: "xy", Version: 2, AsOf: "2026-11-23", Expires: "2027-05-23", Title: "A title", Scope: "A scope",
		Sites: "Some sites", Equipment: "Cameras", SpeaksOf: []SiteMark{CoreNetwork},
		Source: Source{Text: "A law", Where: "https://example.org"}, CoversAffiliates: true,
		Entries: map[string]Entry{"acme": {Note: "since 2025", Organizations: []string{"Acme Ltd."}}}}
	if diff := cmp.Diff([]*List{list}, catalog.Lists()); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]bool{"Acme Ltd.": true, "ACME LTD": true, "acme ltd.": false, "Acme": false, "Acme Ltd. ": false, "": false} {
		if _, _, found := catalog.Maker(name); found != want {
			t.Errorf("maker of %q: %v, want %v", name, found, want)
		}
	}
	if _, found := catalog.List("us-ndaa-889"); found {
		t.Error("found a list that is not in the folder")
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct{ name, file, old, new, want string }{
		{"syntax", "makers.toml", "[makers.acme]", "[makers.acme", "makers.toml: toml: line 6"},
		{"unknown key", "makers.toml", "note", "nota", "makers.toml: makers.acme.organization.nota: there is no such key"},
		{"wrong type", "makers.toml", "prc = true", `prc = "yes"`, "makers.toml: toml: line 13"},
		{"no name", "makers.toml", `name = "Acme"`, "", "makers.toml: makers.acme.name: missing"},
		{"no organisation", "makers.toml", acme, "version = 1\nas_of = \"2026-11-23\"\n[makers.acme]\nname = \"A\"", "acme.organization: missing"},
		{"no brand", "makers.toml", `brand = "Acme Cam"`, "", "acme.organization[0].brand: missing"},
		{"no spelling", "makers.toml", `"Acme Ltd.", "ACME LTD"`, "", "acme.organization[0].names: missing"},
		{"empty spelling", "makers.toml", `"ACME LTD"`, `""`, "names: one is empty"},
		{"spelling twice", "makers.toml", `"ACME LTD"`, `"Acme Ltd."`, `names: "Acme Ltd." belongs to acme already`},
		{"unknown role", "makers.toml", "video-mostly", "video", `role: "video" is no role`},
		{"unknown tie", "makers.toml", `"named"`, `"cousin"`, `tie: "cousin" is no tie`},
		{"no version", "makers.toml", "version = 3", "", "makers.toml: version: 0 must be at least 1"},
		{"no date", "makers.toml", `as_of = "2026-11-23"`, "", `makers.toml: as_of: "" is no date`},
		{"prc forgotten", "makers.toml", "prc = true", "", "organization[0].prc: missing"},

		{"list syntax", "lists/xy.toml", "version = 2", "version =", "lists/xy.toml: toml: line 3"},
		{"unknown list key", "lists/xy.toml", "[source]", "[sauce]", "lists/xy.toml: sauce: there is no such key"},
		{"missing source", "lists/xy.toml", `where = "https://example.org"`, "", "lists/xy.toml: source.where: missing"},
		{"empty source", "lists/xy.toml", "A law", " ", "source.text: is empty"},
		{"missing flag", "lists/xy.toml", "criterion = false", "", "criterion: missing"},
		{"other id", "lists/xy.toml", `"xy"`, `"yz"`, `id: "yz" is not the name of the file`},
		{"version", "lists/xy.toml", "= 2", "= 0", "version: 0 must be at least 1"},
		{"date", "lists/xy.toml", "2026-11-23", "23.11.2026", `as_of: "23.11.2026" is no date`},
		{"no expiry", "lists/xy.toml", `expires = "2027-05-23"`, "", "expires: missing"},
		{"expired from the start", "lists/xy.toml", "2027-05-23", "2026-05-23", "expires: 2026-05-23 is before as_of"},
		{"no equipment", "lists/xy.toml", `equipment = "Cameras"`, "", "equipment: missing"},
		{"unknown mark", "lists/xy.toml", "core-network", "core", `speaks_of: "core" is no mark of a site`},
		{"unknown maker", "lists/xy.toml", "entries.acme", "entries.acne", "entries.acne: there is no maker with this key"},
		{"unknown organisation", "lists/xy.toml", `["Acme Ltd."]`, `["Acme Inc."]`, `entries.acme.organizations: "Acme Inc." is no organisation of this maker`},
		{"criterion that names", "lists/xy.toml", "criterion = false", "criterion = true", "entries: a criterion names no maker"},
	}
	for _, test := range tests {
		files := folder(acme, xyList)
		text := string(files[test.file].Data)
		if !strings.Contains(text, test.old) {
			t.Fatalf("%s: the file has no %q", test.name, test.old)
		}
		files[test.file].Data = []byte(strings.Replace(text, test.old, test.new, 1))
		_, err := Load(files)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "makers.toml") {
		t.Errorf("an empty folder: got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(acme, xyList)
	f.Add(acme, strings.Replace(xyList, "[entries.acme]", "[entries]", 1))
	f.Fuzz(func(t *testing.T, makers, list string) {
		catalog, err := Load(folder(makers, list))
		if err != nil {
			return
		}
		for _, maker := range catalog.Makers() {
			for i := range maker.Organizations {
				catalog.Lists()[0].Relation(maker, &maker.Organizations[i])
			}
		}
	})
}
