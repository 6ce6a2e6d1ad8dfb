package capture

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// summary says of captures what a test compares: name, contexts and rows.
func summary(captures []*Capture) map[string]map[string]int {
	all := make(map[string]map[string]int)
	for _, c := range captures {
		rows := map[string]int{"": c.Recording.Len()}
		for context, recording := range c.Contexts {
			rows[context] = recording.Len()
		}
		all[filepath.Base(c.Path)+" "+c.Name] = rows
	}
	return all
}

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpen(t *testing.T) {
	const one, two = "1.3|2|1\n", "1.3|2|1\n1.4|2|1\n"
	dir := writeFiles(t, map[string]string{
		"b.snmprec": one, "b@10.snmprec": two, "b@MGMT.snmprec": one,
		"a.walk": ".1.3 = INTEGER: 1\n", "b@10.walk": ".1.3 = INTEGER: 1\n",
		"10.0.0.1.txt": one, "c.snmprec.gz": packed(t, two), "d.GZ": packed(t, one), "@e.SNMPREC": one,
		"only@505.snmprec": two, "note.md": "no capture",
	})
	if err := os.Mkdir(filepath.Join(dir, "folder.txt"), 0o700); err != nil {
		t.Fatal(err)
	}
	whole := map[string]int{"": 1, "10": 2, "MGMT": 1}
	tests := []struct {
		name  string
		paths []string
		want  map[string]map[string]int
	}{
		{"folder", []string{""}, map[string]map[string]int{
			"10.0.0.1.txt 10.0.0.1": {"": 1}, "@e.SNMPREC @e": {"": 1}, "a.walk a": {"": 1}, "b.snmprec b": whole,
			"b@10.walk b": {"": 0, "10": 1}, "c.snmprec.gz c": {"": 2}, "d.GZ d": {"": 1}, "only@505.snmprec only": {"": 0, "505": 2},
		}},
		{"file with contexts beside it", []string{"b.snmprec"}, map[string]map[string]int{"b.snmprec b": whole}},
		{"context first", []string{"b@10.snmprec", "b.snmprec"}, map[string]map[string]int{"b.snmprec b": whole}},
		{"context alone", []string{"b@10.snmprec"}, map[string]map[string]int{"b@10.snmprec b": {"": 0, "10": 2}}},
		{"same file twice", []string{"a.walk", "a.walk"}, map[string]map[string]int{"a.walk a": {"": 1}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var paths []string
			for _, path := range test.paths {
				paths = append(paths, filepath.Join(dir, path))
			}
			captures, errs := Open(paths)
			if diff := cmp.Diff(test.want, summary(captures)); diff != "" || len(errs) > 0 {
				t.Errorf("errors %v, difference (-want +got):\n%s", errs, diff)
			}
		})
	}
}

func TestOpenIsInOrder(t *testing.T) {
	dir := writeFiles(t, map[string]string{"b.walk": "1.3|2|1", "a.walk": "1.3|2|1", "c.walk": "1.3|2|1"})
	files, errs := List([]string{filepath.Join(dir, "c.walk"), dir})
	var names []string
	for _, file := range files {
		names = append(names, file.Name)
	}
	if diff := cmp.Diff([]string{"c", "a", "b"}, names); diff != "" || len(errs) > 0 {
		t.Errorf("errors %v, difference (-want +got):\n%s", errs, diff)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"a.snmprec": "1.3|2|1", "a@1.snmprec": "1.3|2|x", "a@2.snmprec": "1.3|2|1",
		"b.snmprec": "1.3|2|x", "c@1.snmprec": "1.3|2|x", "d.snmprec": "1.3|2|1", "d.snmprec.gz": "1.3|2|1",
	})
	captures, errs := Open([]string{dir, filepath.Join(dir, "none.snmprec"), t.TempDir()})
	want := map[string]map[string]int{"a.snmprec a": {"": 1, "2": 1}, "d.snmprec d": {"": 1}}
	if diff := cmp.Diff(want, summary(captures)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	wantErrs := []string{"d.snmprec beside it has the same name", "none.snmprec", "has no file whose name ends in",
		filepath.Join(dir, "a@1.snmprec") + ": line 1: ", filepath.Join(dir, "b.snmprec") + ": line 1: ", "c@1.snmprec: line 1: "}
	if len(errs) != len(wantErrs) {
		t.Fatalf("got %d errors, want %d: %v", len(errs), len(wantErrs), errs)
	}
	for i, err := range errs {
		if !strings.Contains(err.Error(), wantErrs[i]) {
			t.Errorf("error %d is %q, want one with %q", i, err, wantErrs[i])
		}
	}
}

func TestListFS(t *testing.T) {
	files, errs := ListFS(fstest.MapFS{"sw1.snmprec": {Data: []byte("1.3|2|1")}, "README.md": {}}, "demo")
	if len(errs) > 0 || len(files) != 1 {
		t.Fatalf("got %d files, errors %v", len(files), errs)
	}
	c, err := files[0].Load()
	if err != nil || c.Name != "sw1" || c.Path != filepath.Join("demo", "sw1.snmprec") || c.Recording.Len() != 1 {
		t.Errorf("got %+v, error %v", c, err)
	}
}
