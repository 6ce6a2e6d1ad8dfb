// Package page shows a report as one HTML file that needs nothing else: no
// script, no network, no second file.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/camwarden/camwarden/agent/internal/report"
)

var (
	//go:embed page.html
	markup string
	//go:embed page.css
	style string

	page = template.Must(template.New("page").Funcs(template.FuncMap{
		"time":     timeElement,
		"count":    count,
		"class":    classText,
		"relation": relationText,
		"change":   changeText,
	}).Parse(markup))
)

// A view is a report with what the page says about it as a whole.
type view struct {
	*report.Report
	Policy     string
	Style      template.CSS
	Site       string
	Sensitive  bool
	Summary    summary
	Severities []tally
	Gaps       []gap
	Levels     []meaning
	Certainty  []meaning
}

// Write writes the page of a report. The same report gives the same bytes. An
// error of w comes back as it is.
func Write(w io.Writer, r *report.Report) error {
	v := &view{
		Report: r,
		Policy: policy(), Style: template.CSS(style),
		Site: siteName(r.Site), Sensitive: r.Site.Sensitive != nil && *r.Site.Sensitive,
		Summary: summarise(r), Severities: severities(r), Gaps: gaps(r),
		Levels: levels(), Certainty: certainties(),
	}
	var out bytes.Buffer
	out.Grow(32<<10 + len(r.Findings)*4<<10)
	if err := page.Execute(&out, v); err != nil {
		return fmt.Errorf("make the page of report %s: %w", r.ID, err)
	}
	_, err := w.Write(bytes.Map(visible, out.Bytes()))
	return err
}

// policy is the Content-Security-Policy of the page: nothing may be loaded or
// sent, and only its own style applies.
func policy() string {
	sum := sha256.Sum256([]byte(style))
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'",
		base64.StdEncoding.EncodeToString(sum[:]))
}

// visible puts a mark in place of every character that shows nothing but
// acts: control characters, and those of format that turn the direction of
// what follows. It is applied to the whole page, so that no text escapes it.
func visible(r rune) rune {
	switch {
	case r >= ' ' && r <= '~', r == '\n': // nearly all of a page
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return unicode.ReplacementChar
	default:
		return r
	}
}

// timeElement is a time for people and for programs.
func timeElement(t time.Time) template.HTML {
	if t.IsZero() {
		return "an unknown time"
	}
	return template.HTML(t.UTC().Format("<time datetime=\"2006-01-02T15:04:05Z\">2006-01-02 15:04:05 UTC</time>"))
}

func siteName(s report.Site) string {
	switch {
	case s.Name != "" && s.ID != "":
		return s.Name + " (" + s.ID + ")"
	case s.Name+s.ID != "":
		return s.Name + s.ID
	default:
		return "Unnamed site"
	}
}

// count is a number of things: 1 switch, 2 switches.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	plural := "s"
	if strings.HasSuffix(noun, "s") || strings.HasSuffix(noun, "ch") {
		plural = "es"
	}
	return fmt.Sprintf("%d %s%s", n, noun, plural)
}
