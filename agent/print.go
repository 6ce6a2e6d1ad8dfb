package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// A look is how a report is shown to people.
type look struct {
	width  int // of a line; 0: no limit
	colour bool
	short  bool // the sentence and the table alone
}

// lookOf is the look that suits where a report is shown.
func lookOf(to io.Writer) look { return look{width: widthOf(to), colour: colours(to)} }

// printReport shows a report to people: what was found, what could not be
// judged, and what was not read.
func printReport(to io.Writer, r *report.Report, l look) error {
	text := bufio.NewWriterSize(to, 32<<10)
	fmt.Fprintln(text, paint(l.colour, bold, wrap(headline(r), "", l.width)))
	if len(r.Findings) > 0 {
		fmt.Fprintln(text)
		printFindings(text, r.Findings, l)
	}
	if !l.short {
		p := printer{text, l.width}
		p.reasons(r.Findings)
		p.rest(r)
		p.found(r)
		p.gaps(r)
	}
	return text.Flush() // which tells of an earlier mistake, too
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

// A tableColumn is one of the table of findings. Where the table is too wide for
// the line, columns are narrowed to their least width, and then left out.
type tableColumn struct {
	name    string
	cell    func(f *report.Finding) string
	least   int // 0: it is shown whole
	leftOut int // in which order it is left out; 0: never
}

var findingColumns = []tableColumn{
	{name: "SEVERITY", cell: func(f *report.Finding) string { return f.Severity }},
	{name: "LEVEL", cell: func(f *report.Finding) string { return f.Level }, leftOut: 3},
	{name: "MAKER", cell: func(f *report.Finding) string { return f.Maker.Name }, least: 9},
	{name: "MAC", cell: func(f *report.Finding) string { return f.MAC }},
	{name: "IP", cell: func(f *report.Finding) string { return firstOf(f.IPs) }, leftOut: 2},
	{name: "SWITCH", cell: func(f *report.Finding) string { return clip(cmp.Or(f.Location.Switch, f.Location.Host, "-"), maxCell) }, least: 14},
	{name: "PORT", cell: func(f *report.Finding) string { return clip(portText(&f.Location), maxCell) }, least: 12},
	{name: "VLAN", cell: func(f *report.Finding) string { return vlanText(f.Location.VLAN) }, leftOut: 1},
	{name: "CERTAINTY", cell: func(f *report.Finding) string { return certaintyText(f) }, leftOut: 4},
}

// columnGap is what parts two columns.
const columnGap = "  "

// printFindings prints the table, as wide as the line at most.
func printFindings(w io.Writer, findings []report.Finding, l look) {
	columns, widths := fitColumns(findings, l.width)
	var line bytes.Buffer
	print := func(f *report.Finding, text func(c tableColumn) string) {
		line.Reset()
		for i, c := range columns {
			cell := text(c)
			if len(widths) > 0 {
				cell = clip(cell, widths[i])
			}
			pad := 0
			if i < len(columns)-1 {
				pad = widths[i] - utf8.RuneCountInString(cell) + len(columnGap)
			}
			switch {
			case f == nil:
				cell = paint(l.colour, bold, cell)
			case c.name == "SEVERITY":
				cell = paint(l.colour, severityColours[cell], cell)
			}
			line.WriteString(cell)
			for range pad {
				line.WriteByte(' ')
			}
		}
		fmt.Fprintf(w, "%s\n", line.Bytes())
	}
	print(nil, func(c tableColumn) string { return c.name })
	for i := range findings {
		print(&findings[i], func(c tableColumn) string { return c.cell(&findings[i]) })
	}
}

var severityColours = map[string]colour{"critical": red, "high": red, "medium": yellow}

// fitColumns chooses the columns and their widths.
func fitColumns(findings []report.Finding, width int) ([]tableColumn, []int) {
	columns := slices.Clone(findingColumns)
	for {
		widths, total := make([]int, len(columns)), -len(columnGap)
		for i, c := range columns {
			widths[i] = len(c.name)
			for j := range findings {
				widths[i] = max(widths[i], utf8.RuneCountInString(c.cell(&findings[j])))
			}
			total += widths[i] + len(columnGap)
		}
		for width > 0 && total > width {
			widest := -1
			for i, c := range columns {
				if c.least > 0 && widths[i] > c.least && (widest < 0 || widths[i] > widths[widest]) {
					widest = i
				}
			}
			if widest < 0 {
				break
			}
			widths[widest]--
			total--
		}
		out := -1
		for i, c := range columns {
			if c.leftOut > 0 && (out < 0 || c.leftOut < columns[out].leftOut) {
				out = i
			}
		}
		if width == 0 || total <= width || out < 0 {
			return columns, widths
		}
		columns = slices.Delete(columns, out, out+1)
	}
}

// maxCell is how wide a cell of the table may get; the reasons below it show
// names whole.
const maxCell = 32

func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(width-1, 0)]) + "…"
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

func portText(l *report.Location) string {
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
	return strconv.Itoa(int(vlan))
}

