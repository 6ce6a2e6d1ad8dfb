package main

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"strings"

	"github.com/camwarden/camwarden/installer"
)

// hostCommands are those that only this system has.
func hostCommands() []command {
	return []command{{"msi", "what the Windows package calls: 'msi install' with the flags of setup, 'msi forget'", runMSI}}
}

// checkPlace refuses to take a configuration from a folder that somebody else
// can have prepared.
func checkPlace(folder string) error { return installer.CheckFolder(folder) }

// runMSI is what a Windows package cannot say in its tables. Windows Installer
// throws away what a program says, so that all goes into the service's log.
func runMSI(ctx context.Context, args []string, std stdio) error {
	flags := flag.NewFlagSet("msi", flag.ContinueOnError)
	if err := parseFlags(flags, args, std, true); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "install":
		return installHost(ctx, flags.Args()[1:], std)
	case "forget":
		return installer.Forget()
	default:
		return usageError("msi: write install or forget")
	}
}

// installHost makes the folders before anything is written into them, writes
// the configuration, and completes the service that the package has registered.
func installHost(ctx context.Context, args []string, std stdio) error {
	if err := installer.MakeFolders(); err != nil {
		return err
	}
	log := slog.New(installer.LogHandler(std.err, installer.Logging{Managed: true, State: defaultState(), Events: events}))
	var said strings.Builder
	err := runSetup(ctx, args, stdio{in: std.in, out: io.MultiWriter(std.out, &said), err: io.MultiWriter(std.err, &said)})
	if err == nil {
		err = installer.Complete()
	}
	if err != nil {
		log.Error("the package's properties cannot be used, and nothing is installed", "error", err, "said", said.String())
		return err
	}
	log.Info("the package is installed", "said", said.String())
	return nil
}
