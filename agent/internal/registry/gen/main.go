// Command gen makes registry.bin from registry.csv, and takes newer CSV files
// of the IEEE into registry.csv first when it is given them. It writes nothing
// while an organisation waits for review.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/configs"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run is the command. The folder that it is given has registry.csv,
// makers.toml is embedded, and lookalikes.toml stands beside it.
func run(args []string, log io.Writer) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	ieee := flags.String("ieee", "", "take in the CSV files of the IEEE in the folder `DIR` (oui.csv, mam.csv, oui36.csv, iab.csv)")
	day := flags.String("as-of", "", "the `DAY` on which they were fetched, such as 2026-11-23")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("usage: gen [-ieee DIR -as-of DAY] CONFIGS registry.bin")
	}
	source, bin := filepath.Join(flags.Arg(0), "registry", "registry.csv"), flags.Arg(1)
	before, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	after := before
	if *ieee != "" {
		if after, err = update(before, *ieee, *day, log); err != nil {
			return err
		}
	}
	compiled, err := registry.Compile(after)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	edition, err := registry.Parse(compiled)
	if err != nil {
		return err
	}
	lookalikes, err := os.ReadFile(filepath.Join(flags.Arg(0), "lookalikes.toml"))
	if err != nil {
		return err
	}
	if err := review(edition, configs.Watchlists, lookalikes); err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		if err := os.WriteFile(source, after, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(bin, compiled, 0o644)
}

// update is registry.csv with the files of the IEEE taken in.
func update(before []byte, folder, day string, log io.Writer) ([]byte, error) {
	rows, err := readRows(before)
	if err != nil {
		return nil, err
	}
	fetched, err := readIEEE(folder, day)
	if err != nil {
		return nil, err
	}
	merged, changed := merge(rows, fetched, day)
	fmt.Fprintln(log, "gen:", changed)
	return writeRows(merged)
}
