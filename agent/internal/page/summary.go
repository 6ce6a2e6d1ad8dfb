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
	if tallies := severities(r); len(tallies) > 0 {
		w.line(`<ul class="tallies" aria-label="Findings by severity">`)
		for _, t := range tallies {
			w.line(`<li class="tally {}"><b>{}</b> {}</li>`, t.Severity, number(t.Findings), t.Severity)
		}
		w.line(`</ul>`)
	}
	for _, note := range said.Notes {
		w.line(`<p>{}</p>`, note)
	}
	w.line(`</section>`)
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
	stations, located := len(r.Findings), 0
	for _, f := range r.Findings {
		switch f.Location.Certainty {
		case "edge", "port", "shared":
			located++
		}
	}
	var place string
	switch {
	case located == 0:
		place = "not located to a port"
	case located == stations:
		place = "located to a port"
	default:
		place = fmt.Sprintf("%d of them located to a port", located)
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

// A tally is how many findings have a severity.
type tally struct {
	Severity string
	Findings int
}

// severities counts the findings of each severity, the most urgent first.
func severities(r *report.Report) []tally {
	var tallies []tally
	for _, severity := range []string{"critical", "high", "medium", "low", "info"} {
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
