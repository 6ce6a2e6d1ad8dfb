package page

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/worklist"
)

// removal is the work that is to be done, port by port, and how far it is.
func (w *writer) removal(r *report.Report) {
	jobs := worklist.Jobs(r)
	if len(jobs) == 0 && r.Progress == nil {
		return
	}
	w.line(`
<section aria-labelledby="removal">
<h2 id="removal">To be removed</h2>`)
	w.progress(r.Progress)
	if len(jobs) > 0 {
		w.jobs(r, jobs)
	}
	w.line(`</section>`)
}

func (w *writer) jobs(r *report.Report, jobs []worklist.Job) {
	index := make(map[*report.Finding]int, len(r.Findings))
	for i := range r.Findings {
		index[&r.Findings[i]] = i
	}
	w.line(`<p class="quiet">By switch and port, in the order in which one walks. What is only possible is to be looked at before it is cut off.</p>
<p><a class="button" download="camwarden-removal.csv" href="{}">Save the list as CSV</a></p>
<table role="table" class="cards jobs" aria-labelledby="removal">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="done">Done</th><th role="columnheader" scope="col" class="place">Port</th><th role="columnheader" scope="col" class="station">Station</th><th role="columnheader" scope="col">What to do</th></tr></thead>`, dataURI(jobs))
	for i := range jobs {
		j := &jobs[i]
		if i == 0 || j.Switch != jobs[i-1].Switch || j.Address != jobs[i-1].Address {
			if i > 0 {
				w.line(`</tbody>`)
			}
			w.put(`<tbody role="rowgroup"><tr role="row" class="group"><th role="rowheader" scope="rowgroup" colspan="4"><bdi>{}</bdi>`, j.Switch)
			if j.Address != j.Switch {
				w.with(` <span class="quiet"><bdi>{}</bdi></span>`, j.Address)
			}
			w.line(`</th></tr>`)
		}
		w.put(`<tr role="row"><td role="cell" class="done"><span class="tick" aria-label="not done" role="img"></span></td><td role="cell" class="place"><b><bdi>{}</bdi></b>`, cmp.Or(j.Port, "not known"))
		w.with(`, <q><bdi>{}</bdi></q>`, j.Alias)
		w.put(`</td><td role="cell">`)
		for k, f := range j.Stations {
			if k > 0 {
				w.put(`<br>`)
			}
			w.put(`<a href="#{}"><code>{}</code></a> {}`, findingID(index[f]), f.MAC, f.Maker.Name)
			if f.Class != "" && f.Class != "unknown" {
				w.put(` {}`, classText(f.Class))
			}
		}
		w.line(`</td><td role="cell"><bdi>{}</bdi></td></tr>`, j.Task)
	}
	w.line(`</tbody>
</table>`)
}

// progress says how far the removal is since the first report.
func (w *writer) progress(p *report.Progress) {
	if p == nil {
		return
	}
	w.put(`<p>Since the first report of `)
	w.time(p.Since)
	w.line(`: <b>{}</b> found then, <b>{}</b> of them gone, <b>{}</b> moved to another port, and <b>{}</b> new since.</p>`,
		number(p.First), number(p.Gone), number(p.Moved), number(p.New))
	if p.First > 0 {
		w.line(`<p><progress max="{}" value="{}" aria-label="Gone, of the stations of the first report"></progress> {} %</p>`,
			number(p.First), number(min(p.Gone, p.First)), number(100*min(p.Gone, p.First)/p.First))
	}
}

// dataURI is the list as CSV within the page, which can so be saved without a
// network and without a script.
func dataURI(jobs []worklist.Job) string {
	var b strings.Builder
	if err := worklist.WriteCSV(&b, jobs); err != nil {
		panic(fmt.Sprintf("page: a strings.Builder has failed: %v", err)) // it never does
	}
	return "data:text/csv;charset=utf-8," + strings.ReplaceAll(url.PathEscape(b.String()), "%2C", ",")
}
