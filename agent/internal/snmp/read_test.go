package snmp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// table is where columns is.
var table = smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1")

// columns has sysUpTime and a column of so many rows for each number, from
// table.2 on.
func columns(rows ...int) *capture.Recording {
	all := []smi.Varbind{
		{Name: sysUpTime, Value: smi.Value{Kind: smi.TimeTicks, Num: 1}},
		{Name: smi.MustOID("1.3.6.1.2.1.1.5.0"), Value: smi.Value{Kind: smi.OctetString, Bytes: []byte("sw03")}},
	}
	for c, n := range rows {
		for i := range n {
			all = append(all, smi.Varbind{Name: table.Append(uint32(c)+2, uint32(i)+1), Value: smi.Value{Kind: smi.Integer, Num: uint64(i)}})
		}
	}
	return capture.New(all)
}

// A result is what became of a cursor.
type result struct {
	rows []uint32
	err  error
	done int
}

// readSurely reads columns of table, and tells how often that was begun anew,
// because the answers were confused.
func readSurely(t *testing.T, s *Session, n int) (results []result, again int) {
	t.Helper()
	for ; again < 3; again++ {
		var cursors []*Cursor
		cursors, results = collect(t, n)
		if err := s.Read(t.Context(), cursors...); err == nil {
			return results, again
		}
	}
	t.Fatal("the third reading is in doubt as well")
	return nil, again
}

// readColumns reads columns of table, each by a cursor, and anew where the
// answers were confused.
func readColumns(t *testing.T, s *Session, n int) []result {
	t.Helper()
	results, _ := readSurely(t, s, n)
	for i, r := range results {
		if r.done != 1 {
			t.Errorf("column %d was done %d times", i, r.done)
		}
	}
	return results
}

// check holds what was read of each column against what there is.
func check(t *testing.T, got []result, want ...int) {
	t.Helper()
	for i, r := range got {
		if diff := cmp.Diff(upTo(uint32(want[i])), r.rows); diff != "" || r.err != nil {
			t.Errorf("column %d: %v; rows differ (-want +got):\n%s", i, r.err, diff)
		}
	}
}

var many = []int{30, 0, 7, 0, 0, 61, 1, 0, 25, 12, 0, 0, 3, 2, 0, 40, 0, 0, 5, 90}

func TestReadManyAtOnce(t *testing.T) {
	agent := start(t, columns(many...), nil)
	s := open(t, agent, Options{})
	check(t, readColumns(t, s, len(many)), many...)
	one := start(t, columns(many...), nil)
	alone := open(t, one, Options{})
	alone.alone = true
	check(t, readColumns(t, alone, len(many)), many...)
	if agent.Requests() >= one.Requests() {
		t.Errorf("%d requests for all together, %d for each by itself", agent.Requests(), one.Requests())
	}
	check(t, readColumns(t, openAs(t, agent, Credential{Version: V1, Community: "public"}, Options{}), len(many)), many...)
}

// What a device does to a request for many objects, and what of the columns
// must be read all the same: everything.
func TestReadFromAgentsThatCannotDoMany(t *testing.T) {
	tests := map[string]func(snmpagent.Request, *snmpagent.Response){
		"looks at the first alone": func(request snmpagent.Request, r *snmpagent.Response) {
			for i := range r.Varbinds {
				r.Varbinds[i] = nextOf(columns(many...), follows(i, request.Varbinds[0].Name, r.Varbinds))
			}
		},
		"answers for the first three": func(request snmpagent.Request, r *snmpagent.Response) {
			if len(request.Varbinds) > 3 {
				r.Varbinds = r.Varbinds[:3]
			}
		},
		"answers one object": func(_ snmpagent.Request, r *snmpagent.Response) { r.Varbinds = r.Varbinds[:1] },
		"cuts anywhere": func(request snmpagent.Request, r *snmpagent.Response) {
			r.Varbinds = r.Varbinds[:1+int(request.RequestID)%len(r.Varbinds)]
		},
		"leaves out columns that have ended": func(request snmpagent.Request, r *snmpagent.Response) {
			var kept []smi.Varbind
			ended := make(map[int]bool)
			for i, vb := range r.Varbinds {
				at := i % len(request.Varbinds)
				if !ended[at] {
					kept = append(kept, vb)
				}
				ended[at] = ended[at] || len(request.Varbinds[at].Name) > len(table) && !vb.Name.HasPrefix(request.Varbinds[at].Name[:len(table)+1])
			}
			r.Varbinds = kept
		},
		"sorts its answers": func(_ snmpagent.Request, r *snmpagent.Response) {
			slices.SortFunc(r.Varbinds, smi.CompareVarbinds)
		},
		"gives the third object twice": func(_ snmpagent.Request, r *snmpagent.Response) {
			if len(r.Varbinds) > 3 {
				r.Varbinds = slices.Insert(r.Varbinds, 3, r.Varbinds[2])
			}
		},
		"says tooBig": func(request snmpagent.Request, r *snmpagent.Response) {
			if len(request.Varbinds) > 2 {
				r.Status, r.Varbinds = snmpagent.TooBig, nil
			}
		},
		"says genErr": func(request snmpagent.Request, r *snmpagent.Response) {
			if len(request.Varbinds) > 1 {
				refuse(snmpagent.GenErr)(request, r)
			}
		},
		"says noSuchName": func(request snmpagent.Request, r *snmpagent.Response) {
			if len(request.Varbinds) > 1 {
				refuse(snmpagent.NoSuchName)(request, r)
				r.Index = 0
			}
		},
		"is silent": func(request snmpagent.Request, r *snmpagent.Response) {
			if len(request.Varbinds) > 1 {
				drop(request, r)
			}
		},
		"knows no GETBULK": func(request snmpagent.Request, r *snmpagent.Response) {
			if request.Type == snmpagent.GetBulkRequest {
				drop(request, r)
			}
		},
	}
	for name, does := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agent := start(t, columns(many...), func(request snmpagent.Request, r *snmpagent.Response) {
				if request.Type != snmpagent.GetRequest {
					does(request, r)
				}
			})
			check(t, readColumns(t, open(t, agent, Options{Timeout: soon}), len(many)), many...)
		})
	}
}

