package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type object map[string]any

// ocsf maps a finding as docs/ocsf.md says.
func ocsf(r *Report, f *Finding) object {
	activity := 2
	for _, c := range r.Changes {
		if c.MAC == f.MAC {
			activity = map[ChangeOp]int{Appeared: 1, Moved: 2, Back: 2, Gone: 3}[c.Op]
		}
	}
	status := 1
	if activity == 3 {
		status = 4
	}
	confidence, known := map[string]int{"confirmed": 3, "probable": 2}[f.Level]
	if !known {
		confidence = 1
	}
	deviceType := 0
	if slices.Contains([]string{"camera", "recorder", "door", "access-control"}, f.Class) {
		deviceType = 7
	}
	lists, evidences := []string{}, []object{}
	for _, l := range f.Lists {
		lists = append(lists, l.ID)
	}
	for _, e := range f.Evidence {
		evidences = append(evidences, object{"name": e.Rule, "uid": e.Object, "data": e})
	}
	sentence := fmt.Sprintf("%s equipment at %s %s", f.Maker.Name, f.Location.Switch, f.Location.Port)
	event := object{
		"activity_id": activity, "category_uid": 2, "class_uid": 2004, "type_uid": 200400 + activity,
		"time": r.Observed.To.UnixMilli(), "status_id": status, "message": sentence + ": " + f.Location.Why,
		"severity_id":   map[string]int{"info": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}[f.Severity],
		"confidence_id": confidence, "confidence": f.Level,
		"finding_info": object{"uid": r.Site.ID + "/" + f.MAC, "title": sentence, "desc": f.Location.Why, "types": lists,
			"first_seen_time": f.FirstSeen.UnixMilli(), "last_seen_time": f.LastSeen.UnixMilli(), "analytic": object{"type_id": 1, "uid": f.LevelRule}},
		"device":    object{"mac": f.MAC, "uid": f.MAC, "ip": f.IPs[0], "name": f.Names[0], "type_id": deviceType},
		"resources": []object{{"name": f.Location.Switch + " " + f.Location.Port, "type": "switch port", "uid": fmt.Sprintf("%s/%d", f.Location.Address, f.Location.IfIndex)}},
		"evidences": evidences,
		"metadata": object{"version": "1.4.0", "uid": r.ID + "/" + f.MAC,
			"product": object{"name": "camwarden", "vendor_name": "camwarden", "version": r.Agent.Version}},
		"unmapped": object{"location": f.Location, "lists": f.Lists, "maker": f.Maker, "site": r.Site},
	}
	return event
}

// The golden example in docs/ocsf.md is what the mapping makes, and its table
// has every attribute.
func TestOCSF(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "page", "testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	r.Findings[0].LevelRule = "confirmed-maker-and-field"
	event := ocsf(&r, &r.Findings[0])
	golden := new(bytes.Buffer)
	encoder := json.NewEncoder(golden)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(event); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "..", "docs", "ocsf.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```json\n(.*?)```")
	if *update {
		page = block.ReplaceAllLiteral(page, slices.Concat([]byte("```json\n"), golden.Bytes(), []byte("```")))
		if err := os.WriteFile(path, page, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := block.FindSubmatch(page)
	if found == nil {
		t.Fatal("docs/ocsf.md has no example")
	}
	if diff := cmp.Diff(golden.String(), string(found[1])); diff != "" {
		t.Errorf("the example in docs/ocsf.md (-mapping +page):\n%s", diff)
	}
	table, _, _ := strings.Cut(string(page), "```json")
	for key, value := range event {
		if inner, ok := value.(object); ok && key != "unmapped" && key != "metadata" {
			for name := range inner {
				if !strings.Contains(table, "`"+key+"."+name+"`") {
					t.Errorf("docs/ocsf.md does not say where %s.%s comes from", key, name)
				}
			}
		} else if !strings.Contains(table, "`"+key+"`") {
			t.Errorf("docs/ocsf.md does not say where %s comes from", key)
		}
	}
}
