package report

import (
	"fmt"
	"strings"
)

// A Reading counts the sources of one kind by how far they were read.
type Reading struct{ All, Complete, Partial, Failed int }

// Reads counts the sources.
func Reads(coverage []Coverage) (switches, hosts Reading) {
	for _, c := range coverage {
		n := &switches
		if c.Kind == "host" {
			n = &hosts
		}
		n.All++
		switch c.Status {
		case "complete":
			n.Complete++
		case "failed":
			n.Failed++
		default:
			n.Partial++
		}
	}
	return switches, hosts
}

// NothingObserved words the negative statement: what was not observed, where,
// when, and what stands in the way of saying more. It never says that
// something is not there.
func (r *Report) NothingObserved() string {
	var b strings.Builder
	fmt.Fprintf(&b, "No device with a MAC block assigned to a maker flagged by %s was observed", listed(r.Data.Watchlists))
	switches, hosts := Reads(r.Coverage)
	fmt.Fprintf(&b, " on the %s polled between %s and %s", polled(switches.All-switches.Failed, r.VLANs, hosts.All-hosts.Failed),
		r.Observed.From.UTC().Format("15:04:05"), r.Observed.To.UTC().Format("15:04:05 UTC on 2 January 2006"))
	if n := vendorOnly(r.VendorOnly); n > 0 {
		fmt.Fprintf(&b, ", apart from %s of makers of many things, counted below", counted(n, "device"))
	}
	fmt.Fprintf(&b, "; %s not assessable", were(r.NotAssessable.Total(), "address"))
	fmt.Fprintf(&b, "; %s did not answer", counted(switches.Failed, "switch"))
	if partial := switches.Partial + hosts.Partial; partial > 0 {
		fmt.Fprintf(&b, "; %s read only in part", were(partial, "source"))
	}
	if hosts.Failed > 0 {
		b.WriteString("; this host's own neighbours could not be read")
	}
	return b.String() + "."
}

// What is true of every observation of this kind, whatever it found.
const (
	rebadges = "Equipment that is sold under another brand, with a MAC block of that brand, cannot be told by its address: " +
		"this report does not claim that there is none."
	passive = "No station was asked anything. From the tables of switches alone a station is possible surveillance equipment, " +
		"and no more unless it names its maker and model itself, over LLDP-MED or as a device that was read."
)

// remark says that stations were asked, and what that does not show.
func (a *Asked) remark() string {
	text := fmt.Sprintf("In this observation read-only questions were put to %s inside the configured subnets", counted(a.Stations, "station"))
	if a.Segment {
		text += ", and to the segment by multicast"
	}
	text += fmt.Sprintf(" (%s); answers of %s count here. A station asked within the last day is not asked again, and silence shows nothing.",
		counted(a.Packets, "packet"), counted(a.Answered, "station"))
	if a.Waiting > 0 {
		text += fmt.Sprintf(" %s still to be asked.", are(a.Waiting, "station"))
	}
	return text
}

// Remarks says what the findings, or their absence, do not say.
func (r *Report) Remarks() []string {
	remarks := []string{rebadges, passive}
	if r.Asked != nil {
		remarks[1] = r.Asked.remark()
	}
	recorders, core := 0, 0
	for i := range r.Findings {
		if r.Findings[i].Class == "recorder" {
			recorders++
		}
		if r.Findings[i].InCore() {
			core++
		}
	}
	if recorders > 0 {
		remarks = append(remarks, fmt.Sprintf("%s found: cameras on the ports of a recorder itself are behind it, and cannot be counted.", were(recorders, "recorder")))
	}
	if core > 0 {
		remarks = append(remarks, fmt.Sprintf("%s in what is marked as core network.", are(core, "flagged station")))
	}
	for _, list := range r.Data.Watchlists {
		if list.Stale {
			remarks = append(remarks, fmt.Sprintf("The list %s was last compared with its source on %s, and has expired since.", list.ID, list.AsOf))
		}
	}
	for _, file := range r.Data.Files {
		if !file.Used {
			remarks = append(remarks, fmt.Sprintf("The file %s is not used: %s.", file.File, file.Text))
		}
	}
	for _, own := range r.Data.Own {
		if own.Expired {
			remarks = append(remarks, fmt.Sprintf("The own entry about %s expired on %s, and does not count.", own.About, own.Until))
		}
	}
	return remarks
}

// InCore tells whether the station is in what is marked as core network.
func (f *Finding) InCore() bool {
	for i := range f.Evidence {
		if f.Evidence[i].Claim == "core-network" {
			return true
		}
	}
	return false
}

func were(n int, noun string) string {
	if n == 1 {
		return counted(n, noun) + " was"
	}
	return counted(n, noun) + " were"
}

func are(n int, noun string) string {
	if n == 1 {
		return counted(n, noun) + " is"
	}
	return counted(n, noun) + " are"
}

// counted is a number of things: 1 switch, 2 switches.
func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s") || strings.HasSuffix(noun, "ch"):
		return fmt.Sprintf("%d %ses", n, noun)
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

func listed(watched []Watchlist) string {
	ids := make([]string, len(watched))
	for i, list := range watched {
		ids[i] = list.ID
	}
	switch n := len(ids); n {
	case 0:
		return "a list"
	case 1:
		return ids[0]
	default:
		return strings.Join(ids[:n-1], ", ") + " or " + ids[n-1]
	}
}

func polled(switches, vlans, hosts int) string {
	text := counted(switches, "switch")
	if vlans > 0 {
		text += " / " + counted(vlans, "VLAN")
	}
	switch {
	case hosts == 0:
		return text
	case switches == 0:
		return counted(hosts, "host")
	default:
		return text + " and " + counted(hosts, "host")
	}
}

func vendorOnly(makers []VendorOnly) int {
	stations := 0
	for _, m := range makers {
		stations += m.Stations
	}
	return stations
}
