package main

import (
	"fmt"
	"io"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// A progress line tells on a terminal how far the reading is. Elsewhere it
// says nothing.
type progress struct {
	to      io.Writer // nil: silent
	lines   io.Writer // nil, or where a line is left of each device
	all     int
	read    int
	started time.Time
}

func newProgress(to io.Writer, all int) *progress {
	p := &progress{all: all, started: time.Now()}
	if isTerminal(to) {
		p.to = to
	}
	return p
}

// device tells that a device was read.
func (p *progress) device(s lan.Snapshot) {
	if p.lines != nil {
		p.done()
		how := "read in " + brief(s.To.Sub(s.From)) + ", " + count(s.Requests, "request")
		if s.Err != "" {
			how = "not read: " + s.Err
		}
		fmt.Fprintf(p.lines, "%s: %s\n", s.Name(), how)
	}
	p.step(s.Name())
}

// more makes the reading longer than it was thought to be.
func (p *progress) more(n int) { p.all += n }

// step tells of one more thing that was read.
func (p *progress) step(name string) {
	p.read++
	p.all = max(p.all, p.read) // more were found on the way
	if p.to == nil {
		return
	}
	text := fmt.Sprintf("read %d of %d: %s%s", p.read, p.all, name, timeLeft(time.Since(p.started), p.read, p.all))
	if width := widthOf(p.to); width > 0 {
		text = clip(text, width-1) // a longer one would not be cleared
	}
	fmt.Fprintf(p.to, "\r\x1b[K%s", text)
}

// timeLeft is how long the rest takes if it goes on so; empty where that is
// soon, or not to be told yet.
func timeLeft(elapsed time.Duration, read, all int) string {
	left := elapsed / time.Duration(max(read, 1)) * time.Duration(max(all-read, 0))
	if elapsed < 2*time.Second || left < 2*time.Second {
		return ""
	}
	return ", about " + long(left) + " left"
}

// done clears the line.
func (p *progress) done() {
	if p.to != nil {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
