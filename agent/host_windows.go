package main

import (
	"context"
	"errors"
	"flag"
	"io/fs"
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
func checkPlace(folder string) error {
	err := installer.CheckFolder(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nor is there a configuration
	}
	return err
}

// runMSI is what a Windows package cannot say in its tables. Windows Installer
// gives a program no output, so that all goes into the service's log.
func runMSI(ctx context.Context, args []string, std stdio) error {
	var disabled bool
	flags := flag.NewFlagSet("msi", flag.ContinueOnError)
	flags.BoolVar(&disabled, "disabled", false, "the service was disabled before an upgrade, and stays so")
	if err := parseFlags(flags, args, std, true); err != nil {
		return err
	}
	switch flags.Arg(0) {
	case "install":
		return installHost(ctx, flags.Args()[1:], disabled, std)
	case "forget":
		return installer.Forget()
	default:
		return usageError("msi: write install or forget")
	}
}

// installHost makes the folders before anything is written into them, writes
// the configuration, and completes the service that the package has registered.
func installHost(ctx context.Context, args []string, disabled bool, std stdio) error {
	logging := installer.Logging{Managed: true, Events: events}
	err := installer.MakeFolders()
	if err == nil {
		logging.State = defaultState() // not before: the log's folder could be somebody's trap
	}
	log := slog.New(installer.LogHandler(std.err, logging))
	var said strings.Builder
	if err == nil {
		err = runSetup(ctx, args, stdio{in: std.in, out: &said, err: &said})
	}
	if err == nil {
		err = installer.Complete(disabled)
	}
	if err != nil {
		log.Error("the package cannot be installed", "error", err, "setup", said.String())
		return err
	}
	log.Info("the package is installed", "setup", said.String())
	return nil
}
