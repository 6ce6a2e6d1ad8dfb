package report

import (
	"encoding/json"
	"go/ast"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every word that the packages know is in the schema, and no other.
func TestSchemaWords(t *testing.T) {
	defs := readSchema(t).Defs
	defs["report"] = readSchema(t)
	tests := []struct{ def, key, dir, name string }{
		{"report", "kind", "report", "Kind"},
		{"change", "op", "report", "ChangeOp"},
		{"coverage", "kind", "lan", "SourceKind"},
		{"table", "status", "lan", "ReadStatus"},
		{"table", "method", "lan", "Method"},
		{"finding", "class", "detect", "Class"},
		{"finding", "level", "detect", "Level"},
		{"finding", "severity", "detect", "Severity"},
		{"evidence", "claim", "detect", "Claim"},
		{"evidence", "mechanism", "detect", "Mechanism"},
		{"list", "relation", "watchlist", "Relation"},
		{"location", "certainty", "locate", "Certainty"},
		{"spool", "state", "spool", "State"},
	}
	for _, test := range tests {
		t.Run(test.def+"."+test.key, func(t *testing.T) {
			want := constants(t, test.dir, test.name)
			if len(want) == 0 {
				t.Fatalf("package %s has no constant of type %s", test.dir, test.name)
			}
			got := slices.Sorted(slices.Values(defs[test.def].Properties[test.key].Enum))
			if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
				t.Errorf("(-code +schema):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"complete", "partial", "failed"}, defs["coverage"].Properties["status"].Enum); diff != "" {
		t.Errorf("the states of a source differ (-code +schema):\n%s", diff)
	}
	if got := defs["report"].Properties["schema"].Const; got != Schema {
		t.Errorf("the schema is of %q, want %q", got, Schema)
	}
}

// Every struct of the report has the keys that the schema gives it, and no
// other; those that may be left out are not required.
func TestSchemaKeys(t *testing.T) {
	root := readSchema(t)
	met := map[string]bool{"mac": true} // a text of its own shape
	definitions := map[string]string{"Report": "", "ListMatch": "list", "PoE": "poe"}
	for _, file := range parse(t, "report") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok || spec.Name.Name == "Reading" { // a count, which is not sent
				return true
			}
			key, named := definitions[spec.Name.Name]
			if !named {
				key = strings.ToLower(spec.Name.Name[:1]) + spec.Name.Name[1:]
			}
			got := root
			if key != "" {
				met[key], got = true, root.Defs[key]
			}
			keys, required := jsonKeys(t, fields)
			if diff := cmp.Diff(keys, slices.Sorted(maps.Keys(got.Properties))); diff != "" {
				t.Errorf("the properties of %s differ (-code +schema):\n%s", spec.Name.Name, diff)
			}
			if diff := cmp.Diff(required, got.Required); diff != "" {
				t.Errorf("the required keys of %s differ (-code +schema):\n%s", spec.Name.Name, diff)
			}
			return false
		})
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(met)), slices.Sorted(maps.Keys(root.Defs))); diff != "" {
		t.Errorf("the definitions differ (-code +schema):\n%s", diff)
	}
}

// full is a report in which everything is said; bare one in which everything
// that can be null is.
func full() *Report {
	yes, n, ms, noon := true, 3, int64(-420), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := bare()
	r.Asked = &Asked{Stations: 3, Answered: 2, Segment: true, Packets: 70}
	r.Site.Sensitive, r.StationsSeen, r.Clock.OffsetMS = &yes, &n, &ms
	r.Coverage[0].Found = "default gateway of this host"
	r.Coverage[0].Reason, r.Coverage[0].Tables[0].Context = "no answer", "vlan-20"
	r.Findings[0].Location.StationsOnPort, r.Findings[0].Location.CountedAt = &n, &noon
	r.Findings[0].Location.PoE = &PoE{Delivering: true, Class: &n, Milliwatts: 2500}
	r.Findings[0].Evidence[0].ObservedAt = &noon
	r.Data.Own, r.Data.Files = []Own{{Until: "2026-11-22"}}, []DataFile{{}}
	r.Links, r.Progress = []Link{{}}, &Progress{Since: noon}
	return r
}

func bare() *Report {
	return whole(&Report{
		Schema: Schema, Kind: Snapshot,
		Data:     Data{Watchlists: []Watchlist{{ID: "us-ndaa-889", Version: 3, AsOf: "2026-06-10"}}},
		Coverage: []Coverage{{Kind: "switch", Status: "complete", Tables: []Table{{Table: "dot1qTpFdbTable", Status: "complete", Method: "walk"}}}},
		Findings: []Finding{{
			MAC: "14:a7:8b:b6:d3:41", Maker: Maker{Key: "dahua"},
			IPs: []string{"10.0.0.1"}, Names: []string{"cam"}, Class: "camera", Level: "possible", Severity: "low",
			Lists:    []ListMatch{{ID: "us-ndaa-889", Relation: "named"}},
			Location: Location{Certainty: "edge", Alternatives: []Alternative{{}}},
			Evidence: []Evidence{{Claim: "maker", Mechanism: "mac-block"}},
		}},
		VendorOnly: []VendorOnly{{Maker: "huawei", Stations: 7}},
		Changes:    []Change{{Op: Gone, MAC: "14:a7:8b:b6:d3:41"}},
		Spool:      Spool{State: "ok"},
	})
}

// What the code writes has the types and the words that the schema gives.
func TestSchemaTypes(t *testing.T) {
	strict := strictSchema(t)
	for name, r := range map[string]*Report{"full": full(), "bare": bare()} {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(strict, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The check complains of each kind of mistake; otherwise it proves nothing.
func TestSchemaComplains(t *testing.T) {
	strict := strictSchema(t)
	text, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ from, to string }{
		{`"kind":"snapshot"`, `"kind":"guess"`},
		{`"seq":0`, `"seq":"0"`},
		{`"seq":0`, `"seq":-1`},
		{`"seq":0,`, ``},
		{`"present":`, `"absent":`},
		{`"stations":7`, `"stations":0.5`},
		{`"spool":{`, `"more":1,"spool":{`},
		{`"from":"0001-01-01`, `"from":"0001-13-01`},
	} {
		changed := strings.Replace(string(text), change.from, change.to, 1)
		if err := validate(strict, []byte(changed)); err == nil || changed == string(text) {
			t.Errorf("no complaint of %s", change.to)
		}
	}
}

// Every report in the tree, which other tests hold the code against, is one by
// the schema.
func TestGoldenReports(t *testing.T) {
	strict := strictSchema(t)
	found := 0
	err := filepath.WalkDir(filepath.Join("..", "..", ".."), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var head struct{ Schema string }
		if json.Unmarshal(text, &head) != nil || head.Schema != Schema {
			return nil // of something else
		}
		found++
		if err := validate(strict, text); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d reports are valid", found)
	if found < 3 {
		t.Errorf("only %d reports were found", found)
	}
}
