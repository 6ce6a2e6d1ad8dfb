package page

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// site is a generated report: so many switches in a tree, some read in part,
// some not at all, some only heard, and so many findings at their ports.
func site(t testing.TB, switches, findings int, seed uint64) *report.Report {
	t.Helper()
	r := sample(t)
	random := rand.New(rand.NewPCG(seed, 1))
	fullest := r.Findings[0]
	r.Coverage, r.Links, r.Findings, r.Changes = nil, nil, nil, nil
	r.Site.Name, r.StationsSeen = fmt.Sprintf("Generated site of %d switches", switches), nil
	ends := make([]report.End, switches)
	for i := range switches {
		ends[i] = report.End{Switch: fmt.Sprintf("sw%02d-building-%c", i, 'A'+rune(i%7)), Address: fmt.Sprintf("10.1.%d.%d", i/200, 2+i%200)}
		status := []string{"complete", "complete", "complete", "complete", "complete", "complete", "partial", "failed"}[random.IntN(8)]
		if i == 0 {
			status = "complete"
		}
		r.Coverage = append(r.Coverage, report.Coverage{Source: ends[i].Address, Kind: "switch", Name: ends[i].Switch, Status: status})
		if i > 0 {
			above := ends[(i-1)/6]
			above.Port, ends[i].Port = fmt.Sprintf("Te1/1/%d", i), "Te1/0/49"
			r.Links = append(r.Links, report.Link{A: above, B: ends[i]})
		}
		if i%10 == 9 {
			from := ends[i]
			from.Port = "Gi1/0/48"
			r.Links = append(r.Links, report.Link{A: from, B: report.End{Switch: fmt.Sprintf("unread-%d", i)}})
		}
	}
	severities := []string{"critical", "high", "medium", "medium", "medium", "low", "info"}
	one := 1
	for i := range findings {
		f := fullest
		at := ends[random.IntN(switches)]
		f.MAC = fmt.Sprintf("14:a7:8b:%02x:%02x:%02x", i>>16, i>>8&0xff, i&0xff)
		f.IPs, f.Names, f.Severity, f.Present = []string{fmt.Sprintf("10.20.%d.%d", i/250, 1+i%250)}, []string{fmt.Sprintf("cam-%03d", i)}, severities[random.IntN(len(severities))], true
		f.Evidence = slices.Concat(slices.Repeat(f.Evidence[:1], 20), f.Evidence[1:])
		f.Class = []string{"camera", "camera", "unknown", "recorder"}[random.IntN(4)]
		f.Location = report.Location{Switch: at.Switch, Address: at.Address, Port: fmt.Sprintf("Gi1/0/%d", 1+random.IntN(46)), VLAN: 20, IfIndex: 7,
			Certainty: "edge", StationsOnPort: &one, Alias: []string{"", "lobby", "car park, north entrance"}[random.IntN(3)], Why: fullest.Location.Why}
		switch random.IntN(12) {
		case 0:
			f.Location = report.Location{Host: at.Switch, Interface: "vlan20", Certainty: "seen", Why: "only the address table shows it"}
		case 1:
			f.Location = report.Location{Certainty: "ambiguous", Why: "two ports fit",
				Alternatives: []report.Alternative{{Switch: at.Switch, Port: "Gi1/0/1", WhyNot: "as good"}, {Switch: ends[0].Switch, Port: "Gi1/0/2", WhyNot: "as good"}}}
		}
		r.Findings = append(r.Findings, f)
	}
	r.Progress = &report.Progress{Since: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), First: findings + 7, Gone: 7, Moved: 2, New: 3}
	r.Sort()
	return r
}

// A rect is a part of the drawing.
type rect struct {
	x1, y1, x2, y2 float64
	what           string
}

func (a rect) meets(b rect) bool {
	return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2
}

var svgOf = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// drawn reads the boxes and the texts of a drawing, and its size.
func drawn(t testing.TB, svg string) (boxes, texts []rect, size rect) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, _ := decoder.Token()
		if token == nil {
			return boxes, texts, size
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attr := make(map[string]string)
		for _, a := range start.Attr {
			attr[a.Name.Local] = a.Value
		}
		n := func(name string) float64 {
			value, err := strconv.ParseFloat(attr[name], 64)
			if err != nil {
				t.Fatalf("%s of %s: %v", name, start.Name.Local, err)
			}
			return value
		}
		switch {
		case start.Name.Local == "svg":
			size = rect{0, 0, n("width"), n("height"), "the drawing"}
		case start.Name.Local == "rect" && strings.HasPrefix(attr["class"], "box"):
			boxes = append(boxes, rect{n("x"), n("y"), n("x") + n("width"), n("y") + n("height"), attr["class"]})
		case start.Name.Local == "text":
			high := map[string]float64{"name": nameSize, "small": smallSize, "letter": smallSize}[strings.Fields(attr["class"])[0]]
			texts = append(texts, rect{n("x"), n("y") - high*.8, n("x") + n("textLength"), n("y") + high*.25, attr["class"]})
		}
	}
}

// checkMap holds that no box and no text of the page's map meets another, and
// that each text is within a box.
func checkMap(t *testing.T, page string) (sheets int) {
	t.Helper()
	for i, svg := range svgOf.FindAllString(page, -1) {
		boxes, texts, size := drawn(t, svg)
		if len(boxes) == 0 || len(texts) < len(boxes) {
			t.Errorf("drawing %d has %d boxes and %d texts", i, len(boxes), len(texts))
		}
		for _, list := range [][]rect{boxes, texts} {
			for j, a := range list {
				for _, b := range list[:j] {
					if a.meets(b) {
						t.Fatalf("drawing %d: %+v and %+v overlap", i, a, b)
					}
				}
				if a.x1 < 0 || a.y1 < 0 || a.x2 > size.x2 || a.y2 > size.y2 {
					t.Errorf("drawing %d: %+v is outside of %+v", i, a, size)
				}
			}
		}
		for _, text := range texts {
			within := false
			for _, b := range boxes {
				within = within || b.x1 <= text.x1 && b.y1 <= text.y1 && text.x2 <= b.x2 && text.y2 <= b.y2
			}
			if !within {
				t.Errorf("drawing %d: the text %+v is in no box", i, text)
			}
		}
		if size.y2 > sheetHeight+2*margin {
			t.Errorf("drawing %d is %v high", i, size.y2)
		}
		sheets++
	}
	return sheets
}

