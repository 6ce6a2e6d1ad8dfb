// Package poll reads the tables of devices into snapshots: which tables, in
// what order, how many devices at once. What cannot be read is said in the
// snapshot; it never ends the reading of anything else.
package poll

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A Source answers for one device: a session with a switch, or a capture.
type Source interface {
	// Get reads objects by name, in order; a missing one carries an exception.
	Get(ctx context.Context, names ...smi.OID) ([]smi.Varbind, error)
	// Walk passes on every object in the subtree of root. It returns nil only
	// when the subtree was read to its end, and row's error when that ended it.
	Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error
	// Requests tells how many requests were sent so far.
	Requests() int
	// Contexts names the further views of the device, such as Cisco's VLAN
	// communities. The snapshot is what the device says of itself.
	Contexts(*lan.Snapshot) []string
	// In reaches one of them.
	In(ctx context.Context, name string) (Source, error)
	// Close ends the use of the source.
	Close() error
}

// A Device is something to be read.
type Device struct {
	Name string // the address or file as the user named it
	// Open reaches the device.
	Open func(ctx context.Context) (Source, error)
	// Skip are tables that are not asked for.
	Skip []lan.Table
	// Limit bounds the time of the whole reading. If zero, it is MaxTime.
	Limit time.Duration
}

// MaxDevices is how many devices are read at once.
const MaxDevices = 32

// MaxTime is how long one device is read at most, so that none holds up all
// the others.
const MaxTime = 10 * time.Minute

// Words in the reasons of readings.
const (
	SwitchedOff = "switched off in the configuration" // the user does not want the table
	OutOfTime   = "gets no more time"                 // Device.Limit has gone by
	Silent      = "the device has stopped answering"
)

// All reads every device and returns their snapshots in the same order. done
// is called, from one goroutine at a time, after each.
func All(ctx context.Context, devices []Device, done func(lan.Snapshot)) []lan.Snapshot {
	snapshots := make([]lan.Snapshot, len(devices))
	finished := make(chan int)
	var group errgroup.Group
	group.SetLimit(MaxDevices)
	go func() {
		for i, d := range devices {
			group.Go(func() error {
				snapshots[i] = Read(ctx, d)
				finished <- i
				return nil
			})
		}
		group.Wait()
		close(finished)
	}()
	for i := range finished {
		if done != nil {
			done(snapshots[i])
		}
	}
	return snapshots
}

// Read reads one device.
func Read(ctx context.Context, d Device) (s lan.Snapshot) {
	s = lan.Snapshot{Source: d.Name, Kind: lan.SwitchSource, From: time.Now()}
	defer func() {
		// A device must not be able to end the service: whatever a decoder did
		// not expect costs this device's reading alone.
		if r := recover(); r != nil {
			s.Err = fmt.Sprintf("read %s: %v", d.Name, r)
		}
		s.To = time.Now()
	}()
	limit := cmp.Or(d.Limit, MaxTime)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the device has been read for %v, and %s", limit, OutOfTime))
	defer cancel()
	source, err := d.Open(ctx)
	if err != nil {
		s.Err = err.Error()
		return s
	}
	defer source.Close()
	r := reader{snapshot: &s, source: source, skip: d.Skip}
	r.view(ctx, mib.Decoders())
	r.contexts(ctx)
	hiddenVLANs(&s)
	if !anythingRead(&s) {
		s.Err = "it answered, but no table could be read"
	}
	return s
}

func anythingRead(s *lan.Snapshot) bool {
	return slices.ContainsFunc(s.Readings, func(r lan.Reading) bool {
		return r.Status == lan.Complete || r.Status == lan.Partial || r.Status == lan.Absent
	})
}

// A reader reads one view of one device.
type reader struct {
	snapshot *lan.Snapshot
	source   Source
	context  string
	skip     []lan.Table
	silent   bool // the device has stopped answering
}

// view reads the view into the snapshot.
func (r *reader) view(ctx context.Context, decoders []mib.Decoder) {
	r.system(ctx)
	r.tables(ctx, decoders)
	mib.Join(r.snapshot)
	r.snapshot.Requests += r.source.Requests()
}

func (r *reader) system(ctx context.Context) {
	start, before := time.Now(), r.source.Requests()
	reading := lan.Reading{Table: lan.SystemGroup, Context: r.context, Method: lan.Get, Status: lan.Complete}
	answers, err := r.source.Get(ctx, mib.Scalars()...)
	if err != nil {
		reading.Status, reading.Reason = lan.Failed, err.Error()
	}
	reading.Rows = mib.ReadScalars(r.snapshot, answers)
	if err == nil && reading.Rows == 0 {
		reading.Status = lan.Absent
	}
	reading.Requests, reading.Elapsed = r.source.Requests()-before, time.Since(start)
	r.snapshot.Readings = append(r.snapshot.Readings, reading)
}

func (r *reader) tables(ctx context.Context, decoders []mib.Decoder) {
	for _, decoder := range decoders {
		if mib.Concerns(decoder.Table(), r.snapshot.System.ObjectID) {
			r.snapshot.Readings = append(r.snapshot.Readings, r.table(ctx, decoder))
		}
	}
}

// table reads the columns of one table, and what an empty first column leaves
// open: whether the table is absent or has rows without that column.
func (r *reader) table(ctx context.Context, decoder mib.Decoder) lan.Reading {
	start, before := time.Now(), r.source.Requests()
	reading := lan.Reading{Table: decoder.Table(), Context: r.context, Method: lan.Walk}
	if slices.Contains(r.skip, reading.Table) {
		reading.Status, reading.Reason = lan.Failed, SwitchedOff
		return reading
	}
	err := r.columns(ctx, decoder)
	unread := decoder.Into(r.snapshot)
	reading.Rows = decoder.Rows()
	reading.Status, reading.Reason = outcome(reading.Rows, err, unread)
	reading.Requests, reading.Elapsed = r.source.Requests()-before, time.Since(start)
	return reading
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

var errSilent = errors.New(Silent)

func (r *reader) columns(ctx context.Context, decoder mib.Decoder) error {
	if r.silent {
		return errSilent
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	// The decoder may find, while it reads, that it needs a column more.
	for c := 0; c < len(decoder.Columns()); c++ {
		column := decoder.Columns()[c]
		width := len(column.OID)
		err := r.source.Walk(ctx, column.OID, func(vb smi.Varbind) error {
			decoder.Row(c, vb.Name[width:], vb.Value)
			return nil
		})
		if err != nil {
			r.silent = errors.Is(err, snmp.ErrNoAnswer) && !r.alive(ctx)
			return fmt.Errorf("read %s: %w", column.Name, err)
		}
		if c == 0 && decoder.Rows() == 0 && (mib.OnlyColumns(decoder.Table()) || !r.hasRows(ctx, column.OID)) {
			return nil
		}
	}
	if decoder.Rows() == 0 {
		return fmt.Errorf("it has rows, but none with %s", decoder.Columns()[0].Name)
	}
	return nil
}

// alive tells whether the device still answers at all: one table may be more
// than it can deliver.
func (r *reader) alive(ctx context.Context) bool {
	_, err := r.source.Get(ctx, mib.Scalars()[:1]...)
	return err == nil
}

var errFound = errors.New("a row was found")

// hasRows tells whether a table whose first column is empty has any other.
func (r *reader) hasRows(ctx context.Context, column smi.OID) bool {
	err := r.source.Walk(ctx, column[:len(column)-1], func(smi.Varbind) error { return errFound })
	return err != nil
}
