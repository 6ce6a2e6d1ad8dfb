package locate

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A site is the devices that were read, indexed.
type site struct {
	devices []*device
	owner   map[lan.MAC]*device      // the read switch that an address belongs to; nil where two claim it
	agents  map[lan.MAC]*device      // the device read over SNMP that an address belongs to; nil where two claim it
	names   map[lan.MAC]string       // sysName of read devices that are no switches
	asked   map[netip.Addr][]*device // read switches by the address that they were asked at
	called  map[string][]*device     // read switches by what they call themselves
	holders map[netip.Addr]lan.MAC   // whose an IP address is
	named   map[lan.MAC]bool         // addresses of read switches that nobody asks about: they are named, and no more

	links    *links
	disputes [][2]*device // of which tables say different things
	verdicts map[string]verdict
	tries    int // left to hold places against all sites
}

// A device is one snapshot, indexed.
type device struct {
	*lan.Snapshot
	index    int    // in site.devices
	title    string // what people call it; with its address where others are called the same
	bridge   bool   // it forwards
	complete bool   // its forwarding tables were read to their end, every row
	ifaces   map[lan.IfIndex]*lan.Interface
	feeds    map[lan.IfIndex]*lan.PoEPort // the ports that may feed what is attached; nil where two claim to be one
	ports    map[portKey]*port
	sights   []sight            // what it has learnt, in order
	arrived  map[lan.MAC]*port  // what is to be added to it
	single   []sight            // of these what tells how switches are joined
	toward   []*port            // behind which port another read switch is, by its index
	hears    map[*device]string // read switches that it hears, and what they call the port; empty where they say several
	heard    []heard            // read switches that it hears by LLDP
	of       *device            // another of the same network; nil in the one that stands for it
}

func newSite(snapshots []lan.Snapshot) *site {
	interfaces := 0
	for i := range snapshots {
		interfaces += len(snapshots[i].Interfaces)
	}
	s := &site{owner: make(map[lan.MAC]*device, interfaces), agents: make(map[lan.MAC]*device, interfaces), names: make(map[lan.MAC]string),
		asked: make(map[netip.Addr][]*device), called: make(map[string][]*device),
		named: make(map[lan.MAC]bool), verdicts: make(map[string]verdict), tries: triesInAll}
	for i := range snapshots {
		s.devices = append(s.devices, newDevice(&snapshots[i]))
	}
	// What comes out must not depend on the order in which devices were named.
	slices.SortStableFunc(s.devices, func(a, b *device) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.Source, b.Source))
	})
	s.entitle()
	s.hold()
	for i, d := range s.devices {
		d.index = i
		s.claim(d)
		s.introduce(d)
	}
	for _, d := range s.devices {
		s.learn(d)
		s.hear(d)
	}
	s.connect()
	for _, d := range s.devices {
		s.describe(d)
	}
	return s
}

func newDevice(snapshot *lan.Snapshot) *device {
	d := &device{Snapshot: snapshot, bridge: forwards(snapshot), complete: counted(snapshot),
		ifaces: make(map[lan.IfIndex]*lan.Interface, len(snapshot.Interfaces)), feeds: make(map[lan.IfIndex]*lan.PoEPort),
		ports: make(map[portKey]*port), hears: make(map[*device]string)}
	for i := range snapshot.Interfaces {
		if iface := &snapshot.Interfaces[i]; d.ifaces[iface.Index] == nil {
			d.ifaces[iface.Index] = iface
		}
	}
	for i := range snapshot.PoE {
		pse := &snapshot.PoE[i]
		if _, claimed := d.feeds[pse.IfIndex]; claimed {
			pse = nil
		}
		d.feeds[snapshot.PoE[i].IfIndex] = pse
	}
	delete(d.feeds, 0)
	return d
}

// forwards tells whether a device is a switch: it has a forwarding table or a
// bridge address, or it hears neighbours on several ports.
func forwards(s *lan.Snapshot) bool {
	if len(s.FDB) > 0 || !s.BaseMAC.IsZero() {
		return true
	}
	return s.Kind == lan.SwitchSource && slices.ContainsFunc(s.LLDP, func(n lan.LLDPNeighbor) bool {
		return n.LocalPort != s.LLDP[0].LocalPort || n.IfIndex != s.LLDP[0].IfIndex
	})
}

// counted tells whether the forwarding tables were read to their end, so that
// what they do not show is not there. mtxrWlRtabTable is none of them: it
// shows who is registered by radio, and not who is behind these.
func counted(s *lan.Snapshot) bool {
	whole, broken := false, false
	for _, r := range s.Readings {
		switch r.Table {
		case lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable, lan.HwDynFdbTable, lan.SlMacAddressTable:
			whole = whole || r.Status == lan.Complete
			broken = broken || r.Status == lan.Partial || r.Status == lan.Failed || r.Method == lan.Seek
		}
	}
	return whole && !broken
}

// radioOnly tells a device of which nothing is known but who is registered at
// its radio: a router of MikroTik without a bridge.
func (d *device) radioOnly() bool {
	return len(d.FDB) > 0 && !slices.ContainsFunc(d.FDB, func(e lan.FDBEntry) bool { return e.Table != lan.MtxrWlRtabTable })
}

// entitle gives every device the name that people know it by, and adds the
// address where several have the same.
func (s *site) entitle() {
	bearers := make(map[string]int)
	for _, d := range s.devices {
		bearers[d.Name()]++
	}
	for _, d := range s.devices {
		d.title = d.Name()
		if bearers[d.title] > 1 && d.title != d.Source {
			d.title += " (" + d.Source + ")"
		}
	}
}

// claim notes which addresses are a device's own.
func (s *site) claim(d *device) {
	s.claimOne(d, d.BaseMAC)
	s.claimOne(d, d.LLDPLocal.Chassis.MAC)
	for i := range d.Interfaces {
		s.claimOne(d, d.Interfaces[i].MAC)
	}
	for i := range d.FDB {
		if e := &d.FDB[i]; e.Status == lan.FDBSelf {
			s.claimOne(d, e.MAC)
		}
	}
}

func (s *site) claimOne(d *device, mac lan.MAC) {
	if !mac.IsStation() {
		return
	}
	claim := func(by map[lan.MAC]*device) {
		if other, claimed := by[mac]; claimed && other != d {
			by[mac] = nil // a virtual address that several of them share
		} else {
			by[mac] = d
		}
	}
	if d.Kind == lan.SwitchSource {
		claim(s.agents)
	}
	if d.bridge {
		claim(s.owner)
	} else {
		s.names[mac] = d.System.Name
	}
}

// introduce notes by what address and names others may know a switch.
func (s *site) introduce(d *device) {
	if !d.bridge {
		return
	}
	if addr, err := netip.ParseAddr(hostOf(d.Source)); err == nil {
		s.asked[addr.Unmap()] = append(s.asked[addr.Unmap()], d)
	}
	for _, name := range slices.Compact([]string{d.System.Name, d.LLDPLocal.SysName}) {
		if name != "" {
			s.called[name] = append(s.called[name], d)
		}
	}
}

func hostOf(source string) string {
	if host, _, err := net.SplitHostPort(source); err == nil {
		return host
	}
	return strings.Trim(source, "[]")
}

// learnt tells whether an entry shows a station on a port. Entries set by
// management count: port security pins cameras that way.
func learnt(e *lan.FDBEntry) bool {
	return e.MAC.IsStation() && e.Port != 0 && e.Status != lan.FDBSelf && e.Status != lan.FDBInvalid
}
