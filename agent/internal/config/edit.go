package config

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// Set writes a value, a string or a list of strings, under a key of a section
// such as "endpoint" or "credentials.old". Everything else stays as it was
// written, comments and order too. Where the text has the section or the key
// as an example behind a #, that becomes the real one.
func Set(text []byte, section, key string, value any) ([]byte, error) {
	path := strings.Split(section, ".")
	change := func(values map[string]any) bool { return assign(values, path, key, plain(value)) }
	return edit(text, section+"."+key, change, func(root *place) [][]byte {
		if p := root.under(append(path, key)); p != nil && p.from > 0 {
			return [][]byte{splice(text, p.from, p.to, written(value))}
		}
		line := key + " = " + written(value)
		switch p := root.under(path); {
		case p == nil:
			return append(fromExample(text, section, key, line), atEnd(text, "["+section+"]", line))
		case p.head > 0:
			return inSection(text, p.head, root.nextHead(p.head, len(text)), key, line)
		default:
			return nil // dotted keys or an inline table, which a section may not follow
		}
	})
}

// SetDefault does as Set, unless the key is there already.
func SetDefault(text []byte, section, key string, value any) ([]byte, error) {
	if Has(text, section+"."+key) {
		return text, nil
	}
	return Set(text, section, key, value)
}

// Has tells whether a text has a section such as "credentials.old".
func Has(text []byte, section string) bool {
	root, err := places(text)
	return err == nil && root.under(strings.Split(section, ".")) != nil
}

// edit changes a text so that it says what change makes of its values. Of the
// ways to do that, it takes the first that is proven to change nothing else.
func edit(text []byte, key string, change func(map[string]any) bool, ways func(root *place) [][]byte) ([]byte, error) {
	before, err := valuesOf(text)
	if err != nil {
		return nil, err
	}
	root, err := places(text)
	if err != nil {
		return nil, err
	}
	wanted, err := valuesOf(text)
	if err != nil {
		return nil, err
	}
	possible := change(wanted)
	switch {
	case possible && reflect.DeepEqual(before, wanted):
		return text, nil
	case possible:
		for _, way := range ways(root) {
			if got, err := valuesOf(way); err == nil && reflect.DeepEqual(got, wanted) {
				return way, nil
			}
		}
	}
	return nil, fmt.Errorf("%s cannot be written without changing something else: write it there by hand", key)
}

// valuesOf decodes a text. Its lists are all of one type.
func valuesOf(text []byte) (map[string]any, error) {
	values := make(map[string]any)
	if _, err := toml.Decode(string(text), &values); err != nil {
		return nil, err
	}
	return plain(values).(map[string]any), nil
}

// plain makes of each list one of values of any type.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			v[key] = plain(v[key])
		}
	case []string:
		all := make([]any, len(v))
		for i := range v {
			all[i] = v[i]
		}
		return all
	case []any, []map[string]any:
		all, _ := elements(v)
		for i := range all {
			all[i] = plain(all[i])
		}
		return all
	}
	return value
}

// assign puts a value into a tree; false where something else stands in the
// way.
func assign(values map[string]any, path []string, key string, value any) bool {
	for _, name := range path {
		if _, there := values[name]; !there {
			values[name] = make(map[string]any)
		}
		next, ok := values[name].(map[string]any)
		if !ok {
			return false
		}
		values = next
	}
	values[key] = value
	return true
}

// under is the place of a path, nil where the text does not have it.
func (p *place) under(path []string) *place {
	for _, key := range path {
		if p == nil {
			return nil
		}
		p = p.keys[key]
	}
	return p
}

// nextHead is where the first head of a table behind another ends; else the
// end of the text.
func (p *place) nextHead(behind, end int) int {
	if p.head > behind {
		end = min(end, p.head)
	}
	for _, under := range p.keys {
		end = under.nextHead(behind, end)
	}
	for _, item := range p.items {
		end = item.nextHead(behind, end)
	}
	return end
}

func splice(text []byte, from, to int, with string) []byte {
	return bytes.Join([][]byte{text[:from], []byte(with), text[to:]}, nil)
}

// inSection writes a line into a section of which the text from head to end
// is known: in place of an example of the key, or right behind the head.
func inSection(text []byte, head, end int, key, line string) [][]byte {
	var tries [][]byte
	if from, to, ok := example(text, head, end, key); ok {
		tries = append(tries, splice(text, from, to, line))
	}
	at := end
	if n := bytes.IndexByte(text[head:end], '\n'); n >= 0 {
		at = head + n
		if bytes.HasSuffix(text[:at], []byte("\r")) {
			at--
		}
	}
	return append(tries, splice(text, at, at, lineEnd(text)+line))
}

// fromExample makes an example of a section the section.
func fromExample(text []byte, section, key, line string) [][]byte {
	head := regexp.MustCompile(`(?m)^#[ \t]?\[` + regexp.QuoteMeta(section) + `\]`).FindIndex(text)
	if head == nil {
		return nil
	}
	name := "[" + section + "]"
	real := splice(text, head[0], head[1], name)
	root, err := places(real)
	if err != nil {
		return nil
	}
	begin := head[0] + len(name)
	return inSection(real, begin, root.nextHead(begin, len(real)), key, line)
}

// example finds a line such as #key = "value" and returns where it stands,
// without a comment behind it.
func example(text []byte, from, to int, key string) (begin, end int, ok bool) {
	found := regexp.MustCompile(`(?m)^#[ \t]?` + regexp.QuoteMeta(key) + `[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*'|\[[^\]\n]*\]|[^\s#]+)`).FindIndex(text[from:to])
	if found == nil {
		return 0, 0, false
	}
	return from + found[0], from + found[1], true
}

func atEnd(text []byte, lines ...string) []byte {
	newline := lineEnd(text)
	out := bytes.Clone(text)
	if len(out) > 0 && !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, newline...)
	}
	if len(out) > 0 {
		out = append(out, newline...)
	}
	for _, line := range lines {
		out = append(append(out, line...), newline...)
	}
	return out
}

// lineEnd is how the lines of a text end.
func lineEnd(text []byte) string {
	if bytes.Contains(text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// written is a string or a list of strings as TOML has it.
func written(value any) string {
	switch v := value.(type) {
	case string:
		return quoted(v)
	case []string:
		all := make([]string, len(v))
		for i := range v {
			all[i] = quoted(v[i])
		}
		return "[" + strings.Join(all, ", ") + "]"
	default:
		panic(fmt.Sprintf("config: a %T is not written", value))
	}
}

// quoted is a basic string of TOML.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
