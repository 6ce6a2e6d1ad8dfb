package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A progress line tells on a terminal how far the reading is. Elsewhere it
// says nothing.
type progress struct {
	to   io.Writer // nil: silent
	all  int
	read int
}

func newProgress(to io.Writer, all int) *progress {
	if isTerminal(to) {
		return &progress{to: to, all: all}
	}
	return &progress{}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func (p *progress) device(s lan.Snapshot) { p.step(s.Name()) }

// more makes the reading longer than it was thought to be.
func (p *progress) more(n int) { p.all += n }

// step tells of one more thing that was read.
func (p *progress) step(name string) {
	p.read++
	p.all = max(p.all, p.read) // more were found on the way
	if p.to == nil {
		return
	}
	fmt.Fprintf(p.to, "\r\x1b[Kread %d of %d: %s", p.read, p.all, name)
}

// done clears the line.
func (p *progress) done() {
	if p.to != nil {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
