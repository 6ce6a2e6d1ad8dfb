// Package report is the wire form of an observation, camwarden.report/1: what
// was found, and how much was looked at. Its JSON Schema is
// configs/report.schema.json.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/order"
)

// Schema names this form.
const Schema = "camwarden.report/1"

// A Report is one observation of one site.
type Report struct {
	Schema        string        `json:"schema"`
	ID            string        `json:"id"`  // UUIDv7, the same for every attempt to deliver it
	Seq           uint64        `json:"seq"` // counts the reports of an agent; 0 outside the service
	Kind          Kind          `json:"kind"`
	Site          Site          `json:"site"`
	Agent         Agent         `json:"agent"`
	Observed      Span          `json:"observed"`
	Data          Data          `json:"data"`
	Coverage      []Coverage    `json:"coverage"`
	Links         []Link        `json:"links,omitempty"`
	Findings      []Finding     `json:"findings"`
	VendorOnly    []VendorOnly  `json:"vendor_only"` // null when no full walk has counted them
	NotAssessable NotAssessable `json:"not_assessable"`
	StationsSeen  *int          `json:"stations_seen"`   // null when no full walk has counted them
	VLANs         int           `json:"vlans"`           // that the sources told of
	Asked         *Asked        `json:"asked,omitempty"` // left out where no station may be asked anything
	Changes       []Change      `json:"changes"`
	Clock         Clock         `json:"clock"`
	Spool         Spool         `json:"spool"`
	Progress      *Progress     `json:"progress,omitempty"` // since the first report of a service
}

// Asked is how many stations were asked what they are, in this observation.
type Asked struct {
	Stations int  `json:"stations"` // that questions were put to
	Answered int  `json:"answered"` // of which answers count, from this observation or an earlier one
	Waiting  int  `json:"waiting"`  // that are to be asked at the next observation
	Segment  bool `json:"segment"`  // whether all of the segment was asked, by multicast
	Packets  int  `json:"packets"`  // that were sent for it
}

// A Kind says what a report is.
type Kind string

// The kinds.
const (
	Snapshot  Kind = "snapshot"  // the whole picture of one observation
	Heartbeat Kind = "heartbeat" // the same picture again: the agent is alive and nothing has changed
)

// Site is what the operator says of the site.
type Site struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Sensitive *bool  `json:"sensitive"` // null: not said
}

