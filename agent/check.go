package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/config"
)

// checkFlags are the flags of check.
type checkFlags struct {
	config, state   string
	offline, redact bool
}

func (f *checkFlags) define(flags *flag.FlagSet) {
	flags.StringVar(&f.config, "config", defaultConfig(), "check the configuration in `FILE`")
	flags.StringVar(&f.state, "state", defaultState(), "check the state folder `DIR`")
	flags.BoolVar(&f.offline, "offline", false, "check only what needs no network")
	flags.BoolVar(&f.redact, "redact", false, "replace addresses and names, so that the output can be shown to others")
}

func runCheck(ctx context.Context, args []string, std stdio) error {
	var f checkFlags
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	f.define(flags)
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	c := checker{checkFlags: f, out: std.out, colour: colours(std.out)}
	if f.redact {
		c.disguise = newDisguise(f)
	}
	if err := c.all(ctx, std.err); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New("check: interrupted")
	}
	if err := c.verdict(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.out, "Next: camwarden scan -config %s shows what is found now; the service (camwarden run) reports it.\n", shownConfig(f))
	return err
}

// shownConfig is the name of the configuration, unless that is not to be shown.
func shownConfig(f checkFlags) string {
	if f.redact {
		return "FILE"
	}
	return f.config
}

// A checker looks at one thing after the other, and shows each as soon as it
// knows.
type checker struct {
	checkFlags
	out        io.Writer
	disguise   *disguise // nil: everything is shown as it is
	lines, bad int
	colour     bool
}

func (c *checker) all(ctx context.Context, progress io.Writer) error {
	e, err := currentEditions(c.config, c.state)
	if err != nil {
		return err
	}
	cfg, err := config.Load(c.config, e.options())
	if err == nil {
		if err = checkPlace(filepath.Dir(c.config)); err != nil {
			cfg = nil
		}
	}
	lines := slices.Concat(c.configuration(cfg, err), checkEditions(e, cfg), checkAsking(cfg))
	if err := c.show(append(lines, checkState(c.state))); err != nil {
		return err
	}
	if cfg == nil {
		return c.show([]checked{{mark: isOff, cells: []string{"the rest", "is looked at when the configuration has no mistakes"}}})
	}
	if err := c.show([]checked{c.endpoint(ctx, cfg.Endpoint)}); err != nil {
		return err
	}
	return c.switches(ctx, cfg, progress)
}

func (c *checker) verdict() error {
	if c.bad == 0 {
		_, err := fmt.Fprintf(c.out, "\nNothing is wrong in %s.\n", count(c.lines, "line"))
		return err
	}
	_, err := fmt.Fprintf(c.out, "\nBad: %d of %s.\n", c.bad, count(c.lines, "line"))
	return errors.Join(exit{code: exitFailed}, err)
}
