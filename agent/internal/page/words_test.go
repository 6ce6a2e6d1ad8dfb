package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// words are the words that the report's schema allows for a key.
func words(t *testing.T, definition, key string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "configs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct {
			Properties map[string]struct {
				Enum []string `json:"enum"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	enum := schema.Defs[definition].Properties[key].Enum
	if len(enum) == 0 {
		t.Fatalf("the schema has no words for %s of %s", key, definition)
	}
	return enum
}

// The page explains every word that a report may have.
func TestEveryWordIsExplained(t *testing.T) {
	explained := func(all []meaning) (list []string) {
		for _, m := range all {
			if m.Short == "" {
				t.Errorf("%s is not explained", m.Word)
			}
			list = append(list, m.Word)
		}
		return list
	}
	if diff := cmp.Diff(words(t, "finding", "level"), explained(levels())); diff != "" {
		t.Errorf("levels (-schema +page):\n%s", diff)
	}
	if diff := cmp.Diff(words(t, "location", "certainty"), explained(certainties())); diff != "" {
		t.Errorf("certainties (-schema +page):\n%s", diff)
	}
	for _, relation := range words(t, "list", "relation") {
		if relationText(relation) == "" {
			t.Errorf("relation %s is not explained", relation)
		}
	}
	for _, severity := range words(t, "finding", "severity") {
		if got := severities(&report.Report{Findings: []report.Finding{{Severity: severity}}}); len(got) != 1 {
			t.Errorf("severity %s is not counted", severity)
		}
	}
}

func TestClassText(t *testing.T) {
	got := map[string]string{}
	for _, class := range words(t, "finding", "class") {
		got[class] = classText(class)
	}
	want := map[string]string{"camera": "camera", "recorder": "recorder", "door": "door station", "access-control": "access control",
		"switch": "switch", "phone": "phone", "router": "router", "other": "other", "unknown": "class not established"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSiteName(t *testing.T) {
	tests := []struct {
		site report.Site
		want string
	}{
		{report.Site{ID: "LON-0042", Name: "Riverside House"}, "Riverside House (LON-0042)"},
		{report.Site{ID: "LON-0042"}, "LON-0042"},
		{report.Site{Name: "Riverside House"}, "Riverside House"},
		{report.Site{}, "Unnamed site"},
	}
	for _, test := range tests {
		if got := siteName(test.site); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
