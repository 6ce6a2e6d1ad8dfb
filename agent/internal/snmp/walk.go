package snmp

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Walk calls row for every object in the subtree of root, in the order in
// which the device gives them. It returns nil only when the device said that
// the subtree has ended: the next object lies behind it, or there is none.
// Otherwise row has seen what there was, and the error says why that is not
// all: ErrNoAnswer, ErrCut, ErrTooManyRows, the context's error, or the one
// with which row ended the walk.
func (s *Session) Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.opts.TableTime, errTableTime(s.opts.TableTime))
	defer cancel()
	w := walk{session: s, root: root, row: row, last: root}
	bulk := s.bulk
	for !w.ended {
		if err := w.step(ctx); err != nil {
			if w.single {
				s.bulk = bulk // one row was too much as well: it was not the size
			}
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return fmt.Errorf("after %d rows: %w", w.rows, err)
		}
	}
	return nil
}

func errTableTime(limit time.Duration) error {
	return fmt.Errorf("%w: not at its end after %v", ErrCut, limit)
}

// A walk is a subtree being read.
type walk struct {
	session *Session
	root    smi.OID
	row     func(smi.Varbind) error
	last    smi.OID // where the next request starts
	highest smi.OID // greatest name seen
	rows    int
	ended   bool
	single  bool // GETNEXT from here on: GETBULK failed on this table
	seen    seen
}

// step asks for what comes after w.last and takes it in.
func (w *walk) step(ctx context.Context) error {
	a, err := w.ask(ctx)
	if err != nil {
		return err
	}
	switch a.status {
	case gosnmp.NoError:
		return w.take(a.varbinds)
	case gosnmp.NoSuchName:
		// The end of everything in SNMPv1. A later version has no such end; an
		// agent that uses it all the same is believed where nothing gets lost.
		if w.session.cred.Version == V1 || w.rows == 0 {
			w.ended = true
			return nil
		}
	case gosnmp.TooBig, gosnmp.GenErr:
		if w.shrink() {
			return nil
		}
	}
	return fmt.Errorf("%w: the device answered %v to what comes after %v", ErrCut, a.status, w.last)
}

// ask sends one request. A device that leaves a long answer unsent, because
// it would be fragmented or because it cannot build it, is asked for less
// before it is given up; what it manages is remembered for the session.
func (w *walk) ask(ctx context.Context) (answer, error) {
	s := w.session
	for {
		if w.single || s.cred.Version == V1 {
			return s.exchange(ctx, gosnmp.GetNextRequest, []smi.OID{w.last}, 0, s.opts.Attempts)
		}
		a, err := s.exchange(ctx, gosnmp.GetBulkRequest, []smi.OID{w.last}, s.bulk, s.bulkAttempts())
		if err == nil {
			s.proven = max(s.proven, len(a.varbinds))
		}
		if !errors.Is(err, ErrNoAnswer) || !w.shrink() {
			return a, err
		}
	}
}

// bulkAttempts is how often an answer is asked for before it is taken to be
// too long: not often where none of its length has come yet. Otherwise it
// was more likely lost, and asking for less would make more to get lost.
func (s *Session) bulkAttempts() int {
	if s.bulk == 1 || s.bulk <= s.proven {
		return s.opts.Attempts
	}
	return min(s.opts.Attempts, 2)
}

// shrink asks for less from now on: half the rows, and after one row at a
// time GETNEXT. It returns false when there is nothing less to ask for.
func (w *walk) shrink() bool {
	switch {
	case w.single || w.session.cred.Version == V1:
		return false
	case w.session.bulk > 1:
		w.session.bulk /= 2
		w.session.proven = 0 // rows may be longer in this table
	default:
		w.single = true
	}
	return true
}

// take passes the rows of one answer on.
func (w *walk) take(varbinds []smi.Varbind) error {
	fresh := false
	for i, vb := range varbinds {
		if vb.Value.Exception() {
			return w.exception(vb.Value.Kind)
		}
		if !vb.Name.HasPrefix(w.root) {
			if strayed(varbinds[i+1:], w.root) {
				return fmt.Errorf("%w: the device answered %v in the middle of the table", ErrCut, vb.Name)
			}
			return w.leave(vb.Name)
		}
		if w.repeated(vb.Name) {
			continue
		}
		if w.rows == w.session.opts.MaxRows {
			return fmt.Errorf("%w (%d)", ErrTooManyRows, w.rows)
		}
		fresh = true
		w.rows++
		if err := w.row(vb); err != nil {
			return err
		}
	}
	if !fresh {
		return fmt.Errorf("%w: the device goes round in circles at %v", ErrCut, w.last)
	}
	w.last = varbinds[len(varbinds)-1].Name
	return nil
}

func (w *walk) exception(kind smi.Kind) error {
	if kind == smi.EndOfMibView || w.rows == 0 {
		// Some agents say noSuchObject to GETNEXT in a table they do not have.
		w.ended = true
		return nil
	}
	return fmt.Errorf("%w: the device answered %v after %v", ErrCut, kind, w.last)
}

// leave ends the walk at an object outside the subtree. What lies before it
// cannot be its end.
func (w *walk) leave(name smi.OID) error {
	if name.Compare(w.root) < 0 {
		return fmt.Errorf("%w: the device answered %v to what comes after %v", ErrCut, name, w.last)
	}
	w.ended = true
	return nil
}

// strayed tells whether the subtree goes on after an object outside it.
func strayed(rest []smi.Varbind, root smi.OID) bool {
	for _, vb := range rest {
		if vb.Name.HasPrefix(root) && !vb.Value.Exception() {
			return true
		}
	}
	return false
}

// repeated tells whether a row was seen before. Rows in the wrong order are
// no fault as such (some agents sort by another key); one that comes twice is
// passed on once, and an answer of nothing but such rows is a loop.
func (w *walk) repeated(name smi.OID) bool {
	inOrder := name.Compare(w.highest) > 0
	if inOrder {
		w.highest = name
	}
	return w.seen.before(name, inOrder)
}

// seen remembers the rows of a walk by their hash, as a plain list for as
// long as they come in order and none can come twice.
type seen struct {
	seed   maphash.Seed
	hashes []uint64
	set    map[uint64]bool
}

func (s *seen) before(name smi.OID, inOrder bool) bool {
	if s.hashes == nil && s.set == nil {
		s.seed = maphash.MakeSeed()
	}
	hash := s.hash(name)
	if inOrder && s.set == nil {
		s.hashes = append(s.hashes, hash)
		return false
	}
	if s.set == nil {
		s.set = make(map[uint64]bool, 2*len(s.hashes))
		for _, h := range s.hashes {
			s.set[h] = true
		}
		s.hashes = nil
	}
	if s.set[hash] {
		return true
	}
	s.set[hash] = true
	return false
}

func (s *seen) hash(name smi.OID) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, arc := range name {
		h.WriteByte(byte(arc))
		h.WriteByte(byte(arc >> 8))
		h.WriteByte(byte(arc >> 16))
		h.WriteByte(byte(arc >> 24))
	}
	return h.Sum64()
}
