package snmp

import (
	"errors"
	"fmt"
	"time"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Cursor is a part of the tree that is to be read: a subtree or a range in
// it, object by object or by leaps.
type Cursor struct {
	Root  smi.OID // the subtree
	After smi.OID // where it starts; the beginning of the subtree if nil
	Until smi.OID // the first object that is not wanted; all are if nil
	Rows  int     // wanted at once; before a leap to begin with. If zero, one there, and else what fits

	// Row is called for every object, in the order in which the device gives
	// them. The name is good until it returns. An error ends the cursor.
	Row func(smi.Varbind) error
	// Leap, if not nil, is asked after each answer where to go on: after which
	// object, and for how many at once; none end the cursor.
	Leap func(last smi.OID) (after smi.OID, rows int)
	// Done is called once. The error is nil only when the device said that the
	// part has ended: the next object lies behind it, or there is none.
	// Otherwise Row has seen what there was, and the error says why that is not
	// all: ErrNoAnswer, ErrCut, ErrOrder, ErrTooManyRows, the context's error,
	// or that of Row. Cursors that it returns are read as well.
	Done func(error) []*Cursor
	// Next is, when Done is called without an error, the object behind the part;
	// nil where there is none. It is good until Done returns.
	Next smi.OID
	// Tally, if not nil, counts the requests that asked for this part, alone or
	// with others.
	Tally *int

	walk walk
}

// ErrOrder means that the objects of a range, or between leaps, do not come in
// order, so that some may have been leapt over.
var ErrOrder = errors.New("rows out of order")

// A walk is how far a cursor has come.
type walk struct {
	last  smi.OID // where the next request starts
	rows  int
	seen  seen
	plain int  // rows that the answer begins with of which nothing is to be said
	want  int  // objects at once, if so many fit
	own   bool // last is a copy of its own
	stray bool // it seems to have ended; the next answer shows whether it has
	ended bool
	away  bool // a request for it is on its way
	began time.Time

	alone  bool // asked for without others: something went wrong with all together
	single bool // GETNEXT from here on: GETBULK failed on this part
	atOnce int  // what the session asked for at once before it was less, for this part
}

// ordered tells whether the cursor relies on the order of the objects.
func (c *Cursor) ordered() bool { return c.Leap != nil || c.Until != nil || c.After != nil }

// look counts the objects that an answer begins with and that are as is to be
// expected: rows of the part, one behind the other. Nearly all are, and no
// further question is asked of them.
func (c *Cursor) look(rows share) {
	w := &c.walk
	if w.plain = 0; w.stray {
		return
	}
	for last := w.last; w.plain < rows.len(); w.plain++ {
		vb := rows.at(w.plain)
		if vb.Value.Exception() || c.isOutside(vb.Name) || vb.Name.Compare(last) <= 0 {
			return
		}
		last = vb.Name
	}
}

// take passes on the objects of one answer, and tells whether the part has
// ended. What is kept of their names is copied: they are gone with the answer.
// The copy takes the place of the one before.
func (c *Cursor) take(rows share, maxRows int) (ended bool, err error) {
	w := &c.walk
	var room smi.OID
	if w.own {
		room = w.last[:0]
	}
	ended, err = c.pass(rows, maxRows)
	w.last, w.own = append(room, w.last...), true
	return ended, err
}

func (c *Cursor) pass(rows share, maxRows int) (ended bool, err error) {
	w := &c.walk
	if !c.ordered() {
		w.seen.reserve(w.plain)
	}
	fresh := false
	for i := range rows.len() {
		vb, plain := rows.at(i), i < w.plain
		switch {
		case plain:
		case vb.Value.Exception():
			return true, c.exception(vb.Value.Kind)
		case w.stray && vb.Name.HasPrefix(c.Root):
			return true, fmt.Errorf("%w: the device answered with an object from elsewhere in the middle of the table", ErrCut)
		case c.isOutside(vb.Name):
			return c.leave(rows.from(i))
		case c.ordered() && vb.Name.Compare(w.last) <= 0:
			return true, fmt.Errorf("%w: %v after %v", ErrOrder, vb.Name, w.last)
		}
		switch {
		case !c.ordered() && w.repeated(vb.Name, len(c.Root), plain):
		case w.rows == maxRows:
			return true, fmt.Errorf("%w (%d)", ErrTooManyRows, w.rows)
		default:
			fresh = true
			w.rows++
			w.last = vb.Name
			if err := c.Row(*vb); err != nil {
				return true, err
			}
		}
	}
	if !fresh {
		return true, fmt.Errorf("%w: the device goes round in circles at %v", ErrCut, w.last)
	}
	return c.proceed(rows.at(rows.len() - 1).Name)
}

// proceed says where to go on after an object.
func (c *Cursor) proceed(last smi.OID) (ended bool, err error) {
	c.walk.last = last
	if c.Leap != nil {
		c.walk.last, c.walk.want = c.Leap(last)
	}
	return c.walk.want == 0, nil
}

func (c *Cursor) exception(kind smi.Kind) error {
	w := &c.walk
	if c.ordered() && kind != smi.EndOfMibView {
		// In the middle of a table it is no end of anything.
		return fmt.Errorf("%w: the device answered %v to what comes after %v", ErrOrder, kind, w.last)
	}
	if kind == smi.EndOfMibView || w.rows == 0 || c.strayed() {
		// Some agents say noSuchObject to GETNEXT in a table they do not have.
		return nil
	}
	return fmt.Errorf("%w: the device answered %v after %v", ErrCut, kind, w.last)
}

// strayed tells whether what is asked for by now comes after an object outside
// the part, with which it seems to have ended.
func (c *Cursor) strayed() bool { return c.walk.stray && !c.walk.last.HasPrefix(c.Root) }

func (c *Cursor) isOutside(name smi.OID) bool {
	return !name.HasPrefix(c.Root) || len(name) == len(c.Root) || c.Until != nil && name.Compare(c.Until) >= 0
}

// leave ends the cursor at an object outside its part. What lies before the
// part cannot be its end, nor can an object after which the part goes on.
// Where that is not to be seen in this answer, the next one shows it.
func (c *Cursor) leave(rest share) (ended bool, err error) {
	w, name := &c.walk, rest.at(0).Name
	back, further := c.comesBack(rest.from(1))
	switch {
	case name.Compare(c.Root) <= 0:
		return true, fmt.Errorf("%w: the device answered %v to what comes after %v", ErrCut, name, w.last)
	case further && !c.ordered():
		return true, fmt.Errorf("%w: the device answered %v in the middle of the table", ErrCut, name)
	case back && !c.ordered() && !w.stray:
		w.stray = true // what comes after the last row shows it, when it is asked for again
		return false, nil
	case rest.len() > 1 || w.rows == 0 || w.stray || c.ordered() || name.HasPrefix(entLogicalTable):
		c.Next = name
		return true, nil
	}
	w.stray, w.last = true, name
	return false, nil
}

// entLogicalTable (ENTITY-MIB, RFC 6933) holds communities: nobody is to ask
// what comes after an object of it.
var entLogicalTable = smi.MustOID("1.3.6.1.2.1.47.1.2.1")

// comesBack tells whether there are rows of the part behind an object outside it,
// and whether any is a further one. Where all were seen before, it may be what
// follows the part that leads back to it.
func (c *Cursor) comesBack(rest share) (back, further bool) {
	for i := range rest.len() {
		if vb := rest.at(i); vb.Name.HasPrefix(c.Root) && !vb.Value.Exception() {
			back = true
			further = further || !c.walk.seen.has(vb.Name[len(c.Root):])
		}
	}
	return back, further
}

// repeated tells whether a row was seen before. Rows in the wrong order are
// no fault as such (some agents sort by another key); one that comes twice is
// passed on once, and an answer of nothing but such rows is a loop.
func (w *walk) repeated(name smi.OID, root int, plain bool) bool {
	inOrder := plain || name.Compare(w.last) > 0 // behind all others, as long as none was not
	return w.seen.before(name[root:], inOrder)
}
