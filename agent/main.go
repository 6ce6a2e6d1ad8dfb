// Command camwarden finds the surveillance cameras of flagged makers at a
// site, says at which switch and port each hangs and why it thinks so, and
// reports that to a central endpoint.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Exit codes.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2 // wrong usage or configuration
	exitFlagged    = 3 // with -exit-code: flagged equipment was found
	exitNoSource   = 4 // no source could be read at all
	exitIncomplete = 5 // with -exit-code: nothing flagged, but not everything was read
)

// A command is one thing that the program does.
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, args []string, std stdio) error
}

// stdio is where a command reads and writes. Results go to out, progress and
// logs to err.
type stdio struct {
	in       io.Reader
	out, err io.Writer

	// flags, if set, is handed the flags of a command, which then does nothing.
	flags func(*flag.FlagSet)
}

func commands() []command {
	return append([]command{
		{"demo", "show the whole job on an embedded site, with nothing configured", runDemo},
		{"scan", "observe once, now, and show what was found", runScan},
		{"run", "the service: observe on schedule, deliver to the endpoint", runService},
		{"status", "what the service did last, and whether anything is overdue", runStatus},
		{"check", "test configuration, secrets, state folder, endpoint and switches", runCheck},
		{"capture", "record a switch's tables to a file, redacted if asked", runCapture},
		{"receive", "a small endpoint for pilots and tests", runReceive},
		{"lookup", "who an address block is assigned to, and which lists name that maker", runLookup},
		{"setup", "write the configuration and secrets from flags or the environment", runSetup},
		{"service", "install, uninstall, start, stop, restart the service without a package", runServiceCommand},
		{"completion", "what a shell needs to complete commands and flags", runCompletion},
		{"man", "the manual page", runMan},
		{"version", "version, commit, registry and lists of this program", runVersion},
	}, hostCommands()...)
}

// gcPercent is how much garbage there may be beside what is in use: less than
// Go's 100, and less still when most of a large site is read. The program runs
// beside recorders, where memory is scarcer than a little time.
const gcPercent, gcPercentOfLarge = 80, 35

// collect sets how much garbage there may be, unless the user has.
func collect(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

func main() {
	collect(gcPercent)
	os.Exit(run(os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

func run(args []string, std stdio) int {
	if len(args) == 0 {
		usage(std.err)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(std.out)
		return exitDone
	case "-version", "--version":
		args = []string{"version"}
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(c.run(interruptible(), args[1:], std), std.err)
		}
	}
	fmt.Fprintf(std.err, "camwarden: there is no command %q; 'camwarden help' lists them\n", args[0])
	return exitUsage
}

// interruptible is a context that the first signal ends; the second one ends
// the program, since nothing listens for it any more.
func interruptible() context.Context {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}

// An exit ends the program with a code of its own. The message may be empty.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// usageError is a mistake in what the user wrote.
func usageError(format string, args ...any) error {
	return exit{exitUsage, fmt.Errorf(format, args...)}
}

func exitCode(err error, to io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	code := exitFailed
	var e exit
	if errors.As(err, &e) {
		code = e.code
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(to, "camwarden:", text)
	}
	return code
}

// parseFlags parses the flags of a command, which takes no arguments unless
// the caller says so.
func parseFlags(flags *flag.FlagSet, args []string, std stdio, arguments bool) error {
	if std.flags != nil {
		std.flags(flags)
		return flag.ErrHelp
	}
	flags.SetOutput(std.err)
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		flags.SetOutput(std.out) // asked for, it is the result
	}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return exit{code: exitUsage} // the flag set has said why
	case !arguments && flags.NArg() > 0:
		return usageError("%s: %q is no flag; 'camwarden %s -h' lists them", flags.Name(), flags.Arg(0), flags.Name())
	}
	return nil
}

// What the help and the manual page say of the program as a whole.
const (
	aboutProgram = "camwarden finds flagged surveillance cameras, says where each is plugged in and why it thinks so, and reports that to a central endpoint."
	aboutFlags   = "'camwarden COMMAND -h' lists the flags of a command."
	aboutCodes   = "Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 with -exit-code, flagged equipment found; 4 no source could be read; 5 with -exit-code, nothing flagged but not everything was read."
)

// helpWidth is how wide the help is, on whatever terminal.
const helpWidth = 76

func usage(to io.Writer) {
	fmt.Fprintf(to, "%s\n\nUsage: camwarden COMMAND [flags]\n\n", wrap(aboutProgram, "", helpWidth))
	for _, c := range commands() {
		fmt.Fprintf(to, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(to, "\n%s\n\n%s\n", aboutFlags, wrap(aboutCodes, "", helpWidth))
}
