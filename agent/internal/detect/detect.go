// Package detect judges stations: who made it, what it is, and which list
// says something about that. The three questions stay apart. It is pure: the
// same stations and rules give the same findings, in the same order.
package detect

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/order"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// A Level says how well the maker and the class are established.
type Level string

// The levels. Tables of switches alone establish no more than Possible, but
// for an LLDP-MED inventory.
const (
	Confirmed        Level = "confirmed"
	Probable         Level = "probable"
	Possible         Level = "possible"
	SuspectedRebadge Level = "suspected-rebadge"
	Conflict         Level = "conflict"
)

// A Class says what a station is.
type Class string

// The classes.
const (
	Camera        Class = "camera"
	Recorder      Class = "recorder"
	Door          Class = "door"
	AccessControl Class = "access-control"
	Switch        Class = "switch"
	Phone         Class = "phone"
	Router        Class = "router"
	Other         Class = "other"
	Unknown       Class = "unknown"
)

// A Severity says how soon somebody should look.
type Severity string

// The severities, the most urgent first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities are all severities, the most urgent first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// Rules are what stations are judged by.
type Rules struct {
	Registry *registry.Registry
	Catalog  *watchlist.Catalog
	Lists    []*watchlist.List // those that are watched
	Own      []Own             // the operator's own entries
	Site     Site
	At       time.Time // what has expired by then counts no more

	// Known are the stations that an earlier observation has shown; nil where
	// there is no history.
	Known map[lan.MAC]bool

	// Asking tells that stations may be asked: then those that are worth a
	// question are told of, too.
	Asking bool
	// Answers are what stations have answered when they were asked, each
	// question once.
	Answers map[lan.MAC][]lan.Answer
}

// A Site is what the operator says of the site.
type Site struct {
	Sensitive    bool
	CoreVLANs    []lan.VLAN
	CorePrefixes []netip.Prefix
	CoreSwitches []string // sources of the switches of role core
}

// A Finding is a flagged station: one of the site, or a copy of that of which
// more is said.
type Finding struct {
	Station  *locate.Station
	Maker    Maker
	Class    Class
	Level    Level
	Rule     string // by which rule it has this level
	Severity Severity
	Lists    []ListMatch // in order of their ids, the operator's own last; never empty
	Evidence []Evidence
	Channels int // that a recorder claims to have; 0: it does not tell
}

// A Maker is who made a station, as far as its address tells.
type Maker struct {
	Key          string // such as hikvision
	Name         string
	Organization string // as registered
	Prefix       string // the block: 14:a7:8b/24
	Registry     string // that the block stands in: MA-L, MA-M, MA-S or IAB; empty: none
}

// A ListMatch says that a list speaks of the maker, and how.
type ListMatch struct {
	ID       string
	Version  int // of the list; 0 of the operator's own
	Relation watchlist.Relation
	Note     string // why, for people

	speaksOf []watchlist.SiteMark
}

// A Judgement is what became of all stations of a site.
type Judgement struct {
	Findings      []Finding
	Suspects      []Suspect // in order of address; none unless stations may be asked
	VendorOnly    []VendorOnly
	NotAssessable NotAssessable
	Stations      int // all of them, the read switches themselves left out
}

// VendorOnly counts the stations of a maker whose blocks say nothing about
// cameras.
type VendorOnly struct {
	Maker    string // its key
	Stations int
}

// NotAssessable counts the stations whose address has no maker.
type NotAssessable struct {
	LocallyAdministered int
	Virtual             int
	Unassigned          int // in no block
	Private             int // in a block whose holder is not published
	SubAssigned         int // in an unknown part of a divided block
}

// Judge judges every station of a site. Findings come the most urgent first,
// then in order of address.
func Judge(site locate.Site, rules Rules) Judgement {
	j := judge{Rules: rules, own: rules.index(), lists: make(map[*watchlist.Organization][]ListMatch), vendors: make(map[string]int)}
	for _, mac := range site.Others {
		j.Stations++
		j.NotAssessable.count(rules.Registry.Lookup(mac).Standing)
	}
	for i := range site.Stations {
		j.station(&site.Stations[i])
	}
	for key, n := range j.vendors {
		j.VendorOnly = append(j.VendorOnly, VendorOnly{Maker: key, Stations: n})
	}
	order.By(j.VendorOnly, func(a, b VendorOnly) int { return cmp.Compare(a.Maker, b.Maker) })
	ranks := Severities()
	order.By(j.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(ranks, a.Severity), slices.Index(ranks, b.Severity))
	})
	return j.Judgement
}

// A judge is the rules at work on one site.
type judge struct {
	Rules
	Judgement
	own     ownIndex
	lists   map[*watchlist.Organization][]ListMatch // what the watched lists say of it
	vendors map[string]int
}

// station judges one station.
func (j *judge) station(station *locate.Station) {
	assignment := j.Registry.Lookup(station.MAC)
	if station.Self == "" {
		j.Stations++
		j.NotAssessable.count(assignment.Standing)
	}
	m, entry, flagged := j.flagged(station, assignment)
	if !flagged {
		j.suspicion(station, assignment)
		return
	}
	signs := j.signs(station, m)
	if class := classOf(signs); m.isFinding(class) || entry != nil && !entry.Allow {
		if n := len(j.Findings); n == cap(j.Findings) {
			j.Findings = slices.Grow(j.Findings, max(n, 16)) // a quarter more each time would leave much behind
		}
		j.Findings = append(j.Findings, j.finding(station, m, class, signs, entry))
		return
	}
	j.vendors[m.Key]++
	j.suspicion(station, assignment)
}

