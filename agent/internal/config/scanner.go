package config

import (
	"bytes"
	"strconv"
	"strings"
)

// A scanner goes through a TOML text and knows its line. It checks nothing:
// the TOML library does.
type scanner struct {
	text []byte
	pos  int
	line int
	deep int // the line where nesting was too deep, and the scan was given up
}

func (s *scanner) end() bool { return s.pos >= len(s.text) }

func (s *scanner) advance(n int) {
	next := min(s.pos+n, len(s.text))
	s.line += bytes.Count(s.text[s.pos:next], []byte("\n"))
	s.pos = next
}

// take goes past a word when it is next.
func (s *scanner) take(word string) bool {
	if !bytes.HasPrefix(s.text[s.pos:], []byte(word)) {
		return false
	}
	s.advance(len(word))
	return true
}

// until goes up to the next of the given bytes.
func (s *scanner) until(stops string) []byte {
	rest := s.text[s.pos:]
	if n := bytes.IndexAny(rest, stops); n >= 0 {
		rest = rest[:n]
	}
	s.advance(len(rest))
	return rest
}

// progress goes one byte on when nothing was read since start.
func (s *scanner) progress(start int) {
	if s.pos == start {
		s.advance(1)
	}
}

// tooDeep gives the scan up when there are too many levels.
func (s *scanner) tooDeep(levels int) bool {
	if levels > maxNesting && s.deep == 0 {
		s.deep = s.line
		s.pos = len(s.text)
	}
	return s.deep > 0
}

// blank goes past white space and, where lines may end, line ends and comments.
func (s *scanner) blank(lines bool) {
	for !s.end() {
		switch c := s.text[s.pos]; {
		case c == ' ', c == '\t', c == '\r', lines && c == '\n':
			s.advance(1)
		case lines && c == '#':
			s.until("\n")
		default:
			return
		}
	}
}

// key reads a dotted key: bare, "basic" and 'literal' parts.
func (s *scanner) key() []string {
	var path []string
	for {
		s.blank(false)
		switch {
		case !s.end() && (s.text[s.pos] == '"' || s.text[s.pos] == '\''):
			path = append(path, s.quoted())
		default:
			if part := s.until(" \t\r\n.=]}#\"'"); len(part) > 0 {
				path = append(path, string(part))
			}
		}
		s.blank(false)
		if s.tooDeep(len(path)) || !s.take(".") {
			return path
		}
	}
}

// pair reads key = value into a table.
func (s *scanner) pair(table *place, level int) {
	line := s.line
	path := s.key()
	s.take("=")
	s.blank(false)
	p := table.descend(path, line)
	p.line, p.from = line, s.pos
	s.value(p, level)
	p.to = p.from + len(bytes.TrimRight(s.text[p.from:s.pos], " \t\r\n"))
}

func (s *scanner) value(p *place, level int) {
	if s.end() || s.tooDeep(level) {
		return
	}
	switch s.text[s.pos] {
	case '"', '\'':
		s.quoted()
	case '[':
		s.members("]", func() {
			item := &place{line: s.line}
			p.items = append(p.items, item)
			s.value(item, level+1)
		})
	case '{':
		s.members("}", func() { s.pair(p, level+1) })
	default:
		s.until(",]}#\n")
	}
}

// members reads what stands between brackets, separated by commas.
func (s *scanner) members(closing string, read func()) {
	s.advance(1)
	for s.blank(true); !s.end() && !s.take(closing); s.blank(true) {
		start := s.pos
		read()
		s.blank(true)
		s.take(",")
		s.progress(start)
	}
}

// quoted reads a string of any of the four kinds. The text it returns is right
// for those that may stand in a key.
func (s *scanner) quoted() string {
	quote := string(s.text[s.pos : s.pos+1])
	closing := quote
	if bytes.HasPrefix(s.text[s.pos:], []byte(strings.Repeat(quote, 3))) {
		closing = strings.Repeat(quote, 3)
	}
	s.advance(len(closing))
	start := s.pos
	for !s.end() && !bytes.HasPrefix(s.text[s.pos:], []byte(closing)) {
		if quote == `"` && s.text[s.pos] == '\\' {
			s.advance(1)
		}
		s.advance(1)
	}
	content := string(s.text[start:s.pos])
	s.advance(len(closing))
	for len(closing) == 3 && s.take(quote) {
		continue // a long string may end in quotes of its own: """a"""""
	}
	if quote == `"` {
		// A basic string of one line has the escapes of a Go string.
		if plain, err := strconv.Unquote(quote + content + quote); err == nil {
			return plain
		}
	}
	return content
}
