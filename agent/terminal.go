package main

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// isTerminal tells whether people look at what is written there.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// widthOf is how many characters a line of a terminal has; 0 where there is
// no terminal, and so no limit.
func widthOf(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width < 20 {
		return 0
	}
	return width
}

// A colour is how a terminal is told to write (ECMA-48, SGR). Nothing is said
// by colour alone.
type colour string

// The colours.
const (
	bold   colour = "1"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	grey   colour = "2"
)

// colours tells whether to colour what is written there: on a terminal that
// can, unless NO_COLOR is set (no-color.org).
func colours(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w) && understandsColours(w.(*os.File))
}

// paint colours a text where that is wanted.
func paint(wanted bool, c colour, text string) string {
	if !wanted || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// wrap breaks a text into lines of a width, each begun with the indent, and
// what follows the first indented further where that is; 0 is no limit. A word
// that is longer than a line keeps its own.
func wrap(text, indent string, width int) string {
	if width == 0 || utf8.RuneCountInString(indent+text) <= width {
		return indent + text
	}
	var b strings.Builder
	line, further := indent, indent
	if indent != "" {
		further += "  "
	}
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(line + "\n")
			line, empty = further, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	return b.String() + line
}
