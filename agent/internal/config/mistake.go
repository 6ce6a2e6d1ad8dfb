package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/order"
)

// A Mistake is one thing wrong in a configuration file.
type Mistake struct {
	File string // as it was named to Load or Parse
	Line int    // from 1
	Key  string // as the user would write it, such as switch.address; empty when the line is no TOML
	Text string // one sentence: what to write instead. Never a secret
}

// String prints file:line: key: text.
func (m Mistake) String() string {
	if m.Key == "" {
		return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", m.File, m.Line, m.Key, m.Text)
}

// An Error is everything wrong in a configuration file, in the order of its
// lines.
type Error struct {
	Mistakes []Mistake      // at least one
	Secrets  []SecretSource // as far as they were found
	Names    []string       // of credentials: what a mistake may repeat that the user made up
}

// Error prints one mistake on each line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// failure turns what was noted into an error. c is what could be read.
func (r *reader) failure(c *Config) *Error {
	order.By(r.mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return &Error{Mistakes: r.mistakes, Secrets: r.secrets, Names: slices.Sorted(maps.Keys(c.Credentials))}
}

// closest finds the known word that a mistyped one most likely means, empty
// when none is near: a third of the letters may differ, and case does not count.
func closest(word string, known []string) string {
	best, near := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < near && d < len(k) {
			best, near = k, d
		}
	}
	return best
}

// distance counts the bytes to add, to remove or to change between two words
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
