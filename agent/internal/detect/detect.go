// Package detect judges stations: who made it, what it is, and which list
// says something about that. The three questions stay apart. It is pure: the
// same stations and rules give the same findings, in the same order.
package detect

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
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
	Site     Site
}

// A Site is what the operator says of the site.
type Site struct {
	Sensitive    bool
	CoreVLANs    []lan.VLAN
	CorePrefixes []netip.Prefix
	CoreSwitches []string // sources of the switches of role core
}

// A Finding is a flagged station.
type Finding struct {
	Station  locate.Station
	Maker    Maker
	Class    Class
	Level    Level
	Severity Severity
	Lists    []ListMatch // in order of their ids; never empty
	Evidence []Evidence
}

// A Maker is who made a station, as far as its address tells.
type Maker struct {
	Key          string // such as hikvision
	Name         string
	Organization string // as registered
	Prefix       string // the block: 14:a7:8b/24
}

// A ListMatch says that a list speaks of the maker, and how.
type ListMatch struct {
	ID       string
	Relation watchlist.Relation
}

// Evidence is one observation and what it says.
type Evidence struct {
	Claim      Claim
	Mechanism  Mechanism
	Source     string // the device that was asked
	Table      lan.Table
	Object     string // the object that was read
	Value      string // what it held
	ObservedAt time.Time
	Rule       string // by which rule the observation says so
	Text       string // the same for people
}

// A Claim is what evidence is about.
type Claim string

// The claims.
const (
	MakerClaim    Claim = "maker"
	ClassClaim    Claim = "class"
	LocationClaim Claim = "location"
	CoreClaim     Claim = "core-network"
)

// A Mechanism is a way of observing. Two observations count as independent
// only when their mechanisms differ.
type Mechanism string

// The mechanisms.
const (
	MACBlock Mechanism = "mac-block" // FDB, ARP and LLDP chassis id: all one
	LLDPText Mechanism = "lldp-text"
)

// A Judgement is what became of all stations of a site.
type Judgement struct {
	Findings      []Finding
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
	Unassigned          int // in no block, in a private one, or in an unknown part of a divided one
}

// Judge judges every station. Findings come the most urgent first, then in
// order of address.
func Judge(stations []locate.Station, rules Rules) Judgement {
	var j Judgement
	vendors := make(map[string]int)
	for _, station := range stations {
		if station.Self == "" {
			j.Stations++
		}
		assignment := rules.Registry.Lookup(station.MAC)
		if assignment.Standing != registry.Assigned {
			if station.Self == "" {
				j.NotAssessable.count(assignment.Standing)
			}
			continue
		}
		m, ok := rules.maker(assignment)
		if !ok {
			continue
		}
		class, classEvidence := classOf(station)
		if !m.role.Video() && !surveillance(class) {
			vendors[m.Key]++
			continue
		}
		j.Findings = append(j.Findings, rules.finding(station, m, class, classEvidence))
	}
	for key, n := range vendors {
		j.VendorOnly = append(j.VendorOnly, VendorOnly{Maker: key, Stations: n})
	}
	slices.SortFunc(j.VendorOnly, func(a, b VendorOnly) int { return cmp.Compare(a.Maker, b.Maker) })
	order := Severities()
	slices.SortStableFunc(j.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity))
	})
	return j
}

func (n *NotAssessable) count(standing registry.Standing) {
	switch standing {
	case registry.LocallyAdministered:
		n.LocallyAdministered++
	case registry.Virtual:
		n.Virtual++
	default:
		n.Unassigned++
	}
}

// finding makes the finding of a flagged station.
func (r Rules) finding(station locate.Station, m madeBy, class Class, classEvidence []Evidence) Finding {
	f := Finding{Station: station, Maker: m.Maker, Class: class, Level: level(station, m), Lists: m.lists}
	if class == Recorder {
		f.Station.Place.Why += "; it is a recorder, and may hide cameras behind it that no switch sees"
	}
	f.Evidence = append(f.Evidence, makerEvidence(station, m)...)
	f.Evidence = append(f.Evidence, brandEvidence(station, m)...)
	f.Evidence = append(f.Evidence, classEvidence...)
	f.Evidence = append(f.Evidence, locationEvidence(station)...)
	core := r.Site.coreEvidence(station)
	f.Evidence = append(f.Evidence, core...)
	f.Severity = severity(f.Level, m.lists, r.Site.Sensitive, len(core) > 0)
	return f
}
