package page

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/order"
)

// Sites is what an endpoint has heard.
type Sites struct {
	Now     time.Time
	Silent  time.Duration // without a report, until a site counts as silent
	Reports int           // kept, of all sites
	Agents  []Agent       // in the order of their sites
}

// An Agent is one of a site, and what its newest report says.
type Agent struct {
	Site, Name string // the site's id, and its name for people
	Agent      string // its id; empty where none of the site was ever heard
	Host       string
	Heard      time.Time // when its last report came
	Unreadable bool      // the newest report is of a form that the endpoint does not know

	Makers            []MakerCount // the flagged stations
	Sources, Complete int          // how many were read, and how many to their end
	Gaps              []string     // what was not read
	MoreGaps          int          // that are not listed

	Last []Arrival // the reports that came last, the oldest of them first
}

// A MakerCount counts the stations of a flagged maker.
type MakerCount struct {
	Maker    string
	Stations int
}

// An Arrival is a report that has come.
type Arrival struct {
	ID                 string
	Received, Observed time.Time
	Seq                uint64
	Kind               string
	Flagged            int // stations
}

// silent tells whether a site has not been heard for too long, or never.
func (s *Sites) silent(a *Agent) bool { return s.Now.Sub(a.Heard) > s.Silent }

// WriteSites writes the page of an endpoint. An error of w comes back as it is.
func WriteSites(w io.Writer, s *Sites) error {
	page := newWriter(32<<10 + len(s.Agents)*2<<10)
	page.head("camwarden: the sites")
	page.line(`<body>
<a class="skip" href="#main">Skip to the sites</a>
<header>
<p class="brand">camwarden</p>
<h1>The sites</h1>`)
	page.put(`<p class="quiet">As of `)
	page.time(s.Now)
	page.line(`. {} kept.</p>
</header>
<main id="main">`, count(s.Reports, "report"))
	page.silentSites(s)
	for i := range s.Agents {
		page.agent(s, &s.Agents[i])
	}
	page.line(`</main>
</body>
</html>`)
	_, err := w.Write(page.shown())
	return err
}

// silentSites names those first of which nobody knows how they are.
func (w *writer) silentSites(s *Sites) {
	var silent []*Agent
	for i := range s.Agents {
		if s.silent(&s.Agents[i]) {
			silent = append(silent, &s.Agents[i])
		}
	}
	if len(silent) == 0 {
		w.line(`<p class="lead">{}, and none of them is silent.</p>`, count(len(s.Agents), "agent"))
		return
	}
	order.By(silent, func(a, b *Agent) int { return a.Heard.Compare(b.Heard) })
	w.line(`<p class="lead">{} of {} silent: nothing was heard for more than {}.</p>
<div class="gaps">
<h2>Silent</h2>
<ul>`, number(len(silent)), count(len(s.Agents), "agent"), hours(s.Silent))
	for _, a := range silent {
		w.put(`<li><bdi>{}</bdi>`, a.title())
		w.heard(a)
		w.line(`</li>`)
	}
	w.line(`</ul>
</div>`)
}

// hours is a duration, which is nearly always one of whole hours.
func hours(d time.Duration) string {
	if d%time.Hour == 0 {
		return count(int(d/time.Hour), "hour")
	}
	return d.String()
}

func (w *writer) heard(a *Agent) {
	if a.Heard.IsZero() {
		w.put(`, never heard`)
		return
	}
	w.put(`, last heard `)
	w.time(a.Heard)
}

// title names an agent's site, and where it runs.
func (a *Agent) title() string {
	text := a.Site
	if a.Name != "" && a.Name != a.Site {
		text = a.Name + " (" + a.Site + ")"
	}
	if on := cmp.Or(a.Host, a.Agent); on != "" {
		text += ", " + on
	}
	return text
}

func (w *writer) agent(s *Sites, a *Agent) {
	w.put(`
<section>
<h2><bdi>{}</bdi></h2>
<p>`, a.title())
	if s.silent(a) {
		w.put(`<span class="badge failed">silent</span> `)
	}
	w.put(`{}`, a.sum())
	w.heard(a)
	w.line(`.</p>`)
	w.agentGaps(a)
	if len(a.Last) > 0 {
		w.arrivals(a.Last)
	}
	w.line(`</section>`)
}

// sum says what the newest report says.
func (a *Agent) sum() string {
	switch {
	case a.Agent == "":
		return "No report"
	case a.Unreadable:
		return "The newest report is kept, and cannot be shown: it is of another form"
	}
	var makers []string
	stations := 0
	for _, m := range a.Makers {
		makers = append(makers, m.Maker+" "+number(m.Stations))
		stations += m.Stations
	}
	text := "Nothing flagged was observed"
	if stations > 0 {
		text = count(stations, "flagged station") + ": " + strings.Join(makers, ", ")
	}
	return text + "; " + number(a.Complete) + " of " + count(a.Sources, "source") + " read completely"
}

func (w *writer) agentGaps(a *Agent) {
	if len(a.Gaps) == 0 {
		return
	}
	w.line(`<div class="gaps">
<h3>Not read</h3>
<ul>`)
	for _, gap := range a.Gaps {
		w.line(`<li><bdi>{}</bdi></li>`, gap)
	}
	if a.MoreGaps > 0 {
		w.line(`<li>and {} more</li>`, number(a.MoreGaps))
	}
	w.line(`</ul>
</div>`)
}

// arrivals lists the last reports, the newest first.
func (w *writer) arrivals(last []Arrival) {
	w.line(`<details>
<summary>The last {}</summary>
<table class="tables">
<thead><tr><th scope="col">Came</th><th scope="col">Observed</th><th scope="col">Number</th><th scope="col">Kind</th><th scope="col">Flagged</th><th scope="col">Id</th></tr></thead>
<tbody>`, count(len(last), "report"))
	for _, r := range slices.Backward(last) {
		w.put(`<tr><td>`)
		w.time(r.Received)
		w.put(`</td><td>`)
		w.time(r.Observed)
		w.line(`</td><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>`, number(r.Seq), r.Kind, number(r.Flagged), r.ID)
	}
	w.line(`</tbody>
</table>
</details>`)
}
