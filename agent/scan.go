package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/page"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
	"github.com/camwarden/camwarden/agent/internal/worklist"
)

// scanFlags are the flags of scan.
type scanFlags struct {
	accessFlags
	switches, from                texts
	lists                         texts
	noHost, full, json, exitCodes bool
	quiet, verbose                bool
	html, csv                     string
	confirm                       bool
	subnets                       texts
}

func (f *scanFlags) define(flags *flag.FlagSet) {
	f.accessFlags.define(flags)
	flags.Var(&f.switches, "switch", "read the switch at `HOST[:PORT]` in place of the configured ones (repeatable)")
	flags.Var(&f.from, "from", "read the capture `FILE` (.snmprec or snmpwalk -On), or all of a folder, in place of a switch (repeatable); implies -no-host")
	flags.Var(&f.lists, "list", "watch the list `ID` in place of the configured ones (repeatable)")
	flags.BoolVar(&f.noHost, "no-host", false, "leave out this host's own neighbour table")
	flags.BoolVar(&f.full, "full", false, "read every row of large forwarding tables too, and so count what else is on a port")
	flags.BoolVar(&f.confirm, "confirm", false, "ask flagged and suspected stations what they are, read-only and slowly, inside the subnets of [confirm] or of -confirm-subnet; docs/asking.md shows each packet")
	flags.Var(&f.subnets, "confirm-subnet", "with -confirm, ask stations in `PREFIX` in place of the configured subnets (repeatable)")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.StringVar(&f.html, "html", "", "write the report as a page to `FILE`")
	flags.StringVar(&f.csv, "csv", "", "write what is to be removed, port by port, as a table to `FILE`")
	flags.BoolVar(&f.quiet, "q", false, "print the sentence and the table alone, and no progress")
	flags.BoolVar(&f.verbose, "v", false, "tell of each device as soon as it is read")
	flags.BoolVar(&f.exitCodes, "exit-code", false, "exit with 3 when something flagged was found, with 5 when nothing was but not everything was read")
}

func runScan(ctx context.Context, args []string, std stdio) error {
	var f scanFlags
	flags := flag.NewFlagSet("scan", flag.ContinueOnError)
	f.define(flags)
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	o, unreadable, err := f.observer(std)
	if err != nil {
		return err
	}
	show := newProgress(std.err, len(o.devices))
	switch {
	case f.quiet:
		show.to = nil
	case f.verbose:
		show.lines = std.err
	}
	r, err := o.observe(ctx, show.device)
	show.done()
	if err != nil {
		return err
	}
	r.Coverage = append(r.Coverage, unreadable...)
	if ctx.Err() != nil {
		return errors.New("scan: interrupted")
	}
	if err := f.print(r, std.out); err != nil {
		return err
	}
	return f.verdict(r)
}

// observer combines the configuration, if there is one, and the flags. A
// capture that cannot be read is coverage, as a switch that does not answer.
func (f *scanFlags) observer(std stdio) (*observer, []report.Coverage, error) {
	if len(f.switches) == 0 && len(f.communities)+len(f.communityFiles) > 0 {
		return nil, nil, usageError("scan: -community and -community-file belong to a -switch; the configuration has its own credentials")
	}
	c, err := f.loadConfig(len(f.switches)+len(f.from) > 0, std.err)
	if err != nil {
		return nil, nil, err
	}
	if len(f.lists) > 0 {
		c.Watch.Lists = f.lists
	}
	if err := f.asking(c); err != nil {
		return nil, nil, err
	}
	known := peekRecall(f.state, std.err)
	o, err := f.editions.observer(c, known)
	if err != nil {
		return nil, nil, err
	}
	if namesNobody(o.rules.Lists) {
		fmt.Fprintln(std.err, "camwarden: the watched lists name no maker, so nothing can be flagged")
	}
	o.asks.logTo(std.err)
	o.host, o.full = !f.noHost && len(f.from) == 0, f.full
	if len(f.switches) == 0 && len(f.from) == 0 {
		if !o.host && len(o.devices) == 0 && o.discovery == nil {
			return nil, nil, usageError("scan: there is nothing to read: name a -switch or a capture with -from")
		}
		return o, nil, nil
	}
	o.devices, o.discovery = nil, nil
	if err := f.addSwitches(o, c, known, std); err != nil {
		return nil, nil, err
	}
	return o, f.addCaptures(o, std.err), nil
}

