package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

func runLookup(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("lookup", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprintln(flags.Output(), "Usage: camwarden lookup MAC…") }
	if err := parseFlags(flags, args, std, true); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return usageError("lookup: give at least one hardware address, such as 44:19:b6:00:00:09")
	}
	macs := make([]lan.MAC, flags.NArg())
	for i, arg := range flags.Args() {
		var err error
		if macs[i], err = lan.ParseMAC(arg); err != nil {
			return usageError("lookup: %w", err)
		}
	}
	catalog, err := watchlist.Embedded()
	if err != nil {
		return err
	}
	w := bufio.NewWriter(std.out) // keeps the first error for Flush
	for i, mac := range macs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		lookup(w, registry.Embedded(), catalog, mac)
	}
	return w.Flush()
}

func lookup(w io.Writer, r *registry.Registry, catalog *watchlist.Catalog, mac lan.MAC) {
	a := r.Lookup(mac)
	fmt.Fprintln(w, mac)
	if a.Standing != registry.Assigned {
		fmt.Fprintf(w, "  not assessable: %s", a.Standing)
		if a.Reason != "" {
			fmt.Fprintf(w, " (%s)", a.Reason)
		}
		fmt.Fprintln(w)
		return
	}
	fmt.Fprintf(w, "  block     %s (%s), registry of %s\n", a.Prefix, a.Registry, r.Date())
	for _, name := range a.Organizations {
		fmt.Fprintf(w, "  assigned  %s\n", name)
		maker, organization, ok := catalog.Maker(name)
		if !ok {
			fmt.Fprintln(w, "  lists     none speaks of this organisation")
			continue
		}
		fmt.Fprintf(w, "  maker     %s; its devices: %s\n", maker.Name, organization.Role)
		if organization.Note != "" {
			fmt.Fprintf(w, "  note      %s\n", organization.Note)
		}
		lookupLists(w, catalog, maker, organization)
	}
}

func lookupLists(w io.Writer, catalog *watchlist.Catalog, maker *watchlist.Maker, organization *watchlist.Organization) {
	for _, list := range catalog.Lists() {
		relation, ok := list.Relation(maker, organization)
		if !ok {
			continue
		}
		fmt.Fprintf(w, "  list      %s (version %d of %s): %s\n", list.ID, list.Version, list.AsOf, relation)
		fmt.Fprintf(w, "            %s\n", list.Title)
		fmt.Fprintf(w, "            source: %s\n", strings.TrimSpace(list.Source.Text))
	}
}
