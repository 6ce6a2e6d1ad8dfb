package poll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A device is a Source that answers from rows and fails where a test wants it
// to.
type device struct {
	rows  []smi.Varbind
	fails map[string]failure // by the object that is walked
	mute  int                // from this request on it is silent; 0 for never
	views map[string]*device // its contexts
	delay time.Duration      // of every answer

	silent   bool
	asked    []string // what was walked
	requests int
	closed   int
}

// A failure ends a walk after some rows.
type failure struct {
	rows int
	err  error
}

func (d *device) source() *capture.Source {
	return (&capture.Capture{Recording: capture.New(d.rows)}).Source("")
}

func (d *device) answers() error {
	time.Sleep(d.delay)
	if d.requests++; d.mute > 0 && d.requests >= d.mute {
		return errNoAnswer
	}
	return nil
}

func (d *device) Get(ctx context.Context, names ...smi.OID) ([]smi.Varbind, error) {
	if err := d.answers(); err != nil {
		return nil, err
	}
	return d.source().Get(ctx, names...)
}

func (d *device) Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error {
	d.asked = append(d.asked, root.String())
	if err := d.answers(); err != nil {
		return err
	}
	fault, faulty := d.fails[root.String()]
	n := 0
	err := d.source().Walk(ctx, root, func(vb smi.Varbind) error {
		if faulty && n == fault.rows {
			return fault.err
		}
		n++
		return row(vb)
	})
	if faulty && err == nil {
		return fault.err
	}
	return err
}

// Read notices, as a session does, that the device has fallen silent or that
// its time is over.
func (d *device) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	for len(cursors) > 0 {
		c := cursors[0]
		cursors = cursors[1:]
		err := context.Cause(ctx)
		switch {
		case err != nil:
		case d.silent:
			err = snmp.ErrSilent
		default:
			*c.Tally++
			err = d.Walk(ctx, c.Root, c.Row)
			d.silent = errors.Is(err, snmp.ErrNoAnswer) && d.mute > 0
		}
		cursors = append(cursors, c.Done(err)...)
	}
	return nil
}

func (d *device) Requests() int { return d.requests }

func (d *device) Contexts(*lan.Snapshot) []string {
	var names []string
	for name := range d.views {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (d *device) In(_ context.Context, name string) (Source, error) {
	if d.views[name] == nil {
		return nil, fmt.Errorf("reach context %s: it is closed", name)
	}
	return d.views[name], nil
}

func (d *device) Close() error {
	d.closed++
	return nil
}

// as makes a Device of it.
func (d *device) as(name string) Device {
	return Device{Name: name, Recorded: true, Open: func(context.Context) (Source, error) { return d, nil }}
}
