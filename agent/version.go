package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// version is set when a release is built.
var version = "dev"

func runVersion(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("version", flag.ContinueOnError)
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	catalog, err := watchlist.Embedded()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "camwarden\t%s\n", version)
	fmt.Fprintf(w, "commit\t%s\n", commit())
	fmt.Fprintf(w, "go\t%s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(w, "registry\t%s (sha256 %s)\n", registry.Embedded().Date(), registry.Embedded().SHA256())
	for _, list := range catalog.Lists() {
		fmt.Fprintf(w, "list\t%s version %d of %s\n", list.ID, list.Version, list.AsOf)
	}
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
