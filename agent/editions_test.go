package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/configs"
)

// A listsPlace is a configuration's folder and a state folder.
type listsPlace struct{ config, state string }

func newListsPlace(t *testing.T) listsPlace {
	t.Helper()
	return listsPlace{filepath.Join(t.TempDir(), "camwarden.toml"), t.TempDir()}
}

// drop puts a file into the folder of newer editions.
func (p listsPlace) drop(t *testing.T, name string, text []byte) {
	t.Helper()
	folder := filepath.Join(filepath.Dir(p.config), listsFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p listsPlace) current(t *testing.T) editions {
	t.Helper()
	e, err := currentEditions(p.config, p.state)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// listOf is an embedded list, with another version.
func listOf(t *testing.T, id, version string) []byte {
	t.Helper()
	text, err := configs.Watchlists.ReadFile("lists/" + id + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Replace(text, []byte("version = 1\n"), []byte("version = "+version+"\n"), 1)
}

// registryOf is registry.csv compiled, with its last rows cut off and one row
// of another day in front.
func registryOf(t *testing.T, day string, keep int) []byte {
	t.Helper()
	text, err := os.ReadFile("../configs/registry/registry.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	lines = append(lines[:2:2], append([]string{"000000,24,MA-L,Somebody,test," + day + "\n"}, lines[2:2+keep]...)...)
	bin, err := registry.Compile([]byte(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestEditions(t *testing.T) {
	const (
		all   = 58_000
		newer = "that of 2026-12-01, in place of that of 2026-09-23"
	)
	damaged := registryOf(t, "2026-12-01", all)
	damaged = damaged[:len(damaged)-100]
	tests := []struct {
		name  string
		files map[string][]byte
		list  int    // the version of us-ndaa-889 in the end
		date  string // of the registry
		want  []report.DataFile
	}{
		{"none", nil, 1, "2026-09-23", nil},
		{"the same", map[string][]byte{"us-ndaa-889.toml": listOf(t, "us-ndaa-889", "1")}, 1, "2026-09-23", nil},
		{"a newer list", map[string][]byte{"us-ndaa-889.toml": listOf(t, "us-ndaa-889", "2")}, 2, "2026-09-23",
			[]report.DataFile{{File: "us-ndaa-889.toml", Used: true, Text: "version 2 of 2026-11-23, in place of version 1"}}},
		{"a broken list", map[string][]byte{"us-ndaa-889.toml": []byte("version = 2\n")}, 1, "2026-09-23",
			[]report.DataFile{{File: "us-ndaa-889.toml", Text: "read us-ndaa-889.toml: id: missing"}}},
		{"a list that is too large", map[string][]byte{"us-ndaa-889.toml": bytes.Repeat([]byte("#\n"), maxEditionBytes/2+1)}, 1, "2026-09-23",
			[]report.DataFile{{File: "us-ndaa-889.toml", Text: "it is larger than 8 MiB"}}},
		{"files of another kind", map[string][]byte{"README.md": []byte("x"), ".us-ndaa-889.toml.swp": []byte("x"), ".x.toml": []byte("x")}, 1, "2026-09-23", nil},
		{"a newer registry", map[string][]byte{"registry.bin": registryOf(t, "2026-12-01", all)}, 1, "2026-12-01",
			[]report.DataFile{{File: "registry.bin", Used: true, Text: newer}}},
		{"an older registry", map[string][]byte{"registry.bin": registryOf(t, "2026-01-01", 30_000)}, 1, "2026-09-23",
			[]report.DataFile{{File: "registry.bin", Text: "that of 2026-09-23 is not newer than that of 2026-09-23, which is in use"}}},
		{"a registry of which a part is missing", map[string][]byte{"registry.bin": registryOf(t, "2026-12-01", 50_000)}, 1, "2026-09-23",
			[]report.DataFile{{File: "registry.bin", Text: "it has 50002 rows, and the one in use has 58541: a part of it is missing"}}},
		{"a damaged registry", map[string][]byte{"registry.bin": damaged}, 1, "2026-09-23",
			[]report.DataFile{{File: "registry.bin", Text: "read registry: names: unexpected EOF"}}},
		{"a registry as text", map[string][]byte{"registry.bin": []byte("prefix,bits")}, 1, "2026-09-23",
			[]report.DataFile{{File: "registry.bin", Text: "read registry: the first line is not that of a camwarden-registry/1 file"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newListsPlace(t)
			for name, text := range test.files {
				p.drop(t, name, text)
			}
			e := p.current(t)
			list, _ := e.catalog.List("us-ndaa-889")
			if list.Version != test.list || e.registry.Date() != test.date {
				t.Errorf("version %d of the list, registry of %s", list.Version, e.registry.Date())
			}
			if diff := cmp.Diff(test.want, e.files); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEditionsNeverGoBack: what the service has used it uses on, whatever
// becomes of the file.
func TestEditionsNeverGoBack(t *testing.T) {
	p := newListsPlace(t)
	p.drop(t, "us-ndaa-889.toml", listOf(t, "us-ndaa-889", "5"))
	p.drop(t, "own-ministry.toml", bytes.Replace(listOf(t, "us-ndaa-889", "1"), []byte(`id = "us-ndaa-889"`), []byte(`id = "own-ministry"`), 1))
	if err := p.current(t).keep(p.state); err != nil {
		t.Fatal(err)
	}
	version := func() int {
		list, _ := p.current(t).catalog.List("us-ndaa-889")
		return list.Version
	}
	p.drop(t, "us-ndaa-889.toml", listOf(t, "us-ndaa-889", "4"))
	if got := p.current(t).files; version() != 5 || len(got) != 3 || got[2].Used || got[2].Text != "version 4 is not newer than version 5, which is in use" {
		t.Errorf("after an older file: version %d, %+v", version(), got)
	}
	p.drop(t, "us-ndaa-889.toml", []byte("\x00"))
	if version() != 5 {
		t.Errorf("after a broken file: version %d", version())
	}
	if err := os.RemoveAll(filepath.Join(filepath.Dir(p.config), listsFolder)); err != nil {
		t.Fatal(err)
	}
	if _, there := p.current(t).catalog.List("own-ministry"); version() != 5 || !there {
		t.Errorf("without the files: version %d, the new list %v", version(), there)
	}
	p.drop(t, "us-ndaa-889.toml", listOf(t, "us-ndaa-889", "6"))
	if version() != 6 {
		t.Errorf("after a newer file: version %d", version())
	}
	if len(p.current(t).kept) != 1 {
		t.Errorf("to be kept: %d files", len(p.current(t).kept))
	}
}

// TestEditionsInReport: each report says by which editions was judged, and
// what became of the files.
func TestEditionsInReport(t *testing.T) {
	p := newListsPlace(t)
	p.drop(t, "us-ndaa-889.toml", listOf(t, "us-ndaa-889", "2"))
	p.drop(t, "uk-2022-nil.toml", []byte("id"))
	var f scanFlags
	f.config, f.state, f.from = p.config, p.state, texts{"demosite"}
	if err := os.WriteFile(p.config, []byte("[watch]\nlists = [\"us-ndaa-889\"]\n[[watch.allow]]\nmaker = \"dahua\"\nreason = \"r\"\nby = \"J. Doe\"\nuntil = \"2020-01-01\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, _, err := f.observer(stdio{in: strings.NewReader(""), out: new(bytes.Buffer), err: new(bytes.Buffer)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.observe(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Data.Watchlists) != 1 || r.Data.Watchlists[0].Version != 2 || r.Findings[0].Lists[0].Version != 2 {
		t.Errorf("judged by %+v", r.Data.Watchlists)
	}
	if len(r.Data.Files) != 2 || r.Data.Files[0].Used || !r.Data.Files[1].Used {
		t.Errorf("files %+v", r.Data.Files)
	}
	if len(r.Data.Own) != 1 || !r.Data.Own[0].Expired {
		t.Errorf("own entries %+v", r.Data.Own)
	}
	remarks := strings.Join(r.Remarks(), "\n")
	for _, want := range []string{"The file uk-2022-nil.toml is not used: read uk-2022-nil.toml", "The own entry about dahua expired on 2020-01-01"} {
		if !strings.Contains(remarks, want) {
			t.Errorf("the remarks do not say %q:\n%s", want, remarks)
		}
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	editions{files: o.files}.log(logger)
	(&service{log: logger}).warnOfExpired(o.rules, time.Date(2027, 5, 24, 0, 0, 0, 0, time.UTC))
	for _, want := range []string{`msg="a list has expired and is used all the same" list=us-ndaa-889 expired=2027-05-23`,
		`msg="an own entry has expired and does not count" about=dahua expired=2020-01-01`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, log.String())
		}
	}
	if !strings.Contains(log.String(), `level=WARN msg="a file of editions is not used" file=uk-2022-nil.toml`) || !strings.Contains(log.String(), "level=INFO") {
		t.Errorf("logged:\n%s", log.String())
	}
}
