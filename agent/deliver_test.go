package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/spool"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// An endpoint answers deliveries as a function of the ids in them, and keeps
// what it was sent.
type endpoint struct {
	answer func(ids []string) (uplink.Result, error)
	sent   [][]string
}

func (e *endpoint) Send(_ context.Context, reports []uplink.Report) (uplink.Result, error) {
	var ids []string
	for _, r := range reports {
		ids = append(ids, r.ID)
	}
	e.sent = append(e.sent, ids)
	return e.answer(ids)
}

func accept(ids []string) (uplink.Result, error) { return uplink.Result{Accepted: ids}, nil }

func fail(class uplink.Class) (uplink.Result, error) {
	return uplink.Result{}, &uplink.Failure{Class: class, Err: errors.New("as the test says")}
}

// spoolOf holds reports a, b, c …, one for each.
func spoolOf(t *testing.T, n int) *spool.Spool {
	t.Helper()
	s, err := spool.Open(t.TempDir(), spool.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range n {
		r := spool.Record{ID: string(rune('a' + i)), Seq: uint64(i + 1), Kind: "snapshot", Created: time.Now(), Body: []byte("{}")}
		if err := s.Put(r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func idsIn(s *spool.Spool) []string {
	ids := []string{}
	for _, e := range s.List() {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestDeliver(t *testing.T) {
	tests := []struct {
		name    string
		reports int
		answer  func(ids []string) (uplink.Result, error)
		sent    [][]string
		waiting []string
		class   uplink.Class // of the failure, when there is one
		fails   bool
	}{
		{"one batch for a backlog", 3, accept, [][]string{{"a", "b", "c"}}, []string{}, 0, false},
		{"only what is named leaves the spool", 3,
			func([]string) (uplink.Result, error) {
				return uplink.Result{Accepted: []string{"b", "stranger"}}, &uplink.Failure{Class: uplink.Wait, Err: errors.New("the answer names not all")}
			},
			[][]string{{"a", "b", "c"}}, []string{"a", "c"}, uplink.Wait, true},
		{"what is refused by name is set aside", 2,
			func([]string) (uplink.Result, error) {
				return uplink.Result{Accepted: []string{"a"}, Rejected: []uplink.Rejection{{ID: "b", Reason: "no"}}}, nil
			},
			[][]string{{"a", "b"}}, []string{}, 0, false},
		{"an endpoint that refuses all by name empties no spool", 6,
			func(ids []string) (uplink.Result, error) {
				var r uplink.Result
				for _, id := range ids {
					r.Rejected = append(r.Rejected, uplink.Rejection{ID: id, Reason: "no"})
				}
				return r, nil
			},
			[][]string{{"a", "b", "c", "d", "e", "f"}}, []string{"d", "e", "f"}, uplink.Wait, true},
		{"one report above the endpoint's limit is set aside and holds up no other", 1,
			func([]string) (uplink.Result, error) {
				return uplink.Result{}, &uplink.Failure{Class: uplink.Poison, Status: 413, Err: errors.New("too large")}
			},
			[][]string{{"a"}}, []string{}, 0, false},
		{"an endpoint that refuses more than half is wrong itself", 5,
			func(ids []string) (uplink.Result, error) {
				var r uplink.Result
				for _, id := range ids {
					if id == "b" || id == "d" {
						r.Accepted = append(r.Accepted, id)
						continue
					}
					r.Rejected = append(r.Rejected, uplink.Rejection{ID: id, Reason: "no"})
				}
				return r, nil
			},
			[][]string{{"a", "b", "c", "d", "e"}}, []string{"e"}, uplink.Wait, true},
		{"an endpoint that is away keeps everything", 2, func([]string) (uplink.Result, error) { return fail(uplink.Wait) },
			[][]string{{"a", "b"}}, []string{"a", "b"}, uplink.Wait, true},
		{"a wrong token keeps everything", 2, func([]string) (uplink.Result, error) { return fail(uplink.Config) },
			[][]string{{"a", "b"}}, []string{"a", "b"}, uplink.Config, true},
		{"too large is halved", 4,
			func(ids []string) (uplink.Result, error) {
				if len(ids) > 2 {
					return fail(uplink.TooLarge)
				}
				return accept(ids)
			},
			[][]string{{"a", "b", "c", "d"}, {"a", "b"}, {"c", "d"}}, []string{}, 0, false},
		{"one bad report among good ones is found and set aside", 4,
			func(ids []string) (uplink.Result, error) {
				if slices.Contains(ids, "c") {
					return fail(uplink.Poison)
				}
				return accept(ids)
			},
			[][]string{{"a", "b", "c", "d"}, {"a", "b"}, {"c", "d"}, {"c"}, {"d"}}, []string{}, 0, false},
		{"an endpoint that refuses everything empties no spool", 6, func([]string) (uplink.Result, error) { return fail(uplink.Poison) },
			[][]string{{"a", "b", "c", "d", "e", "f"}, {"a", "b", "c"}, {"a"}, {"b", "c"}, {"b"}, {"c"}, {"d", "e", "f"}, {"d"}},
			[]string{"d", "e", "f"}, uplink.Wait, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := spoolOf(t, tt.reports)
			to := &endpoint{answer: tt.answer}
			c := courier{spool: s, log: slog.New(slog.DiscardHandler)}
			_, err := c.deliver(context.Background(), to, "/sites/x/agents/y", s.List())
			if diff := cmp.Diff(tt.sent, to.sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.waiting, idsIn(s)); diff != "" {
				t.Errorf("waiting (-want +got):\n%s", diff)
			}
			var failure *uplink.Failure
			if errors.As(err, &failure) != tt.fails || tt.fails && failure.Class != tt.class {
				t.Errorf("error %v, want a failure: %v, of class %v", err, tt.fails, tt.class)
			}
		})
	}
}

// TestNumbersAreNotGivenTwice has a process end between a report's way into
// the spool and the memory of its number, and the next one right after it has
// delivered the report.
func TestNumbersAreNotGivenTwice(t *testing.T) {
	state := t.TempDir()
	open := func() *service {
		s := &service{state: state, log: slog.New(slog.DiscardHandler)}
		if err := s.open(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	agent := s.memory.AgentID
	if !s.put(&report.Report{ID: "a"}) {
		t.Fatal("not put")
	}
	end := func() {
		if err := s.spool.Close(); err != nil {
			t.Fatal(err)
		}
	}
	end()
	s = open()
	if err := s.spool.Remove(s.spool.List()[0]); err != nil {
		t.Fatal(err)
	}
	end()
	s = open()
	defer end()
	if s.memory.Seq != 1 || s.memory.AgentID != agent {
		t.Errorf("the last number is %d of agent %s, want 1 of %s", s.memory.Seq, s.memory.AgentID, agent)
	}
}

// TestInTurn holds that the newest report goes first, then what has changed,
// then the others, each in their order.
func TestInTurn(t *testing.T) {
	for kinds, want := range map[string]string{
		"": "", "s": "0", "ss": "10", "sess": "3102", "eseh": "3021", "seses": "41302", "hhe": "201",
	} {
		var entries []spool.Entry
		for i, kind := range kinds {
			k := map[rune]spool.Kind{'s': spool.Snapshot, 'e': spool.Event, 'h': spool.Heartbeat}[kind]
			entries = append(entries, spool.Entry{ID: strconv.Itoa(i), Seq: uint64(i), Kind: k})
		}
		var got string
		for _, e := range inTurn(entries) {
			got += e.ID
		}
		if got != want {
			t.Errorf("%q: %s, want %s", kinds, got, want)
		}
	}
}

// TestPoisonAndCure follows reports through an endpoint that refuses one, then
// everything, and is mended.
func TestPoisonAndCure(t *testing.T) {
	s := spoolOf(t, 1)
	refuses, server := func(id string) bool { return id == "a" }, "receive/1"
	to := &endpoint{}
	to.answer = func(ids []string) (uplink.Result, error) {
		r := uplink.Result{Status: 200, Server: server}
		for _, id := range ids {
			if refuses(id) {
				r.Rejected = append(r.Rejected, uplink.Rejection{ID: id, Reason: "no"})
			} else {
				r.Accepted = append(r.Accepted, id)
			}
		}
		return r, nil
	}
	c := courier{spool: s, log: slog.New(slog.DiscardHandler)}
	next := uint64(1)
	round := func(put int, waiting ...string) {
		t.Helper()
		for range put {
			next++
			r := spool.Record{ID: string(rune('a' + next - 1)), Seq: next, Kind: spool.Event, Created: time.Now(), Body: []byte("{}")}
			if err := s.Put(r); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.deliver(t.Context(), to, "/x", s.List())
		var failure *uplink.Failure
		if err != nil && (!errors.As(err, &failure) || failure.Class != uplink.Wait) {
			t.Errorf("failure is %v", err)
		}
		if diff := cmp.Diff(append([]string{}, waiting...), idsIn(s)); diff != "" {
			t.Errorf("after report %d, waiting (-want +got):\n%s", next, diff)
		}
	}
	round(0) // a is set aside
	round(1) // b arrives
	round(2) // c and d too; nothing is tried again while nothing has changed
	refuses = func(string) bool { return true }
	round(1)           // e is set aside,
	round(1)           // f
	round(1)           // and g,
	round(1, "h")      // but no more
	round(1, "h", "i") //
	refuses = func(id string) bool { return id == "a" }
	round(0, "a", "e", "f", "g") // h and i arrive; what was set aside comes back
	round(0)                     // and arrives but for a
	round(1)
	refuses = func(string) bool { return true }
	for range 3 { // k, l and m are set aside,
		round(1)
	}
	round(1, "n") // and n is not,
	refuses = func(id string) bool { return id == "k" || id == "n" }
	round(1, "n", "o") // nor does it go while it is the first of all,
	round(0, "n", "o")
	c.refused.breaking = false // as when another is the first and arrives
	round(0)                   // but then it does;
	round(1)                   // and this version has had its second chance
	refuses, server = func(string) bool { return false }, "receive/2"
	round(1, "a", "k", "l", "m", "n") // another version has all come back
	round(0)
}

func TestEventSource(t *testing.T) {
	if got, want := eventSource("a/b c", "x"), "/sites/a%2Fb%20c/agents/x"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := eventSource("LON-0042", "6f1c"); got != "/sites/LON-0042/agents/6f1c" {
		t.Error(got)
	}
}
