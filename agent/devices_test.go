package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDevices holds docs/devices.md against the recorded devices: which of
// their tables are read, what is found, and in what way of its own each
// writes them. With -update it writes the page anew.
func TestDevices(t *testing.T) {
	unraced(t)
	files, errs := capture.List([]string{capturesFolder(t)})
	for _, err := range errs {
		t.Error(err)
	}
	page := new(strings.Builder)
	page.WriteString(devicesHead)
	lists := allLists(t)
	numbers := make(map[string]int)
	others := 0
	for _, file := range files {
		r := observeCapture(t, file, lists)
		if !forwards(r) {
			others++
			continue
		}
		fmt.Fprintf(page, "| %s | %s | %s | %s |\n", recordingName(file.Name, numbers), tableRows(r), makers(r), oddities(r))
	}
	fmt.Fprintf(page, "\nAnother %d recordings hold no forwarding table and no neighbours: cameras, power supplies, printers and hosts with an address table at most.\n", others)
	compareGolden(t, filepath.Join("..", "docs", "devices.md"), page.String())
}

const devicesHead = `# Devices

What is read of the recorded devices that other projects publish as their test data: written by a test (` + "`go test ./agent -run TestDevices -update`" + `) that reads every recording as ` + "`camwarden scan -from`" + ` does. A recording may lack tables that the device has. The rows are those read, before any is set aside.

| device | tables | found | what is odd about its tables |
|---|---|---|---|
`

// shownTables are the tables that say where stations are.
var shownTables = []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable, lan.HwDynFdbTable, lan.SlMacAddressTable, lan.MtxrWlRtabTable,
	lan.LLDPRemTable, lan.LLDPV2RemTable, lan.LLDPNeighborInfoTable, lan.MtxrNeighborTable, lan.CDPCacheTable,
	lan.IPNetToMediaTable, lan.IPNetToPhysicalTable, lan.ATTable}

// addressTables are the last of them.
const addressTables = 3

// forwards tells whether a device has a forwarding table or neighbours.
func forwards(r *report.Report) bool {
	return slices.ContainsFunc(r.Coverage[0].Tables, func(table report.Table) bool {
		i := slices.Index(shownTables, lan.Table(table.Table))
		return i >= 0 && i < len(shownTables)-addressTables && table.Rows > 0
	})
}

// recordingName names a recording. Those called after a host and its address get
// a number in place of them.
func recordingName(file string, numbers map[string]int) string {
	parts := strings.SplitN(file, "_", 3)
	if parts[0] != "onms" || len(parts) < 3 {
		return file
	}
	name := parts[0] + "_" + parts[1]
	numbers[name]++
	return fmt.Sprintf("%s (%d)", name, numbers[name])
}

// tableRows counts the rows of the tables, the contexts of a device together.
func tableRows(r *report.Report) string {
	var parts []string
	for _, name := range shownTables {
		rows := 0
		for _, table := range r.Coverage[0].Tables {
			if table.Table == string(name) {
				rows += table.Rows
			}
		}
		if rows > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", name, rows))
		}
	}
	return strings.Join(parts, ", ")
}

func makers(r *report.Report) string {
	count := make(map[string]int)
	for _, f := range r.Findings {
		count[f.Maker.Key]++
	}
	var parts []string
	for key, n := range count {
		parts = append(parts, fmt.Sprintf("%s %d", key, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// oddities are what is said with the readings, each thing once.
func oddities(r *report.Report) string {
	var parts []string
	for _, table := range r.Coverage[0].Tables {
		if said := table.Table + ": " + table.Reason; table.Reason != "" && !slices.Contains(parts, said) {
			parts = append(parts, said)
		}
	}
	return strings.Join(parts, ". ")
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; write it anew with -update (want -, got +):\n%s", path, diff)
	}
}
