package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/worklist"
)

// A box is one thing on the map: a switch, a port at which something flagged
// is, or what only another device shows.
type box struct {
	Kind     string // class of its drawing: switch, port, behind or more
	State    string // of a switch: complete, partial, failed or unasked
	Badge    string // severity of what is flagged there; empty for none
	Name     string
	Note     string // beside the name, or below it on a switch
	Tip      string // all of it in words
	Target   string // what it links to on the page, with the #; empty for nothing
	Children []*box

	width, height, x, y int
	extent              int // how high it is with all that hangs on it
}

// Limits of what the map shows one by one. What is beyond is counted there,
// and listed below the map.
const (
	maxPortsEach = 12  // ports of a switch
	maxPortsAll  = 120 // ports of all switches; if there are more, at most fewPorts each
	fewPorts     = 3
)

// forest is the switches as they hang together, and what is flagged at their
// ports: trees, the largest first.
func forest(r *report.Report) []*box {
	m := mapping{report: r, boxes: make(map[string]*box), next: make(map[string][]neighbour), jobs: worklist.Jobs(r), index: make(map[string]int)}
	for i := range r.Findings {
		m.index[r.Findings[i].MAC] = i
	}
	m.switches()
	m.links()
	m.ports()
	return m.trees()
}

// A mapping makes the forest.
type mapping struct {
	report *report.Report
	boxes  map[string]*box // by key
	keys   []string        // in the order in which they were met
	next   map[string][]neighbour
	jobs   []worklist.Job
	index  map[string]int // of findings, by address
}

// A neighbour is the other end of a link, and the link in words.
type neighbour struct{ key, via string }

// key names a switch: by how it was asked, or by its name where it was not.
func key(address, name string) string {
	if address != "" {
		return "at " + address
	}
	return "called " + name
}

func (m *mapping) box(key string) *box {
	b := m.boxes[key]
	if b == nil {
		b = &box{}
		m.boxes[key] = b
		m.keys = append(m.keys, key)
	}
	return b
}

func (m *mapping) switches() {
	for i := range m.report.Coverage {
		c := &m.report.Coverage[i]
		if c.Kind == "host" {
			continue // it is drawn if it alone knows of a station
		}
		b := m.box(key(c.Source, ""))
		b.Kind, b.State, b.Name = "switch", c.Status, cmp.Or(c.Name, c.Source)
		said := map[string]string{"complete": "read completely", "partial": "read in part", "failed": "not read"}[c.Status]
		b.Note = cmp.Or(said, c.Status)
		b.Tip = b.Name + " (" + c.Source + "): " + b.Note
		if c.Name != "" && c.Name != c.Source {
			b.Note += " · " + shortAddress(c.Source)
		}
	}
}

