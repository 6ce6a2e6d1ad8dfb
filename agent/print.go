package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// printReport shows a report to people: what was found, what could not be
// judged, and what was not read.
func printReport(to io.Writer, r *report.Report) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, headline(r))
	if len(r.Findings) > 0 {
		fmt.Fprintln(w)
		printFindings(w, r.Findings)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	printReasons(to, r.Findings)
	printRest(to, r)
	printFound(to, r)
	return printGaps(to, r)
}

// headline is the sentence that matters. It claims nothing about what was
// not looked at.
func headline(r *report.Report) string {
	if r.Unread() {
		return "Nothing could be read, so nothing can be said of this site."
	}
	devices, whole := len(r.Coverage), 0
	for _, c := range r.Coverage {
		if c.Status == "complete" {
			whole++
		}
	}
	read := fmt.Sprintf("%d of %d sources read completely", whole, devices)
	among := ""
	if r.StationsSeen != nil {
		among = " among " + count(*r.StationsSeen, "station")
	}
	if len(r.Findings) == 0 {
		return r.NothingObserved()
	}
	return fmt.Sprintf("%s of flagged makers%s (%s).", count(len(r.Findings), "station"), among, read)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func printFindings(w io.Writer, findings []report.Finding) {
	fmt.Fprintln(w, "SEVERITY\tLEVEL\tMAKER\tMAC\tIP\tSWITCH\tPORT\tVLAN\tCERTAINTY")
	for _, f := range findings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Severity, f.Level, f.Maker.Name, f.MAC, firstOf(f.IPs),
			clip(cmp.Or(f.Location.Switch, f.Location.Host, "-")), clip(portText(f.Location)), vlanText(f.Location.VLAN), certaintyText(f))
	}
}

// maxCell is how wide a cell of the table may get; the reasons below it show
// names whole.
const maxCell = 32

func clip(text string) string {
	if runes := []rune(text); len(runes) > maxCell {
		return string(runes[:maxCell-1]) + "…"
	}
	return text
}

func firstOf(texts []string) string {
	switch len(texts) {
	case 0:
		return "-"
	case 1:
		return texts[0]
	default:
		return fmt.Sprintf("%s +%d", texts[0], len(texts)-1)
	}
}

func portText(l report.Location) string {
	port := cmp.Or(l.Port, l.Interface, "-")
	if l.Alias != "" {
		port += " (" + l.Alias + ")"
	}
	return port
}

func vlanText(vlan uint16) string {
	if vlan == 0 {
		return "-"
	}
	return fmt.Sprint(vlan)
}

func certaintyText(f report.Finding) string {
	text := f.Location.Certainty
	if f.Location.StationsOnPort != nil && *f.Location.StationsOnPort > 1 {
		text += fmt.Sprintf(" (%d)", *f.Location.StationsOnPort)
	}
	if !f.Present {
		text += ", absent now"
	}
	return text
}

// printReasons says of each finding why it is there, and of each maker which
// blocks and which lists made it one.
func printReasons(w io.Writer, findings []report.Finding) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintln(w, "\nWhere, and why there:")
	for _, f := range findings {
		fmt.Fprintf(w, "  %s  %s\n", f.MAC, strings.Join(append([]string{placeText(f.Location)}, f.Names...), ", "))
		fmt.Fprintf(w, "    %s\n", f.Location.Why)
		if f.Location.PoE != nil {
			fmt.Fprintf(w, "    the port %v over Ethernet\n", f.Location.PoE)
		}
		for _, e := range f.Evidence {
			if e.Claim != "location" && e.Mechanism != "mac-block" || e.Claim == "core-network" || e.Claim == "level" {
				fmt.Fprintf(w, "    %s\n", e.Text)
			}
		}
		if f.Location.Port == "" {
			for _, a := range f.Location.Alternatives {
				fmt.Fprintf(w, "    perhaps %s %s: %s\n", a.Switch, a.Port, a.WhyNot)
			}
		}
	}
	fmt.Fprintln(w, "\nWho made them, and which list speaks of that maker:")
	for _, m := range makersOf(findings) {
		fmt.Fprintf(w, "  %s (%s), blocks %s\n", cmp.Or(m.organization, "in no assigned block"), count(m.stations, "station"), strings.Join(m.blocks, " "))
		fmt.Fprintf(w, "    %s\n", m.lists)
	}
}

func placeText(l report.Location) string {
	return strings.TrimSpace(cmp.Or(l.Switch, l.Host) + " " + cmp.Or(l.Port, l.Interface))
}

// A madeBy is an organisation with its stations.
type madeBy struct {
	organization, lists string
	blocks              []string
	stations            int
}

// makersOf groups findings by who made them and what lists say of that, in
// the order of the findings.
func makersOf(findings []report.Finding) []*madeBy {
	var makers []*madeBy
	for _, f := range findings {
		lists := listsText(f.Lists)
		i := slices.IndexFunc(makers, func(m *madeBy) bool { return m.organization == f.Maker.Organization && m.lists == lists })
		if i < 0 {
			i = len(makers)
			makers = append(makers, &madeBy{organization: f.Maker.Organization, lists: lists})
		}
		m := makers[i]
		m.stations++
		if !slices.Contains(m.blocks, f.Maker.Prefix) {
			m.blocks = append(m.blocks, f.Maker.Prefix)
		}
	}
	return makers
}

func listsText(lists []report.ListMatch) string {
	texts := make([]string, len(lists))
	for i, l := range lists {
		texts[i] = l.ID + " (" + l.Relation + "): " + l.Note
	}
	return strings.Join(texts, "\n    ")
}

// printRest says what was seen and is no finding.
func printRest(w io.Writer, r *report.Report) {
	fmt.Fprintln(w)
	if r.Unread() {
		return
	}
	for _, v := range r.VendorOnly {
		fmt.Fprintf(w, "Vendor only, not counted as cameras: %s of %s.\n", count(v.Stations, "station"), v.Maker)
	}
	n := r.NotAssessable
	if n.Total() > 0 {
		fmt.Fprintf(w, "Not assessable: %d with a locally administered address, %d virtual, %d in no assigned block, %d in a private one, %d in an unknown part of a divided one, %d that no station has.\n",
			n.LocallyAdministered, n.Virtual, n.Unassigned, n.Private, n.SubAssigned, n.Multicast)
	}
	for _, remark := range r.Remarks() {
		fmt.Fprintln(w, remark)
	}
}

// printFound names the switches that the configuration does not.
func printFound(w io.Writer, r *report.Report) {
	for _, c := range r.Coverage {
		if c.Found != "" {
			fmt.Fprintf(w, "Found, and in no configuration: %s %s (%s)\n", c.Source, c.Name, c.Found)
		}
	}
}

// printGaps says what was not read, and why.
func printGaps(w io.Writer, r *report.Report) error {
	for _, c := range r.Coverage {
		if c.Status == "complete" {
			continue
		}
		if _, err := fmt.Fprintf(w, "Not read completely: %s %s (%s)\n", c.Source, c.Name, c.Status); err != nil {
			return err
		}
		if c.Reason != "" {
			fmt.Fprintf(w, "  %s\n", c.Reason)
		}
		for _, t := range c.Tables {
			if t.Status == "partial" || t.Status == "failed" {
				fmt.Fprintf(w, "  %s: %s, %s: %s\n", t.Table, t.Status, count(t.Rows, "row"), t.Reason)
			}
		}
	}
	return nil
}