func TestMapOfGeneratedSites(t *testing.T) {
	for _, test := range []struct{ switches, findings int }{{1, 1}, {3, 5}, {10, 40}, {60, 0}, {60, 50}, {60, 500}, {300, 900}} {
		for seed := range uint64(2) {
			r := site(t, test.switches, test.findings, seed)
			page := write(t, r)
			if checkMap(t, page) == 0 {
				t.Fatal("there is no map")
			}
			if again := write(t, site(t, test.switches, test.findings, seed)); again != page {
				t.Error("the same site gives another page")
			}
			maps := strings.Join(svgOf.FindAllString(page, -1), "")
			for _, c := range r.Coverage {
				if !strings.Contains(maps, ">"+c.Name+"</text>") {
					t.Errorf("%s is not on the map", c.Name)
				}
			}
		}
	}
}

// scanned is what the program reports of captures.
func scanned(t *testing.T, from string) *report.Report {
	t.Helper()
	out, err := exec.Command("go", "run", "../..", "scan", "-json", "-from", from).Output()
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestMapOfCaptures(t *testing.T) {
	folders := []string{filepath.Join("..", "..", "demosite")}
	large := filepath.Join("..", "..", "..", "..", "shared", "captures") // beside the repository
	if _, err := os.Stat(large); err == nil {
		folders = append(folders, large)
	} else {
		t.Log("*** not looked at: there are no recorded devices beside the repository, in ../shared/captures")
	}
	for _, folder := range folders {
		r := scanned(t, folder)
		page := write(t, r)
		n := checkMap(t, page)
		t.Logf("%s: %d sources, %d links, %d findings on %d drawings, %d bytes", folder, len(r.Coverage), len(r.Links), len(r.Findings), n, len(page))
		if n == 0 || write(t, r) != page {
			t.Error("there is no map, or another each time")
		}
	}
}

// The demo's map is the tree that its README draws.
func TestDemoForest(t *testing.T) {
	var outline func(b *box, indent string) string
	outline = func(b *box, indent string) string {
		text := fmt.Sprintf("%s%s %s%s\n", indent, b.Kind, b.Name, strings.TrimRight(" "+b.Badge, " "))
		for _, child := range b.Children {
			text += outline(child, indent+"  ")
		}
		return text
	}
	got := ""
	for _, root := range forest(scanned(t, filepath.Join("..", "..", "demosite"))) {
		got += outline(root, "")
	}
	want := `switch core-1
  switch access-first
    port port1.0.5 medium
      behind cams medium
    port port1.0.8 medium
    switch access-annex
      port Slot0/3 medium
  switch access-ground
    port Gi0/1 medium
    port Gi0/2 medium
    port Gi0/3 medium
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A report may come from anywhere: links in a circle, to themselves, and to
// nobody make no endless map.
func TestLinksInACircle(t *testing.T) {
	end := func(name string) report.End { return report.End{Switch: name, Address: name} }
	r := site(t, 3, 5, 1)
	for _, pair := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "a"}, {"a", "a"}, {"", ""}} {
		r.Links = append(r.Links, report.Link{A: end(pair[0]), B: end(pair[1])})
	}
	checkMap(t, write(t, r))
}

var pages = flag.String("pages", "", "write the pages that a browser is to open into this `folder`")

// Every page that a browser is to open is small enough, and has a whole map.
func TestPages(t *testing.T) {
	folder := *pages
	if folder == "" {
		folder = t.TempDir()
	}
	nothing := site(t, 12, 0, 1)
	nothing.Progress = nil
	hostile := said(`"><img src=x onerror=alert(1)><script>alert('` + "\u202e" + `')</script>` + strings.Repeat("W", 180))
	for i := range hostile.Findings {
		hostile.Findings[i].Severity = "high"
	}
	for name, r := range map[string]*report.Report{
		"0": nothing, "5": site(t, 3, 5, 1), "50": site(t, 60, 50, 1), "500": site(t, 60, 500, 1), "hostile": hostile, "sample": sample(t),
		"demo": scanned(t, filepath.Join("..", "..", "demosite")), "unread": {Coverage: []report.Coverage{{Source: "10.0.0.2", Kind: "switch", Status: "failed", Reason: "no answer"}}},
	} {
		page := write(t, r)
		checkMap(t, page)
		if len(r.Findings) <= 50 && len(page) > 300<<10 {
			t.Errorf("the page of %d findings has %d bytes", len(r.Findings), len(page))
		}
		t.Logf("%s: %d findings, %d bytes", name, len(r.Findings), len(page))
		if err := os.WriteFile(filepath.Join(folder, name+".html"), []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	hostileSites := someSites()
	for i := range hostileSites.Agents {
		hostileSites.Agents[i].Name = `"><img src=x onerror=alert(1)>` + strings.Repeat("W", 180)
	}
	for name, s := range map[string]*Sites{"sites": someSites(), "sites-hostile": hostileSites, "sites-none": {Now: someSites().Now}} {
		var b bytes.Buffer
		if err := WriteSites(&b, s); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".html"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
