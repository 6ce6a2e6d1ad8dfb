package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
)

const configsFolder = "../../../../configs"

// A workplace is a copy of what gen reads, and a folder of files in the form
// of the IEEE that say the same.
type workplace struct{ configs, ieee, bin string }

// newWorkplace splits registry.csv into the files of the IEEE.
func newWorkplace(t *testing.T) workplace {
	t.Helper()
	w := workplace{configs: t.TempDir(), ieee: t.TempDir()}
	w.bin = filepath.Join(w.configs, "registry.bin")
	for _, name := range []string{"lookalikes.toml", "registry/registry.csv"} {
		text, err := os.ReadFile(filepath.Join(configsFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, filepath.Join(w.configs, name), string(text))
	}
	rows, err := readRows([]byte(w.read(t, "registry/registry.csv")))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range ieeeFiles {
		var out strings.Builder
		out.WriteString("\ufeffRegistry,Assignment,Organization Name,Organization Address\r\n")
		for _, r := range rows {
			if r.registry == file.registry && r.source == ieeeSource {
				out.WriteString(r.registry + "," + r.prefix + `,"` + strings.ReplaceAll(r.organization, `"`, `""`) + ` ","Some street"` + "\r\n")
			}
		}
		w.write(t, filepath.Join(w.ieee, file.name), out.String())
	}
	return w
}

func (w workplace) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (w workplace) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.configs, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// add puts lines behind a file of the IEEE.
func (w workplace) add(t *testing.T, file, lines string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.ieee, file))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, filepath.Join(w.ieee, file), string(text)+lines)
}

func (w workplace) update(day string, log io.Writer) error {
	return run([]string{"-ieee", w.ieee, "-as-of", day, w.configs, w.bin}, log)
}

// TestUpdate: the files of the day change nothing but what is new in them.
func TestUpdate(t *testing.T) {
	w := newWorkplace(t)
	before := w.read(t, "registry/registry.csv")
	var log bytes.Buffer
	if err := w.update("2026-06-25", &log); err != nil {
		t.Fatal(err)
	}
	if got := w.read(t, "registry/registry.csv"); got != before {
		t.Error("files that say the same have changed registry.csv")
	}
	// A new camera block, one that has a new holder, one that was given back.
	w.add(t, "oui.csv", "MA-L,FCFFFF,\"Zhejiang Dahua Technology Co., Ltd.\",x\n")
	oui, err := os.ReadFile(filepath.Join(w.ieee, "oui.csv"))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(oui), `MA-L,000000,"XEROX CORPORATION "`, `MA-L,000000,"Xerox"`, 1)
	changed = strings.Replace(changed, `MA-L,000001,"XEROX CORPORATION ","Some street"`+"\r\n", "", 1)
	w.write(t, filepath.Join(w.ieee, "oui.csv"), changed)
	log.Reset()
	if err := w.update("2026-07-01", &log); err != nil {
		t.Fatal(err)
	}
	if want := "gen: 1 prefixes are new, 1 have another holder or spelling, 1 were given back, 1175 of a later source are kept\n"; log.String() != want {
		t.Errorf("said %q, want %q", log.String(), want)
	}
	r, err := registry.Parse([]byte(w.read(t, "registry.bin")))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, text := range []string{"fc:ff:ff:00:00:00", "00:00:00:00:00:01", "00:00:01:00:00:01", "08:00:30:00:00:01", "14:ba:88:00:00:01"} {
		mac, err := lan.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		got[text] = r.Lookup(mac).Organizations
	}
	want := map[string][]string{
		"fc:ff:ff:00:00:00": {"Zhejiang Dahua Technology Co., Ltd."},
		"00:00:00:00:00:01": {"Xerox"},
		"00:00:01:00:00:01": nil,
		"08:00:30:00:00:01": {"NETWORK RESEARCH CORPORATION", "ROYAL MELBOURNE INST OF TECH", "CERN"},
		"14:ba:88:00:00:01": {"Zhejiang Uniview Technologies Co.,Ltd."}, // of a later source
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// TestUpdateFails: nothing is written while something is wrong.
func TestUpdateFails(t *testing.T) {
	tests := []struct {
		name, file, lines, day, want string
	}{
		{"a new spelling of a known maker", "oui.csv", "MA-L,FCFFFF,HANGZHOU HIKVISION DIGITAL TECHNOLOGY,x\n", "2026-12-01",
			`"HANGZHOU HIKVISION DIGITAL TECHNOLOGY" holds "hik": put it into makers.toml`},
		{"a row of another registry", "mam.csv", "CID,4AC03F,Wuhan,x\n", "2026-12-01", `mam.csv: row`},
		{"a CID among the prefixes", "oui.csv", "MA-L,4AC03F,Wuhan,x\n", "2026-12-01", "the U/L bit is set"},
		{"no day", "oui.csv", "", "today", "write the day"},
		{"cut short", "oui36.csv", "MA-S,70B3D5", "2026-12-01", "wrong number of fields"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorkplace(t)
			before := w.read(t, "registry/registry.csv")
			w.add(t, test.file, test.lines)
			if err := w.update(test.day, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if _, err := os.Stat(w.bin); err == nil || w.read(t, "registry/registry.csv") != before {
				t.Error("something was written")
			}
		})
	}
	w := newWorkplace(t)
	if err := os.Remove(filepath.Join(w.ieee, "iab.csv")); err != nil {
		t.Fatal(err)
	}
	if err := w.update("2026-12-01", io.Discard); err == nil || !strings.Contains(err.Error(), "iab.csv is missing") {
		t.Errorf("without a file: %v", err)
	}
}
