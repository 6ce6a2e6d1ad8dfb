// Command gen makes registry.bin from registry.csv.
package main

import (
	"fmt"
	"os"

	"github.com/camwarden/camwarden/agent/internal/registry"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen registry.csv registry.bin")
		os.Exit(2)
	}
	if err := compile(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func compile(from, to string) error {
	file, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	bin, err := registry.Compile(file)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, bin, 0o644)
}
