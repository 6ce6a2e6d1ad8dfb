package page

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/report"
)

// words explains the words of a report.
func (w *writer) words() {
	w.line(`<section aria-labelledby="words">
<h2 id="words">What the words mean</h2>
<details>
<summary>Levels and certainties</summary>
<dl class="facts">`)
	for _, m := range levels() {
		w.line(`<dt>{}</dt><dd>{}. {}</dd>`, m.Word, m.Short, m.Rest)
	}
	for _, m := range certainties() {
		w.line(`<dt>{}</dt><dd>{}</dd>`, m.Word, m.Short)
	}
	w.line(`</dl>
</details>
</section>`)
}

// A meaning explains a word of the report.
type meaning struct {
	Word  string
	Short string
	Rest  string // for a level: what would raise or refute it
}

// levels explains the levels, the surest first.
func levels() []meaning {
	return []meaning{
		{"confirmed", "the device itself names its maker and says what it is",
			"An address that is used twice, or an announcement that was edited, would refute it."},
		{"probable", "the address block and one independent sign agree",
			"A second independent sign would confirm it; one that names another maker would refute it."},
		{"possible", "the address block names the maker, and nothing independent of it does",
			"What the device says of itself would raise it; an address that was set by software would refute it."},
		{"suspected-rebadge", "it answers as one maker's platform, and its address block is another's",
			"Only a person who looks at the device and its papers can tell who made it."},
		{"conflict", "its address block names one maker, and its own answers name another",
			"Both are shown. Only a person who looks at the device can settle it."},
	}
}

// certainties explains how well a place is known, the best first.
func certainties() []meaning {
	return []meaning{
		{Word: "edge", Short: "alone on an access port"},
		{Word: "port", Short: "on this access port; others on it have not been counted"},
		{Word: "shared", Short: "on this access port, together with others or behind an unmanaged device"},
		{Word: "uplink", Short: "only seen toward a switch that was not read, or that does not list it"},
		{Word: "seen", Short: "in an address table only, on no port"},
		{Word: "double", Short: "on two access ports at once"},
		{Word: "ambiguous", Short: "several ports fit, and none was chosen"},
	}
}

// Level explains a level; a word that is not known stands for itself.
func (v *view) Level(word string) meaning {
	if i := slices.IndexFunc(v.Levels, func(m meaning) bool { return m.Word == word }); i >= 0 {
		return v.Levels[i]
	}
	return meaning{Word: word}
}

// Edition finds the edition of a list; nil when the report names none.
func (v *view) Edition(id string) *report.Watchlist {
	for i := range v.Data.Watchlists {
		if v.Data.Watchlists[i].ID == id {
			return &v.Data.Watchlists[i]
		}
	}
	return nil
}

func classText(class string) string {
	switch class {
	case "", "unknown":
		return "class not established"
	case "access-control":
		return "access control"
	case "door":
		return "door station"
	default:
		return class
	}
}

func relationText(relation string) string {
	switch relation {
	case "named":
		return "the list names this maker"
	case "subsidiary-or-affiliate":
		return "a subsidiary or affiliate of a maker that the list names"
	case "affiliate":
		return "an affiliate of a maker that the list names"
	case "affiliation-unverified":
		return "a tie to a maker that the list names, not verified"
	case "criterion":
		return "the list names no company; the maker is taken to meet its criterion"
	default:
		return ""
	}
}

func changeText(op report.ChangeOp) string {
	switch op {
	case report.Appeared:
		return "appeared"
	case report.Moved:
		return "moved to another port"
	case report.Gone:
		return "gone: missing from complete observations"
	case report.Back:
		return "back after it was gone"
	default:
		return string(op)
	}
}
