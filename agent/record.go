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
	skipped []string // what was not asked for
}

// A gap is something that could not be read to its end.
type gap struct {
	what string // safe to show: it names no station
	rows int    // read of it all the same
	err  error  // may name stations
}

func (g gap) String() string {
	return fmt.Sprintf("%s could not be read to its end (%s read)", g.what, count(g.rows, "object"))
}

var errSilent = errors.New("the device has stopped answering")

// recordDevice reads every view of a device, without the subtrees that hold
// nothing but tables to skip. step is called after each subtree.
func recordDevice(ctx context.Context, source poll.Source, skip []lan.Table, step func(name string)) []record {
	records := []record{recordView(ctx, source, "", skip, step)}
	for _, name := range source.Contexts() {
		in, err := source.In(ctx, name)
		if err != nil {
			records = append(records, record{context: name, gaps: []gap{{what: "the context", err: err}}})
			continue
		}
		r := recordView(ctx, in, name, skip, step)
		if err := in.Close(); err != nil {
			r.gaps = append(r.gaps, gap{what: "the context", rows: len(r.rows), err: err})
		}
		records = append(records, r)
	}
	return records
}

// recordView reads the scalars by name, as an observation does, and every
// subtree in which something is read to its end.
func recordView(ctx context.Context, source poll.Source, name string, skip []lan.Table, step func(string)) record {
	r := record{context: name}
	answers, err := source.Get(ctx, mib.Scalars()...)
	if err != nil {
		r.gaps = append(r.gaps, gap{what: "the scalars", err: err})
	}
	for _, answer := range answers {
		r.keep(answer)
	}
	silent := false
	for _, subtree := range mib.Subtrees(mib.Decoders()) {
		if capture.Secret(subtree.OID) || !slices.ContainsFunc(subtree.Tables, func(t lan.Table) bool { return !slices.Contains(skip, t) }) {
			r.skipped = append(r.skipped, subtreeName(subtree))
			continue
		}
		silent = r.subtree(ctx, source, subtree, silent)
		step(subtreeName(subtree))
	}
	return r
}

// subtree reads a subtree, and tells whether the device has stopped answering.
// Where the subtree cannot be read to its end, its columns may well be.
func (r *record) subtree(ctx context.Context, source poll.Source, subtree mib.Subtree, silent bool) bool {
	before, err := len(r.rows), errSilent
	if !silent {
		err = r.walk(ctx, source, subtree.OID)
	}
	if err == nil {
		return false
	}
	silent = silent || stopped(ctx, source, err)
	for _, column := range subtree.Columns {
		if silent {
			break
		}
		if again := r.walk(ctx, source, column); again != nil {
			silent = stopped(ctx, source, again)
		}
	}
	read := capture.New(r.rows[before:]).Len() // each once
	r.gaps = append(r.gaps, gap{what: subtreeName(subtree), rows: read, err: err})
	return silent
}

func (r *record) walk(ctx context.Context, source poll.Source, root smi.OID) error {
	return source.Walk(ctx, root, func(row smi.Varbind) error {
		r.keep(row)
		return nil
	})
}

func (r *record) keep(row smi.Varbind) {
	if !row.Value.Exception() && !capture.Secret(row.Name) {
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

func subtreeName(s mib.Subtree) string {
	names := make([]string, len(s.Tables))
	for i, table := range s.Tables {
		names[i] = string(table)
	}
	return fmt.Sprintf("%s (%s)", strings.Join(names, ", "), s.OID)
}
