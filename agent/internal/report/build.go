package report

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// Build writes down an observation: the snapshots as coverage, the judgement
// as findings. Who made it, when, and what changed is for the caller to add.
func Build(snapshots []lan.Snapshot, judgement detect.Judgement, rules detect.Rules) *Report {
	stations := judgement.Stations
	r := &Report{
		Schema: Schema, Kind: Snapshot,
		Data:         data(rules),
		Coverage:     make([]Coverage, 0, len(snapshots)),
		Findings:     make([]Finding, 0, len(judgement.Findings)),
		VendorOnly:   make([]VendorOnly, 0, len(judgement.VendorOnly)),
		StationsSeen: &stations,
		VLANs:        vlans(snapshots),
		Changes:      []Change{},
		Spool:        Spool{State: "ok"},
	}
	for i := range snapshots {
		r.Coverage = append(r.Coverage, coverage(&snapshots[i]))
	}
	sought := slices.ContainsFunc(snapshots, func(s lan.Snapshot) bool { return s.Sought() })
	if sought || r.Unread() {
		r.StationsSeen = nil // nothing was counted
	}
	for i := range judgement.Findings {
		r.Findings = append(r.Findings, finding(&judgement.Findings[i]))
	}
	for _, v := range judgement.VendorOnly {
		r.VendorOnly = append(r.VendorOnly, VendorOnly(v))
	}
	if sought {
		r.VendorOnly = nil
	}
	n := judgement.NotAssessable
	r.NotAssessable = NotAssessable{LocallyAdministered: n.LocallyAdministered, Virtual: n.Virtual, Unassigned: n.Unassigned,
		Private: n.Private, SubAssigned: n.SubAssigned, Multicast: noStations(snapshots)}
	return r
}

// noStations counts the addresses in the tables that no station can have:
// zero, multicast and broadcast.
func noStations(snapshots []lan.Snapshot) int {
	none := make(map[lan.MAC]bool)
	for i := range snapshots {
		for j := range snapshots[i].FDB {
			if mac := snapshots[i].FDB[j].MAC; !mac.IsStation() {
				none[mac] = true
			}
		}
		for j := range snapshots[i].ARP {
			if mac := snapshots[i].ARP[j].MAC; !mac.IsStation() {
				none[mac] = true
			}
		}
	}
	return len(none)
}

// NewSpan is a span as the report has it.
func NewSpan(from, to time.Time) Span { return Span{From: stamp(from), To: stamp(to)} }

// clean makes a text harmless that holds what came off the network, or the
// name of a file that somebody else has named.
func clean(text string) string { return lan.CleanString(text) }

// stamp is a time as the report has it: UTC, to the second.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = stamp(t)
	return &t
}

func data(rules detect.Rules) Data {
	d := Data{Registry: Registry{Date: rules.Registry.Date(), SHA256: rules.Registry.SHA256()},
		Makers:     Makers{Version: rules.Catalog.MakersVersion(), AsOf: rules.Catalog.MakersAsOf()},
		Watchlists: make([]Watchlist, 0, len(rules.Lists))}
	for _, list := range rules.Lists {
		d.Watchlists = append(d.Watchlists, Watchlist{ID: list.ID, Version: list.Version, AsOf: list.AsOf, Stale: list.Stale(rules.At),
			Title: list.Title, Scope: strings.TrimSpace(list.Scope), Source: list.Source.Text, Where: list.Source.Where})
	}
	for i := range rules.Own {
		o := &rules.Own[i]
		d.Own = append(d.Own, Own{Allow: o.Allow, About: o.About(), Reason: o.Reason, By: o.By, Until: o.Until, Expired: o.Expired(rules.At)})
	}
	return d
}

// vlans counts the VLANs of which the devices told anything.
func vlans(snapshots []lan.Snapshot) int {
	known := make(map[lan.VLAN]bool)
	for i := range snapshots {
		for _, list := range snapshots[i].VLANs {
			for _, vlan := range list {
				known[vlan] = true
			}
		}
		last := lan.VLAN(0) // a table is in order of VLANs, mostly
		for j := range snapshots[i].FDB {
			if vlan := snapshots[i].FDB[j].VLAN; vlan != last {
				known[vlan], last = true, vlan
			}
		}
	}
	delete(known, 0)
	return len(known)
}

