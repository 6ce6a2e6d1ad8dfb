package watchlist_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/BurntSushi/toml"

	"github.com/camwarden/camwarden/agent/internal/registry"
)

// A lookalikes is configs/lookalikes.toml.
type lookalikes struct {
	Words    []string `toml:"words"`
	Reviewed []struct {
		Reason        string   `toml:"reason"`
		Organizations []string `toml:"organizations"`
	} `toml:"reviewed"`
}

// word returns the word that a name holds, or none.
func (l *lookalikes) word(name string) string {
	name = strings.ToLower(name)
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, name)
	for _, word := range l.Words {
		if strings.Contains(name, word) || len(word) >= 5 && strings.Contains(letters, word) {
			return word
		}
	}
	return ""
}

// TestEverySpellingIsReviewed keeps a registry with a new spelling of a
// reviewed maker from being released before somebody has looked at it.
func TestEverySpellingIsReviewed(t *testing.T) {
	var l lookalikes
	meta, err := toml.DecodeFile("../../../configs/lookalikes.toml", &l)
	if err != nil {
		t.Fatal(err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		t.Errorf("lookalikes.toml: %s: there is no such key", unknown)
	}
	catalog := embedded(t)
	innocent := map[string]bool{} // true once the registry has shown it
	for _, group := range l.Reviewed {
		if group.Reason == "" {
			t.Errorf("lookalikes.toml: %q without a reason", group.Organizations)
		}
		for _, name := range group.Organizations {
			innocent[name] = false
			if _, _, found := catalog.Maker(name); found {
				t.Errorf("%q is in makers.toml and in lookalikes.toml", name)
			}
		}
	}
	registry.Embedded().Prefixes(func(name string) bool {
		_, _, reviewed := catalog.Maker(name)
		_, harmless := innocent[name]
		word := l.word(name)
		switch {
		case harmless:
			innocent[name] = word != ""
		case reviewed && word == "":
			t.Errorf("%q holds none of the words in lookalikes.toml: add one of this maker", name)
		case !reviewed && word != "":
			t.Errorf("%q holds %q: put it into makers.toml or, with a reason, into lookalikes.toml", name, word)
		}
		return false
	})
	for name, needed := range innocent {
		if !needed {
			t.Errorf("lookalikes.toml: %q is not in the registry or holds no word: remove it", name)
		}
	}
}

func TestWord(t *testing.T) {
	l := lookalikes{Words: []string{"huawei", "zte"}}
	for name, want := range map[string]string{
		"HUAWEI TECHNOLOGIES CO.,LTD": "huawei",
		"Shenzhen Hua-Wei Co.":        "huawei",
		"zte corporation":             "zte",
		"Quartz Technology":           "", // a short word counts only in one piece
		"Axis Communications AB":      "",
	} {
		if got := l.word(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
