package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

func runLookup(_ context.Context, args []string, std stdio) error {
	var configPath, state string
	flags := flag.NewFlagSet("lookup", flag.ContinueOnError)
	editionFlags(flags, &configPath, &state)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "Usage: camwarden lookup [flags] MAC…")
		flags.PrintDefaults()
	}
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
	e, err := currentEditions(configPath, state)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(std.out) // keeps the first error for Flush
	for i, mac := range macs {
		if i > 0 {
			fmt.Fprintln(w)
		}
		lookup(w, e.registry, e.catalog, mac)
	}
	printEditionFiles(w, e, "")
	return w.Flush()
}

// editionFlags are the flags that say where newer editions may be.
func editionFlags(flags *flag.FlagSet, configPath, state *string) {
	flags.StringVar(configPath, "config", defaultConfig(), "use the newer registry and lists in the folder \"lists\" beside `FILE`")
	flags.StringVar(state, "state", defaultState(), "and those that the service keeps in the folder `DIR`")
}

// printEditionFiles says which files of newer editions are used, and why not.
func printEditionFiles(w io.Writer, e editions, indent string) {
	for _, file := range e.files {
		what := "is used"
		if !file.Used {
			what = "is not used"
		}
		fmt.Fprintf(w, "%s%s %s: %s\n", indent, file.File, what, file.Text)
	}
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
	fmt.Fprintf(w, "  block     %s (%s), registry of %s, sha256 %s\n", a.Prefix, a.Registry, r.Date(), r.SHA256())
	for _, name := range a.Organizations {
		fmt.Fprintf(w, "  assigned  %s\n", name)
		maker, organization, ok := catalog.Maker(name)
		if !ok {
			fmt.Fprintln(w, "  lists     none speaks of this organisation")
			continue
		}
		fmt.Fprintf(w, "  maker     %s; its devices: %s\n", maker.Name, organization.Role)
		if !organization.Role.Video() {
			fmt.Fprintln(w, "            this block alone makes no finding: it says nothing of a camera")
		}
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
		stale := ""
		if list.Stale(time.Now()) {
			stale = ", expired on " + list.Expires
		}
		fmt.Fprintf(w, "  list      %s (version %d of %s%s): %s\n", list.ID, list.Version, list.AsOf, stale, relation)
		fmt.Fprintf(w, "            %s\n", list.Title)
		fmt.Fprintf(w, "            %s\n", list.Words(maker, organization, relation))
		fmt.Fprintf(w, "            sites: %s\n            equipment: %s\n", list.Sites, list.Equipment)
		fmt.Fprintf(w, "            source: %s\n", strings.TrimSpace(list.Source.Text))
		fmt.Fprintf(w, "            read at: %s\n", strings.TrimSpace(list.Source.Where))
	}
}
