package snmp

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// walkAll walks column and returns the numbers of its rows as they came.
func walkAll(ctx context.Context, s *Session) ([]uint32, error) {
	var got []uint32
	err := s.Walk(ctx, column, func(vb smi.Varbind) error {
		got = append(got, vb.Name[len(vb.Name)-1])
		return nil
	})
	return got, err
}

func upTo(n uint32) []uint32 {
	var all []uint32
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

// checkWalk walks column, and holds rows and error against what is wanted; a
// nil error stands for a complete walk.
func checkWalk(t *testing.T, s *Session, want []uint32, wantErr error) error {
	t.Helper()
	got, err := walkAll(t.Context(), s)
	if !errors.Is(err, wantErr) {
		t.Errorf("got error %v, want %v", err, wantErr)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
	return err
}

// isBulk tells a GetBulkRequest for more than n rows.
func isBulk(request snmpagent.Request, n int32) bool {
	return request.Type == snmpagent.GetBulkRequest && request.MaxRepetitions > n
}

// onStep changes the answer to the nth request of a walk.
func onStep(n int, change intercept) intercept {
	steps := 0
	return func(request snmpagent.Request, r *snmpagent.Response) {
		if request.Type == snmpagent.GetRequest {
			return
		}
		if steps++; steps == n {
			change(request, r)
		}
	}
}

// refuse answers with an error.
func refuse(status snmpagent.ErrorStatus) intercept {
	return func(request snmpagent.Request, r *snmpagent.Response) {
		r.Status, r.Index, r.Varbinds = status, 1, request.Varbinds
	}
}

func drop(_ snmpagent.Request, r *snmpagent.Response) { r.Datagrams = [][]byte{} }

func TestWalk(t *testing.T) {
	const rows = 60
	last := capture.New([]smi.Varbind{row(1), row(2), row(3)}) // the end of all the agent has
	tests := []struct {
		name      string
		recording *capture.Recording
		opts      Options
		want      uint32
	}{
		{"a table", device(rows), Options{}, rows},
		{"row by row", device(rows), Options{Repetitions: 1}, rows},
		{"as many rows as one answer holds", device(25), Options{Repetitions: 25}, 25},
		{"as many rows as are allowed", device(rows), Options{MaxRows: rows}, rows},
		{"no such table", device(0), Options{}, 0},
		{"the last table of all", last, Options{}, 3},
		{"the last table, row by row", last, Options{Repetitions: 1}, 3},
		{"the last table, ending with the answer", last, Options{Repetitions: 3}, 3},
		{"nothing at all", capture.New(nil), Options{}, 0},
	}
	for _, test := range tests {
		for _, version := range []Version{V1, V2c} {
			t.Run(test.name+" in "+version.String(), func(t *testing.T) {
				agent := start(t, test.recording, nil)
				s := openAs(t, agent, Credential{Version: version, Community: "public"}, test.opts)
				checkWalk(t, s, upTo(test.want), nil)
			})
		}
	}
}

func TestWalkAsksForManyRowsAtOnce(t *testing.T) {
	agent := start(t, device(100), nil)
	s := open(t, agent, Options{Repetitions: 25})
	before := s.Requests()
	checkWalk(t, s, upTo(100), nil)
	// The fifth answer is the one that shows the end.
	if got := agent.RequestsOf(snmpagent.GetBulkRequest); got != 5 || s.Requests()-before != 5 {
		t.Errorf("the agent got %d requests, the session counts %d, want 5", got, s.Requests()-before)
	}
}

func TestWalkEndsWithTheErrorOfRow(t *testing.T) {
	enough := errors.New("enough")
	s := open(t, start(t, device(60), nil), Options{})
	n := 0
	err := s.Walk(t.Context(), column, func(smi.Varbind) error {
		if n++; n == 30 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 30 {
		t.Errorf("got %v after %d rows", err, n)
	}
}

func TestWalkTakesNoLongerThanTableTime(t *testing.T) {
	agent := startWith(t, "127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"public": device(1000)}, Delay: 5 * time.Millisecond})
	s := open(t, agent, Options{Repetitions: 1, TableTime: 100 * time.Millisecond})
	began := time.Now()
	got, err := walkAll(t.Context(), s)
	if !errors.Is(err, ErrCut) || !strings.Contains(err.Error(), "not at its end after 100ms") {
		t.Errorf("got %v", err)
	}
	if len(got) == 0 || len(got) == 1000 || time.Since(began) > 3*time.Second {
		t.Errorf("%d rows in %v", len(got), time.Since(began))
	}
}

// A context ends a walk at once, in whatever it waits for, and leaves the
// session good for another.
func TestWalkEndsWithItsContext(t *testing.T) {
	const long = 20 * time.Second // for one answer, and for a refused attempt to go by
	tests := []struct {
		name string
		mute func(agent *snmpagent.Agent)
	}{
		{"waiting for an answer", func(*snmpagent.Agent) {}},
		{"waiting after a refusal", func(agent *snmpagent.Agent) { agent.Close() }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			agent := start(t, device(60), onStep(2, drop))
			s := open(t, agent, Options{Timeout: long})
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			began := time.Now()
			err := s.Walk(ctx, column, func(smi.Varbind) error {
				if n++; n == 25 {
					test.mute(agent)
					began = time.Now().Add(soon)
					time.AfterFunc(soon, cancel)
				}
				return nil
			})
			if !errors.Is(err, context.Canceled) || n != 25 {
				t.Errorf("got %v after %d rows", err, n)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("returned %v after the end of the context", took)
			}
			if test.name == "waiting for an answer" {
				checkWalk(t, s, upTo(60), nil)
			}
		})
	}
}

func TestWalkInContextThatHasEnded(t *testing.T) {
	agent := start(t, device(60), nil)
	s := open(t, agent, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := walkAll(ctx, s)
	if !errors.Is(err, context.Canceled) || len(got) != 0 || agent.RequestsOf(snmpagent.GetBulkRequest) != 0 {
		t.Errorf("got %v and %d rows, after %d requests", err, len(got), agent.RequestsOf(snmpagent.GetBulkRequest))
	}
}

func nopRow(smi.Varbind) error { return nil }
