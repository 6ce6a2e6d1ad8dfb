package config

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// syntaxMistake says in our words what the TOML library says, because its
// words quote the text, and what stands there may be a secret without quotes.
func syntaxMistake(file string, text []byte, root *place, err error) Mistake {
	m := Mistake{File: file, Line: 1, Text: syntaxCure(err.Error())}
	broken, ok := errors.AsType[toml.ParseError](err)
	if !ok {
		return m
	}
	lines := bytes.Split(text, []byte("\n"))
	m.Line = min(broken.Position.Line, len(lines))
	if m.Line < 1 {
		m.Line = len(lines) // the library has no position for the end of a file
	}
	m.Text = syntaxCure(broken.Message)
	// What stands alone on a line is no key, and may be anything. A second
	// section of a name is well written, and has a key.
	if bytes.Contains(lines[m.Line-1], []byte("=")) || strings.Contains(broken.Message, "already") {
		m.Key = root.keyOn(m.Line)
	}
	return m
}

// keyOn finds the first key on a line, empty where there is none.
func (p *place) keyOn(line int) string {
	for _, key := range slices.Sorted(maps.Keys(p.keys)) {
		under := p.keys[key]
		for _, t := range append([]*place{under}, under.items...) {
			if further := t.keyOn(line); further != "" {
				return quoteKey(key) + "." + further
			}
			if t.line == line {
				return quoteKey(key)
			}
		}
	}
	return ""
}

// syntaxCure finds the sentence for a message of the TOML library.
func syntaxCure(message string) string {
	for _, c := range []struct {
		cure  string
		parts []string
	}{
		{`a backslash in double quotes begins an escape: write it twice, or put the text in single quotes`,
			[]string{"scape", "hexadecimal digits after"}},
		{"this is not UTF-8 text: save the file as UTF-8",
			[]string{"NULL", "UTF-8"}},
		{"a control character stands here: remove it",
			[]string{"control characters"}},
		{"this stands here for the second time: keep one of the two, and write [[switch]] in double brackets for each switch",
			[]string{"already", "duplicate"}},
		{"the closing quotes are missing: end the text with the quotes that it began with, on the same line",
			[]string{"strings cannot contain newlines", `expected '"`, `expected "'`, `expected '"""'`}},
		{"the list or table does not end: put commas between its entries, and close the bracket",
			[]string{"comma"}},
		{"this is no key with a value: write key = value",
			[]string{"expected '.' or '='", "key separator", "keys cannot start", "unexpected '", "key name appears blank"}},
		{"the name of the section is not understood: write [section], or [[switch]] for each switch",
			[]string{"table name", "table separator", "table array name"}},
		{"the value is not understood: put text, durations and addresses in double quotes, numbers and true or false without",
			[]string{"expected value", "expected a digit", "nvalid", "top-level item to end", "out of range", "floats must", "not a "}},
	} {
		if slices.ContainsFunc(c.parts, func(part string) bool { return strings.Contains(message, part) }) {
			return c.cure
		}
	}
	return "this is not TOML: write [section], and under it key = value with text in double quotes"
}