// follows is the object that the ith of an answer follows.
func follows(i int, first smi.OID, varbinds []smi.Varbind) smi.OID {
	if i == 0 {
		return first
	}
	return varbinds[i-1].Name
}

func nextOf(recording *capture.Recording, name smi.OID) smi.Varbind {
	vb, ok := recording.Next(name)
	if !ok {
		return smi.Varbind{Name: name, Value: smi.Value{Kind: smi.EndOfMibView}}
	}
	return vb
}

// One column is more than the device can deliver. The others are read.
func TestReadWithOneColumnThatFails(t *testing.T) {
	for name, does := range map[string]intercept{"silent": drop, "genErr": refuse(snmpagent.GenErr), "authorizationError": refuse(16)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agent := start(t, columns(many...), func(request snmpagent.Request, r *snmpagent.Response) {
				for i, vb := range request.Varbinds {
					if vb.Name.HasPrefix(table.Append(7)) {
						does(request, r)
						r.Index = int32(i) + 1
					}
				}
			})
			got := readColumns(t, open(t, agent, Options{Timeout: soon / 2}), len(many))
			failed := got[5]
			if want := map[bool]error{true: ErrNoAnswer, false: ErrCut}[name == "silent"]; !errors.Is(failed.err, want) || len(failed.rows) > 0 {
				t.Errorf("of the column: %d rows, %v", len(failed.rows), failed.err)
			}
			got[5] = result{rows: upTo(61)}
			check(t, got, many...)
		})
	}
}

// A device that falls silent costs its attempts once.
func TestReadFromADeviceThatFallsSilent(t *testing.T) {
	var asked atomic.Int32
	agent := start(t, columns(many...), func(request snmpagent.Request, r *snmpagent.Response) {
		if asked.Add(1) > 4 {
			drop(request, r)
		}
	})
	s := open(t, agent, Options{Timeout: soon / 2})
	for i, r := range readColumns(t, s, len(many)) {
		if !slices.Equal(r.rows, upTo(uint32(many[i]))) && !errors.Is(r.err, ErrSilent) {
			t.Errorf("column %d: %d of %d rows, %v", i, len(r.rows), many[i], r.err)
		}
	}
	if most := 5 + maxWindow*6 + probeAttempts; s.Requests() > most {
		t.Errorf("%d requests", s.Requests())
	}
}

