// Package poll reads the tables of devices into snapshots: which tables, in
// what order, how many devices at once, and which rows of a forwarding table.
// What cannot be read is said in the snapshot; it never ends the reading of
// anything else.
package poll

import (
	"context"
	"errors"
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
	// Read reads the parts of the tree that the cursors stand for. The error is
	// nil, or snmp.ErrConfused.
	Read(ctx context.Context, cursors ...*snmp.Cursor) error
	// Walk passes on every object in the subtree of root, whose name is good
	// until row returns. It returns nil only when the subtree was read to its
	// end, and row's error when that ended it.
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

// OneByOne reads parts of a source one after the other, and all of each, as is
// good enough for what is at hand as a whole.
func OneByOne(ctx context.Context, source Source, cursors []*snmp.Cursor) error {
	for len(cursors) > 0 {
		c := cursors[0]
		if c.Tally != nil {
			*c.Tally++
		}
		cursors = append(cursors[1:], c.Done(source.Walk(ctx, c.Root, c.Row))...)
	}
	return nil
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
	// Full has every row of the forwarding tables read, not only the rows that
	// are sought.
	Full bool
	// Past is what is known of the device from before; nil where it is read
	// only once. All brings it up to date.
	Past *Past
	// Recorded says that the source is at hand as a whole, so that nothing is
	// won by leaps or by asking for many parts at once.
	Recorded bool
	// Landmarks are addresses that other devices are likely to know as well. They
	// are looked for as the devices' own are.
	Landmarks []lan.MAC
	// Found says how the device was found; empty where the user named it.
	Found string
}

// MaxDevices is how many devices are asked at once whether they answer, and
// maxReading how many of those that do are read. One that is silent holds up
// no other; one that is read takes memory.
const MaxDevices, maxReading = 256, 100

// MaxTime is how long one device is read at most, so that none holds up all
// the others.
const MaxTime = 10 * time.Minute

// Words in the reasons of readings.
const (
	SwitchedOff = "switched off in the configuration" // the user does not want the table
	OutOfTime   = "gets no more time"                 // Device.Limit has gone by
	Silent      = "the device has stopped answering"
)

// All reads every device and returns their snapshots in the same order. Of
// large forwarding tables only the addresses in the sought ranges are read,
// those of the other devices, and the landmarks: sought must be in order, and
// of none is everything read. done is called, from one goroutine at a time,
// after each.
func All(ctx context.Context, devices []Device, sought []lan.MACRange, done func(lan.Snapshot)) []lan.Snapshot {
	return Explore(ctx, devices, nil, sought, done)
}

// Explore reads as All does, and further devices that come to light on the
// way: further is handed what the devices read last have said of themselves
// and of their neighbours, and names those to be read next, until there are
// none. A nil further names none. The snapshots are in the order in which the
// devices were named; those that further is handed are not joined yet.
func Explore(ctx context.Context, devices []Device, further func(read []lan.Snapshot) []Device, sought []lan.MACRange, done func(lan.Snapshot)) []lan.Snapshot {
	return readAll(ctx, devices, further, sought, func(many int) (most, comb int) {
		return min(walkedAtMost, walkedInAll/many), min(combedAtMost, combedInAll/many)
	}, done)
}

// readAll is Explore with the numbers of rows up to which a forwarding table is
// walked, and combed, among so many devices as are known.
func readAll(ctx context.Context, devices []Device, further func([]lan.Snapshot) []Device, sought []lan.MACRange, limits func(devices int) (most, comb int), done func(lan.Snapshot)) []lan.Snapshot {
	intervals := make([]interval, len(sought))
	for i, in := range sought {
		intervals[i] = interval{first: position{mac: numberOf(in.First)}, last: position{mac: numberOf(in.Last)}}
	}
	var visits []*visit
	slots := make(chan struct{}, maxReading)
	for {
		most, comb := limits(max(len(visits)+len(devices), 1))
		round := make([]*visit, len(devices))
		for i, d := range devices {
			round[i] = &visit{device: d, slots: slots, sought: intervals, most: most, comb: comb}
		}
		each(round, func(v *visit) bool { return v.read(ctx) }, done)
		visits = append(visits, round...)
		if further == nil {
			break
		}
		if devices = further(snapshots(round)); len(devices) == 0 {
			break
		}
	}
	own := furtherAddresses(visits, intervals)
	each(visits, func(v *visit) bool { return v.sight(ctx, own) }, done)
	return snapshots(visits)
}

func snapshots(visits []*visit) []lan.Snapshot {
	list := make([]lan.Snapshot, len(visits))
	for i, v := range visits {
		list[i] = v.snapshot
	}
	return list
}

// each does something with every visit that is not finished, and calls done
// of those that are after it.
func each(visits []*visit, do func(*visit) bool, done func(lan.Snapshot)) {
	finished := make(chan *visit)
	var group errgroup.Group
	group.SetLimit(MaxDevices)
	go func() {
		for _, v := range visits {
			if v.finished {
				continue
			}
			group.Go(func() error {
				if v.finished = do(v); v.finished {
					finished <- v
				}
				return nil
			})
		}
		group.Wait()
		close(finished)
	}()
	for v := range finished {
		if done != nil {
			done(v.snapshot)
		}
	}
}

// Read reads everything of one device.
func Read(ctx context.Context, d Device) lan.Snapshot { return All(ctx, []Device{d}, nil, nil)[0] }

func anythingRead(s *lan.Snapshot) bool {
	return slices.ContainsFunc(s.Readings, func(r lan.Reading) bool {
		return r.Status == lan.Complete || r.Status == lan.Partial || r.Status == lan.Absent
	})
}

// A reader reads one view of one device.
type reader struct {
	snapshot   *lan.Snapshot
	source     Source
	context    string
	skip       []lan.Table
	sought     []interval // in forwarding tables; shared
	full       bool       // all rows of these are read
	most, comb int        // rows up to which they are walked rather than sought in
	recorded   bool
	past       *Past // nil: nothing is known, and nothing is to be remembered

	due                  bool // everything is to be read anew
	holdStatic, holdLLDP bool // what is known of these tables still holds
	recalled             bool // and is in the snapshot

	tables []*table
}

// waysToAsk is how often all is read anew from a device that confuses its
// answers: each time it is asked in another way.
const waysToAsk = 3

// read reads the tables, for finish to make sense of.
func (r *reader) read(ctx context.Context, decoders func() []mib.Decoder) {
	r.system(ctx)
	if r.past != nil {
		var changed bool
		r.holdStatic, r.holdLLDP, changed = r.past.hold(r.snapshot)
		if r.due = r.full || changed; r.due {
			r.holdStatic, r.holdLLDP = false, false
		}
		r.full = r.due || r.past.Unsorted != ""
	}
	for range waysToAsk {
		r.tables = nil
		if err := r.source.Read(ctx, r.begin(decoders())...); err == nil {
			return
		}
	}
	r.confused(r.tables)
}

// confused says of tables that what was read of them cannot be believed.
func (r *reader) confused(tables []*table) {
	for _, t := range tables {
		if t.err == nil && !t.skipped {
			t.err = snmp.ErrConfused
		}
	}
}

// begin are the cursors for all tables.
func (r *reader) begin(decoders []mib.Decoder) []*snmp.Cursor {
	var cursors []*snmp.Cursor
	var forwarding []*table
	var local *table // lldpLocPortTable, where it waits for lldpRemTable
	for _, decoder := range decoders {
		off := slices.Contains(r.skip, decoder.Table())
		if !mib.Concerns(decoder.Table(), r.snapshot.System.ObjectID) || !off && r.skips(decoder.Table()) {
			continue
		}
		t := newTable(decoder, r.context)
		r.tables = append(r.tables, t)
		switch {
		case off:
			t.skip(SwitchedOff)
		case t.forwards() && !r.recorded:
			forwarding = append(forwarding, t)
		case t.forwards(): // long, so that both columns are read at once
			cursors = append(cursors, t.walk(2)...)
		case t.reading.Table == lan.LLDPLocPortTable && r.past == nil && !r.full && !r.recorded:
			local = t
		case t.reading.Table == lan.EntPhysicalTable: // so few rows at once that a request has room for all its columns
			cursors = append(cursors, t.walk(len(decoder.Columns()))...)
		default:
			if t.reading.Table == lan.LLDPRemTable && local != nil {
				namePorts(local, t)
				local = nil
			}
			cursors = append(cursors, t.walk(1)...)
		}
	}
	if local != nil { // nobody says which of its rows are needed
		cursors = append(cursors, local.walk(1)...)
	}
	return append(r.forwarding(forwarding), cursors...) // what takes longest goes first
}

// forwarding are the cursors for tables that are sought in where they are
// long.
func (r *reader) forwarding(tables []*table) []*snmp.Cursor {
	if len(tables) == 0 {
		return nil
	}
	counts := &census{}
	for _, t := range tables {
		trusted, most := r.past != nil && r.past.verified[t.reading.Table], r.most
		if trusted {
			most = min(most, walkedAgain)
		}
		t.seek = &seeker{table: t, columns: t.decoder.Columns(), counts: counts, sought: r.sought, full: r.full,
			plain: r.past != nil && r.past.Unsorted != "", most: most, comb: r.comb, trusted: trusted,
			layout: layout{ids: t.decoder.Table() == lan.Dot1qTpFdbTable}}
	}
	cursors := []*snmp.Cursor{counts.cursor(&tables[0].reading.Requests, func() (more []*snmp.Cursor) {
		for _, t := range tables {
			more = append(more, t.seek.states()...)
		}
		return more
	})}
	for _, t := range tables {
		cursors = append(cursors, t.seek.begin()...)
	}
	return cursors
}

// silent tells whether the device has stopped answering.
func (r *reader) silent() bool {
	return slices.ContainsFunc(r.tables, func(t *table) bool { return errors.Is(t.err, snmp.ErrSilent) })
}

// seeks tells whether anything was sought, so that more may be.
func (r *reader) seeks() bool {
	return slices.ContainsFunc(r.tables, func(t *table) bool { return t.seek != nil && !t.seek.walked && !t.seek.full })
}

// sight seeks further addresses too.
func (r *reader) sight(ctx context.Context, further []interval) {
	var cursors []*snmp.Cursor
	var sought []*table
	for _, t := range r.tables {
		if t.seek != nil {
			sought = append(sought, t)
			cursors = append(cursors, t.seek.sight(further)...)
		}
	}
	if err := r.source.Read(ctx, cursors...); err != nil {
		r.confused(sought)
	}
}

// decode puts what was read into the snapshot, but for the tables that more
// is going to be read of. Rows are kept no longer than that: of a large site
// there are many.
func (r *reader) decode(later func(*table) bool) {
	if !r.recalled {
		r.recall()
		r.recalled = true
	}
	for _, t := range r.tables {
		if later == nil || !later(t) {
			t.decode(r.snapshot)
		}
	}
}

// finish puts what was read into the snapshot, and holds it against what was
// known.
func (r *reader) finish(ctx context.Context) {
	s := r.snapshot
	r.decode(nil)
	if r.past != nil {
		r.suspect()
		if r.due && r.past.Unsorted == "" {
			r.audit(ctx)
		}
	}
	s.Readings = slices.Grow(s.Readings, len(r.tables))
	for _, t := range r.tables {
		if t.unasked {
			continue // nothing was to be told by it
		}
		reading := t.told(ctx)
		reading.Verified = reading.Method == lan.Seek && r.past != nil && r.past.verified[reading.Table]
		s.Readings = append(s.Readings, reading)
	}
	if r.past != nil {
		r.remember()
	}
	mib.Join(s)
	if r.holdStatic {
		r.aliases(ctx)
	}
	s.Requests += r.source.Requests()
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
