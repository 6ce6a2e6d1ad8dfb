package page

import (
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// findings is the table of the flagged stations, in the report's order.
func (w *writer) findings(v *view) {
	if len(v.Findings) == 0 {
		return
	}
	w.line(`
<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>`)
	w.line(`<p class="printed quiet">Printed with the evidence of those findings that were open on the screen. The page itself has it of all.</p>`)
	w.filters(v.Findings)
	w.line(`<table role="table" class="cards sortable" aria-labelledby="findings">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="severity">Severity</th><th role="columnheader" scope="col" class="station">Station</th><th role="columnheader" scope="col" class="maker">Maker</th><th role="columnheader" scope="col" class="natural">Where</th><th role="columnheader" scope="col" class="lists">Lists</th></tr></thead>`)
	for i := range v.Findings {
		w.finding(v, i)
	}
	w.line(`</table>
</section>`)
}

// filters are the tools of the table. The script shows them: without it they
// would do nothing.
func (w *writer) filters(findings []report.Finding) {
	w.put(`<form class="tools" id="filters" aria-label="Filter the findings" hidden>
<label>Find <input type="search" name="text" autocomplete="off"></label>
<label>Severity <select name="severity"><option value="">all</option>`)
	for _, severity := range severityOrder {
		if slices.ContainsFunc(findings, func(f report.Finding) bool { return f.Severity == severity }) {
			w.put(`<option>{}</option>`, severity)
		}
	}
	w.line(`</select></label>
<button type="button" data-details="open">Open all</button> <button type="button" data-details="close">Close all</button>
<span role="status"></span>
</form>`)
}

// finding is one flagged station: a row of what matters, and one that unfolds.
func (w *writer) finding(v *view, i int) {
	f := &v.Findings[i]
	w.put(`<tbody role="rowgroup" id="{}" class="{}">
<tr role="row">
<td role="cell" data-sort="{}"><span class="badge {}">{}</span></td>
<th role="rowheader" scope="row"><code>{}</code>`, findingID(i), f.Severity, number(slices.Index(severityOrder, f.Severity)), f.Severity, f.Severity, f.MAC)
	for _, ip := range f.IPs {
		w.put(`<br><span class="quiet">{}</span>`, ip)
	}
	for _, name := range f.Names {
		w.put(`<br><bdi class="quiet">{}</bdi>`, name)
	}
	if !f.Present {
		w.put(`<br><em>not seen this time</em>`)
	}
	w.put(`</th>
<td role="cell"><b>{}</b><br>{}<br>{}</td>
<td role="cell" class="where">`, f.Maker.Name, classText(f.Class), f.Level)
	w.where(&f.Location)
	w.put(`</td>
<td role="cell">`)
	for _, list := range f.Lists {
		w.put(`<span class="list">{} <span class="quiet">{}</span></span>`, list.ID, list.Relation)
	}
	w.line(`</td>
</tr>
<tr role="row" class="more"><td role="cell" colspan="5"><details>
<summary>Evidence for <span class="hidden">{}: </span>maker, class and place</summary>`, f.MAC)
	w.facts(v, f)
	w.evidence(f.Evidence)
	w.line(`
</details></td></tr>
</tbody>`)
}

// where is the place of a station in few words, and how well it is known.
func (w *writer) where(l *report.Location) {
	switch {
	case l.Port != "":
		if l.Certainty == "uplink" {
			w.put(`behind `)
		}
		w.put(`<b><bdi>{}</bdi> <bdi>{}</bdi></b>`, l.Switch, l.Port)
	case l.Host != "":
		w.put(`no port; known to <b><bdi>{}</bdi></b>`, l.Host)
		w.with(` on <bdi>{}</bdi>`, l.Interface)
	case len(l.Alternatives) > 0:
		w.put(`<b>one of {} ports</b>`, number(len(l.Alternatives)))
	default:
		w.put(`<b>not known</b>`)
	}
	w.with(`, <q><bdi>{}</bdi></q>`, l.Alias)
	w.with(`, VLAN {}`, unlessZero(l.VLAN))
	w.put(`<br>
<span class="certainty">{}</span> <span class="quiet">{}</span>`, l.Certainty, l.Why)
}

// facts is what is known of a station, one by one.
func (w *writer) facts(v *view, f *report.Finding) {
	w.put(`<dl class="facts">
<dt>Maker</dt><dd>{}, block <code>{}</code> in the IEEE registry {}`, f.Maker.Organization, f.Maker.Prefix, f.Maker.Registry)
	w.with(` of {}`, v.Data.Registry.Date)
	w.line(`</dd>`)

	level := v.Level(f.Level)
	w.put(`<dt>Level</dt><dd>{}`, level.Word)
	w.with(`: {}`, level.Short)
	w.with(` (rule {})`, f.LevelRule)
	w.line(`.</dd>`)

	for _, list := range f.Lists {
		w.put(`<dt>List</dt><dd>`)
		if edition := v.Edition(list.ID); edition != nil {
			w.put(`<a href="#list-{}">{}</a>, version {} as of {}`, list.ID, list.ID, number(edition.Version), edition.AsOf)
		} else {
			w.put(`{}`, list.ID)
		}
		w.put(`: {}`, list.Relation)
		w.with(` ({})`, relationText(list.Relation))
		w.with(`; <bdi>{}</bdi>`, list.Note)
		w.line(`</dd>`)
	}

	if f.Location.Port != "" {
		w.place(&f.Location)
	}
	w.put("\n")
	for _, other := range f.Location.Alternatives {
		w.line(`<dt>Other place</dt><dd><bdi>{}</bdi> <bdi>{}</bdi>: <bdi>{}</bdi></dd>`, other.Switch, other.Port, other.WhyNot)
	}

	w.put(`<dt>Seen</dt><dd>first `)
	w.time(f.FirstSeen)
	w.put(`, last `)
	w.time(f.LastSeen)
	w.line(`</dd>
</dl>`)
}

// place is the port of a station, and what else is on it.
func (w *writer) place(l *report.Location) {
	w.put(`<dt>Place</dt><dd><bdi>{}</bdi>`, l.Switch)
	w.with(` (asked as <bdi>{}</bdi>)`, l.Address)
	w.put(`, port <bdi>{}</bdi>`, l.Port)
	w.with(`, ifIndex {}`, unlessZero(l.IfIndex))
	w.put(`.`)
	w.with(` Between the port and the station: <bdi>{}</bdi>.`, l.Behind)
	if l.StationsOnPort != nil {
		w.put(` {} on the port`, count(*l.StationsOnPort, "station"))
		if l.CountedAt != nil {
			w.put(`, counted `)
			w.time(*l.CountedAt)
		}
		w.put(`.`)
	} else {
		w.put(` The stations on the port were not counted.`)
	}
	if l.PoE != nil {
		w.put(` The port {} over Ethernet.`, l.PoE.String())
	}
	w.put(`</dd>`)
}

// maxRows is how many rows that say the same are shown.
const maxRows = 5

// evidence is every observation that a finding rests on. Rows that say the
// same by the same rule are told together.
func (w *writer) evidence(list []report.Evidence) {
	if len(list) == 0 {
		return
	}
	w.line(`<ol class="evidence">`)
	for len(list) > 0 {
		same := 1
		for same < len(list) && alike(&list[0], &list[same]) {
			same++
		}
		first := &list[0]
		w.put(`<li><b>{}</b> <bdi>{}</bdi> <span class="quiet">Rule {} ({}).</span>`, first.Claim, first.Text, first.Rule, first.Mechanism)
		for k := range list[:min(same, maxRows)] {
			w.row(&list[k], k > 0 && sameTime(list[k].ObservedAt, list[k-1].ObservedAt))
		}
		if more := same - maxRows; more > 0 {
			w.put(`<p>{}, which the report as JSON has.</p>`, count(more, "more row"))
		}
		w.line(`</li>`)
		list = list[same:]
	}
	w.put(`</ol>`)
}

// alike tells whether two observations differ only in the row that was read.
func alike(a, b *report.Evidence) bool {
	return a.Claim == b.Claim && a.Mechanism == b.Mechanism && a.Rule == b.Rule && (a.Mechanism == "mac-block" || a.Text == b.Text)
}

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// row is a row as it was read, and when, unless that was said before.
func (w *writer) row(e *report.Evidence, timeSaid bool) {
	if e.Object == "" && e.Source == "" {
		return
	}
	w.put(`<p>`)
	w.with(`{}`, e.Table)
	w.with(` of <bdi>{}</bdi>`, e.Source)
	if e.ObservedAt != nil && !timeSaid {
		w.put(` at `)
		w.time(*e.ObservedAt)
	}
	w.put(`: <code>{}</code> = <code>{}</code></p>`, e.Object, e.Value)
}

// changes is what differs from the report before.
func (w *writer) changes(list []report.Change) {
	if len(list) == 0 {
		return
	}
	w.line(`
<section aria-labelledby="changes">
<h2 id="changes">Changes since the report before</h2>
<ul>`)
	for _, c := range list {
		w.line(`<li><code>{}</code> {}</li>`, c.MAC, changeText(c.Op))
	}
	w.line(`</ul>
</section>`)
}
