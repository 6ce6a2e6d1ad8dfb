package snmp

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// What an agent cannot answer in one message is asked for in smaller parts,
// and the size that it manages is kept for the session.
func TestWalkShrinksOnTooBig(t *testing.T) {
	var refused atomic.Int32
	agent := start(t, device(60), func(request snmpagent.Request, r *snmpagent.Response) {
		if isBulk(request, 5) {
			refused.Add(1)
			r.Status, r.Varbinds = snmpagent.TooBig, nil
		}
	})
	s := open(t, agent, Options{Repetitions: 25})
	checkWalk(t, s, upTo(60), nil)
	checkWalk(t, s, upTo(60), nil)
	if got := refused.Load(); got != 3 { // 25, 12 and 6
		t.Errorf("%d requests were too big, want 3", got)
	}
}

func TestWalkGoesOverToGetNextOnTooBig(t *testing.T) {
	agent := start(t, device(20), func(request snmpagent.Request, r *snmpagent.Response) {
		if isBulk(request, 0) {
			r.Status, r.Varbinds = snmpagent.TooBig, nil
		}
	})
	s := open(t, agent, Options{})
	checkWalk(t, s, upTo(20), nil)
	if got := agent.RequestsOf(snmpagent.GetNextRequest); got != 22 {
		t.Errorf("%d GetNextRequests, want one for each of 20 rows, one for the end and one behind it", got)
	}
}

// Some agents leave an answer unsent that would be fragmented, or their
// fragments get lost.
func TestWalkShrinksWhenLongAnswersGetLost(t *testing.T) {
	agent := start(t, device(20), func(request snmpagent.Request, r *snmpagent.Response) {
		if isBulk(request, 4) {
			drop(request, r)
		}
	})
	s := open(t, agent, Options{Timeout: soon})
	checkWalk(t, s, upTo(20), nil)
	before := agent.Requests()
	checkWalk(t, s, upTo(20), nil)
	if got := agent.Requests() - before; got > 10 {
		t.Errorf("the second walk took %d requests: the size was forgotten", got)
	}
}

// UniFi, EdgeOS and others do not answer GETBULK at all.
func TestWalkGoesOverToGetNextWhenBulkIsNotAnswered(t *testing.T) {
	agent := start(t, device(20), func(request snmpagent.Request, r *snmpagent.Response) {
		if isBulk(request, 0) {
			drop(request, r)
		}
	})
	s := open(t, agent, Options{Timeout: soon, Attempts: 2})
	checkWalk(t, s, upTo(20), nil)
	if agent.RequestsOf(snmpagent.GetNextRequest) < 21 {
		t.Errorf("%d GetNextRequests", agent.RequestsOf(snmpagent.GetNextRequest))
	}
}

// A row that an agent cannot give ends its table, but is no reason to read
// the tables after it in small parts.
func TestWalkKeepsTheSizeWhenOneRowFails(t *testing.T) {
	agent := start(t, device(60), func(request snmpagent.Request, r *snmpagent.Response) {
		for _, vb := range r.Varbinds {
			if vb.Name.Compare(row(31).Name) == 0 && request.Type != snmpagent.GetRequest {
				refuse(snmpagent.GenErr)(request, r)
				return
			}
		}
	})
	s := open(t, agent, Options{Repetitions: 25})
	checkWalk(t, s, upTo(30), ErrCut)
	before := s.Requests()
	if err := s.Walk(t.Context(), behind[:len(behind)-1], nopRow); err != nil || s.Requests() != before+1 || s.bulk != 25 {
		t.Errorf("got %v, after %d requests for up to %d rows", err, s.Requests()-before, s.bulk)
	}
}

// An answer that is lost is asked for as often as any other while answers of
// its length have come before, and seldom as soon as its length is in doubt.
func TestWalkAsksSeldomForWhatMayBeTooLong(t *testing.T) {
	var long atomic.Bool
	var lost atomic.Int32
	agent := start(t, device(60), func(request snmpagent.Request, r *snmpagent.Response) {
		if long.Load() && isBulk(request, 3) {
			lost.Add(1)
			drop(request, r)
		}
	})
	s := open(t, agent, Options{Timeout: soon / 3, Attempts: 4})
	checkWalk(t, s, upTo(60), nil)
	long.Store(true)
	checkWalk(t, s, upTo(60), nil)
	if got := lost.Load(); got != 4+2+2 { // for 25, 12 and 6 rows
		t.Errorf("%d requests were lost, want 8", got)
	}
}

// What fits one datagram is found out: short rows come by more at once.
func TestWalkAsksForWhatFitsOneDatagram(t *testing.T) {
	agent := start(t, device(500), nil)
	s := open(t, agent, Options{})
	checkWalk(t, s, upTo(500), nil)
	if got := s.Repetitions(); got <= DefaultRepetitions || got > MostRepetitions {
		t.Errorf("%d rows at once", got)
	}
	if got := agent.RequestsOf(snmpagent.GetBulkRequest); got > 500/DefaultRepetitions*2/3 {
		t.Errorf("%d requests", got)
	}
}

// An answer that is longer than usual costs one attempt, and no more for as
// long as the device is asked.
func TestLongAnswersCostOneAttempt(t *testing.T) {
	long := strings.Repeat("x", usualDatagram+2000)
	agent := start(t, device(2), func(_ snmpagent.Request, r *snmpagent.Response) {
		if len(r.Varbinds) == 1 && r.Varbinds[0].Name.Compare(column.Append(1)) == 0 {
			r.Varbinds[0].Value = smi.Value{Kind: smi.OctetString, Bytes: []byte(long)}
		}
	})
	s := open(t, agent, Options{Timeout: soon})
	before := agent.Requests()
	for range 4 {
		answers, err := s.Get(t.Context(), column.Append(1))
		if err != nil || len(answers[0].Value.Bytes) != len(long) {
			t.Fatalf("got %d varbinds and %v", len(answers), err)
		}
		runtime.GC() // which empties pools
		runtime.GC()
	}
	if got := agent.Requests() - before; got > 5 {
		t.Errorf("%d requests for four answers, want one more at most", got)
	}
}
