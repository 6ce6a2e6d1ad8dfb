package poll

import (
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A Past is what was read of a device before, as far as the next reading can
// build on it. Whoever observes again and again keeps one for each device;
// the zero value knows nothing, and All brings it up to date.
type Past struct {
	// Unsorted says that the device's forwarding table cannot be relied on for
	// seeking, and why. It is walked from then on.
	Unsorted string

	walked       time.Time          // when every row of its forwarding tables was read last
	boot         time.Time          // when the device had started, by its own word
	verified     map[lan.Table]bool // those of which a walk has shown, since then, that seeks miss nothing
	static       remembered
	lldp         remembered
	contradicted bool           // the last seek was given up for answers that contradict each other
	moved        bool           // the stamp of the LLDP tables was seen to move
	stamps       lan.Stamps     // of the last reading
	places       map[place]bool // where sought addresses were
}

// A place is a row of a forwarding table that was sought.
type place struct {
	table lan.Table
	id    lan.FDBID
	mac   lan.MAC
	port  lan.BridgePort
}

// remembered is what some tables said, before anything was joined.
type remembered struct {
	at       time.Time
	snapshot lan.Snapshot
	readings []lan.Reading
}

// staticTables change when somebody changes the switch: what ports, VLANs and
// modules it has.
var staticTables = []lan.Table{
	lan.IfTable, lan.IfXTable, lan.IfStackTable, lan.Dot3adAggPortTable, lan.LLDPLocPortTable, lan.EntPhysicalTable,
	lan.Dot1dBasePortTable, lan.Dot1qVlanCurrentTable, lan.Dot1qVlanStaticTable,
	lan.PethPsePortTable, lan.CpeExtPsePortTable, lan.RlPethPsePortTable, lan.MarvellPsePortTable, lan.TpPoePortConfigTable, lan.MtxrPOETable,
}

// lldpTables change when lldpStatsRemTablesLastChangeTime does.
var lldpTables = []lan.Table{lan.LLDPRemTable, lan.LLDPRemManAddrTable, lan.LLDPXMedRemCapabilitiesTable, lan.LLDPXMedRemInventoryTable}

// bootSlack is by how much the time of a device's start may differ from one
// reading to the next: its clock is its own.
const bootSlack = time.Minute

// Walked is when every row of the device's forwarding tables was read last.
func (p *Past) Walked() time.Time { return p.walked }

// hold tells which of what was remembered still holds, when a device says
// this of itself: nothing after it has started anew, and nothing that its
// stamps say has changed. Where its ports may be others than before, changed
// says so.
func (p *Past) hold(s *lan.Snapshot) (static, lldp, changed bool) {
	boot := s.From.Add(-s.System.UpTime)
	started := boot.Sub(p.boot).Abs() > bootSlack
	changed = !p.boot.IsZero() && (started || s.Stamps.LAG != p.stamps.LAG)
	static = !p.static.at.IsZero() && !changed
	lldp = !p.lldp.at.IsZero() && !started && p.moved && s.Stamps.LLDP != 0 && s.Stamps.LLDP == p.stamps.LLDP
	if started {
		p.verified, p.moved = nil, false
	}
	return static, lldp, changed
}

// skips tells whether a table need not be read.
func (r *reader) skips(table lan.Table) bool {
	return r.holdStatic && slices.Contains(staticTables, table) || r.holdLLDP && slices.Contains(lldpTables, table)
}

// recall puts into the snapshot what was not read again.
func (r *reader) recall() {
	s, p := r.snapshot, r.past
	if r.holdStatic {
		of := p.static.snapshot
		s.Interfaces, s.Aggregates = slices.Clone(of.Interfaces), of.Aggregates
		s.BridgePorts, s.VLANs, s.VLANNames = of.BridgePorts, of.VLANs, of.VLANNames
		s.LLDPLocal.Ports, s.PoE = of.LLDPLocal.Ports, slices.Clone(of.PoE)
		s.System.Model, s.System.Serial = of.System.Model, of.System.Serial
		s.Readings = append(s.Readings, p.static.recalled("for it is read with the full walks, and the device has not started anew since", r.skip)...)
	}
	if r.holdLLDP {
		s.LLDP = append(s.LLDP, p.lldp.snapshot.LLDP...)
		s.Readings = append(s.Readings, p.lldp.recalled("for lldpStatsRemTablesLastChangeTime has not moved since", r.skip)...)
	}
}

// recalled are the readings of tables that were not read again.
func (m *remembered) recalled(why string, skip []lan.Table) []lan.Reading {
	readings := slices.DeleteFunc(slices.Clone(m.readings), func(r lan.Reading) bool { return slices.Contains(skip, r.Table) })
	for i := range readings {
		r := &readings[i]
		r.Requests, r.Elapsed = 0, 0
		remark := "as read at " + m.at.UTC().Format(time.RFC3339) + ", " + why
		if r.Reason != "" {
			remark = r.Reason + "; " + remark
		}
		r.Reason = remark
	}
	return readings
}

// remember keeps what the snapshot says, before anything in it is joined.
func (r *reader) remember() {
	s, p := r.snapshot, r.past
	sameBoot := p.boot.Sub(s.From.Add(-s.System.UpTime)).Abs() <= bootSlack
	p.moved = p.moved || sameBoot && p.stamps.LLDP != 0 && s.Stamps.LLDP != p.stamps.LLDP
	if r.full && !slices.ContainsFunc(r.tables, func(t *table) bool { return t.forwards() && (t.err != nil || t.skipped) }) {
		p.walked = s.From
	}
	p.boot, p.stamps = s.From.Add(-s.System.UpTime), s.Stamps
	if !r.holdStatic {
		p.static = newRemembered(s, staticTables)
		p.static.snapshot.Interfaces = slices.Clone(s.Interfaces)
	}
	if !r.holdLLDP {
		p.lldp = newRemembered(s, lldpTables)
		p.lldp.snapshot.LLDP = slices.DeleteFunc(slices.Clone(s.LLDP), func(n lan.LLDPNeighbor) bool { return n.Source() != lan.LLDPRemTable })
	}
	p.places = make(map[place]bool)
	for _, e := range s.FDB {
		if r.wants(e.MAC) {
			p.places[place{e.Table, e.FDBID, e.MAC, e.Port}] = true
		}
	}
}

// newRemembered keeps a snapshot if each of the tables was read to its end.
func newRemembered(s *lan.Snapshot, tables []lan.Table) remembered {
	m := remembered{at: s.From, snapshot: lan.Snapshot{
		Interfaces: s.Interfaces, Aggregates: s.Aggregates, BridgePorts: s.BridgePorts, VLANs: s.VLANs, VLANNames: s.VLANNames,
		LLDPLocal: s.LLDPLocal, PoE: slices.Clone(s.PoE), System: s.System}}
	for _, r := range s.Readings {
		if r.Context != "" || !slices.Contains(tables, r.Table) {
			continue
		}
		if r.Status != lan.Complete && r.Status != lan.Absent {
			return remembered{}
		}
		m.readings = append(m.readings, r)
	}
	return m
}

// wants tells whether an address is among those that are sought.
func (r *reader) wants(mac lan.MAC) bool { return within(r.sought, numberOf(mac)) }

// newcomers tells whether a seek has found an address where it was not before.
func (r *reader) newcomers() bool {
	for _, t := range r.tables {
		if t.seek == nil || t.seek.walked {
			continue
		}
		for _, row := range t.seek.found {
			at := place{t.reading.Table, lan.FDBID(row.id), macOf(row.mac), row.port}
			if r.wants(at.mac) && !r.past.places[at] {
				return true
			}
		}
	}
	return false
}

func macOf(n uint64) (mac lan.MAC) {
	for i := range mac {
		mac[i] = byte(n >> (40 - 8*i))
	}
	return mac
}
