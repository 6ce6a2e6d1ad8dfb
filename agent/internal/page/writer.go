package page

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// markup is HTML that this package wrote itself. A constant becomes markup by
// itself; nothing else is ever converted to it, which TestMarkup sees to.
type markup string

// A writer writes a page: markup as it is, and every value escaped. A string
// that is not constant cannot be written in any other way.
type writer struct{ buf bytes.Buffer }

// newWriter makes a writer with room for about so many bytes.
func newWriter(size int) *writer {
	w := &writer{}
	w.buf.Grow(size)
	return w
}

// put writes markup. Each {} in it stands for the next of the values, in text
// or in an attribute between double quotes.
func (w *writer) put(m markup, values ...string) {
	rest := string(m)
	for _, value := range values {
		before, after, _ := strings.Cut(rest, "{}")
		w.buf.WriteString(before)
		w.buf.WriteString(escaped.Replace(value))
		rest = after
	}
	w.buf.WriteString(rest)
}

// line is put, and the end of the line.
func (w *writer) line(m markup, values ...string) {
	w.put(m, values...)
	w.put("\n")
}

// with puts a value and the markup around it, and nothing when the value is
// empty.
func (w *writer) with(m markup, value string) {
	if value != "" {
		w.put(m, value)
	}
}

// time puts a time.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.put("an unknown time")
		return
	}
	w.put(`{}`, t.UTC().Format("2006-01-02 15:04:05 UTC"))
}

// shown is the page as it was written, with nothing in it that acts unseen.
func (w *writer) shown() []byte { return bytes.Map(visible, w.buf.Bytes()) }

// escaped makes a value mean itself, in text and in an attribute. A plus sign
// would be harmless in UTF-8; in UTF-7 it begins what shows as another text.
var escaped = strings.NewReplacer(
	"\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;")

// visible puts a mark in place of every character that shows nothing but
// acts: control characters, and those of format that turn the direction of
// what follows. It is applied to the whole page, so that no text escapes it.
func visible(r rune) rune {
	switch {
	case r >= ' ' && r <= '~', r == '\n': // nearly all of a page
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return unicode.ReplacementChar
	default:
		return r
	}
}

// number is a number as a value.
func number[N int | int64 | uint16 | uint32 | uint64](n N) string { return fmt.Sprint(n) }

// unlessZero is a number as a value that is empty when there is none.
func unlessZero[N uint16 | uint32 | uint64](n N) string {
	if n == 0 {
		return ""
	}
	return number(n)
}

// count is a number of things: 1 switch, 2 switches.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	plural := "s"
	if strings.HasSuffix(noun, "s") || strings.HasSuffix(noun, "ch") {
		plural = "es"
	}
	return fmt.Sprintf("%d %s%s", n, noun, plural)
}
