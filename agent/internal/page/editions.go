package page

import "github.com/camwarden/camwarden/agent/internal/report"

// editions is what was judged by.
func (w *writer) editions(d report.Data) {
	w.put(`<section aria-labelledby="editions">
<h2 id="editions">Judged by</h2>
<dl class="facts">
<dt>Registry</dt><dd>IEEE MA-L, MA-M and MA-S`)
	w.with(` of {}`, d.Registry.Date)
	w.with(`<br><span class="quiet">SHA-256 <code>{}</code></span>`, d.Registry.SHA256)
	w.line(`</dd>`)
	for i := range d.Watchlists {
		w.watchlist(&d.Watchlists[i])
	}
	for i := range d.Own {
		w.own(&d.Own[i])
	}
	for _, file := range d.Files {
		w.put(`<dt>File</dt><dd><bdi>{}</bdi>`, file.File)
		if file.Used {
			w.put(`, in use`)
		} else {
			w.put(` <b>not used</b>`)
		}
		w.line(`: <bdi>{}</bdi></dd>`, file.Text)
	}
	w.line(`</dl>
</section>`)
}

func (w *writer) watchlist(list *report.Watchlist) {
	w.put(`<dt id="list-{}">List</dt><dd>{}, version {} as of {}`, list.ID, list.ID, number(list.Version), list.AsOf)
	if list.Stale {
		w.put(` <b>(stale: a newer edition is due)</b>`)
	}
	w.with(`<br>{}`, list.Title)
	w.with(`<br><span class="quiet">{}</span>`, list.Scope)
	w.with(`<br><span class="quiet">Source: {}</span>`, list.Source)
	w.with(`<br><span class="quiet">Read at: {}</span>`, list.Where)
	w.line(`</dd>`)
}

func (w *writer) own(entry *report.Own) {
	verb := "flag"
	if entry.Allow {
		verb = "allow"
	}
	w.put(`<dt>Own entry</dt><dd>{} <bdi>{}</bdi> until {}`, verb, entry.About, entry.Until)
	if entry.Expired {
		w.put(` <b>(expired)</b>`)
	}
	w.line(`: <bdi>{}</bdi> (<bdi>{}</bdi>)</dd>`, entry.Reason, entry.By)
}
