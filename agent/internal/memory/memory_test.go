package memory

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/google/go-cmp/cmp"
)

func filled() *Memory {
	return &Memory{AgentID: "a-1", Machine: "digest", Seq: 7, Stations: map[string]*Station{camera: {
		FirstSeen: start, LastSeen: start.Add(time.Hour), Finding: on(camera, "p1", "edge"), Attached: Port{"sw1", "p1"},
		ShownBy: []Table{{"sw1", "dot1qTpFdbTable"}}, Misses: 2, MissedAt: start.Add(2 * time.Hour), Gone: true}},
		Switches: map[string]Switch{"10.0.0.2:161": {Credentials: "core-v3", Version: "v3", ReadByV3: true, Repetitions: 12,
			SettledAt: start, ReachedAt: start.Add(time.Hour)}}}
}

func TestSaveLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.json")
	if m, err := Load(path); err != nil || m.Stations == nil {
		t.Fatalf("a file that is not there: %+v, %v", m, err)
	}
	want := filled()
	for range 2 { // the second time it replaces a file
		if err := want.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	onlyFile(t, path)
}

// onlyFile checks that nothing else was left in the folder.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

// TestSaveFails: what was there stays, and no half file beside it.
func TestSaveFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memory.json")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := filled().Save(path); err == nil || !strings.Contains(err.Error(), "write what is to be remembered") {
		t.Errorf("saved over a folder: %v", err)
	}
	onlyFile(t, path)
	if err := filled().Save(filepath.Join(t.TempDir(), "no such folder", "memory.json")); err == nil {
		t.Error("saved into a folder that is not there")
	}
}

// TestDamaged: a file that cannot be understood is kept beside, and the
// memory that comes with the error is good to use.
func TestDamaged(t *testing.T) {
	tests := map[string]string{
		"cut short":                 `{"agent_id":"a-1","stations":{`,
		"empty":                     ``,
		"zeros":                     strings.Repeat("\x00", 100),
		"station without content":   `{"stations":{"14:a7:8b:b6:d3:41":null}}`,
		"of another kind":           `[]`,
		"time that is none":         `{"stations":{"14:a7:8b:b6:d3:41":{"last_seen":"yesterday"}}}`,
		"something after its end":   `{}{}`,
		"more bytes than are read":  strings.Repeat(" ", maxBytes+1),
		"number that does not fit":  `{"seq":-1}`,
		"text in place of stations": `{"stations":"none"}`,
		"list in place of switches": `{"switches":[]}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "memory.json")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if m, err := Peek(path); err == nil || m.Stations == nil {
				t.Errorf("at a glance: %+v, %v", m, err)
			}
			m, err := Load(path)
			if err == nil || !strings.Contains(err.Error(), "set aside as "+path+".corrupt") {
				t.Fatalf("error %v", err)
			}
			kept, err := os.ReadFile(path + ".corrupt")
			if err != nil || !bytes.Equal(kept, []byte(text)) {
				t.Errorf("the file was not kept as it was: %v", err)
			}
			m.Observe(site{}.report(on(camera, "p1", "edge")), start)
			if err := m.Save(path); err != nil || len(m.Stations) != 1 {
				t.Errorf("%d stations, %v", len(m.Stations), err)
			}
			if again, err := Load(path); err != nil || len(again.Stations) != 1 {
				t.Errorf("afterwards: %+v, %v", again, err)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	m, err := Load(t.TempDir()) // a folder
	if err == nil || m == nil || m.Stations == nil {
		t.Errorf("a folder as file: %+v, %v", m, err)
	}
}

// FuzzParse: whatever is in the file, what is read from it can be used,
// written, and read again as the same.
func FuzzParse(f *testing.F) {
	whole, err := json.Marshal(filled())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(`{"stations":{"x":{"misses":-9,"missed_at":"9999-12-31T23:59:59.9Z"}}}`))
	f.Add([]byte(`{"stations":{"x":null}}`))
	f.Add([]byte(`{"switches":{"10.0.0.2:161":{"repetitions":-1,"settled_at":"0001-01-01T00:00:00Z"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parse(text)
		if err != nil {
			return
		}
		m.Observe(&report.Report{Findings: []report.Finding{on(camera, "p1", "edge")}}, start)
		for address, before := range m.Switches {
			m.Remember(map[string]Switch{address: before.Reached("core", "v2c", before.StartRepetitions(start), start)})
		}
		first, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		again, err := parse(first)
		if err != nil {
			t.Fatalf("cannot be read again: %v", err)
		}
		second, err := json.Marshal(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("changes when it is read and written (%v):\n%s\n%s", err, first, second)
		}
	})
}

// TestSaveAsked: who was asked is in the file at once, and nothing else that a
// report has yet to tell.
func TestSaveAsked(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "memory.json"), time.Now()
	noon := now.Truncate(24 * time.Hour).Add(12 * time.Hour)
	mac := lan.MAC{0x44, 0x19, 0xb6, 0, 0, 9}
	saved := filled()
	if err := saved.Save(path); err != nil {
		t.Fatal(err)
	}
	m := filled()
	m.Seq++
	m.Stations[camera].Misses++
	m.Stations["44:19:b6:00:00:09"] = &Station{}
	last := m.Acquaintance()
	changes := func(what string, want bool) {
		t.Helper()
		next := m.Acquaintance()
		if got := !next.Equal(last); got != want {
			t.Errorf("%s: changed %v, want %v", what, got, want)
		}
		last = next
	}
	m.Asked.Ask(mac, "10.20.0.9", now.Add(-AskAgain))
	changes("a station was asked", true)
	m.Asked.Ask(mac, "10.20.0.9", now)
	changes("it was asked again", true)
	m.Asked.Hear(mac, []lan.Answer{{Question: lan.SADP}})
	changes("it has answered", true)
	m.Remember(map[string]Switch{"10.20.0.1:161": {AskedAt: now}})
	changes("a switch was asked", true)
	m.Remember(map[string]Switch{"10.20.0.1:161": {AskedAt: now, ReachedAt: noon}})
	changes("it was reached", true)
	m.Remember(map[string]Switch{"10.20.0.1:161": {AskedAt: now, ReachedAt: noon.Add(time.Hour), Repetitions: 25}})
	changes("it was reached again", false)
	m.Remember(map[string]Switch{"10.20.0.1:161": {AskedAt: now, ReachedAt: noon.Add(24 * time.Hour)}})
	changes("it was reached on the next day", true)
	m.Remember(map[string]Switch{"10.20.0.1:161": {AskedAt: now, ReadByV3: true}})
	changes("it was let in by version 3", true)
	m.AgentID = "another"
	changes("it is another agent", true)
	m.Asked.SegmentAt = now
	changes("the segment was asked", true)
	if err := m.SaveAsked(path); err != nil {
		t.Fatal(err)
	}
	got, err := Peek(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.Asked.Due(mac, "10.20.0.9", now) || !got.Switches["10.20.0.1:161"].AskedLately(now) {
		t.Errorf("who was asked is not in the file: %+v", got)
	}
	if diff := cmp.Diff(saved.Stations, got.Stations); got.Seq != saved.Seq || diff != "" {
		t.Errorf("the number is %d, want %d; stations (-want +got):\n%s", got.Seq, saved.Seq, diff)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.SaveAsked(path); err == nil {
		t.Error("a damaged file is overwritten, before anybody has set it aside")
	}
}
