package poll

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A table is one table being read: first its first column, then the others,
// and where the first is empty whether any other has rows.
type table struct {
	decoder mib.Decoder
	reading lan.Reading
	skipped bool
	seek    *seeker // nil where it is walked

	// Of a table whose rows are asked for as others need them, and of those others.
	ranged  bool                  // only some ranges of its rows are asked for
	unasked bool                  // and none is asked for yet
	seen    func(index smi.OID)   // if not nil, called for every row of each column
	settled func() []*snmp.Cursor // if not nil, says what else is to be read when nothing of it is on its way

	asked int // columns that were asked for
	open  int // cursors that are not done
	err   error
	start time.Time

	decoded bool   // what was read is in the snapshot
	rows    int    // that the decoder has seen
	unread  string // what it could not read
	remark  string // to be said with the reading
}

func newTable(decoder mib.Decoder, context string) *table {
	return &table{decoder: decoder, reading: lan.Reading{Table: decoder.Table(), Context: context, Method: lan.Walk}, start: time.Now()}
}

// forwards tells whether it is one of the standard forwarding tables.
func (t *table) forwards() bool {
	return t.reading.Table == lan.Dot1dTpFdbTable || t.reading.Table == lan.Dot1qTpFdbTable
}

// skip leaves the table out.
func (t *table) skip(reason string) {
	t.skipped, t.reading.Status, t.reading.Reason = true, lan.Failed, reason
}

// walk asks for the first columns to begin with.
func (t *table) walk(first int) []*snmp.Cursor {
	columns := t.decoder.Columns()
	var cursors []*snmp.Cursor
	for ; t.asked < min(first, len(columns)); t.asked++ {
		cursors = append(cursors, t.column(columns[t.asked], t.asked))
	}
	return cursors
}

// fewEntities is how many rows of entPhysicalTable are asked for at once: not
// far behind its end entLogicalTable has communities, which nobody is to see
// on the wire.
const fewEntities = 8

// column reads one column.
func (t *table) column(column mib.Column, n int) *snmp.Cursor {
	t.open++
	width := len(column.OID)
	rows := 0
	if t.reading.Table == lan.EntPhysicalTable {
		rows = fewEntities
	}
	return &snmp.Cursor{Root: column.OID, Rows: rows, Tally: &t.reading.Requests,
		Row: func(vb smi.Varbind) error {
			if t.seen != nil {
				t.seen(vb.Name[width:])
			}
			t.decoder.Row(n, vb.Name[width:], vb.Value)
			return nil
		},
		Done: func(err error) []*snmp.Cursor { return t.done(column.Name, err) }}
}

// done takes in how a column has ended, and says what is to be read next.
func (t *table) done(column string, err error) []*snmp.Cursor {
	t.open--
	if err != nil && t.err == nil {
		t.err = fmt.Errorf("read %s: %w", column, err)
	}
	if t.open > 0 {
		return nil
	}
	t.reading.Elapsed = time.Since(t.start)
	more := t.next()
	if t.settled != nil {
		more = append(more, t.settled()...)
	}
	return more
}

// next says what is to be read of the table when what was asked for is there.
func (t *table) next() []*snmp.Cursor {
	switch {
	case t.err != nil, t.ranged:
		return nil
	case t.decoder.Rows() == 0 && mib.OnlyColumns(t.reading.Table):
		return nil
	case t.decoder.Rows() == 0:
		return t.elsewhere()
	}
	return t.walk(len(t.decoder.Columns())) // with what the rows have called for
}

var errFound = errors.New("a row was found")

// elsewhere looks for rows in the columns that were not read: a table whose
// first column is empty is not absent for that.
func (t *table) elsewhere() []*snmp.Cursor {
	columns := t.decoder.Columns()
	entry := columns[0].OID[:len(columns[0].OID)-1]
	t.open++
	return []*snmp.Cursor{{Root: entry, Rows: 1, Tally: &t.reading.Requests,
		Row: func(smi.Varbind) error { return errFound },
		Done: func(err error) []*snmp.Cursor {
			t.open--
			t.reading.Elapsed = time.Since(t.start)
			switch {
			case err == nil:
			case !errors.Is(err, errFound):
				t.err = fmt.Errorf("read %s: %w", columns[0].Name, err)
			case t.asked < len(columns):
				return t.walk(len(columns))
			case t.decoder.Rows() == 0:
				t.err = fmt.Errorf("it has rows, but none with %s", columns[0].Name)
			}
			return nil
		}}}
}

// decode adds what was read to the snapshot.
func (t *table) decode(s *lan.Snapshot) {
	if t.skipped || t.decoded {
		return
	}
	t.decoded = true
	if t.seek != nil && !t.seek.walked {
		t.rows = t.seek.into(s)
		return
	}
	t.unread, t.rows = t.decoder.Into(s), t.decoder.Rows()
	if t.seek == nil {
		t.decoder = nil
	}
}

// told is what has to be said of the table.
func (t *table) told(ctx context.Context) lan.Reading {
	if t.skipped {
		return t.reading
	}
	t.reading.Rows = t.rows
	t.reading.Status, t.reading.Reason = outcome(t.reading.Rows, t.plain(ctx), t.unread)
	if t.seek != nil {
		t.seek.note(&t.reading)
	}
	if t.remark != "" {
		t.reading.Reason = joined(t.reading.Reason, t.remark)
	}
	return t.reading
}

// plain is why the table was not read to its end, without what does not
// concern it where nothing of it was read.
func (t *table) plain(ctx context.Context) error {
	switch {
	case t.err == nil || t.rows > 0:
		return t.err
	case errors.Is(t.err, snmp.ErrSilent):
		return errors.New(Silent)
	case ctx.Err() != nil && errors.Is(t.err, context.Cause(ctx)):
		return context.Cause(ctx)
	}
	return t.err
}

func outcome(rows int, err error, unread string) (lan.ReadStatus, string) {
	switch {
	case err != nil && rows == 0:
		return lan.Failed, err.Error()
	case err != nil:
		return lan.Partial, err.Error()
	case unread != "":
		return lan.Partial, unread
	case rows == 0:
		return lan.Absent, ""
	default:
		return lan.Complete, ""
	}
}

// joined puts a remark behind others.
func joined(reason, remark string) string {
	if reason == "" {
		return remark
	}
	return reason + "; " + remark
}