// suspicion notes a station that is no finding and worth a question.
func (j *judge) suspicion(station *locate.Station, a registry.Assignment) {
	if !j.Asking || station.Self != "" {
		return
	}
	if why := j.suspected(station, a); why != "" {
		j.Suspects = append(j.Suspects, Suspect{Station: station, Why: why})
	}
}

// flagged tells whether a station is of a maker that a list speaks of, by its
// block or by what it answers, or one that the operator flags; and the
// operator's own entry about it.
func (j *judge) flagged(station *locate.Station, a registry.Assignment) (madeBy, *Own, bool) {
	m, listed := j.maker(a)
	if key := j.platformKey(station); key != "" && key != m.block {
		if platform, ok := j.platform(a, key); ok {
			m, listed = platform, true
		}
	}
	entry := j.own.of(station.MAC, a, j.makerKey(m, a))
	if entry == nil || entry.Allow {
		return m, entry, listed
	}
	if !listed {
		m = j.flaggedBy(entry, a)
	}
	m.lists = append(slices.Clip(m.lists), entry.match())
	return m, entry, true
}

// Concerned tells whether a station may become more than a number, by its
// address and by what it answers: its maker is listed, or the operator has an
// entry about it.
func (r Rules) Concerned() locate.Wanted {
	j := judge{Rules: r, own: r.index(), lists: make(map[*watchlist.Organization][]ListMatch)}
	return func(mac lan.MAC, agent *locate.Agent) bool {
		if agent != nil {
			if _, known := platformOf(agent); known {
				return true
			}
		}
		assignment := r.Registry.Lookup(mac)
		m, listed := j.maker(assignment)
		return listed || j.own.of(mac, assignment, j.makerKey(m, assignment)) != nil || r.askable(mac, assignment)
	}
}

// askable tells whether a station was asked before, or may be worth it by its
// block.
func (r Rules) askable(mac lan.MAC, a registry.Assignment) bool {
	if !r.Asking {
		return false
	}
	_, rebadges := r.rebadgeBrand(a)
	return rebadges || len(r.Answers[mac]) > 0
}

// makerKey is the key of a station's maker, watched by a list or not.
func (r Rules) makerKey(m madeBy, a registry.Assignment) string {
	if m.Key != "" || len(r.Own) == 0 || a.Standing != registry.Assigned {
		return m.Key
	}
	for _, name := range a.Organizations {
		if maker, _, reviewed := r.Catalog.Maker(name); reviewed {
			return maker.Key
		}
	}
	return ""
}

// platformKey is the maker as whose platform a station answers.
func (r Rules) platformKey(station *locate.Station) string {
	if station.Agent != nil {
		if sign, ok := platformOf(station.Agent); ok {
			return sign.Maker
		}
	}
	if keys := r.platformsOf(r.asked(r.Answers[station.MAC], madeBy{})); len(keys) > 0 {
		return keys[0]
	}
	return ""
}

// isFinding tells whether the block, or what the station answers, is enough,
// or else the class makes it one.
func (m madeBy) isFinding(class Class) bool {
	return m.role.Video() || surveillance(class) || m.platform != ""
}

func (n *NotAssessable) count(standing registry.Standing) {
	switch standing {
	case registry.LocallyAdministered:
		n.LocallyAdministered++
	case registry.Virtual:
		n.Virtual++
	case registry.Unassigned:
		n.Unassigned++
	case registry.Private:
		n.Private++
	case registry.SubAssigned:
		n.SubAssigned++
	}
}

// finding makes the finding of a flagged station.
func (r Rules) finding(station *locate.Station, m madeBy, class Class, signs []Sign, entry *Own) Finding {
	g, lowered := r.lower(m.grade(signs), station)
	f := Finding{Station: station, Maker: m.Maker, Class: class, Level: g.level, Rule: g.rule, Evidence: makerEvidence(station, m)}
	var claimed []Evidence
	if class == Recorder {
		recorder := *station
		recorder.Place.Why += "; it is a recorder, and may hide cameras behind it that no switch sees"
		if f.Channels, claimed = channels(r.Answers[station.MAC]); f.Channels > 0 {
			recorder.Place.Why += fmt.Sprintf(": it claims to have %d channels", f.Channels)
		}
		f.Station = &recorder
	}
	core := r.Site.coreEvidence(station)
	for _, more := range [][]Evidence{shown(signs), claimed, locationEvidence(station), core, lowered} {
		f.Evidence = append(f.Evidence, more...)
	}
	f.Lists = r.Site.apply(m.lists, len(core) > 0)
	f.Severity = severity(f.Level, f.Lists, r.Site.Sensitive, len(core) > 0)
	if entry != nil {
		f.Evidence = append(f.Evidence, entry.evidence())
		if entry.Allow {
			f.Severity = Info
		}
	}
	return f
}
