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

// rebadges is true of every observation, whatever it found.
const rebadges = "Equipment that is sold under another brand, with a MAC block of that brand, cannot be told by its address: " +
	"this report does not claim that there is none."

// summarise says how much was found, how sure that is, and how much of the
// site was looked at. It never claims that something is not there.
func summarise(r *report.Report) summary {
	switch {
	case len(r.Findings) > 0:
		return summary{Lead: found(r), Notes: append(sureness(r.Findings), rebadges)}
	case r.Kind == report.Heartbeat:
		return summary{Lead: "This is a heartbeat: the agent is alive. A heartbeat lists no findings."}
	case r.Unread():
		return summary{Lead: "Nothing can be said about this site: " + unread(len(r.Coverage)) + "."}
	default:
		return summary{Lead: nothing(r), Notes: []string{rebadges}}
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
	switches, hosts := reads(coverage)
	var text string
	switch {
	case switches.all == 0:
		text = "no switch was asked"
	case switches.all == 1 && switches.complete == 1:
		text = "the one switch read completely"
	case switches.all == 1:
		text = "the one switch not read completely"
	case switches.complete == switches.all:
		text = fmt.Sprintf("all %d switches read completely", switches.all)
	default:
		text = fmt.Sprintf("%d of %d switches read completely", switches.complete, switches.all)
	}
	if hosts.complete < hosts.all {
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

// nothing words the negative statement: what was not observed, where, when,
// and what stands in the way of saying more.
func nothing(r *report.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "No device with a MAC block assigned to a maker flagged by %s was observed", lists(r.Data.Watchlists))
	switches, hosts := reads(r.Coverage)
	fmt.Fprintf(&b, " on the %s read between %s and %s", places(switches.answered(), hosts.answered()),
		r.Observed.From.UTC().Format("15:04:05"), r.Observed.To.UTC().Format("15:04:05 UTC on 2 January 2006"))
	if n := vendorOnly(r.VendorOnly); n > 0 {
		fmt.Fprintf(&b, ", apart from %s of makers of many things, counted below", count(n, "device"))
	}
	n := r.NotAssessable
	fmt.Fprintf(&b, "; %s not assessable", were(n.LocallyAdministered+n.Virtual+n.Unassigned, "address"))
	fmt.Fprintf(&b, "; %s did not answer", count(switches.failed, "switch"))
	if partial := switches.partial + hosts.partial; partial > 0 {
		fmt.Fprintf(&b, "; %s read only in part", were(partial, "source"))
	}
	if hosts.failed > 0 {
		b.WriteString("; this host's own neighbours could not be read")
	}
	return b.String() + "."
}

func were(n int, noun string) string {
	if n == 1 {
		return count(n, noun) + " was"
	}
	return count(n, noun) + " were"
}

func lists(watched []report.Watchlist) string {
	ids := make([]string, len(watched))
	for i, list := range watched {
		ids[i] = list.ID
	}
	switch n := len(ids); n {
	case 0:
		return "a list"
	case 1:
		return ids[0]
	default:
		return strings.Join(ids[:n-1], ", ") + " or " + ids[n-1]
	}
}

func places(switches, hosts int) string {
	switch {
	case hosts == 0:
		return count(switches, "switch")
	case switches == 0:
		return count(hosts, "host")
	default:
		return count(switches, "switch") + " and " + count(hosts, "host")
	}
}

func vendorOnly(makers []report.VendorOnly) int {
	stations := 0
	for _, m := range makers {
		stations += m.Stations
	}
	return stations
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