func coverage(s *lan.Snapshot) Coverage {
	c := Coverage{Source: clean(s.Source), Kind: string(s.Kind), Name: clean(s.System.Name), Found: clean(s.Found), Requests: s.Requests, Reason: clean(s.Err),
		Status: "complete", ElapsedMS: s.To.Sub(s.From).Milliseconds(), Tables: make([]Table, 0, len(s.Readings))}
	for _, r := range s.Readings {
		if r.Status == lan.Partial || r.Status == lan.Failed {
			c.Status = "partial"
		}
		c.Tables = append(c.Tables, Table{Table: string(r.Table), Context: clean(r.Context), Status: string(r.Status),
			Method: string(r.Method), Rows: r.Rows, Reason: clean(r.Reason), Verified: r.Verified})
	}
	switch {
	case s.Err != "":
		c.Status = "failed"
	case s.Kind == lan.SwitchSource && !showsStations(s):
		c.Status = "partial"
		c.Reason = "it shows no station at all, in no forwarding, address or neighbour table: it may have none of them, or its SNMP view leaves them out"
	}
	return c
}

// showsStations tells whether any table that can show a station had a row.
func showsStations(s *lan.Snapshot) bool {
	if len(s.FDB)+len(s.ARP)+len(s.LLDP) > 0 {
		return true
	}
	tables := []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable, lan.IPNetToMediaTable, lan.IPNetToPhysicalTable, lan.ATTable, lan.LLDPRemTable}
	return slices.ContainsFunc(s.Readings, func(r lan.Reading) bool { return r.Rows > 0 && slices.Contains(tables, r.Table) })
}

func finding(f *detect.Finding) Finding {
	out := Finding{
		MAC: f.Station.MAC.String(), IPs: addresses(f.Station.IPs), Names: append([]string{}, f.Station.Names...),
		Maker: Maker(f.Maker), Class: string(f.Class), Level: string(f.Level), LevelRule: f.Rule, Severity: string(f.Severity), Channels: f.Channels,
		Location: location(&f.Station.Place), Present: true,
		Lists:    make([]ListMatch, 0, len(f.Lists)),
		Evidence: make([]Evidence, 0, len(f.Evidence)),
	}
	for _, m := range f.Lists {
		out.Lists = append(out.Lists, ListMatch{ID: m.ID, Version: m.Version, Relation: string(m.Relation), Note: m.Note})
	}
	for i := range f.Evidence {
		e := &f.Evidence[i]
		out.Evidence = append(out.Evidence, Evidence{Claim: string(e.Claim), Mechanism: string(e.Mechanism), Source: clean(e.Source),
			Table: string(e.Table), Object: e.Object, Value: clean(e.Value), ObservedAt: optional(e.ObservedAt), Rule: e.Rule, Text: clean(e.Text)})
	}
	for _, s := range f.Station.Sightings {
		seen := stamp(s.Of.To)
		if out.FirstSeen.IsZero() || seen.Before(out.FirstSeen) {
			out.FirstSeen = seen
		}
		if seen.After(out.LastSeen) {
			out.LastSeen = seen
		}
	}
	return out
}

// Join notes how the switches hang together.
func (r *Report) Join(links []locate.Link) {
	r.Links = make([]Link, len(links))
	for i, link := range links {
		r.Links[i] = Link{end(link.A), end(link.B)}
	}
}

func end(e locate.End) End {
	return End{Switch: clean(e.Switch), Address: clean(e.Address), Port: clean(e.Port)}
}

func addresses(ips []netip.Addr) []string {
	texts := make([]string, len(ips))
	for i, ip := range ips {
		texts[i] = ip.String()
	}
	return texts
}

// poe is what a switch says of a port. The class means something only while
// the port delivers power (RFC 3621).
func poe(port *lan.PoEPort) *PoE {
	if port == nil {
		return nil
	}
	p := &PoE{Delivering: port.Delivering, Milliwatts: port.Milliwatts}
	if port.Delivering && port.Class > 0 {
		class := int(port.Class) - 1
		p.Class = &class
	}
	return p
}

func location(p *locate.Place) Location {
	l := Location{
		Switch: clean(p.Switch), Address: clean(p.Address), Port: clean(p.Port), IfIndex: uint32(p.IfIndex), Alias: p.Alias, VLAN: uint16(p.VLAN),
		Certainty: string(p.Certainty), StationsOnPort: p.Stations, CountedAt: optional(p.CountedAt), PoE: poe(p.PoE),
		Behind: clean(p.Behind), Host: clean(p.Host), Interface: clean(p.Interface), Why: clean(p.Why),
		Alternatives: make([]Alternative, 0, len(p.Alternatives)),
	}
	for _, a := range p.Alternatives {
		l.Alternatives = append(l.Alternatives, Alternative{Switch: clean(a.Switch), Port: clean(a.Port), WhyNot: clean(a.WhyNot)})
	}
	return l
}
