package watchlist_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/watchlist"
)

var update = flag.Bool("update", false, "write docs/lists.md anew")

const listsDoc = "../../../docs/lists.md"

// TestListsDoc holds docs/lists.md against the data that it is made of.
func TestListsDoc(t *testing.T) {
	want := describe(embedded(t))
	if *update {
		if err := os.WriteFile(listsDoc, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(listsDoc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/lists.md is not current: run go test ./agent/internal/watchlist -run TestListsDoc -update\n%s", diff)
	}
}

func describe(catalog *watchlist.Catalog) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The lists

Made from `+"`configs/lists` and `configs/makers.toml`"+` (version %d of %s) by
`+"`go test ./agent/internal/watchlist -run TestListsDoc -update`"+`; edit those, not this.

A list says what an instrument of a state says, no more. The relation belongs to the pair of list and organisation:
**named**, or a **subsidiary-or-affiliate**, **affiliate** or **affiliation-unverified** of a maker that is named; a
**criterion** names nobody. Whether a tie makes an affiliate in a law's sense is for lawyers. Organisations are matched
by their exact spelling in the IEEE registry. *Vendor only* marks those whose address blocks say nothing of a camera:
their stations are counted, and become findings when they say that they are cameras, recorders, doors or access control.

`, catalog.MakersVersion(), catalog.MakersAsOf())
	for _, list := range catalog.Lists() {
		describeList(&b, catalog, list)
	}
	b.WriteString("## Makers\n\n| key | organisation | spelt in the registry | devices | note |\n|---|---|---|---|---|\n")
	for _, maker := range catalog.Makers() {
		for _, o := range maker.Organizations {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", maker.Key, o.Brand, strings.Join(o.Names, "; "), o.Role, o.Note)
		}
	}
	b.WriteString("\n## Brands that are worth a question\n\n" +
		"They have sold equipment of a maker under their own name and with blocks of their own. Nobody is flagged for that: where\n" +
		"stations may be asked ([asking.md](asking.md)), theirs are. A rebadge is told by a station's own answer alone.\n\n" +
		"| brand | spelt in the registry | platform | source |\n|---|---|---|---|\n")
	for _, brand := range catalog.Rebadges() {
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", brand.Brand, strings.Join(brand.Names, "; "), brand.Platform, brand.Source)
	}
	return b.String()
}

func describeList(b *strings.Builder, catalog *watchlist.Catalog, list *watchlist.List) {
	fmt.Fprintf(b, "## %s\n\n**%s.** Version %d, compared with its source on %s, to be compared again by %s.\n\n",
		list.ID, list.Title, list.Version, list.AsOf, list.Expires)
	fmt.Fprintf(b, "%s\n\n", strings.TrimSpace(list.Scope))
	fmt.Fprintf(b, "- Sites: %s\n- Equipment: %s\n- Source: %s\n- Read at: %s\n", list.Sites, list.Equipment, list.Source.Text, list.Source.Where)
	if list.Supersedes != "" {
		fmt.Fprintf(b, "- Supersedes: %s\n", list.Supersedes)
	}
	b.WriteString("\n")
	rows := 0
	for _, maker := range catalog.Makers() {
		for i := range maker.Organizations {
			o := &maker.Organizations[i]
			relation, listed := list.Relation(maker, o)
			if !listed {
				continue
			}
			if rows++; rows == 1 {
				b.WriteString("| maker | organisation | relation | |\n|---|---|---|---|\n")
			}
			remark := list.Entries[maker.Key].Note
			if !o.Role.Video() {
				remark = strings.TrimPrefix(remark+"; vendor only", "; ")
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", maker.Name, o.Brand, relation, remark)
		}
	}
	if rows == 0 {
		b.WriteString("It names nobody.\n")
	}
	b.WriteString("\n")
}
