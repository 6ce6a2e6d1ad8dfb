package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ieeeSource is what registry.csv calls the IEEE's own files.
const ieeeSource = "ieee-csv"

// ieeeFiles are the files as the IEEE offers them at
// https://standards-oui.ieee.org, with the registry that each is. A CID is no
// prefix of hardware addresses, so cid.csv is none of them.
var ieeeFiles = []struct{ name, registry string }{
	{"oui.csv", "MA-L"}, {"mam.csv", "MA-M"}, {"oui36.csv", "MA-S"}, {"iab.csv", "IAB"},
}

// A row is one assignment, as registry.csv has it.
type row struct{ prefix, bits, registry, organization, source, day string }

func (r row) fields() []string {
	return []string{r.prefix, r.bits, r.registry, r.organization, r.source, r.day}
}

func byPrefix(a, b row) int { return cmp.Compare(a.prefix, b.prefix) }

// readIEEE reads the files of a folder. All of them must be there: what is
// missing would look as if it had been given back.
func readIEEE(folder, day string) ([]row, error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil, errors.New("-as-of: write the day on which the files were fetched, such as 2026-11-23")
	}
	var rows []row
	for _, file := range ieeeFiles {
		path := filepath.Join(folder, file.name)
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is missing: all of oui.csv, mam.csv, oui36.csv and iab.csv are needed", path)
		}
		if err != nil {
			return nil, err
		}
		found, err := parseIEEE(text, file.registry, day)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// parseIEEE reads one file: Registry, Assignment, Organization Name,
// Organization Address.
func parseIEEE(text []byte, registry, day string) ([]row, error) {
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, err
	}
	heading := []string{"Registry", "Assignment", "Organization Name", "Organization Address"}
	if len(lines) < 2 || !slices.Equal(lines[0], heading) {
		return nil, fmt.Errorf("it is no list of assignments: the heading must be %q, with rows below it", heading)
	}
	rows := make([]row, 0, len(lines)-1)
	for i, line := range lines[1:] {
		if line[0] != registry {
			return nil, fmt.Errorf("row %d is of registry %q, not %s", i+1, line[0], registry)
		}
		prefix := strings.ToUpper(strings.TrimSpace(line[1]))
		rows = append(rows, row{prefix, strconv.Itoa(4 * len(prefix)), registry, strings.TrimSpace(line[2]), ieeeSource, day})
	}
	return rows, nil
}

// readRows reads registry.csv.
func readRows(text []byte) ([]row, error) {
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, errors.Join(errors.New("registry.csv cannot be read"), err)
	}
	rows := make([]row, 0, len(lines)-1)
	for _, f := range lines[1:] {
		if len(f) != 6 {
			return nil, fmt.Errorf("registry.csv: %q has not six columns", f)
		}
		rows = append(rows, row{f[0], f[1], f[2], f[3], f[4], f[5]})
	}
	return rows, nil
}

func writeRows(rows []row) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write([]string{"prefix", "bits", "registry", "organization", "source", "source_date"}); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := w.Write(r.fields()); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// A tally is how many prefixes an update has changed.
type tally struct{ added, renamed, returned, kept int }

func (t tally) String() string {
	return fmt.Sprintf("%d prefixes are new, %d have another holder or spelling, %d were given back, %d of a later source are kept",
		t.added, t.renamed, t.returned, t.kept)
}

// merge puts fetched rows in place of those that are not of a later day: a
// prefix that another source has told of since is not lost to an older file.
func merge(before, fetched []row, day string) ([]row, tally) {
	old, fresh := grouped(before), grouped(fetched)
	var t tally
	var merged []row
	for prefix, rows := range fresh {
		had, known := old[prefix]
		switch {
		case known && had[0].day > day:
			t.kept++
			merged = append(merged, had...)
			continue
		case !known:
			t.added++
		case !sameNames(rows, had):
			t.renamed++
		}
		merged = append(merged, rows...)
	}
	for prefix, had := range old {
		switch _, stays := fresh[prefix]; {
		case stays:
		case had[0].day > day:
			t.kept++
			merged = append(merged, had...)
		default:
			t.returned++
		}
	}
	slices.SortStableFunc(merged, byPrefix)
	return merged, t
}

// grouped are rows by prefix; the few prefixes with several names keep them all.
func grouped(rows []row) map[string][]row {
	groups := make(map[string][]row, len(rows))
	for _, r := range rows {
		groups[r.prefix] = append(groups[r.prefix], r)
	}
	return groups
}

// sameNames tells whether rows of one prefix name the same, in any order.
func sameNames(a, b []row) bool {
	names := func(rows []row) []string {
		var all []string
		for _, r := range rows {
			all = append(all, r.organization)
		}
		return slices.Sorted(slices.Values(all))
	}
	return slices.Equal(names(a), names(b))
}
