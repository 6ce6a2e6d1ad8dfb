package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A record is what one view of a device said.
type record struct {
	context string // empty for the default one
	rows    []smi.Varbind
	gaps    []gap
	skipped []capture.Gap // what was not asked for
	silent  bool          // the device has stopped answering
}

// A gap is something that could not be read to its end.
type gap struct {
	what string // safe to show: it names no station
	rows int    // read of it all the same
	err  error  // may name stations
	// lost is what of it an observation reads, and will not find in the
	// recording. Only the reasons may name stations.
	lost []capture.Gap
}

func (g gap) String() string {
	return fmt.Sprintf("%s could not be read to its end (%s read)", g.what, count(g.rows, "object"))
}

var errSilent = errors.New("the device has stopped answering")

// recordDevice reads every view of a device, without the subtrees that hold
// nothing but tables to skip.
func recordDevice(ctx context.Context, source poll.Source, skip []lan.Table, show *progress) []record {
	first := recordView(ctx, source, "", mib.Decoders(), skip, show)
	records := []record{first}
	lost := func(name string, err error) {
		missing := []capture.Gap{{Reason: err.Error()}}
		records = append(records, record{context: name, gaps: []gap{{what: "the context", err: err, lost: missing}}})
	}
	told := first.snapshot(ctx)
	names := source.Contexts(told)
	if first.silent {
		for _, name := range names {
			lost(name, errSilent)
		}
		return records
	}
	poll.Visit(ctx, source, names, func(name string, in poll.Source) bool {
		r := recordView(ctx, in, name, poll.ContextDecoders(told, name), skip, show)
		records = append(records, r)
		return r.silent
	}, lost)
	return records
}

// snapshot is what a scan of the record will find.
func (r record) snapshot(ctx context.Context) *lan.Snapshot {
	of := &capture.Capture{Recording: capture.New(r.rows)}
	s := poll.Read(ctx, poll.Device{Open: func(context.Context) (poll.Source, error) {
		return captureSource{Source: of.Source(""), of: of}, nil
	}})
	return &s
}

// recordView reads the scalars by name, as an observation does, and every
// subtree in which something is read to its end.
func recordView(ctx context.Context, source poll.Source, name string, decoders []mib.Decoder, skip []lan.Table, show *progress) record {
	r := record{context: name}
	answers, err := source.Get(ctx, mib.Scalars()...)
	if err != nil {
		g := gap{what: "the scalars", err: err}
		for _, name := range mib.Scalars() {
			g.lost = append(g.lost, capture.Gap{Root: name, Tables: []lan.Table{lan.SystemGroup}, Reason: err.Error()})
		}
		r.gaps = append(r.gaps, g)
	}
	for _, answer := range answers {
		r.keep(answer)
	}
	subtrees := mib.Subtrees(decoders)
	show.more(len(subtrees))
	for _, subtree := range subtrees {
		if capture.Secret(subtree.OID) || !slices.ContainsFunc(subtree.Tables, func(t lan.Table) bool { return !slices.Contains(skip, t) }) {
			r.skipped = append(r.skipped, capture.Gap{Root: subtree.OID, Tables: subtree.Tables, NotAsked: true})
			continue
		}
		r.subtree(ctx, source, subtree)
		show.step(subtreeName(subtree))
	}
	return r
}

// subtree reads a subtree. Where it cannot be read to its end, its columns may
// well be: then nothing of it is lost, for an observation reads no more.
func (r *record) subtree(ctx context.Context, source poll.Source, subtree mib.Subtree) {
	before, err := len(r.rows), errSilent
	if !r.silent {
		err = r.walk(ctx, source, subtree.OID)
	}
	if err == nil {
		return
	}
	r.silent = r.silent || stopped(ctx, source, err)
	g := gap{what: subtreeName(subtree), err: err}
	for _, column := range subtree.Columns {
		again := errSilent
		if !r.silent {
			again = r.walk(ctx, source, column)
			r.silent = again != nil && stopped(ctx, source, again)
		}
		if again != nil {
			g.lost = append(g.lost, capture.Gap{Root: column, Tables: subtree.Tables, Reason: again.Error()})
		}
	}
	g.rows = capture.New(r.rows[before:]).Len() // each once
	r.gaps = append(r.gaps, g)
}

func (r *record) walk(ctx context.Context, source poll.Source, root smi.OID) error {
	return source.Walk(ctx, root, func(row smi.Varbind) error {
		r.keep(row)
		return nil
	})
}

func (r *record) keep(row smi.Varbind) {
	if !row.Value.Exception() && !capture.Secret(row.Name) {
		row.Name = slices.Clone(row.Name)
		r.rows = append(r.rows, row)
	}
}

// stopped tells whether a device answers nothing any more after an error: one
// subtree may be more than it can deliver.
func stopped(ctx context.Context, source poll.Source, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	if !errors.Is(err, snmp.ErrNoAnswer) {
		return false
	}
	_, err = source.Get(ctx, mib.Scalars()[:1]...)
	return err != nil
}

func subtreeName(s mib.Subtree) string { return fmt.Sprintf("%s (%s)", tableNames(s.Tables), s.OID) }

func tableNames(tables []lan.Table) string {
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = string(table)
	}
	return strings.Join(names, ", ")
}
