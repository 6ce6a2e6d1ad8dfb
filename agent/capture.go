package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// captureFlags are the flags of capture.
type captureFlags struct {
	accessFlags
	out           string
	force, redact bool
	redactKey     string
}

func (f *captureFlags) define(flags *flag.FlagSet) {
	f.accessFlags.define(flags)
	flags.StringVar(&f.out, "o", "", "write to `FILE` (the name of the switch with .snmprec, in this folder)")
	flags.BoolVar(&f.force, "force", false, "replace files that are there already")
	flags.BoolVar(&f.redact, "redact", false, "replace addresses and names; what block an address is of stays")
	flags.StringVar(&f.redactKey, "redact-key", "", "redact by the secret in `FILE` (16 bytes at least), so that captures of several switches still fit together; implies -redact")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "Usage: camwarden capture ADDR [flags]")
		flags.PrintDefaults()
	}
}

func runCapture(ctx context.Context, args []string, std stdio) error {
	var f captureFlags
	address, err := f.parse(args, std)
	if err != nil {
		return err
	}
	redactor, err := f.redactor()
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := f.vacant(); err != nil {
			return err // before the switch is asked anything
		}
	}
	way, err := f.reach(address, std)
	if err != nil {
		return err
	}
	// A subtree holds all columns of a table, also those that are read nowhere
	// else.
	source, err := way.open(ctx, snmp.Options{MaxRows: 2_000_000, TableTime: time.Hour})
	if err != nil {
		return exit{exitNoSource, fmt.Errorf("capture: %w", err)}
	}
	defer source.Close() // it is only read from
	if f.out == "" {
		f.out = fileName(systemName(ctx, source), address.Host, redactor)
	}
	if err := f.vacant(); err != nil {
		return err
	}
	show := newProgress(std.err, 0)
	records := recordDevice(ctx, source, way.SkipTables, show)
	show.done()
	if ctx.Err() != nil {
		return errors.New("capture: interrupted; nothing was written")
	}
	return f.writeRecords(records, redactor, std)
}

// parse reads the flags, which may stand before and after the address.
func (f *captureFlags) parse(args []string, std stdio) (config.Address, error) {
	flags := flag.NewFlagSet("capture", flag.ContinueOnError)
	f.define(flags)
	if err := parseFlags(flags, args, std, true); err != nil {
		return config.Address{}, err
	}
	if flags.NArg() == 0 {
		return config.Address{}, usageError("capture: give the address of a switch, such as 10.0.0.2")
	}
	text := flags.Arg(0)
	if err := parseFlags(flags, flags.Args()[1:], std, false); err != nil {
		return config.Address{}, err
	}
	if strings.Contains(filepath.Base(f.out), "@") {
		return config.Address{}, usageError("capture: -o %s: leave the @ out of the name: what stands behind it would be taken for a context", f.out)
	}
	address, err := config.ParseAddress(text)
	if err != nil {
		return config.Address{}, usageError("capture %s: %w", text, err)
	}
	return address, nil
}

func (f *captureFlags) reach(address config.Address, std stdio) (reach, error) {
	c, err := f.loadConfig(true, std.err)
	if err != nil {
		return reach{}, err
	}
	given, err := f.communityCredentials(std.in)
	if err != nil {
		return reach{}, err
	}
	return reachNamed(address, given, c, peekRecall(f.state, std.err)), nil
}

// writeRecords writes a file for each view, and says what is missing in them.
func (f *captureFlags) writeRecords(records []record, redactor *capture.Redactor, std stdio) error {
	if !slices.ContainsFunc(records, func(r record) bool { return len(r.rows) > 0 }) {
		return exit{exitNoSource, errors.New("capture: the switch answered, but showed none of the objects that are read: its view may leave them out")}
	}
	gaps, written := 0, make(map[string]bool)
	paths := f.paths(records, redactor)
	for _, r := range records {
		path := paths[r.context]
		for _, g := range r.gaps {
			gaps++
			fmt.Fprintf(std.err, "camwarden: INCOMPLETE: %s: %s: %v\n", path, g, g.err)
		}
		for _, g := range r.skipped {
			fmt.Fprintf(std.err, "camwarden: %s: %s was not asked for, as skip_tables says\n", path, tableNames(g.Tables))
		}
		if len(r.rows) == 0 && len(r.gaps) == 0 {
			continue
		}
		rows, err := writeRecord(path, r, redactor)
		if err != nil {
			return fmt.Errorf("capture: write %s: %w", path, err)
		}
		written[path] = true
		fmt.Fprintf(std.out, "%s: %s\n", path, count(rows, "object"))
	}
	f.tellEarlier(written, std)
	if gaps > 0 {
		return fmt.Errorf("capture: %s could not be read to the end; what was read is kept", count(gaps, "part"))
	}
	return nil
}

// tellEarlier names the files that -force has not replaced.
func (f *captureFlags) tellEarlier(written map[string]bool, std stdio) {
	files, _ := earlierFiles(f.out) // the folder could be written to
	for _, file := range files {
		if !written[file] {
			fmt.Fprintf(std.err, "camwarden: %s is of an earlier capture, and would be read with this one: remove it if the switch has the context no more\n", file)
		}
	}
}

// gapComments say what there was not of a view. A reason may name stations,
// which no redaction would find in it.
func gapComments(r record, redacted bool) []string {
	var comments []string
	for _, g := range r.gaps {
		for _, lost := range g.lost {
			if redacted {
				lost.Reason = ""
			}
			comments = append(comments, lost.Comment())
		}
		if len(g.lost) == 0 {
			comments = append(comments, g.String())
		}
	}
	for _, skipped := range r.skipped {
		comments = append(comments, skipped.Comment())
	}
	return comments
}

// writeRecord writes a file with what there was of a view, and what not.
func writeRecord(path string, r record, redactor *capture.Redactor) (rows int, err error) {
	comments := gapComments(r, redactor != nil)
	comments = append(comments, fmt.Sprintf("recorded by camwarden %s at %s", version, time.Now().UTC().Format(time.RFC3339)))
	recording := capture.New(r.rows)
	written := r.rows
	rows = recording.Len()
	if redactor != nil {
		var left int
		written, left = redactor.Rows(recording)
		rows = len(written)
		comments = append(comments, fmt.Sprintf("redacted: %s left out, since nobody can say what they tell", count(left, "object")))
	}
	const ownerOnly = 0o600
	return rows, durable.WriteFile(path, ownerOnly, func(w io.Writer) error { return capture.Write(w, written, comments...) })
}

func systemName(ctx context.Context, source poll.Source) string {
	answers, err := source.Get(ctx, mib.Scalars()...)
	if err != nil {
		return "" // the recording will say so
	}
	var s lan.Snapshot
	mib.ReadScalars(&s, answers)
	return s.System.Name
}