// Cursors may lead to others, and ranges of a column read what is in them.
func TestReadRanges(t *testing.T) {
	s := open(t, start(t, columns(100, 3), nil), Options{})
	first := table.Append(2)
	var got []string
	part := func(after, until smi.OID, then ...*Cursor) *Cursor {
		var rows []uint32
		return &Cursor{Root: first, After: after, Until: until,
			Row:  func(vb smi.Varbind) error { rows = append(rows, vb.Name[len(vb.Name)-1]); return nil },
			Done: func(err error) []*Cursor { got = append(got, fmt.Sprint(len(rows), " ", err)); return then }}
	}
	s.Read(t.Context(), part(nil, first.Append(31), part(first.Append(30), first.Append(80), part(first.Append(79), nil))))
	if diff := cmp.Diff([]string{"30 <nil>", "49 <nil>", "21 <nil>"}, got); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// By leaps only what is asked for is read, and how it is leapt is the
// caller's choice.
func TestReadByLeaps(t *testing.T) {
	agent := start(t, columns(1000), nil)
	s := open(t, agent, Options{})
	column := table.Append(2)
	var rows []uint32
	var failed error
	before := s.Requests()
	s.Read(t.Context(), &Cursor{Root: column, After: column.Append(99), Done: func(err error) []*Cursor { failed = err; return nil },
		Row: func(vb smi.Varbind) error { rows = append(rows, vb.Name[len(column)]); return nil },
		Leap: func(last smi.OID) (smi.OID, int) {
			switch n := last[len(column)]; {
			case n == 100:
				return column.Append(499), 3
			case n < 510:
				return last, 10
			default:
				return nil, 0
			}
		}})
	want := append([]uint32{100, 500, 501, 502}, []uint32{503, 504, 505, 506, 507, 508, 509, 510, 511, 512}...)
	if diff := cmp.Diff(want, rows); diff != "" || failed != nil || s.Requests() != before+3 {
		t.Errorf("%v, %d requests; rows differ (-want +got):\n%s", failed, s.Requests()-before, diff)
	}
}

func TestReadByLeapsNeedsOrder(t *testing.T) {
	var rows []smi.Varbind
	for _, n := range []uint32{5, 9, 3, 8} {
		rows = append(rows, row(n))
	}
	for _, cursor := range []*Cursor{{Until: column.Append(100)}, {After: column.Append(0)}, {Leap: func(last smi.OID) (smi.OID, int) { return last, 1 }}} {
		s := open(t, start(t, capture.New(rows).InFileOrder(), nil), Options{})
		cursor.Root, cursor.Row = column, nopRow
		var got error
		cursor.Done = func(err error) []*Cursor { got = err; return nil }
		s.Read(t.Context(), cursor)
		if !errors.Is(got, ErrOrder) && !errors.Is(got, ErrCut) {
			t.Errorf("got %v", got)
		}
	}
}

// Parts of few rows go into one request, where it has room for all that they
// want, though more requests may be on their way.
func TestFewRowsShareARequest(t *testing.T) {
	s := open(t, start(t, columns(8, 8, 600), nil), Options{})
	s.Read(t.Context(), &Cursor{Root: table.Append(4), Row: nopRow}) // so that the window is open
	if s.width() < 2 {
		t.Fatalf("%d requests at once", s.width())
	}
	before := s.Requests()
	var cursors []*Cursor
	for c := range uint32(2) {
		column := table.Append(2 + c)
		cursors = append(cursors, &Cursor{Root: column, Until: column.Append(9), Rows: 9, Row: nopRow})
	}
	s.Read(t.Context(), cursors[0], cursors[1])
	if got := s.Requests() - before; got != 1 {
		t.Errorf("%d requests, want one", got)
	}
}

// Each part says how many requests asked for it.
func TestTally(t *testing.T) {
	s := open(t, start(t, columns(60, 60), nil), Options{})
	var first, second int
	before := s.Requests()
	s.Read(t.Context(),
		&Cursor{Root: table.Append(2), Row: nopRow, Tally: &first}, &Cursor{Root: table.Append(3), Row: nopRow, Tally: &second},
		&Cursor{Root: table.Append(4), Row: nopRow, Tally: &second})
	all := s.Requests() - before
	if first == 0 || second == 0 || max(first, second) > all || first+second < all {
		t.Errorf("%d and %d of %d requests", first, second, all)
	}
}

// A window grows only while answers stay as quick as the first.
func TestWindow(t *testing.T) {
	const quick, slow = 5 * time.Millisecond, 50 * time.Millisecond
	w := newWindow()
	if w.size != 1 {
		t.Errorf("starts at %v", w.size)
	}
	for range 20 {
		w.answered(quick)
	}
	if w.size != maxWindow {
		t.Errorf("%v after quick answers", w.size)
	}
	for range 20 {
		w.answered(slow)
	}
	if w.size != 1 {
		t.Errorf("%v after slow answers", w.size)
	}
	w.size = 8
	w.lost()
	if w.size != 4 {
		t.Errorf("%v after a loss", w.size)
	}
}

// What may be on its way at once is bounded by the device, by what is left
// for it of the budget, and by the version.
func TestWidth(t *testing.T) {
	budget := NewBudget(3)
	s := open(t, start(t, columns(), nil), Options{Budget: budget})
	for _, test := range []struct {
		window float64
		others int
		want   int
	}{{1, 1, 1}, {2.9, 1, 2}, {8, 1, 3}, {8, 3, 1}, {8, 50, 1}} {
		s.window.size = test.window
		for range test.others {
			budget.join()
		}
		if got := s.width(); got != test.want {
			t.Errorf("%d with a window of %v and %d who ask", got, test.window, test.others)
		}
		for range test.others {
			budget.leave()
		}
	}
}

func TestBudget(t *testing.T) {
	b := NewBudget(16)
	for _, want := range []int{16, 8, 5, 4, 3} {
		b.join()
		if got := b.share(); got != want {
			t.Errorf("each has %d, want %d", got, want)
		}
	}
	for range 100 {
		b.join()
	}
	if got := b.share(); got != 1 {
		t.Errorf("each of many has %d", got)
	}
	var none *Budget
	none.join()
	none.leave()
	if none.share() != maxWindow {
		t.Errorf("without a budget %d", none.share())
	}
}

func TestErrSilentIsNoAnswer(t *testing.T) {
	if !errors.Is(ErrSilent, ErrNoAnswer) || !strings.Contains(ErrSilent.Error(), "stopped answering") {
		t.Error(ErrSilent)
	}
}
