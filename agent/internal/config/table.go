package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// A table is one table of the text while it is being read: every getter takes
// one key, and notes what is wrong with its value. rest, called last, notes
// the keys that no getter has asked for.
type table struct {
	reader  *reader
	section string // the table's name for all tables of its kind: "switch", "credentials"
	name    string // as the user writes it: "switch", "credentials.core-v3"
	place   *place
	values  map[string]any
	given   bool
}

// bad notes a mistake at a key.
func (t *table) bad(key, format string, args ...any) {
	t.reader.note(t.place.at(key), t.path(key), fmt.Sprintf(format, args...))
}

// badItem notes a mistake at an element of a key's list.
func (t *table) badItem(key string, i int, format string, args ...any) {
	t.reader.note(t.place.at(key).item(i), t.path(key), fmt.Sprintf("entry %d: ", i+1)+fmt.Sprintf(format, args...))
}

// missing notes at the table itself that a key is not there.
func (t *table) missing(key, format string, args ...any) {
	t.reader.note(t.place, t.path(key), "missing: "+fmt.Sprintf(format, args...))
}

func (t *table) path(key string) string {
	if t.name == "" {
		return quoteKey(key)
	}
	return t.name + "." + quoteKey(key)
}

// quoteKey writes a key as TOML wants it.
func quoteKey(key string) string {
	if isBare(key) {
		return key
	}
	return fmt.Sprintf("%q", key)
}

// isBare tells a key that needs no quotes.
func isBare(key string) bool {
	return key != "" && strings.Trim(key, letters+digits+"-_") == ""
}

func (t *table) has(key string) bool {
	_, ok := t.values[key]
	return ok
}

// isEmpty tells that key is [].
func (t *table) isEmpty(key string) bool {
	items, ok := elements(t.values[key])
	return ok && len(items) == 0
}

// value is the one way to a value: what passes here is a known key.
func (t *table) value(key string) (any, bool) {
	t.reader.know(t.section, key)
	v, ok := t.values[key]
	if cure := notYet(t.section, key, v); ok && cure != "" {
		t.bad(key, "%s", cure)
	}
	return v, ok
}

// rest notes every key that is not known.
func (t *table) rest() {
	known := slices.Sorted(maps.Keys(t.reader.known[t.section]))
	for _, key := range slices.Sorted(maps.Keys(t.values)) {
		switch near := closest(key, known); {
		case t.reader.known[t.section][key]:
		case near != "":
			t.bad(key, "unknown key: did you mean %q?", near)
		default:
			t.bad(key, "unknown key: remove it, or write one of %s", strings.Join(known, ", "))
		}
	}
}

// child makes the table under a key, which is known to hold one.
func (t *table) child(key, section string) *table {
	values, given := t.values[key].(map[string]any)
	return &table{reader: t.reader, section: section, name: t.path(key), place: t.place.at(key), values: values, given: given}
}

// table reads [key]: without values where it is not given.
func (t *table) table(key string) *table {
	as[map[string]any](t, key, fmt.Sprintf("a table under [%s], in single brackets and only once", key))
	return t.child(key, key)
}

// tables reads [[key]].
func (t *table) tables(key string) []*table {
	v, ok := t.value(key)
	items, isList := elements(v)
	if ok && !isList {
		t.bad(key, "write a table under [[%s]], in double brackets, for each", t.path(key))
	}
	var all []*table
	for i, item := range items {
		values, ok := item.(map[string]any)
		if !ok {
			t.badItem(key, i, "write a table under [[%s]], in double brackets", t.path(key))
			continue
		}
		all = append(all, &table{reader: t.reader, section: key, name: t.path(key), place: t.place.at(key).item(i), values: values, given: true})
	}
	return all
}

// as reads a value of the TOML type T; want says what to write.
func as[T any](t *table, key, want string) (T, bool) {
	v, given := t.value(key)
	x, ok := v.(T)
	if given && !ok {
		t.bad(key, "write %s, not %s", want, kind(v))
	}
	return x, ok
}

const wantText = "text in double quotes"

// text reads a text that is not empty.
func (t *table) text(key string) string {
	s, ok := as[string](t, key, wantText)
	if ok && strings.TrimSpace(s) == "" {
		t.bad(key, "write something between the quotes, or remove the line")
	}
	return s
}

// flag reads true or false; ok is false where there is neither.
func (t *table) flag(key string) (value, ok bool) {
	return as[bool](t, key, "true or false, without quotes")
}

// parsed reads a text that parse understands; the errors of parse say what to
// write instead. It is zero where there is none.
func parsed[T any](t *table, key string, parse func(string) (T, error)) (T, bool) {
	var none T
	s, ok := as[string](t, key, wantText)
	if !ok {
		return none, false
	}
	x, err := parse(s)
	if err != nil {
		t.bad(key, "%v", err)
		return none, false
	}
	return x, true
}

// choice reads one of a few words. It does not repeat a wrong one: among
// credentials that may be a secret in the wrong place.
func choice[T ~string](t *table, key string, words ...T) T {
	want := make([]string, len(words))
	for i, w := range words {
		want[i] = fmt.Sprintf("%q", string(w))
	}
	s, ok := as[string](t, key, "one of "+strings.Join(want, ", ")+" in double quotes")
	if ok && !slices.Contains(words, T(s)) {
		t.bad(key, "write one of %s", strings.Join(want, ", "))
		return ""
	}
	return T(s)
}

// list reads a list; the errors of parse say what to write instead of an entry.
func list[T comparable](t *table, key, example string, parse func(any) (T, error)) []T {
	v, given := t.value(key)
	items, ok := elements(v)
	if given && !ok {
		t.bad(key, "write a list in square brackets, such as %s, not %s", example, kind(v))
	}
	var all []T
	for i, item := range items {
		switch x, err := parse(item); {
		case err != nil:
			t.badItem(key, i, "%v", err)
		case slices.Contains(all, x):
			t.badItem(key, i, "remove it: the same stands before it")
		default:
			all = append(all, x)
		}
	}
	return all
}

// ofText makes a parser of texts one of entries of a list.
func ofText[T any](parse func(string) (T, error)) func(any) (T, error) {
	return func(v any) (T, error) {
		if s, ok := v.(string); ok {
			return parse(s)
		}
		var none T
		return none, errors.New("write " + wantText + ", not " + kind(v))
	}
}

// elements opens both kinds of list that the TOML library makes.
func elements(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []map[string]any:
		all := make([]any, len(v))
		for i, t := range v {
			all[i] = t
		}
		return all, true
	}
	return nil, false
}

// kind names the TOML type of a value, for a message. The value itself may be
// a secret.
func kind(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case map[string]any:
		return "a table"
	case []any, []map[string]any:
		return "a list"
	}
	return "a date or time"
}
