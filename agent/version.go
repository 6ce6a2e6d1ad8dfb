package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"text/tabwriter"
	"time"
)

// version is set when a release is built.
var version = "dev"

func runVersion(_ context.Context, args []string, std stdio) error {
	var configPath, state string
	flags := flag.NewFlagSet("version", flag.ContinueOnError)
	editionFlags(flags, &configPath, &state)
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	e, err := currentEditions(configPath, state)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "camwarden\t%s\n", version)
	fmt.Fprintf(w, "commit\t%s\n", commit())
	fmt.Fprintf(w, "go\t%s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(w, "registry\t%s (sha256 %s)\n", e.registry.Date(), e.registry.SHA256())
	fmt.Fprintf(w, "makers\tversion %d of %s\n", e.catalog.MakersVersion(), e.catalog.MakersAsOf())
	for _, list := range e.catalog.Lists() {
		stale := ""
		if list.Stale(time.Now()) {
			stale = ", expired on " + list.Expires
		}
		fmt.Fprintf(w, "list\t%s version %d of %s%s\n", list.ID, list.Version, list.AsOf, stale)
	}
	printEditionFiles(w, e, "file\t")
	return w.Flush()
}

// commit is the commit that the program was built from, as Go recorded it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " with changes"
		}
	}
	return cmp.Or(revision, "unknown") + modified
}
