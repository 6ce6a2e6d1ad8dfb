// Package page shows a report as one HTML file that needs nothing else: no
// network, no second file, and to be read no script either. The script that it
// has sorts and filters the findings and enlarges the map.
package page

import (
	"io"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// A view is a report with what the page explains of its words.
type view struct {
	*report.Report
	Levels []meaning
}

// Write writes the page of a report. The same report gives the same bytes. An
// error of w comes back as it is.
func Write(w io.Writer, r *report.Report) error {
	v := &view{Report: r, Levels: levels()}
	page := newWriter(64<<10 + len(r.Findings)*6<<10)
	page.head(siteName(r.Site) + ": flagged equipment, " + r.Observed.To.UTC().Format("2 January 2006"))
	page.header(r)
	page.line(`<main id="main">`)
	page.summary(r)
	page.contents(r)
	page.siteMap(r)
	page.removal(r)
	page.findings(v)
	page.changes(r.Changes)
	page.coverage(r)
	page.editions(r.Data)
	page.words()
	page.line(`</main>`)
	page.footer(r)
	_, err := w.Write(page.shown())
	return err
}