// shortAddress is an address as it is, and the last part of a file's name.
func shortAddress(source string) string {
	return source[strings.LastIndexAny(source, `/\`)+1:]
}

// links joins the switches. A link between two that hang together already
// makes no tree, and is left out.
func (m *mapping) links() {
	above := make(map[string]string)
	root := func(k string) string {
		for above[k] != "" {
			k = above[k]
		}
		return k
	}
	for _, link := range m.report.Links {
		a, b := key(link.A.Address, link.A.Switch), key(link.B.Address, link.B.Switch)
		if root(a) == root(b) {
			continue
		}
		above[root(a)] = root(b)
		for _, end := range []report.End{link.A, link.B} {
			if unread := m.box(key(end.Address, end.Switch)); unread.Kind == "" {
				unread.Kind, unread.State, unread.Name = "switch", "unasked", end.Switch
				unread.Note = "announces itself, not asked"
				unread.Tip = end.Switch + ": a switch that announces itself and was not asked"
			}
		}
		via := endText(link.A) + " to " + endText(link.B)
		m.next[a] = append(m.next[a], neighbour{b, via})
		m.next[b] = append(m.next[b], neighbour{a, via})
	}
}

func endText(e report.End) string { return strings.TrimSpace(e.Switch + " " + e.Port) }

// ports hangs what is flagged where it is.
func (m *mapping) ports() {
	at := make(map[string][]*worklist.Job)
	var order []string
	add := func(k string, job *worklist.Job) {
		if at[k] == nil {
			order = append(order, k)
		}
		at[k] = append(at[k], job)
	}
	holders := make(map[string]*box) // boxes of stations behind which others may be, by their name
	shown := 0
	var behind []*worklist.Job
	for i := range m.jobs {
		job := &m.jobs[i]
		switch job.Stations[0].Location.Certainty {
		case "seen":
			behind = append(behind, job)
		case "double", "ambiguous":
			add("", job)
		default:
			add(m.holder(job), job)
		}
		shown++
	}
	most := maxPortsEach
	if shown > maxPortsAll {
		most = fewPorts
	}
	for _, k := range order {
		jobs, parent := at[k], m.boxes[k]
		if k == "" {
			parent = m.box("at several ports")
			parent.Kind, parent.State, parent.Name = "switch", "unasked", "Which port?"
			parent.Note, parent.Tip = "several ports fit", "Stations for which several ports fit, and none was chosen"
		}
		for i, job := range jobs {
			if i == most-1 && len(jobs) > most {
				parent.Children = append(parent.Children, m.rest(jobs[i:]))
				break
			}
			b := m.portBox(job)
			parent.Children = append(parent.Children, b)
			for _, f := range job.Stations {
				for _, name := range append(slices.Clone(f.Names), f.IPs...) {
					holders[name] = b
				}
				if f.Class == "recorder" {
					b.Children = []*box{{Kind: "behind", Name: "own ports", Note: "not visible", Target: b.Target,
						Tip: "Cameras at the recorder's own ports are behind it, and cannot be counted from outside"}}
				}
			}
		}
	}
	for _, job := range behind {
		m.behind(job, holders)
	}
}

// holder is the switch at which a job is to be done: the one that was not
// read where the station is behind that.
func (m *mapping) holder(job *worklist.Job) string {
	k := key(job.Address, job.Switch)
	l := &job.Stations[0].Location
	if l.Certainty == "uplink" && l.Behind != "" {
		if b := m.boxes[key("", l.Behind)]; b != nil && b.State == "unasked" {
			return key("", l.Behind)
		}
	}
	if b := m.box(k); b.Kind == "" {
		b.Kind, b.State, b.Name, b.Note = "switch", "unasked", job.Switch, "not asked this time"
		b.Tip = b.Name + ": " + b.Note
	}
	return k
}

// behind hangs stations that only an address table shows on the device that
// has the table: a recorder of which the port is known, a switch, or a host.
func (m *mapping) behind(job *worklist.Job, holders map[string]*box) {
	b := m.portBox(job)
	b.Kind = "behind"
	host := job.Switch
	parent := holders[host]
	for i := range m.report.Coverage {
		c := &m.report.Coverage[i]
		if c.Name != host && c.Source != host {
			continue
		}
		k := key(c.Source, "")
		if parent != nil && len(m.next[k]) == 0 && m.boxes[k] != nil && len(m.boxes[k].Children) == 0 {
			delete(m.boxes, k) // it is the station that is drawn at its port
		}
		if parent == nil {
			parent = m.boxes[k]
		}
	}
	if parent == nil {
		parent = m.box("host " + host)
		parent.Kind, parent.State, parent.Name = "switch", "complete", host
		parent.Note, parent.Tip = "its own address table", host+": its own address table was read"
	}
	parent.Children = append(parent.Children, b)
}

// portBox is a port and what is flagged there.
func (m *mapping) portBox(job *worklist.Job) *box {
	b := &box{Kind: "port", Name: job.Port, Badge: worst(job.Stations), Target: m.target(job)}
	if b.Name == "" {
		b.Name = job.Stations[0].MAC
	}
	b.Note = whose(job.Stations)
	if job.Alias != "" {
		b.Note += " “" + job.Alias + "”"
	}
	b.Tip = fmt.Sprintf("%s: %s, %s", strings.TrimSpace(job.Switch+" "+job.Port), b.Note, b.Badge)
	return b
}

// rest is the ports of a switch that are not shown one by one.
func (m *mapping) rest(jobs []*worklist.Job) *box {
	var stations []*report.Finding
	for _, job := range jobs {
		stations = append(stations, job.Stations...)
	}
	b := &box{Kind: "more", Name: fmt.Sprintf("%d more ports", len(jobs)), Badge: worst(stations), Note: whose(stations), Target: m.target(jobs[0])}
	b.Tip = b.Name + " of " + jobs[0].Switch + ": " + b.Note
	return b
}

// target is the first finding of a job.
func (m *mapping) target(job *worklist.Job) string {
	return "#" + findingID(m.index[job.Stations[0].MAC])
}

func findingID(index int) string { return fmt.Sprintf("finding-%d", index+1) }

// whose counts stations by maker and class: "2 Dahua cameras, Hikvision".
func whose(stations []*report.Finding) string {
	counts := make(map[string]int)
	var kinds []string
	for _, f := range stations {
		kind := f.Maker.Name
		if f.Class != "unknown" && f.Class != "" {
			kind += " " + classText(f.Class)
		}
		if counts[kind] == 0 {
			kinds = append(kinds, kind)
		}
		counts[kind]++
	}
	order.By(kinds, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	for i, kind := range kinds {
		if counts[kind] > 1 {
			kinds[i] = fmt.Sprintf("%d × %s", counts[kind], kind)
		}
	}
	return strings.Join(kinds, ", ")
}

// worst is the highest severity of the stations.
func worst(stations []*report.Finding) string {
	for _, severity := range severityOrder {
		for _, f := range stations {
			if f.Severity == severity {
				return severity
			}
		}
	}
	return ""
}

// trees roots each group of switches that hang together in its middle, so
// that no branch is longer than it must be.
func (m *mapping) trees() []*box {
	var roots []*box
	met := make(map[string]bool)
	for _, k := range m.keys {
		if met[k] || m.boxes[k] == nil {
			continue
		}
		group := m.group(k, met)
		root := m.middle(group)
		m.hang(root, "")
		roots = append(roots, m.boxes[root])
	}
	order.By(roots, func(a, b *box) int {
		return cmp.Or(cmp.Compare(size(b), size(a)), worklist.Natural(a.Name, b.Name))
	})
	return roots
}

func (m *mapping) group(start string, met map[string]bool) []string {
	met[start] = true
	list := []string{start}
	for i := 0; i < len(list); i++ {
		for _, n := range m.next[list[i]] {
			if !met[n.key] {
				met[n.key] = true
				list = append(list, n.key)
			}
		}
	}
	return list
}

// middle is the switch from which the farthest is nearest; of several the one
// with the most links, then with the fewest flagged ports of its own, as a core
// switch has them, and of those the first by name.
func (m *mapping) middle(group []string) string {
	far := make(map[string]int, len(group))
	for _, k := range group {
		far[k] = m.depth(k, "")
	}
	return slices.MinFunc(group, func(a, b string) int {
		return cmp.Or(cmp.Compare(far[a], far[b]), cmp.Compare(len(m.next[b]), len(m.next[a])),
			cmp.Compare(len(m.boxes[a].Children), len(m.boxes[b].Children)), worklist.Natural(m.boxes[a].Name, m.boxes[b].Name), cmp.Compare(a, b))
	})
}

func (m *mapping) depth(k, from string) int {
	deepest := 0
	for _, n := range m.next[k] {
		if n.key != from {
			deepest = max(deepest, 1+m.depth(n.key, k))
		}
	}
	return deepest
}

// hang hangs the switches on each other, below the ports of their own.
func (m *mapping) hang(k, from string) {
	b := m.boxes[k]
	var below []*box
	for _, n := range m.next[k] {
		if n.key != from {
			m.hang(n.key, k)
			m.boxes[n.key].Tip += "; " + n.via
			below = append(below, m.boxes[n.key])
		}
	}
	order.By(below, func(a, b *box) int { return worklist.Natural(a.Name, b.Name) })
	b.Children = append(b.Children, below...)
}

func size(b *box) int {
	n := 1
	for _, child := range b.Children {
		n += size(child)
	}
	return n
}