// Agent is the program that made the report.
type Agent struct {
	ID       string `json:"id"`
	Version  string `json:"version"`
	Hostname string `json:"hostname"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	BootID   string `json:"boot_id"`
	UptimeS  int64  `json:"uptime_s"` // of the host; by a clock that no one sets
}

// Span is the time that an observation took.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Data says by which editions was judged.
type Data struct {
	Registry   Registry    `json:"registry"`
	Makers     Makers      `json:"makers"`
	Watchlists []Watchlist `json:"watchlists"`
	Own        []Own       `json:"own,omitempty"`
	Files      []DataFile  `json:"files,omitempty"`
}

// Makers is an edition of the reviewed makers.
type Makers struct {
	Version int    `json:"version"`
	AsOf    string `json:"as_of"`
}

// Own is an entry of the operator's own list.
type Own struct {
	Allow   bool   `json:"allow"`
	About   string `json:"about"`
	Reason  string `json:"reason"`
	By      string `json:"by"`
	Until   string `json:"until"`
	Expired bool   `json:"expired"` // then it did not count
}

// DataFile is what became of a newer edition that was put beside the
// configuration.
type DataFile struct {
	File string `json:"file"`
	Used bool   `json:"used"`
	Text string `json:"text"`
}

// Registry is an edition of the IEEE registries.
type Registry struct {
	Date   string `json:"date"`
	SHA256 string `json:"sha256"`
}

// Watchlist is an edition of a list.
type Watchlist struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	AsOf    string `json:"as_of"`
	Stale   bool   `json:"stale"`
	Title   string `json:"title"`
	Scope   string `json:"scope"`
	Source  string `json:"source"`
	Where   string `json:"where"` // the source was read
}

// Coverage is how much of one device was read.
type Coverage struct {
	Source    string  `json:"source"`
	Kind      string  `json:"kind"` // switch or host
	Name      string  `json:"name"`
	Found     string  `json:"found,omitempty"` // how a switch was found that the configuration does not name
	Status    string  `json:"status"`          // complete, partial or failed
	Reason    string  `json:"reason,omitempty"`
	Requests  int     `json:"requests"`
	ElapsedMS int64   `json:"elapsed_ms"`
	Tables    []Table `json:"tables"`
}

// Table is how much of one table was read.
type Table struct {
	Table   string `json:"table"`
	Context string `json:"context,omitempty"`
	Status  string `json:"status"` // complete, partial, failed or absent
	Method  string `json:"method"`
	Rows    int    `json:"rows"` // entries read, before any is set aside
	Reason  string `json:"reason"`

	// Verified says of a seek that a walk has shown that it misses nothing: then
	// what it does not find is not there.
	Verified bool `json:"-"`
}

// Link says how two switches hang together, as far as the tables tell. The
// links of a report make trees.
type Link struct {
	A End `json:"a"`
	B End `json:"b"`
}

// End is one end of a link.
type End struct {
	Switch  string `json:"switch"`
	Address string `json:"address"` // empty: it was not read
	Port    string `json:"port"`    // empty: not known
}

// Finding is a flagged station.
type Finding struct {
	MAC       string      `json:"mac"`
	IPs       []string    `json:"ips"`
	Names     []string    `json:"names"`
	Maker     Maker       `json:"maker"`
	Class     string      `json:"class"`
	Level     string      `json:"level"`
	LevelRule string      `json:"level_rule"`
	Severity  string      `json:"severity"`
	Channels  int         `json:"channels,omitempty"` // that a recorder claims to have
	Lists     []ListMatch `json:"lists"`
	Location  Location    `json:"location"`
	Evidence  []Evidence  `json:"evidence"`
	FirstSeen time.Time   `json:"first_seen"`
	LastSeen  time.Time   `json:"last_seen"`
	Present   bool        `json:"present"`
}

// Maker is who made a station.
type Maker struct {
	Key          string `json:"key"`
	Name         string `json:"name"`
	Organization string `json:"organization"`
	Prefix       string `json:"prefix"`
	Registry     string `json:"registry"`
}

// ListMatch says that a list speaks of the maker, and how.
type ListMatch struct {
	ID       string `json:"id"`
	Version  int    `json:"version"` // that it was judged by; 0 of the operator's own
	Relation string `json:"relation"`
	Note     string `json:"note"` // why, for people
}

// Location is where a station is attached.
type Location struct {
	Switch         string        `json:"switch"`
	Address        string        `json:"address"`
	Port           string        `json:"port"`
	IfIndex        uint32        `json:"if_index"`
	Alias          string        `json:"alias"`
	VLAN           uint16        `json:"vlan"`
	Certainty      string        `json:"certainty"`
	StationsOnPort *int          `json:"stations_on_port"`
	CountedAt      *time.Time    `json:"counted_at"`
	PoE            *PoE          `json:"poe,omitempty"`
	Behind         string        `json:"behind"`
	Host           string        `json:"host"`
	Interface      string        `json:"interface"`
	Why            string        `json:"why"`
	Alternatives   []Alternative `json:"alternatives"`
}

// PoE is what a port feeds to whatever is attached to it. It proves nothing:
// access points draw power, too, and recorders and cameras of old do not.
type PoE struct {
	Delivering bool   `json:"delivering"`
	Class      *int   `json:"class,omitempty"`      // of the device that is fed (IEEE 802.3)
	Milliwatts uint32 `json:"milliwatts,omitempty"` // where the switch tells
}

// String says it to people, after "the port".
func (p *PoE) String() string {
	switch {
	case !p.Delivering:
		return "delivers no power"
	case p.Milliwatts == 0 && p.Class == nil:
		return "delivers power"
	case p.Milliwatts == 0:
		return fmt.Sprintf("delivers power to a device of class %d", *p.Class)
	case p.Class == nil:
		return fmt.Sprintf("delivers %.1f W", float64(p.Milliwatts)/1000)
	default:
		return fmt.Sprintf("delivers %.1f W to a device of class %d", float64(p.Milliwatts)/1000, *p.Class)
	}
}

// Alternative is a place that was considered and not taken.
type Alternative struct {
	Switch string `json:"switch"`
	Port   string `json:"port"`
	WhyNot string `json:"why_not"`
}

// Evidence is one observation and what it says.
type Evidence struct {
	Claim      string     `json:"claim"`
	Mechanism  string     `json:"mechanism"`
	Source     string     `json:"source"`
	Table      string     `json:"table"`
	Object     string     `json:"object"`
	Value      string     `json:"value"`
	ObservedAt *time.Time `json:"observed_at"`
	Rule       string     `json:"rule"`
	Text       string     `json:"text"`
}

// VendorOnly counts stations of a maker whose blocks say nothing of cameras.
type VendorOnly struct {
	Maker    string `json:"maker"`
	Stations int    `json:"stations"`
}

// NotAssessable counts the stations whose address has no maker.
type NotAssessable struct {
	LocallyAdministered int `json:"locally_administered"`
	Virtual             int `json:"virtual"`
	Unassigned          int `json:"unassigned"`
	Private             int `json:"private"`
	SubAssigned         int `json:"sub_assigned"`
	Multicast           int `json:"multicast"` // addresses in the tables that no station has; not among the stations
}

// Total is how many addresses could not be judged.
func (n NotAssessable) Total() int {
	return n.LocallyAdministered + n.Virtual + n.Unassigned + n.Private + n.SubAssigned + n.Multicast
}

// Change is what differs from the report before.
type Change struct {
	Op  ChangeOp `json:"op"`
	MAC string   `json:"mac"`
}

// A ChangeOp says what happened to a flagged station.
type ChangeOp string

// The changes.
const (
	Appeared ChangeOp = "appeared"
	Moved    ChangeOp = "moved"
	Gone     ChangeOp = "gone"
	Back     ChangeOp = "back"
)

// Progress is what became of the flagged stations since the first report.
type Progress struct {
	Since time.Time `json:"since"` // the first report
	First int       `json:"first"` // stations in it
	Gone  int       `json:"gone"`  // of these, those that are gone
	Moved int       `json:"moved"` // and those that are at another port, though not gone
	New   int       `json:"new"`   // stations that came later, and are not gone
}

// Clock compares this host's clock with the endpoint's.
type Clock struct {
	OffsetMS *int64 `json:"offset_ms"` // endpoint minus host; null when never compared
}

// Spool is the state of the reports that wait.
type Spool struct {
	State   string  `json:"state"` // ok or degraded
	Depth   int     `json:"depth"`
	OldestS int64   `json:"oldest_s"`
	Dropped Dropped `json:"dropped"`
}

// Dropped declares reports that were lost, each in one report.
type Dropped struct {
	Count    uint64 `json:"count"`
	FirstSeq uint64 `json:"first_seq"`
	LastSeq  uint64 `json:"last_seq"`
	Reason   string `json:"reason"`
}

// Incomplete tells whether anything that should have been read was not.
func (r *Report) Incomplete() bool {
	for _, c := range r.Coverage {
		if c.Status != "complete" {
			return true
		}
	}
	return false
}

// Unread tells whether not one source could be read; nor could it where there
// is none.
func (r *Report) Unread() bool {
	for _, c := range r.Coverage {
		if c.Status != "failed" {
			return false
		}
	}
	return true
}

// SwitchesUnread tells whether there were switches to read and none of them
// could be.
func (r *Report) SwitchesUnread() bool {
	asked := false
	for _, c := range r.Coverage {
		if c.Kind != string(lan.SwitchSource) {
			continue
		}
		if c.Status != "failed" {
			return false
		}
		asked = true
	}
	return asked
}

// Sort puts the most urgent findings first, and orders those of one severity
// by address.
func (r *Report) Sort() {
	ranks := detect.Severities()
	order.By(r.Findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(ranks, detect.Severity(a.Severity)), slices.Index(ranks, detect.Severity(b.Severity))),
			cmp.Compare(a.MAC, b.MAC))
	})
}
