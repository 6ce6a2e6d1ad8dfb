package snmp

import (
	"context"
	"math"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A wire is a line without a network: the agent at its end says when what
// comes back. It is for a synctest bubble, in which waiting takes no time.
type wire struct {
	communityLine
	agent    func(w *wire, id uint32, r *request)
	onTheWay []parcel // in order of time
	datagram []byte   // the last one that came
	sent     int
}

// A parcel is a datagram and when it comes. One of nothing is a message by
// ICMP that nothing listens there.
type parcel struct {
	at       time.Time
	datagram []byte
}

func (w *wire) send(_ context.Context, r *request, _ time.Duration) (uint32, error) {
	w.spoil()
	w.sent++
	w.id++
	w.agent(w, w.id, r)
	return w.id, nil
}

// spoil overwrites what has arrived, which is good until something is sent.
func (w *wire) spoil() {
	for i := range w.datagram {
		w.datagram[i] = 0xff
	}
	if w.desk == nil {
		return
	}
	varbinds := w.desk.varbinds[:cap(w.desk.varbinds)]
	for i := range varbinds {
		varbinds[i] = smi.Varbind{Name: smi.OID{0, 0}, Value: smi.Value{Kind: smi.Opaque, Num: 1, Bytes: []byte{1}, OID: smi.OID{0, 0}}}
	}
	arcs := w.desk.arcs[:cap(w.desk.arcs)]
	for i := range arcs {
		arcs[i] = math.MaxUint32
	}
}

// deliver brings a datagram after some time.
func (w *wire) deliver(datagram []byte, after time.Duration) {
	at := time.Now().Add(after)
	i := len(w.onTheWay)
	for i > 0 && w.onTheWay[i-1].at.After(at) {
		i--
	}
	w.onTheWay = slices.Insert(w.onTheWay, i, parcel{at, datagram})
}

func (w *wire) until(ctx context.Context) func() {
	w.ctx = ctx
	return func() {}
}

func (w *wire) receive(due time.Time) *arrival {
	ctx := w.ctx
	if len(w.onTheWay) == 0 || w.onTheWay[0].at.After(due) {
		sleep(ctx, time.Until(due))
		return nil
	}
	first := w.onTheWay[0]
	w.onTheWay = w.onTheWay[1:]
	sleep(ctx, time.Until(first.at))
	if first.datagram == nil {
		return &arrival{err: syscall.ECONNREFUSED}
	}
	w.datagram = first.datagram
	return w.read(first.datagram)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (*wire) close() error { return nil }

// overWire is a session at whose other end is an agent.
func overWire(agent func(w *wire, id uint32, r *request), opts Options) (*Session, *wire) {
	w := &wire{communityLine: communityLine{version: gosnmp.Version2c, community: "public"}, agent: agent}
	opts = opts.withDefaults()
	return &Session{pace: newPace(0), cred: public, opts: opts, bulk: opts.Repetitions, window: newWindow(), line: w, hasTime: true}, w
}

// answerTo is what an agent answers that has the rows of a recording.
func answerTo(recording *capture.Recording, id uint32, r *request) snmpagent.Message {
	return answerBy(func(name smi.OID) smi.Varbind { return nextOf(recording, name) }, id, r)
}

// answerBy is what an agent answers that has something after each object, and
// sysUpTime.
func answerBy(next func(smi.OID) smi.Varbind, id uint32, r *request) snmpagent.Message {
	m := snmpagent.Message{Version: snmpagent.V2c, Community: "public", Type: snmpagent.GetResponse, RequestID: int32(id)}
	names := slices.Clone(r.names)
	for range max(r.repetitions, 1) {
		for i, name := range names {
			vb := smi.Varbind{Name: sysUpTime, Value: smi.Value{Kind: smi.TimeTicks, Num: 1}}
			if r.pdu != gosnmp.GetRequest {
				vb = next(name)
			}
			names[i] = vb.Name
			m.Varbinds = append(m.Varbinds, vb)
		}
	}
	return m
}

// collect are cursors for the first n columns of table, and what becomes of
// each.
func collect(t *testing.T, n int) ([]*Cursor, []result) {
	results := make([]result, n)
	cursors := make([]*Cursor, n)
	for i := range results {
		r := &results[i]
		root := table.Append(uint32(i) + 2)
		cursors[i] = &Cursor{Root: root,
			Row: func(vb smi.Varbind) error {
				if !vb.Name.HasPrefix(root) {
					t.Errorf("column %d was given %v", i, vb.Name)
				}
				r.rows = append(r.rows, vb.Name[len(vb.Name)-1])
				return nil
			},
			Done: func(err error) []*Cursor { r.err, r.done = err, r.done+1; return nil }}
	}
	return cursors, results
}

// shortSilently are the columns of which less was read than there is, without
// an error.
func shortSilently(results []result, want []int) []int {
	var short []int
	for i, r := range results {
		rows := slices.Clone(r.rows)
		slices.Sort(rows)
		if r.err == nil && !slices.Equal(rows, upTo(uint32(want[i]))) {
			short = append(short, i)
		}
	}
	return short
}
