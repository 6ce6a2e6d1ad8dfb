package page

import (
	"fmt"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// A summary is what the page says first.
type summary struct {
	Lead  string
	Notes []string
}

func (w *writer) summary(r *report.Report) {
	said := summarise(r)
	w.line(`<section aria-labelledby="summary">
<h2 id="summary" class="hidden">Summary</h2>
<p class="lead">{}</p>`, said.Lead)
	w.figures(r)
	w.line(`<div class="notes">`)
	for _, note := range said.Notes {
		w.line(`<p>{}</p>`, note)
	}
	w.line(`</div>`)
	w.line(`</section>`)
}

// figures are the numbers that people look for first.
func (w *writer) figures(r *report.Report) {
	switches, hosts := report.Reads(r.Coverage)
	w.line(`<div class="glance">
<dl class="figures">`)
	if r.Kind != report.Heartbeat && !r.Unread() {
		w.put(`<div><dt>flagged</dt><dd><b>{}</b>`, number(len(r.Findings)))
		if r.StationsSeen != nil {
			w.put(` of {}`, count(*r.StationsSeen, "station"))
		}
		w.put(`</dd></div>`)
	}
	if len(r.Findings) > 0 {
		w.put(`<div><dt>located to a port</dt><dd><b>{}</b> of {}</dd></div>`, number(located(r.Findings)), number(len(r.Findings)))
	}
	if switches.All > 0 {
		w.put(`<div><dt>switches read completely</dt><dd><b>{}</b> of {}</dd></div>`, number(switches.Complete), number(switches.All))
	}
	if hosts.All > 0 && switches.All == 0 {
		w.put(`<div><dt>hosts read completely</dt><dd><b>{}</b> of {}</dd></div>`, number(hosts.Complete), number(hosts.All))
	}
	if p := r.Progress; p != nil && p.First > 0 {
		w.put(`<div><dt>of the first report gone</dt><dd><b>{}</b> of {}</dd></div>`, number(p.Gone), number(p.First))
	}
	w.line(`</dl>`)
	if tallies := severities(r); len(tallies) > 0 {
		w.line(`<ul class="tallies" aria-label="Findings by severity">`)
		for _, t := range tallies {
			w.line(`<li class="tally {}"><b>{}</b> {}</li>`, t.Severity, number(t.Findings), t.Severity)
		}
		w.line(`</ul>`)
	}
	w.line(`</div>`)
}

// located counts the findings of which the port is known.
func located(findings []report.Finding) int {
	n := 0
	for i := range findings {
		switch findings[i].Location.Certainty {
		case "edge", "port", "shared":
			n++
		}
	}
	return n
}

// summarise says how much was found, how sure that is, and how much of the
// site was looked at. It never claims that something is not there.
func summarise(r *report.Report) summary {
	switch {
	case len(r.Findings) > 0:
		return summary{Lead: found(r), Notes: append(sureness(r.Findings), r.Remarks()...)}
	case r.Unread():
		return summary{Lead: "Nothing can be said about this site: " + unread(len(r.Coverage)) + "."}
	default:
		return summary{Lead: r.NothingObserved(), Notes: r.Remarks()}
	}
}

func unread(sources int) string {
	switch sources {
	case 0:
		return "nothing was asked"
	case 1:
		return "its only source could not be read"
	default:
		return fmt.Sprintf("none of its %d sources could be read", sources)
	}
}

func found(r *report.Report) string {
	stations := len(r.Findings)
	var place string
	switch n := located(r.Findings); n {
	case 0:
		place = "not located to a port"
	case stations:
		place = "located to a port"
	default:
		place = fmt.Sprintf("%d of them located to a port", n)
	}
	makers := "flagged makers"
	if stations == 1 {
		makers = "a flagged maker"
	}
	return fmt.Sprintf("%s of %s, %s; %s.", count(stations, "station"), makers, place, readSentence(r.Coverage))
}

// readSentence says how much was read completely.
func readSentence(coverage []report.Coverage) string {
	switches, hosts := report.Reads(coverage)
	var text string
	switch {
	case switches.All == 0:
		text = "no switch was asked"
	case switches.All == 1 && switches.Complete == 1:
		text = "the one switch read completely"
	case switches.All == 1:
		text = "the one switch not read completely"
	case switches.Complete == switches.All:
		text = fmt.Sprintf("all %d switches read completely", switches.All)
	default:
		text = fmt.Sprintf("%d of %d switches read completely", switches.Complete, switches.All)
	}
	if hosts.Complete < hosts.All {
		text += ", and this host's own neighbours not"
	}
	return text
}

// sureness counts the levels, and the stations that are known from before.
func sureness(findings []report.Finding) []string {
	byLevel, absent := map[string]int{}, 0
	for _, f := range findings {
		byLevel[f.Level]++
		if !f.Present {
			absent++
		}
	}
	var parts []string
	for _, level := range levels() {
		if n := byLevel[level.Word]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, level.Word, level.Short))
			delete(byLevel, level.Word)
		}
	}
	others := 0
	for _, n := range byLevel {
		others += n
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("%d of another level", others))
	}
	notes := []string{"How sure: " + strings.Join(parts, "; ") + "."}
	switch absent {
	case 0:
	case 1:
		notes = append(notes, "One of them is known from earlier observations and was not seen this time.")
	default:
		notes = append(notes, fmt.Sprintf("%d of them are known from earlier observations and were not seen this time.", absent))
	}
	return notes
}

// severityOrder is the severities, the most urgent first.
var severityOrder = []string{"critical", "high", "medium", "low", "info"}

// A tally is how many findings have a severity.
type tally struct {
	Severity string
	Findings int
}

// severities counts the findings of each severity, the most urgent first.
func severities(r *report.Report) []tally {
	var tallies []tally
	for _, severity := range severityOrder {
		t := tally{Severity: severity}
		for _, f := range r.Findings {
			if f.Severity == t.Severity {
				t.Findings++
			}
		}
		if t.Findings > 0 {
			tallies = append(tallies, t)
		}
	}
	return tallies
}
