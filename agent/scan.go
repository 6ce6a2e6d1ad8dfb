package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/page"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// texts is a flag that may be given several times.
type texts []string

func (t *texts) String() string { return strings.Join(*t, " ") }

func (t *texts) Set(value string) error {
	*t = append(*t, value)
	return nil
}

// scanFlags are the flags of scan.
type scanFlags struct {
	config, state                 string
	switches, from                texts
	communities, communityFiles   texts
	lists                         texts
	noHost, full, json, exitCodes bool
	html                          string
}

func (f *scanFlags) define(flags *flag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "read the configuration from `FILE`")
	flags.StringVar(&f.state, "state", "", "the service's state folder is `DIR`; scan needs none and writes none")
	flags.Var(&f.switches, "switch", "read the switch at `HOST[:PORT]` in place of the configured ones (repeatable)")
	flags.Var(&f.communities, "community", "ask with the community `NAME`, v2c before v1 (repeatable; public)")
	flags.Var(&f.communityFiles, "community-file", "read the community from `FILE`, or from standard input when it is - (repeatable)")
	flags.Var(&f.from, "from", "read the capture `FILE` (.snmprec or snmpwalk -On), or all of a folder, in place of a switch (repeatable); implies -no-host")
	flags.Var(&f.lists, "list", "watch the list `ID` in place of the configured ones (repeatable)")
	flags.BoolVar(&f.noHost, "no-host", false, "leave out this host's own neighbour table")
	flags.BoolVar(&f.full, "full", false, "walk every table to its end (this version always does)")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.StringVar(&f.html, "html", "", "write the report as a page to `FILE`")
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
	c, err := f.loadConfig()
	if err != nil {
		return nil, nil, err
	}
	if len(f.lists) > 0 {
		c.Watch.Lists = f.lists
	}
	o, err := newObserver(c)
	if err != nil {
		return nil, nil, err
	}
	o.host = !f.noHost && len(f.from) == 0
	if len(f.switches) == 0 && len(f.from) == 0 {
		return o, nil, nil
	}
	o.devices = nil
	if err := f.addSwitches(o, c, std); err != nil {
		return nil, nil, err
	}
	return o, f.addCaptures(o, std.err), nil
}

// loadConfig reads the configuration. The standard one may be missing, unless
// it was asked for by name.
func (f *scanFlags) loadConfig() (*config.Config, error) {
	options, err := configOptions()
	if err != nil {
		return nil, err
	}
	path := f.config
	if path == "" {
		path = defaultConfig()
	}
	c, err := config.Load(path, options)
	switch {
	case err == nil:
		return c, nil
	case f.config == "" && (errors.Is(err, fs.ErrNotExist) || len(f.switches)+len(f.from) > 0):
		return config.Default(), nil
	default:
		return nil, exit{exitUsage, err}
	}
}

func (f *scanFlags) addSwitches(o *observer, c *config.Config, std stdio) error {
	if len(f.switches) == 0 {
		return nil
	}
	creds, err := f.credentials(c, std.in)
	if err != nil {
		return err
	}
	for _, text := range f.switches {
		address, err := config.ParseAddress(text)
		if err != nil {
			return usageError("-switch %s: %w", text, err)
		}
		o.devices = append(o.devices, switchDevice(deviceName(address), address, creds))
	}
	return nil
}

// credentials are those of the flags, or else those of the configuration, or
// else the community that switches come with.
func (f *scanFlags) credentials(c *config.Config, in io.Reader) ([]snmp.Credential, error) {
	communities := append([]string(nil), f.communities...)
	for _, path := range f.communityFiles {
		community, err := readCommunity(path, in)
		if err != nil {
			return nil, err
		}
		communities = append(communities, community)
	}
	if len(communities) == 0 {
		for _, s := range c.Switches {
			return credentials(s.Credentials), nil
		}
		communities = []string{"public"}
	}
	var list []snmp.Credential
	for _, version := range []snmp.Version{snmp.V2c, snmp.V1} {
		for i, community := range communities {
			name := "the given community"
			if len(communities) > 1 {
				name = fmt.Sprintf("community %d of %d", i+1, len(communities))
			}
			list = append(list, snmp.Credential{Name: name, Version: version, Community: community})
		}
	}
	return list, nil
}

func readCommunity(path string, in io.Reader) (string, error) {
	const most = 4096
	name := path
	if path == "-" {
		name = "standard input"
	} else {
		file, err := os.Open(path)
		if err != nil {
			return "", usageError("-community-file: %w", err)
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil {
		return "", usageError("-community-file: read %s: %w", name, err)
	}
	community := strings.TrimRight(string(text), "\r\n")
	if community == "" || len(text) > most || strings.ContainsAny(community, "\r\n") {
		return "", usageError("-community-file: %s must hold one line, the community", name)
	}
	return community, nil
}

// addCaptures adds the captures, each read when its turn comes. It returns
// what cannot even be found or read.
func (f *scanFlags) addCaptures(o *observer, log io.Writer) []report.Coverage {
	files, errs := capture.List(f.from)
	var failed []report.Coverage
	for _, err := range errs {
		fmt.Fprintln(log, "camwarden:", err)
		failed = append(failed, report.Coverage{Source: strings.Join(f.from, " "), Kind: "switch", Status: "failed",
			Reason: err.Error(), Tables: []report.Table{}})
	}
	for _, file := range files {
		o.devices = append(o.devices, captureDevice(file))
	}
	return failed
}

func (f *scanFlags) print(r *report.Report, out io.Writer) error {
	if f.html != "" {
		if err := writeFile(f.html, func(w io.Writer) error { return page.Write(w, r) }); err != nil {
			return fmt.Errorf("write the page: %w", err)
		}
	}
	if !f.json {
		return printReport(out, r)
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

// writeFile writes a file whole or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
