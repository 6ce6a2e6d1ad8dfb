package receive

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/page"
)

// Bounds of what is kept in memory. A site beyond maxSites is turned away;
// everything else makes room for what is newer.
const (
	maxSites  = 1000
	maxAgents = 8 // of a site

	// maxRecent ids of a site tell a report that comes again. An agent sends
	// again only what is in its spool, which holds 5,000 reports at most.
	maxRecent = 8192

	maxLast   = 5  // reports of an agent that the page lists
	maxMakers = 20 // that it names
	maxGaps   = 20
	maxText   = 255 // bytes
)

// Sites are what is known of the sites: enough to tell a report that came
// twice, and for the page.
type sites map[string]*site

type site struct {
	recent recent
	agents []*agent // the one that was heard last comes last
}

type agent struct {
	id   string
	seq  uint64 // of the report that is shown
	page page.Agent
}

// A recent is a ring of ids.
type recent struct {
	ids  [][16]byte
	next int
}

// mark tells an id of a source from any other.
func (e *event) mark() [16]byte {
	sum := sha256.Sum256([]byte(e.Source + "\x00" + e.ID))
	return [16]byte(sum[:16])
}

func (r *recent) add(id [16]byte) {
	if len(r.ids) < maxRecent {
		r.ids = append(r.ids, id)
		return
	}
	r.ids[r.next] = id
	r.next = (r.next + 1) % maxRecent
}

// has tells whether the event is among those that came last.
func (s sites) has(e *event) bool {
	known := s[e.site]
	return known != nil && slices.Contains(known.recent.ids, e.mark())
}

// full tells whether there is no room for the site of an event.
func (s sites) full(e *event) bool { return s[e.site] == nil && len(s) >= maxSites }

// add notes an event that is kept.
func (s sites) add(e *event) {
	known := s[e.site]
	if known == nil {
		known = &site{}
		s[e.site] = known
	}
	known.recent.add(e.mark())
	known.heard(e.agent).note(e)
}

// heard finds an agent, and puts it behind the others.
func (s *site) heard(id string) *agent {
	found := &agent{id: id}
	if i := slices.IndexFunc(s.agents, func(a *agent) bool { return a.id == id }); i >= 0 {
		found = s.agents[i]
		s.agents = slices.Delete(s.agents, i, i+1)
	} else if len(s.agents) == maxAgents {
		s.agents = slices.Delete(s.agents, 0, 1)
	}
	s.agents = append(s.agents, found)
	return found
}

// A picture is what the page shows of a report.
type picture struct {
	Seq  uint64 `json:"seq"`
	Kind string `json:"kind"`
	Site struct {
		Name string `json:"name"`
	} `json:"site"`
	Agent struct {
		Hostname string `json:"hostname"`
	} `json:"agent"`
	Observed struct {
		To time.Time `json:"to"`
	} `json:"observed"`
	Coverage []struct {
		Source string `json:"source"`
		Name   string `json:"name"`
		Status string `json:"status"`
		Reason string `json:"reason"`
		Tables []struct {
			Table   string `json:"table"`
			Context string `json:"context"`
			Status  string `json:"status"`
			Reason  string `json:"reason"`
		} `json:"tables"`
	} `json:"coverage"`
	Findings []struct {
		Maker struct {
			Name string `json:"name"`
		} `json:"maker"`
		Present bool `json:"present"`
	} `json:"findings"`
}

// note takes over what an event says. An older report than the one that is
// shown, which waited in the agent's spool, is listed and changes nothing else.
func (a *agent) note(e *event) {
	var p picture
	err := json.Unmarshal(e.Data, &p)
	a.page.Heard = e.Received
	a.page.Last = append(a.page.Last, page.Arrival{ID: clip(e.ID), Received: e.Received, Observed: p.Observed.To,
		Seq: p.Seq, Kind: clip(p.Kind), Flagged: p.flagged()})
	if len(a.page.Last) > maxLast {
		a.page.Last = slices.Delete(a.page.Last, 0, 1)
	}
	if p.Seq < a.seq {
		return
	}
	a.seq = p.Seq
	a.page.Unreadable = err != nil // a report of another form is kept all the same
	a.page.Name, a.page.Host = clip(p.Site.Name), clip(p.Agent.Hostname)
	a.page.Makers = p.makers()
	a.page.Sources, a.page.Complete, a.page.Gaps, a.page.MoreGaps = p.coverage()
}

// flagged counts the stations that are there.
func (p *picture) flagged() int {
	n := 0
	for _, f := range p.Findings {
		if f.Present {
			n++
		}
	}
	return n
}

// makers counts them by maker, those with most stations first.
func (p *picture) makers() []page.MakerCount {
	stations := map[string]int{}
	for _, f := range p.Findings {
		if f.Present {
			stations[clip(f.Maker.Name)]++
		}
	}
	var list []page.MakerCount
	for name, n := range stations {
		list = append(list, page.MakerCount{Maker: name, Stations: n})
	}
	order.By(list, func(a, b page.MakerCount) int {
		return cmp.Or(cmp.Compare(b.Stations, a.Stations), cmp.Compare(a.Maker, b.Maker))
	})
	return slices.Clone(list[:min(len(list), maxMakers)])
}

// coverage counts the sources, those that were read to their end, and says
// what was not.
func (p *picture) coverage() (sources, complete int, gaps []string, more int) {
	gap := func(source, what, status, reason string) {
		if len(gaps) == maxGaps {
			more++
			return
		}
		text := source + what + ": " + status
		if reason != "" {
			text += ", " + reason
		}
		gaps = append(gaps, clip(text))
	}
	for _, c := range p.Coverage {
		if c.Status == "complete" {
			complete++
			continue
		}
		source := cmp.Or(c.Name, c.Source)
		told := false
		for _, t := range c.Tables {
			if t.Status == "partial" || t.Status == "failed" {
				gap(source, " "+t.Table+withContext(t.Context), t.Status, t.Reason)
				told = true
			}
		}
		if !told {
			gap(source, "", c.Status, c.Reason)
		}
	}
	return len(p.Coverage), complete, gaps, more
}

func withContext(context string) string {
	if context == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", context)
}

// clip bounds a text, and lets go of the report that it is a part of.
func clip(text string) string {
	for len(text) > maxText {
		_, size := utf8.DecodeLastRuneInString(text[:maxText+1])
		text = text[:maxText+1-size]
	}
	return string([]byte(text))
}

// agents lists what the page shows: every agent that was heard, and the sites
// that are expected and were not.
func (s sites) agents(expected []string) []page.Agent {
	var list []page.Agent
	for id, known := range s {
		for _, a := range known.agents {
			shown := a.page
			shown.Site, shown.Agent, shown.Last = clip(id), clip(a.id), slices.Clone(a.page.Last)
			list = append(list, shown)
		}
	}
	for _, id := range expected {
		if s[id] == nil {
			list = append(list, page.Agent{Site: clip(id)})
		}
	}
	order.By(list, func(a, b page.Agent) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Agent, b.Agent))
	})
	return list
}
