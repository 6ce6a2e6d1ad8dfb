package poll

import (
	"context"
	"errors"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// maxSilent is how many contexts in a row may be silent before no more are
// asked: of a hundred VLANs that a community is not let into, each would cost
// all its attempts.
const maxSilent = 2

// Visit reaches the contexts of a device by name, one after the other, and
// hands each to read, which tells whether the device fell silent in it. lost
// is told of those that cannot be reached, or are asked no more.
func Visit(ctx context.Context, source Source, names []string, read func(name string, in Source) (silent bool), lost func(name string, err error)) {
	silent := 0
	var end error // why no more are asked
	for _, name := range names {
		if end != nil {
			lost(name, end)
			continue
		}
		in, err := source.In(ctx, name)
		mute := errors.Is(err, snmp.ErrNoAnswer)
		if err != nil {
			lost(name, err)
		} else {
			mute = read(name, in)
			in.Close() // it was only read from
		}
		if silent++; !mute {
			silent = 0
		}
		if silent == maxSilent {
			end = errGivenUp
			// One table may be more than a device can deliver: does it still answer?
			if _, err := source.Get(ctx, mib.Scalars()[:1]...); err != nil {
				end = errSilent
			}
		}
	}
}

// GivenUp is the reason of contexts that are asked no more.
const GivenUp = "not asked: two contexts before it, one after the other, gave no answer, while the device does in its default one"

var (
	errGivenUp = errors.New(GivenUp)
	errSilent  = errors.New(Silent)
)

// contexts reads the further views of the device.
func (r *reader) contexts(ctx context.Context) {
	names := r.source.Contexts(r.snapshot)
	if r.silent() {
		for _, name := range names {
			r.lost(name, errSilent)
		}
		return
	}
	before := r.source.Requests()
	Visit(ctx, r.source, names, func(name string, in Source) bool { return r.readContext(ctx, name, in) }, r.lost)
	r.snapshot.Requests += r.source.Requests() - before
}

// readContext reads a further view of the device and adds what it shows. It
// tells whether the device has fallen silent in it.
func (r *reader) readContext(ctx context.Context, name string, in Source) (silent bool) {
	s := r.snapshot
	view := lan.Snapshot{Source: s.Source, Kind: s.Kind, Interfaces: s.Interfaces}
	of := &reader{snapshot: &view, source: in, context: name, skip: r.skip, full: true, recorded: r.recorded}
	of.read(ctx, func() []mib.Decoder { return ContextDecoders(s, name) })
	of.finish(ctx)
	merge(s, view, name)
	return of.silent()
}

// ContextDecoders returns decoders for what is to be read in a context: what
// differs there from the device's own tables, as far as it has any. In the
// context of each VLAN Cisco shows the same address table, which is long where
// there are many VLANs.
func ContextDecoders(s *lan.Snapshot, name string) []mib.Decoder {
	switch {
	case len(s.Interfaces) == 0:
		return mib.Decoders()
	case mib.IsCisco(s.System.ObjectID) && len(s.ARP) > 0 && lan.ContextVLAN(name) != 0:
		return mib.VLANDecoders()
	default:
		return mib.ContextDecoders()
	}
}

// lost says of a context that could not be read what it is read for.
func (r *reader) lost(name string, err error) {
	tables := []lan.Table{lan.Dot1dTpFdbTable}
	if lan.ContextVLAN(name) == 0 { // a VRF's, or nobody knows whose
		tables = append(tables, lan.IPNetToMediaTable)
	}
	for _, table := range tables {
		r.snapshot.Readings = append(r.snapshot.Readings,
			lan.Reading{Table: table, Context: name, Method: lan.Walk, Status: lan.Failed, Reason: err.Error()})
	}
}

func merge(s *lan.Snapshot, view lan.Snapshot, name string) {
	vlan := lan.ContextVLAN(name)
	for _, e := range view.FDB {
		if e.VLAN == 0 {
			e.VLAN = vlan
		}
		s.FDB = append(s.FDB, e)
	}
	for _, e := range view.ARP {
		e.Context = name
		s.ARP = append(s.ARP, e)
	}
	for _, n := range view.LLDP {
		n.Context = name
		s.LLDP = append(s.LLDP, n)
	}
	if len(s.Interfaces) == 0 {
		s.Interfaces = view.Interfaces
		s.Aggregates = view.Aggregates
	}
	if s.System == (lan.System{}) {
		s.System, s.BaseMAC = view.System, view.BaseMAC
	}
	s.Readings = append(s.Readings, view.Readings...)
	s.Requests += view.Requests
}

// HiddenVLANs is why a Cisco switch is not read completely without contexts.
const HiddenVLANs = "Cisco IOS keeps a forwarding table for each VLAN in a context of its own, and shows here that of VLAN 1 alone; other VLANs were not read"

// DefaultVLAN is the one whose forwarding table Cisco IOS shows in its default
// context.
const DefaultVLAN = 1

// hiddenVLANs marks the forwarding table of a Cisco IOS switch as partial
// where VLANs of it were not read: the end of what it shows is not the end of
// what it knows.
func hiddenVLANs(s *lan.Snapshot) {
	if !mib.IsCiscoIOS(s.System.ObjectID) || !unreadVLANs(s) {
		return
	}
	for i := range s.Readings {
		if r := &s.Readings[i]; r.Table == lan.Dot1dTpFdbTable && r.Context == "" && r.Status == lan.Complete {
			r.Status, r.Reason = lan.Partial, HiddenVLANs
		}
	}
}

// unreadVLANs tells whether the switch has VLANs that were read in no context.
// Where it does not tell its VLANs, any context of one has to do.
func unreadVLANs(s *lan.Snapshot) bool {
	read := make(map[lan.VLAN]bool)
	for _, r := range s.Readings {
		if vlan := lan.ContextVLAN(r.Context); vlan != 0 && r.Table == lan.Dot1dTpFdbTable && r.Status != lan.Failed {
			read[vlan] = true
		}
	}
	if len(s.Contexts.VLANs) == 0 {
		return len(read) == 0
	}
	return slices.ContainsFunc(s.Contexts.VLANs, func(vlan lan.VLAN) bool { return vlan != DefaultVLAN && !read[vlan] })
}

// nameDefaultVLAN says of what the default context of a switch shows which
// VLAN it is of.
func nameDefaultVLAN(s *lan.Snapshot) {
	if !mib.IsCiscoIOS(s.System.ObjectID) || !slices.Contains(s.Contexts.VLANs, DefaultVLAN) {
		return
	}
	for i := range s.FDB {
		if e := &s.FDB[i]; e.Table == lan.Dot1dTpFdbTable && e.VLAN == 0 {
			e.VLAN = DefaultVLAN
		}
	}
}
