package poll

import (
	"context"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
)

// readContext reads a further view of the device and adds what it shows.
func (r *reader) readContext(ctx context.Context, name string) {
	s := r.snapshot
	in, err := r.source.In(ctx, name)
	if err != nil {
		s.Readings = append(s.Readings, unreachable(name, err))
		return
	}
	defer in.Close()
	view := lan.Snapshot{Source: s.Source, Kind: s.Kind, Interfaces: s.Interfaces}
	decoders := mib.ContextDecoders()
	if len(s.Interfaces) == 0 {
		decoders = mib.Decoders()
	}
	of := reader{snapshot: &view, source: in, context: name, skip: r.skip}
	of.view(ctx, decoders)
	merge(s, view, name)
}

// unreachable says of a context that could not be read what it is read for.
func unreachable(name string, err error) lan.Reading {
	return lan.Reading{Table: lan.Dot1dTpFdbTable, Context: name, Method: lan.Walk, Status: lan.Failed, Reason: err.Error()}
}

func merge(s *lan.Snapshot, view lan.Snapshot, name string) {
	vlan := lan.ContextVLAN(name)
	for _, e := range view.FDB {
		e.Context = name
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
