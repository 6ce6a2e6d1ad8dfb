package main

import (
	"context"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A switchSource is a session with a switch.
type switchSource struct {
	*snmp.Session
	named []string // contexts that the operator names
	ended func()   // is called before the session is closed
}

// Close ends the session.
func (s switchSource) Close() error {
	s.ended()
	return s.Session.Close()
}

// In opens a session in a context.
func (s switchSource) In(ctx context.Context, name string) (poll.Source, error) {
	in, err := s.Session.In(ctx, name)
	if err != nil {
		return nil, err
	}
	return switchSource{Session: in, ended: func() {}}, nil
}

// Contexts are those that the switch tells of, and then those that the
// operator names.
func (s switchSource) Contexts(of *lan.Snapshot) []string {
	var names []string
	for _, name := range slices.Concat(toldContexts(of, s.Credential().Version), s.named) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// toldContexts are those that a Cisco switch tells of: one for each VLAN, and
// in version 3 those of the VRFs, to which no community leads by itself. No
// other maker's switch is asked: an unknown community may be an alarm to it,
// or lock this host out.
func toldContexts(of *lan.Snapshot, version snmp.Version) []string {
	if !mib.IsCisco(of.System.ObjectID) {
		return nil
	}
	v3 := version == snmp.V3
	var names []string
	for _, vlan := range contextVLANs(of) {
		if v3 {
			names = append(names, vlanContextName(vlan, of.Contexts.Names))
		} else {
			names = append(names, vlan.String())
		}
	}
	if v3 {
		names = append(names, of.Contexts.VRFs...)
	}
	return names
}

// contextVLANs are the VLANs with a context of their own: those of
// vtpVlanTable, or else those after which contexts are called.
func contextVLANs(of *lan.Snapshot) []lan.VLAN {
	vlans := slices.Clone(of.Contexts.VLANs)
	if len(vlans) == 0 {
		for _, name := range of.Contexts.Names {
			vlans = append(vlans, lan.ContextVLAN(name))
		}
	}
	return slices.DeleteFunc(vlans, func(vlan lan.VLAN) bool {
		return vlan == 0 || vlan == poll.DefaultVLAN && mib.IsCiscoIOS(of.System.ObjectID)
	})
}

// vlanContextName is what version 3 calls the context of a VLAN: as the switch
// says, or else as Cisco's usually do.
func vlanContextName(vlan lan.VLAN, names []string) string {
	for _, name := range names {
		if lan.ContextVLAN(name) == vlan {
			return name
		}
	}
	return "vlan-" + vlan.String()
}

// captureDevice is a capture, read from its file when its turn comes.
func captureDevice(file capture.File) poll.Device {
	return poll.Device{Name: file.Path, Recorded: true, Open: func(context.Context) (poll.Source, error) {
		c, err := file.Load()
		if c == nil {
			return nil, err
		}
		return captureSource{Source: c.Source(""), of: c, broken: err}, nil
	}}
}

// A captureSource answers from a capture in place of a device.
type captureSource struct {
	*capture.Source
	of     *capture.Capture // nil in a context
	broken error            // why some of its contexts cannot be read
}

// brokenContext stands in coverage for the files that could not be read.
const brokenContext = "unreadable"

func (s captureSource) Contexts(*lan.Snapshot) []string {
	names := s.of.ContextNames()
	if s.broken != nil {
		names = append(slices.Clip(names), brokenContext)
	}
	return names
}

func (s captureSource) In(_ context.Context, name string) (poll.Source, error) {
	if name == brokenContext && s.broken != nil {
		return nil, s.broken
	}
	return captureSource{Source: s.of.Source(name)}, nil
}

// Read reads one part after the other.
func (s captureSource) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	return poll.OneByOne(ctx, s, cursors)
}

func (captureSource) Requests() int { return 0 }

func (captureSource) Close() error { return nil }