// asking makes of the flags whether stations are asked. The configuration alone
// has the service ask; scan does only when it is told to.
func (f *scanFlags) asking(c *config.Config) error {
	c.Confirm.Enabled = f.confirm
	switch {
	case !f.confirm && len(f.subnets) > 0:
		return usageError("scan: -confirm-subnet says where stations may be asked; add -confirm to ask them")
	case !f.confirm:
		return nil
	case len(f.from) > 0:
		return usageError("scan: -confirm asks stations on the network, and a capture may be of another one: leave out -from or -confirm")
	}
	if len(f.subnets) > 0 {
		c.Confirm.Subnets = nil
	}
	for _, text := range f.subnets {
		prefix, err := netip.ParsePrefix(text)
		if err != nil || prefix != prefix.Masked() {
			return usageError("scan: -confirm-subnet %s: write a prefix such as 10.20.0.0/24", text)
		}
		c.Confirm.Subnets = append(c.Confirm.Subnets, prefix)
	}
	if len(c.Confirm.Subnets) == 0 {
		return usageError("scan: -confirm needs to know where stations may be asked: add -confirm-subnet 10.20.0.0/24, or subnets under [confirm] of the configuration")
	}
	return nil
}

// namesNobody tells lists that cannot flag anything.
func namesNobody(lists []*watchlist.List) bool {
	return !slices.ContainsFunc(lists, func(l *watchlist.List) bool { return l.Criterion || len(l.Entries) > 0 })
}

func (f *scanFlags) addSwitches(o *observer, c *config.Config, known *recall, std stdio) error {
	if len(f.switches) == 0 {
		return nil
	}
	given, err := f.communityCredentials(std.in)
	if err != nil {
		return err
	}
	added := make(map[config.Address]bool)
	for _, text := range f.switches {
		address, err := config.ParseAddress(text)
		if err != nil {
			return usageError("-switch %s: %w", text, err)
		}
		if added[address] {
			continue // read twice, one switch would look like two
		}
		added[address] = true
		o.devices = append(o.devices, reachNamed(address, given, c, known).device())
	}
	return nil
}

// addCaptures adds the captures, each read when its turn comes. It returns
// what cannot even be found or read.
func (f *scanFlags) addCaptures(o *observer, log io.Writer) []report.Coverage {
	var failed []report.Coverage
	added := make(map[string]bool)
	for _, path := range f.from {
		files, errs := capture.List([]string{path})
		for _, err := range errs {
			fmt.Fprintln(log, "camwarden:", lan.CleanString(err.Error()))
			failed = append(failed, report.Coverage{Source: lan.CleanString(path), Kind: string(lan.SwitchSource), Status: "failed",
				Reason: lan.CleanString(err.Error()), Tables: []report.Table{}})
		}
		for _, file := range files {
			if !added[file.Path] {
				added[file.Path] = true
				o.devices = append(o.devices, captureDevice(file))
			}
		}
	}
	return failed
}

// print shows the report, and then writes the files: an observation is not to
// be lost because a file cannot be written.
func (f *scanFlags) print(r *report.Report, out io.Writer) error {
	if err := f.show(r, out); err != nil {
		return err
	}
	return errors.Join(
		f.file("the page", f.html, func(w io.Writer) error { return page.Write(w, r) }),
		f.file("what is to be removed", f.csv, func(w io.Writer) error { return worklist.WriteCSV(w, worklist.Jobs(r)) }))
}

func (f *scanFlags) file(what, path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	if err := durable.WriteFile(path, 0o644, write); err != nil {
		return fmt.Errorf("scan: write %s to %s: %w", what, path, err)
	}
	return nil
}

func (f *scanFlags) show(r *report.Report, out io.Writer) error {
	if !f.json {
		l := lookOf(out)
		l.short = f.quiet
		return printReport(out, r, l)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// verdict is the exit code that the report asks for. This host's own table is
// no stand-in for switches that were to be read.
func (f *scanFlags) verdict(r *report.Report) error {
	switch {
	case r.Unread():
		return exit{exitNoSource, errors.New("scan: no source could be read; the coverage says why")}
	case r.SwitchesUnread():
		return exit{exitNoSource, errors.New("scan: no switch could be read, only this host's own table; the coverage says why")}
	case f.exitCodes && len(r.Findings) > 0:
		return exit{code: exitFlagged}
	case f.exitCodes && r.Incomplete():
		return exit{code: exitIncomplete}
	default:
		return nil
	}
}
