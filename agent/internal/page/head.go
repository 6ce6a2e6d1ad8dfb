package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"

	"github.com/camwarden/camwarden/agent/internal/report"
)

//go:embed page.css
var style markup

//go:embed page.js
var script markup

// head is what a browser reads first.
func (w *writer) head(title string) {
	w.line(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{}</title>`, policy(), title)
	w.put(`<style>`)
	w.put(style)
	w.line(`</style>
</head>`)
}

// policy is the Content-Security-Policy of the page: nothing may be loaded or
// sent, and only its own style and script apply.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'",
		digest(style), digest(script))
}

func digest(of markup) string {
	sum := sha256.Sum256([]byte(of))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// contents leads to the parts of a page that has findings.
func (w *writer) contents(r *report.Report) {
	if len(r.Findings) == 0 {
		return
	}
	w.line(`<nav aria-label="Parts of this page"><a href="#map">Map</a> <a href="#removal">To be removed</a> <a href="#findings">Findings</a> <a href="#coverage">How much was looked at</a> <a href="#editions">Judged by</a> <a href="#words">Words</a></nav>`)
}

// header says which site was observed, when and by whom.
func (w *writer) header(r *report.Report) {
	w.line(`<body>
<a class="skip" href="#main">Skip to the result</a>
<header>
<p class="brand">camwarden</p>
<h1><bdi>{}</bdi></h1>`, siteName(r.Site))
	w.put(`<p class="quiet">Observed from `)
	w.time(r.Observed.From)
	w.put(` to `)
	w.time(r.Observed.To)
	w.with(` by the agent on <bdi>{}</bdi>`, r.Agent.Hostname)
	marked := "did not mark"
	if r.Site.Sensitive != nil && *r.Site.Sensitive {
		marked = "marked"
	}
	w.line(`. The operator {} this site as sensitive.</p>
</header>`, marked)
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

// footer names the report and what made it, and ends the page.
func (w *writer) footer(r *report.Report) {
	w.line(`<footer>`)
	if d := r.Spool.Dropped; d.Count > 0 {
		w.put(`<p class="gaps">{} earlier reports of this agent were dropped (numbers {} to {})`,
			number(d.Count), number(d.FirstSeq), number(d.LastSeq))
		w.with(`: {}`, d.Reason)
		w.line(`.</p>`)
	}
	w.put(`<p class="quiet">Report <code>{}</code>`, r.ID)
	w.with(`, number {}`, unlessZero(r.Seq))
	w.put(`, {}. camwarden {}`, r.Schema, r.Agent.Version)
	if r.Agent.OS != "" {
		w.put(` on {}/{}`, r.Agent.OS, r.Agent.Arch)
	}
	w.line(`. It reads and never writes: no switch and no station was changed or logged in to.</p>
</footer>`)
	w.put(`<script>`)
	w.put(script)
	w.line(`</script>
</body>
</html>`)
}
