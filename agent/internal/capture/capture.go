// Package capture holds the tables of a device as files keep them: it reads
// snmpsim's .snmprec files and net-snmp's snmpwalk texts, answers from them
// what a live device would answer, and writes .snmprec files.
package capture

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Capture is one device's recorded tables.
type Capture struct {
	Name string // the file's name without folder, context and extension
	Path string // the file, as the user named it or its folder

	// Recording holds what the device says in its default context: nothing
	// where there are only files of other contexts.
	Recording *Recording

	// Contexts holds what the device says in other SNMP contexts, or to the
	// communities of single VLANs, from the files NAME@CONTEXT.
	Contexts map[string]*Recording
}

// ContextNames returns the keys of Contexts in order.
func (c *Capture) ContextNames() []string {
	return slices.Sorted(maps.Keys(c.Contexts))
}

// Source returns what can be read in one context, the default one by the
// empty name. A context that was not recorded gives a Source whose every
// reading fails, as a device is silent in a context that it does not know.
func (c *Capture) Source(context string) *Source {
	if context == "" {
		return &Source{recording: cmp.Or(c.Recording, new(Recording))}
	}
	recording, ok := c.Contexts[context]
	if !ok {
		return &Source{err: fmt.Errorf("capture %s: there is no readable file %s@%s beside it", c.Path, c.Name, context)}
	}
	return &Source{recording: recording}
}

// A Source reads one context of a capture with the calls that read a live
// device. Its methods may be called at the same time.
type Source struct {
	recording *Recording
	err       error
}

// Get returns the named objects in the order of the names. One that the
// capture does not hold has a value of kind smi.NoSuchInstance; where it lies
// in a gap, there is an error as well.
func (s *Source) Get(ctx context.Context, names ...smi.OID) ([]smi.Varbind, error) {
	if s.err != nil {
		return nil, s.err
	}
	varbinds := make([]smi.Varbind, len(names))
	err := ctx.Err()
	for i, name := range names {
		if err == nil {
			err = s.recording.gap(name)
		}
		value, ok := s.recording.Get(name)
		if !ok {
			value = smi.Value{Kind: smi.NoSuchInstance}
		}
		varbinds[i] = smi.Varbind{Name: name, Value: value}
	}
	return varbinds, err
}

// Walk calls row for every object below root, in order. As in a walk by
// GETNEXT root itself is not among them. It ends early with the error of row
// or of ctx, and after the last row with an error where there is a gap.
func (s *Source) Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error {
	if s.err != nil {
		return s.err
	}
	for i, varbind := range s.recording.below(root) {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := row(varbind); err != nil {
			return err
		}
	}
	return cmp.Or(ctx.Err(), s.recording.gap(root))
}
