package watchlist_test

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

// records reads a CSV file with a heading. Without the folder of reference
// data beside the repository the test is skipped.
func records(t *testing.T, file string) []map[string]string {
	t.Helper()
	in, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no reference data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = map[string]string{}
		for column, name := range lines[0] {
			rows[i][name] = line[column]
		}
	}
	return rows
}

func reference(name string) string { return filepath.Join("../../../../shared/detection", name) }

// within returns the first, a middle and the last address of a prefix.
func within(t *testing.T, digits string) [3]lan.MAC {
	t.Helper()
	return [3]lan.MAC{
		mustMAC(t, (digits + "000000")[:12]),
		mustMAC(t, (digits + "7A5B3C")[:12]),
		mustMAC(t, (digits + "FFFFFF")[:12]),
	}
}

// step returns the address a distance of one before or behind another.
func step(mac lan.MAC, up bool) lan.MAC {
	for i := len(mac) - 1; i >= 0; i-- {
		if up {
			mac[i]++
		} else {
			mac[i]--
		}
		if up && mac[i] != 0 || !up && mac[i] != 0xff {
			break
		}
	}
	return mac
}

// flaggedBlocks is the set of the flagged prefixes, as the reference writes them.
type flaggedBlocks map[string]bool

func readFlaggedBlocks(t *testing.T) flaggedBlocks {
	blocks := flaggedBlocks{}
	for _, row := range records(t, reference("flagged.csv")) {
		if row["registry"] != "CID" {
			blocks[row["prefix"]] = true
		}
	}
	return blocks
}

func (b flaggedBlocks) contain(mac lan.MAC) bool {
	digits := strings.ToUpper(strings.ReplaceAll(mac.String(), ":", ""))
	return b[digits[:6]] || b[digits[:7]] || b[digits[:9]]
}

func TestEveryFlaggedBlock(t *testing.T) {
	catalog, blocks := embedded(t), readFlaggedBlocks(t)
	flagged, cids := 0, 0
	for _, row := range records(t, reference("flagged.csv")) {
		want := []string{row["vendor_key"]}
		if row["registry"] == "CID" {
			want = nil
			cids++
		} else {
			flagged++
		}
		addresses := within(t, row["prefix"])
		for _, mac := range addresses {
			if got := makersOf(catalog, mac); !slices.Equal(got, want) {
				t.Errorf("%s of %s: makers %q, want %q", mac, row["organization"], got, want)
			}
		}
		for _, mac := range []lan.MAC{step(addresses[0], false), step(addresses[2], true)} {
			if got := makersOf(catalog, mac); got != nil && !blocks.contain(mac) {
				t.Errorf("%s beside %s: makers %q, want none", mac, row["prefix"], got)
			}
		}
	}
	if flagged < 2700 || cids != 2 {
		t.Errorf("the reference has %d blocks and %d company ids", flagged, cids)
	}
	t.Logf("%d blocks, each by three addresses and the two beside it; %d company ids", flagged, cids)
}

func TestEveryOtherBlock(t *testing.T) {
	catalog, blocks := embedded(t), readFlaggedBlocks(t)
	rows := records(t, "../../../configs/registry/registry.csv")
	rows = append(rows, records(t, reference("not_flagged_lookalikes.csv"))...)
	for _, row := range rows {
		for _, mac := range within(t, row["prefix"]) {
			if got := makersOf(catalog, mac); got != nil && !blocks.contain(mac) {
				t.Errorf("%s of %s: makers %q, want none", mac, row["organization"], got)
			}
		}
	}
}

// TestSeekSet holds the prefixes that are looked for in forwarding tables
// against the reference.
func TestSeekSet(t *testing.T) {
	catalog, want := embedded(t), readFlaggedBlocks(t)
	got := flaggedBlocks{}
	prefixes := registry.Embedded().Prefixes(func(organization string) bool {
		_, _, found := catalog.Maker(organization)
		return found
	})
	for _, prefix := range prefixes {
		digits, _, _ := strings.Cut(prefix.String(), "/")
		got[strings.ToUpper(strings.ReplaceAll(digits, ":", ""))] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSortedFunc(prefixes, registry.Prefix.Compare) {
		t.Error("the prefixes are not sorted")
	}
}

func TestOrganizationsAreTheReference(t *testing.T) {
	catalog := embedded(t)
	for _, row := range records(t, reference("flagged.csv")) {
		maker, organization, found := catalog.Maker(row["organization"])
		if !found {
			t.Errorf("%s: %q is no reviewed organisation", row["prefix"], row["organization"])
			continue
		}
		got := []string{maker.Key, organization.Brand, string(organization.Role), string(organization.Tie)}
		want := []string{row["vendor_key"], row["vendor"], row["role"], row["relation"]}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s:\n%s", row["prefix"], row["organization"], diff)
		}
		if diff := cmp.Diff(expectedRelations(row), relationsOf(catalog, maker, organization)); diff != "" {
			t.Errorf("%s %s:\n%s", row["prefix"], row["organization"], diff)
		}
	}
}

// differences are what is known better than the reference's columns of lists.
// The relations that they give were reviewed on 2026-11-23.
var differences = []struct {
	list string
	of   func(row map[string]string) bool
	want watchlist.Relation // empty: none
	why  string
}{
	{"uk-2022-nil", listed("uk-2022-nil"), watchlist.Criterion, "the statement names no company"},
	{"prc-linked", listed("prc-linked"), watchlist.Criterion, "a list of the program's own, by the address of registration"},
	{"au-2023", listed("au-2023"), "", "no instrument names a maker"},
	{"ca-2025", func(row map[string]string) bool { return row["relation"] != "named" }, "",
		"the order speaks of Hikvision products, not of affiliates"},
	{"us-dod-1260h", func(row map[string]string) bool {
		return slices.Contains([]string{"cloudwalk", "sensetime", "yitu"}, row["vendor_key"])
	}, watchlist.Named, "they joined the list in January 2024 and 2025"},
}

func listed(id string) func(map[string]string) bool {
	return func(row map[string]string) bool { return slices.Contains(listsOf(row), id) }
}

func listsOf(row map[string]string) []string {
	return strings.FieldsFunc(row["watchlists"]+";"+row["watchlists_if_affiliate"], func(r rune) bool { return r == ';' })
}

// expectedRelations reads the reference's columns of lists, with the reviewed
// differences.
func expectedRelations(row map[string]string) map[string]watchlist.Relation {
	want := map[string]watchlist.Relation{}
	for _, id := range listsOf(row) {
		want[id] = watchlist.Relation(row["relation"])
		if row["relation"] == "prc-company" {
			want[id] = watchlist.Named // the list names this company; it belongs to no other
		}
	}
	for _, d := range differences {
		switch {
		case !d.of(row):
		case d.want == "":
			delete(want, d.list)
		default:
			want[d.list] = d.want
		}
	}
	return want
}

// TestDifferences: each row of the table is needed and says why.
func TestDifferences(t *testing.T) {
	rows := records(t, reference("flagged.csv"))
	for _, d := range differences {
		applies := slices.ContainsFunc(rows, func(row map[string]string) bool {
			stated := slices.Contains(listsOf(row), d.list)
			return d.of(row) && stated == (d.want == "" || d.want == watchlist.Criterion)
		})
		if d.why == "" || !applies {
			t.Errorf("%s (%s): it changes nothing", d.list, d.why)
		}
	}
}
