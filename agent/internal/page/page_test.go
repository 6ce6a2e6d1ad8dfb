package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a report of a site with every kind of place, gaps, and texts that
// mean harm.
func sample(t testing.TB) *report.Report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var r report.Report
	if err := decoder.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func write(t testing.TB, r *report.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	nothing := sample(t)
	nothing.Findings, nothing.Changes, nothing.Spool.Dropped = nil, nil, report.Dropped{}
	for name, r := range map[string]*report.Report{"report.html": sample(t), "nothing.html": nothing} {
		t.Run(name, func(t *testing.T) {
			golden := filepath.Join("testdata", name)
			got := write(t, r)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the page differs from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

var (
	policyOf = regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`)
	styleOf  = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	scriptOf = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
)

// A browser applies the style, and runs the script, only when the policy names
// its exact digest.
func TestPolicyNamesTheStyleAndTheScript(t *testing.T) {
	got := write(t, sample(t))
	policies, styles, scripts := policyOf.FindAllStringSubmatch(got, -1), styleOf.FindAllStringSubmatch(got, -1), scriptOf.FindAllStringSubmatch(got, -1)
	if len(policies) != 1 || len(styles) != 1 || len(scripts) != 1 {
		t.Fatalf("%d policies, %d styles and %d scripts, want one of each", len(policies), len(styles), len(scripts))
	}
	policy := html.UnescapeString(policies[0][1])
	for kind, text := range map[string]string{"style-src": styles[0][1], "script-src": scripts[0][1]} {
		sum := sha256.Sum256([]byte(text))
		if digest := kind + " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, digest) {
			t.Errorf("the policy %q does not name the digest %s", policy, digest)
		}
	}
	if strings.Count(got, "<script") != 1 || regexp.MustCompile(`<[a-z]+(?:\s[a-zA-Z-]+="[^"]*")*\s(?:on[a-z]+|style)=`).MatchString(scriptOf.ReplaceAllString(got, "")) {
		t.Error("there is a script or style besides")
	}
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy %q is not strict", policy)
	}
}

// The page names every finding, every source and every edition, and links to
// nothing outside of itself.
func TestNothingIsLeftOut(t *testing.T) {
	r := sample(t)
	got := html.UnescapeString(write(t, r))
	var want []string
	for _, f := range r.Findings {
		want = append(want, f.MAC, f.Maker.Organization, f.Maker.Prefix, f.Location.Why)
		want = append(want, f.IPs...)
		for _, e := range f.Evidence {
			want = append(want, e.Object, e.Rule)
		}
		for _, a := range f.Location.Alternatives {
			want = append(want, a.WhyNot)
		}
	}
	for _, c := range r.Coverage {
		want = append(want, c.Source)
	}
	for _, w := range append(want, r.Data.Registry.SHA256, "huawei 7", "zte 1", "version 3 as of 2026-06-10", "stale", "2 earlier reports") {
		if !strings.Contains(got, w) {
			t.Errorf("%q is not on the page", w)
		}
	}
	for _, reference := range regexp.MustCompile(`\s(?:src|href|action|srcset)="([^"]*)"`).FindAllStringSubmatch(got, -1) {
		target, within := strings.CutPrefix(reference[1], "#")
		switch {
		case within && strings.Count(got, ` id="`+target+`"`) != 1:
			t.Errorf("the page refers to %q, which it has %d times", target, strings.Count(got, ` id="`+target+`"`))
		case !within && reference[1] != "x" && !strings.HasPrefix(reference[1], "data:text/csv;"):
			t.Errorf("the page refers to %q", reference[1])
		}
	}
}

func TestSameReportSamePage(t *testing.T) {
	if diff := cmp.Diff(write(t, sample(t)), write(t, sample(t))); diff != "" {
		t.Error(diff)
	}
}

func TestZeroReport(t *testing.T) {
	got := write(t, &report.Report{})
	for _, want := range []string{"Nothing can be said about this site: nothing was asked.", "an unknown time", "Unnamed site"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page of an empty report does not say %q", want)
		}
	}
}

// many is a report with n findings of the fullest kind.
func many(t testing.TB, n int) *report.Report {
	r := sample(t)
	fullest := r.Findings[0]
	r.Findings = slices.Repeat([]report.Finding{fullest}, n)
	for i := range r.Findings {
		r.Findings[i].MAC = fmt.Sprintf("14:a7:8b:00:%02x:%02x", i>>8, i&0xff)
	}
	return r
}

func TestSize(t *testing.T) {
	if size := len(write(t, many(t, 50))); size > 300<<10 {
		t.Errorf("the page of 50 findings has %d bytes, more than 300 KiB", size)
	}
}

func BenchmarkWrite500(b *testing.B) {
	r := site(b, 60, 500, 1)
	for b.Loop() {
		if err := Write(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteFails(t *testing.T) {
	if err := Write(full{}, sample(t)); !errors.Is(err, errFull) || err.Error() != errFull.Error() {
		t.Errorf("got %v: what is written where is for the caller to say", err)
	}
}
