package config

import "errors"

// maxNesting bounds the depth of tables, arrays and dotted keys. The deepest
// key of ours has three parts.
const maxNesting = 16

var errNesting = errors.New("tables, lists or dotted keys are nested too deeply")

// A place tells where a value stands in the text. The places of a document are
// a tree of the same shape as its values. A nil place is the first line.
type place struct {
	line  int
	from  int               // of a value: where in the text it begins, in bytes; 0: it is none
	to    int               // and where it ends
	head  int               // of a table under [name]: where in the text its head ends; 0: it has none
	keys  map[string]*place // of a table
	items []*place          // of an array
}

// at is the place of a key, the table's own where the key is not in the text.
func (p *place) at(key string) *place {
	if p != nil && p.keys[key] != nil {
		return p.keys[key]
	}
	return p
}

// item is the place of an element, the array's own where there is none.
func (p *place) item(i int) *place {
	if p != nil && i < len(p.items) {
		return p.items[i]
	}
	return p
}

func (p *place) number() int {
	if p == nil {
		return 1
	}
	return p.line
}

// descend returns the place of a dotted key, made where it is new. On the way
// the name of an array of tables stands for its last table.
func (p *place) descend(path []string, line int) *place {
	for _, key := range path {
		if n := len(p.items); n > 0 {
			p = p.items[n-1]
		}
		if p.keys == nil {
			p.keys = make(map[string]*place)
		}
		if p.keys[key] == nil {
			p.keys[key] = &place{line: line}
		}
		p = p.keys[key]
	}
	return p
}

// places finds the place of every key and element in a TOML text. Where the
// text is no TOML the answer is of no use, but there always is one.
func places(text []byte) (*place, error) {
	s := &scanner{text: text, line: 1}
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if s.take(mark) { // the byte order mark of Windows editors, which the TOML library skips too
			break
		}
	}
	root := &place{line: 1}
	table := root
	for s.blank(true); !s.end(); s.blank(true) {
		start := s.pos
		switch {
		case s.take("[["):
			path, line := s.key(), s.line
			list := root.descend(path, line)
			table = &place{line: line}
			list.items = append(list.items, table)
			s.take("]]")
			table.head = s.pos
		case s.take("["):
			path, line := s.key(), s.line
			table = root.descend(path, line)
			table.line = line
			s.take("]")
			table.head = s.pos
		default:
			s.pair(table, 0)
		}
		s.progress(start)
	}
	if s.deep > 0 {
		return &place{line: s.deep}, errNesting
	}
	return root, nil
}
