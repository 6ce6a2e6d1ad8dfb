package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A mark says how something stands.
type mark string

// The marks.
const (
	isGood mark = "ok"
	isBad  mark = "bad"
	isOff  mark = "off" // nobody wants it
)

var markColours = map[mark]colour{isGood: green, isBad: red, isOff: grey}

// A checked is one thing that was looked at: a line, and notes below it that
// say more, the cure last.
type checked struct {
	mark  mark
	cells []string // what it is, and how it stands; aligned with the lines before and after
	notes []string
	hosts bool // strangers may be named in it, by words that the endpoint or its certificate chose
}

// show prints lines as one block.
func (c *checker) show(block []checked) error {
	var widths []int
	for i := range block {
		line := &block[i]
		c.lines++
		if line.mark == isBad {
			c.bad++
		}
		c.hide(line)
		for n, cell := range line.cells {
			if n == len(widths) {
				widths = append(widths, 0)
			}
			if n < len(line.cells)-1 { // nothing is aligned with the end of a line
				widths[n] = max(widths[n], utf8.RuneCountInString(cell))
			}
		}
	}
	var text bytes.Buffer
	width := widthOf(c.out)
	for _, line := range block {
		row := paint(c.colour, markColours[line.mark], fmt.Sprintf("%-3s", line.mark))
		for n, cell := range line.cells {
			row += fmt.Sprintf("  %-*s", widths[n], cell)
		}
		fmt.Fprintln(&text, strings.TrimRight(row, " "))
		for _, note := range line.notes {
			fmt.Fprintln(&text, wrap(note, "       ", width))
		}
	}
	_, err := c.out.Write(text.Bytes())
	return err
}

// hide replaces what others must not see.
func (c *checker) hide(line *checked) {
	if c.disguise == nil {
		return
	}
	for _, texts := range [][]string{line.cells, line.notes} {
		for i, text := range texts {
			texts[i] = c.disguise.text(text, line.hosts)
		}
	}
}