func certaintyText(f *report.Finding) string {
	text := f.Location.Certainty
	if f.Location.StationsOnPort != nil && *f.Location.StationsOnPort > 1 {
		text += fmt.Sprintf(" (%d)", *f.Location.StationsOnPort)
	}
	if !f.Present {
		text += ", absent now"
	}
	return text
}

// A printer prints paragraphs that fit the line.
type printer struct {
	to    *bufio.Writer
	width int
}

func (p printer) say(indent, format string, args ...any) {
	if p.width == 0 {
		p.to.WriteString(indent) // what needs no wrapping need not be put together first
		fmt.Fprintf(p.to, format, args...)
	} else {
		p.to.WriteString(wrap(fmt.Sprintf(format, args...), indent, p.width))
	}
	p.to.WriteByte('\n')
}

// reasons says of each finding why it is there, and of each maker which
// blocks and which lists made it one.
func (p printer) reasons(findings []report.Finding) {
	if len(findings) == 0 {
		return
	}
	p.say("", "")
	p.say("", "Where, and why there:")
	for i := range findings {
		f := &findings[i]
		p.say("  ", "%s  %s", f.MAC, strings.Join(append([]string{placeText(&f.Location)}, f.Names...), ", "))
		p.say("    ", "%s", f.Location.Why)
		if f.Location.PoE != nil {
			p.say("    ", "the port %v over Ethernet", f.Location.PoE)
		}
		for _, e := range f.Evidence {
			if e.Claim != "location" && e.Mechanism != "mac-block" || e.Claim == "core-network" || e.Claim == "level" {
				p.say("    ", "%s", e.Text)
			}
		}
		if f.Location.Port == "" {
			for _, a := range f.Location.Alternatives {
				p.say("    ", "perhaps %s %s: %s", a.Switch, a.Port, a.WhyNot)
			}
		}
	}
	p.say("", "")
	p.say("", "Who made them, and which list speaks of that maker:")
	for _, m := range makersOf(findings) {
		p.say("  ", "%s (%s), blocks %s", cmp.Or(m.organization, "in no assigned block"), count(m.stations, "station"), strings.Join(m.blocks, " "))
		for _, l := range m.lists {
			p.say("    ", "%s (%s): %s", l.ID, l.Relation, l.Note)
		}
	}
}

func placeText(l *report.Location) string {
	return strings.TrimSpace(cmp.Or(l.Switch, l.Host) + " " + cmp.Or(l.Port, l.Interface))
}

// A madeBy is an organisation with its stations.
type madeBy struct {
	organization string
	lists        []report.ListMatch
	blocks       []string
	stations     int
}

// makersOf groups findings by who made them and what lists say of that, in
// the order of the findings.
func makersOf(findings []report.Finding) []*madeBy {
	var makers []*madeBy
	for n := range findings {
		f := &findings[n]
		i := slices.IndexFunc(makers, func(m *madeBy) bool {
			return m.organization == f.Maker.Organization && slices.EqualFunc(m.lists, f.Lists, sameWords)
		})
		if i < 0 {
			i = len(makers)
			makers = append(makers, &madeBy{organization: f.Maker.Organization, lists: f.Lists})
		}
		m := makers[i]
		m.stations++
		if !slices.Contains(m.blocks, f.Maker.Prefix) {
			m.blocks = append(m.blocks, f.Maker.Prefix)
		}
	}
	return makers
}

// sameWords tells whether two lists say the same of a maker.
func sameWords(a, b report.ListMatch) bool {
	return a.ID == b.ID && a.Relation == b.Relation && a.Note == b.Note
}

// rest says what was seen and is no finding.
func (p printer) rest(r *report.Report) {
	p.say("", "")
	if r.Unread() {
		return
	}
	for _, v := range r.VendorOnly {
		p.say("", "Vendor only, not counted as cameras: %s of %s.", count(v.Stations, "station"), v.Maker)
	}
	n := r.NotAssessable
	if n.Total() > 0 {
		p.say("", "Not assessable: %d with a locally administered address, %d virtual, %d in no assigned block, %d in a private one, %d in an unknown part of a divided one, %d that no station has.",
			n.LocallyAdministered, n.Virtual, n.Unassigned, n.Private, n.SubAssigned, n.Multicast)
	}
	for _, remark := range r.Remarks() {
		p.say("", "%s", remark)
	}
}

// found names the switches that the configuration does not.
func (p printer) found(r *report.Report) {
	for _, c := range r.Coverage {
		if c.Found != "" {
			p.say("", "Found, and in no configuration: %s %s (%s)", c.Source, c.Name, c.Found)
		}
	}
}

// gaps says what was not read, and why.
func (p printer) gaps(r *report.Report) {
	for _, c := range r.Coverage {
		if c.Status == "complete" {
			continue
		}
		p.say("", "Not read completely: %s %s (%s)", c.Source, c.Name, c.Status)
		if c.Reason != "" {
			p.say("  ", "%s", c.Reason)
		}
		for _, t := range c.Tables {
			if t.Status == "partial" || t.Status == "failed" {
				p.say("  ", "%s: %s, %s: %s", t.Table, t.Status, count(t.Rows, "row"), t.Reason)
			}
		}
	}
}
