package page

import (
	"cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// coverage is how much was looked at, and what was not read first.
func (w *writer) coverage(r *report.Report) {
	w.line(`
<section aria-labelledby="coverage">
<h2 id="coverage">How much was looked at</h2>`)
	w.gaps(gaps(r))
	if len(r.Coverage) > 0 {
		w.line(`<table role="table" class="cards" aria-labelledby="coverage">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="severity">Read</th><th role="columnheader" scope="col">Source</th><th role="columnheader" scope="col" class="number">Kind</th><th role="columnheader" scope="col" class="number">Requests</th><th role="columnheader" scope="col" class="number">Time</th></tr></thead>`)
		for i := range r.Coverage {
			w.covered(&r.Coverage[i])
		}
		w.line(`</table>`)
	}
	w.put("\n")
	w.counts(r)
	w.line(`</section>`)
}

// A gap is a source, or a table of one, that was not read to its end.
type gap struct {
	Source report.Coverage
	Table  report.Table // zero when nothing of the source could be read
}

// gaps lists what was not read. An absent table is none: the device has said
// that there is nothing in it.
func gaps(r *report.Report) []gap {
	var list []gap
	for _, c := range r.Coverage {
		if c.Status == "failed" {
			list = append(list, gap{Source: c})
			continue
		}
		for _, t := range c.Tables {
			if t.Status != "complete" && t.Status != "absent" {
				list = append(list, gap{Source: c, Table: t})
			}
		}
	}
	return list
}

func (w *writer) gaps(list []gap) {
	if len(list) == 0 {
		return
	}
	w.line(`<div class="gaps">
<h3>Not read</h3>
<ul>`)
	for i := range list {
		source, table := &list[i].Source, &list[i].Table
		w.put(`<li><b>`)
		w.source(source)
		w.put(`</b>:`)
		w.with(` {}`, table.Table)
		w.with(` in <bdi>{}</bdi>`, table.Context)
		if table.Table != "" {
			w.put(` {}`, table.Status)
			if table.Rows != 0 {
				w.put(` after {}`, count(table.Rows, "row"))
			}
			w.with(`: <bdi>{}</bdi>`, table.Reason)
		} else {
			w.put(` nothing of it could be read`)
			w.with(`: <bdi>{}</bdi>`, source.Reason)
		}
		w.line(`</li>`)
	}
	w.line(`</ul>
</div>`)
}

// source is a source by its name, and by how it was asked where that differs.
func (w *writer) source(c *report.Coverage) {
	w.put(`<bdi>{}</bdi>`, cmp.Or(c.Name, c.Source))
	if c.Name != "" && c.Name != c.Source {
		w.put(` (<bdi>{}</bdi>)`, c.Source)
	}
}

// covered is one source: a row of how it was read, and one of its tables that
// unfolds.
func (w *writer) covered(c *report.Coverage) {
	w.put(`<tbody role="rowgroup">
<tr role="row">
<td role="cell"><span class="badge {}">{}</span></td>
<th role="rowheader" scope="row">`, c.Status, c.Status)
	w.source(c)
	w.with(`<br><span class="quiet">found: <bdi>{}</bdi></span>`, c.Found)
	w.line(`</th>
<td role="cell" class="number">{}</td>
<td role="cell" class="number">{}</td>
<td role="cell" class="number">{} ms</td>
</tr>`, c.Kind, count(c.Requests, "request"), number(c.ElapsedMS))
	if len(c.Tables) > 0 {
		w.line(`<tr role="row" class="more"><td role="cell" colspan="5"><details>
<summary>{}<span class="hidden"> of {}</span></summary>
<table class="tables">
<thead><tr><th scope="col">Table</th><th scope="col">Read</th><th scope="col">How</th><th scope="col">Rows</th></tr></thead>
<tbody>`, count(len(c.Tables), "table"), cmp.Or(c.Name, c.Source))
		for i := range c.Tables {
			w.table(&c.Tables[i])
		}
		w.line(`</tbody>
</table>
</details></td></tr>`)
	}
	w.line(`</tbody>`)
}

func (w *writer) table(t *report.Table) {
	w.put(`<tr><th scope="row">{}`, t.Table)
	w.with(` <bdi class="quiet">{}</bdi>`, t.Context)
	w.put(`</th><td>{}`, t.Status)
	w.with(`: <bdi>{}</bdi>`, t.Reason)
	w.line(`</td><td>{}</td><td>{}</td></tr>`, t.Method, number(t.Rows))
}
