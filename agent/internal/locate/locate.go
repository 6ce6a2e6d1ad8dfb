// Package locate joins the tables of all devices of a site and says where
// each station is attached, how sure that is, and why. It is pure: snapshots
// go in, stations come out, and their order does not matter.
package locate

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// MaxNames is the most IP addresses, and the most names, that are kept of a
// station. One with more of them answers for others, as a router or a proxy
// does, and the first in order are as good as all.
const MaxNames = 64

// A Station is everything that was seen of one hardware address.
type Station struct {
	MAC       lan.MAC
	IPs       []netip.Addr      // in order, at most MaxNames
	Names     []string          // what it calls itself, in order, at most MaxNames
	Neighbor  *lan.LLDPNeighbor // what it announces over LLDP; nil where it does not
	Self      string            // the read switch whose own address it is, named as in Place; empty otherwise
	Agent     *Agent            // what it answers itself, where it was read over SNMP; nil otherwise
	Sightings []Sighting
	Place     Place
}

// An Agent is a device that answers SNMP, as it describes itself.
type Agent struct {
	Source string    // how it was asked
	At     time.Time // when it was read
	System lan.System
}

// A Sighting is one row of a table that shows a station.
type Sighting struct {
	Of    *lan.Snapshot // of the device that was asked
	Table lan.Table
	Row   Row

	device *device
}

// A Row names the object that was read and what it held. It is a
// *lan.FDBEntry, *lan.ARPEntry, *lan.LLDPNeighbor or *lan.OwnAddress.
type Row interface {
	Object() string
	Value() string
}

// A Certainty says how well a place is known.
type Certainty string

// The certainties.
const (
	Edge      Certainty = "edge"      // alone on an access port
	Port      Certainty = "port"      // this access port, but the others on it are not counted
	Shared    Certainty = "shared"    // an access port with several stations, or with something unmanaged behind it
	Uplink    Certainty = "uplink"    // only seen behind a switch that was not read or does not list it, or through a tunnel
	Seen      Certainty = "seen"      // in an address table only
	Double    Certainty = "double"    // on two access ports at once
	Ambiguous Certainty = "ambiguous" // several ports fit
)

// A Place is where a station is attached.
type Place struct {
	Switch    string // the managed switch nearest to it; with its address where others have the same name
	Address   string // how that switch was asked
	Port      string
	IfIndex   lan.IfIndex
	Alias     string
	VLAN      lan.VLAN
	Certainty Certainty
	Stations  *int // on the port, this one included; nil when they are not counted
	CountedAt time.Time
	PoE       *lan.PoEPort // the port, as it feeds what is attached; nil where the switch does not tell, or leads elsewhere
	Behind    string       // what stands between the port and the station
	Host      string       // for Seen: whose table it is
	Interface string       // for Seen: on which interface
	Why       string
	Sighting  *Sighting // the row that shows it there; nil where no port was chosen
	// Alternatives are the places that were considered and not taken, at most
	// 64; Why says how many more there are.
	Alternatives []Alternative
}

// An Alternative is a place that is not the station's, or that cannot be told
// from it.
type Alternative struct {
	Switch string // named as in Place
	Port   string
	WhyNot string
}

// A Site is who was seen on a site, and how its switches are joined.
type Site struct {
	Stations []Station
	// Others are the addresses of the stations that nobody asked about, each
	// once, in order.
	Others []lan.MAC
	Links  []Link // how the switches hang together, in order of their names
}

// Stations joins the snapshots. A group address, the zero address and the
// addresses under which a read switch shows itself in its own table are no
// stations.
func Stations(snapshots []lan.Snapshot) []Station { return Locate(snapshots, nil).Stations }

// Wanted tells whether it is asked where a station is, by its address and by
// what it answers itself, where it was read over SNMP; nil otherwise.
type Wanted func(mac lan.MAC, agent *Agent) bool

// Locate joins the snapshots and says where the wanted stations are; all are
// wanted if wanted is nil. Those that announce themselves are told of as well,
// and the addresses of read switches are named, without a place. Of a large
// site nearly all stations are of no interest, and there is no room to say of
// each where it is.
func Locate(snapshots []lan.Snapshot, wanted Wanted) Site {
	site := newSite(snapshots)
	stations, others := site.gather(wanted)
	for i := range stations {
		if !site.named[stations[i].MAC] {
			stations[i].Place = site.place(&stations[i])
			stations[i].Place.Why += stations[i].proxies()
		}
	}
	links := sortLinks(site.joined())
	for i := range stations {
		for n := range stations[i].Sightings {
			stations[i].Sightings[n].device = nil // what was found out of the site is of no more use
		}
	}
	return Site{stations, others, links}
}

// proxies says of a station with very many addresses that they may be others'.
// Of IPv6 everybody has several.
func (st *Station) proxies() string {
	count := 0
	for _, ip := range st.IPs {
		if ip.Unmap().Is4() {
			count++
		}
	}
	if count <= manyAddresses {
		return ""
	}
	return fmt.Sprintf("; it answers for %d IP addresses at least, as a router or a proxy does, so these may be others'", count)
}
