package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"

	"github.com/camwarden/camwarden/installer"
	"github.com/camwarden/camwarden/packaging"
)

// serviceActions are the words behind 'camwarden service'.
var serviceActions = []struct {
	name, summary string
	run           func(out io.Writer) error
}{
	{"install", "register this very program as a service that starts with the host, where no package has",
		func(out io.Writer) error {
			if err := installer.Install(packaging.Unit); err != nil {
				return err
			}
			_, err := fmt.Fprintln(out, "installed; 'camwarden setup' configures it, 'camwarden service start' starts it")
			return err
		}},
	{"uninstall", "stop the service and unregister it; configuration and state stay",
		func(io.Writer) error { return installer.Uninstall() }},
	{"start", "start the service", func(io.Writer) error { return installer.Start() }},
	{"stop", "stop the service", func(io.Writer) error { return installer.Stop() }},
	{"restart", "stop the service and start it", func(io.Writer) error { return installer.Restart() }},
	{"status", "say whether the service runs; exit 1 when it does not", showService},
}

func runServiceCommand(_ context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), "Usage: camwarden service ACTION\n\n")
		for _, a := range serviceActions {
			fmt.Fprintf(flags.Output(), "  %-10s %s\n", a.name, a.summary)
		}
	}
	if err := parseFlags(flags, args, std, true); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return usageError("service: write one of install, uninstall, start, stop, restart and status")
	}
	for _, a := range serviceActions {
		if a.name == flags.Arg(0) {
			return a.run(std.out)
		}
	}
	return usageError("service: there is no action %q; 'camwarden service -h' lists them", flags.Arg(0))
}

func showService(out io.Writer) error {
	text, running, err := installer.Status()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "the service is %s\n", text); err != nil {
		return err
	}
	if running {
		return nil
	}
	if runtime.GOOS == "linux" {
		return exit{exitFailed, errors.New("'journalctl -u camwarden' may say why")}
	}
	return exit{code: exitFailed}
}
