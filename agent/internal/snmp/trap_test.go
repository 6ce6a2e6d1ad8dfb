package snmp

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// following makes an agent's answers of a function that says what comes after
// an object.
func following(next func(after smi.OID) smi.Varbind) intercept {
	return func(request snmpagent.Request, r *snmpagent.Response) {
		if request.Type == snmpagent.GetRequest {
			return
		}
		r.Varbinds = nil
		for name := request.Varbinds[0].Name; len(r.Varbinds) < max(1, int(request.MaxRepetitions)); {
			vb := next(name)
			r.Varbinds = append(r.Varbinds, vb)
			name = vb.Name
		}
	}
}

// number is the row that an object is of column, 0 before the first.
func number(name smi.OID) uint32 {
	if len(name) > len(column) && name.HasPrefix(column) {
		return name[len(column)]
	}
	return 0
}

// gosnmp ends a walk without an error at any error status.
func TestWalkIsCutByEveryErrorStatus(t *testing.T) {
	for status := snmpagent.NoSuchName; status <= 18; status++ {
		if status == snmpagent.GenErr {
			continue // tried again with less
		}
		s := open(t, start(t, device(60), onStep(2, refuse(status))), Options{})
		if err := checkWalk(t, s, upTo(25), ErrCut); t.Failed() {
			t.Fatalf("with status %d: %v", status, err)
		}
	}
}

func TestWalkIsCutByAuthorizationError(t *testing.T) {
	const authorizationError = 16
	s := open(t, start(t, device(60), onStep(3, refuse(authorizationError))), Options{Repetitions: 25})
	err := checkWalk(t, s, upTo(50), ErrCut)
	if err == nil || !strings.Contains(err.Error(), "after 50 rows: cut short: the device answered AuthorizationError") {
		t.Errorf("got %v", err)
	}
}

func TestWalkGetsOverOneGenErr(t *testing.T) {
	s := open(t, start(t, device(60), onStep(2, refuse(snmpagent.GenErr))), Options{})
	checkWalk(t, s, upTo(60), nil)
}

// In version 1 genErr and tooBig leave nothing less to ask for.
func TestWalkIsCutByGenErrInVersion1(t *testing.T) {
	for _, status := range []snmpagent.ErrorStatus{snmpagent.TooBig, snmpagent.GenErr} {
		agent := start(t, device(60), onStep(5, refuse(status)))
		checkWalk(t, openAs(t, agent, Credential{Version: V1, Community: "public"}, Options{}), upTo(4), ErrCut)
	}
}

// noSuchName ends everything in version 1. In version 2c it ends nothing, but
// may say that there is no such table.
func TestWalkNoSuchNameForTableThatIsAbsent(t *testing.T) {
	s := open(t, start(t, device(0), onStep(1, refuse(snmpagent.NoSuchName))), Options{})
	checkWalk(t, s, nil, nil)
}

func TestWalkIsCutByExceptionMidway(t *testing.T) {
	for _, kind := range []smi.Kind{smi.NoSuchObject, smi.NoSuchInstance} {
		t.Run(kind.String(), func(t *testing.T) {
			agent := start(t, device(60), following(func(after smi.OID) smi.Varbind {
				if n := number(after); n < 30 {
					return row(n + 1)
				}
				return smi.Varbind{Name: after, Value: smi.Value{Kind: kind}}
			}))
			checkWalk(t, open(t, agent, Options{}), upTo(30), ErrCut)
		})
	}
}

// Some agents say so of a table that they do not have.
func TestWalkTakesExceptionAtTheBeginningForNoTable(t *testing.T) {
	for _, kind := range []smi.Kind{smi.NoSuchObject, smi.NoSuchInstance, smi.EndOfMibView} {
		agent := start(t, device(0), following(func(after smi.OID) smi.Varbind {
			return smi.Varbind{Name: after, Value: smi.Value{Kind: kind}}
		}))
		checkWalk(t, open(t, agent, Options{}), nil, nil)
	}
}

func TestWalkIsCutByStrayObjectMidway(t *testing.T) {
	stray := smi.MustOID("1.3.6.1.2.1.99.1")
	for _, repetitions := range []int{25, 31, 1} { // in the middle of an answer, as its last object, and alone
		agent := start(t, device(60), following(func(after smi.OID) smi.Varbind {
			switch n := number(after); {
			case n == 30:
				return smi.Varbind{Name: stray}
			case after.Compare(stray) == 0:
				return row(31)
			default:
				return row(n + 1)
			}
		}))
		checkWalk(t, open(t, agent, Options{Repetitions: repetitions}), upTo(30), ErrCut)
	}
}

// What lies before a table cannot be its end, even where nothing of the table
// comes after it.
func TestWalkIsCutByObjectBeforeTheTable(t *testing.T) {
	for _, version := range []Version{V1, V2c} {
		agent := start(t, device(60), following(func(after smi.OID) smi.Varbind {
			if n := number(after); n > 0 && n < 30 || after.Compare(column) == 0 {
				return row(n + 1)
			}
			return smi.Varbind{Name: sysUpTime}
		}))
		checkWalk(t, openAs(t, agent, Credential{Version: version, Community: "public"}, Options{}), upTo(30), ErrCut)
	}
}

func TestWalkTakesRowsOutOfOrder(t *testing.T) {
	order := []uint32{5, 3, 9, 1, 2, 8, 4, 7, 6, 12, 10, 11}
	var rows []smi.Varbind
	for _, n := range order {
		rows = append(rows, row(n))
	}
	rows = append(rows, smi.Varbind{Name: behind})
	for _, repetitions := range []int{1, 2, 5, 25} {
		s := open(t, start(t, capture.New(rows).InFileOrder(), nil), Options{Repetitions: repetitions})
		checkWalk(t, s, order, nil)
	}
}

func TestWalkIsCutByLoop(t *testing.T) {
	round := func(after smi.OID) smi.Varbind { return row(number(after)%40 + 1) }
	for _, repetitions := range []int{1, 7, 25} {
		s := open(t, start(t, device(0), following(round)), Options{Repetitions: repetitions})
		err := checkWalk(t, s, upTo(40), ErrCut)
		if err == nil || !strings.Contains(err.Error(), "after 40 rows: cut short: the device goes round in circles") {
			t.Errorf("got %v", err)
		}
	}
}

// A device that gives the same row for ever.
func TestWalkIsCutByRowThatDoesNotMove(t *testing.T) {
	s := open(t, start(t, device(0), following(func(smi.OID) smi.Varbind { return row(1) })), Options{})
	checkWalk(t, s, upTo(1), ErrCut)
}

func TestWalkIsCutByTableWithoutEnd(t *testing.T) {
	agent := start(t, device(0), following(func(after smi.OID) smi.Varbind { return row(number(after) + 1) }))
	s := open(t, agent, Options{MaxRows: 5000, Repetitions: 50})
	checkWalk(t, s, upTo(5000), ErrTooManyRows)
	if got := agent.RequestsOf(snmpagent.GetBulkRequest); got != 101 {
		t.Errorf("%d requests, want 100 and the one that shows row 5001", got)
	}
}

// A switch that is rebooting refuses by ICMP. That must not use up all the
// attempts within a millisecond.
func TestWalkOutlastsRefusals(t *testing.T) {
	const rows = 60
	options := snmpagent.Options{Communities: map[string]*capture.Recording{"public": device(rows)}}
	agent := startWith(t, "127.0.0.1:0", options)
	s := open(t, agent, Options{Timeout: 100 * time.Millisecond})
	down, done := make(chan struct{}), make(chan error)
	var got []uint32
	go func() {
		done <- s.Walk(t.Context(), column, func(vb smi.Varbind) error {
			if got = append(got, number(vb.Name)); len(got) == 25 {
				agent.Close()
				close(down)
			}
			return nil
		})
	}()
	<-down
	<-time.After(150 * time.Millisecond)
	startWith(t, agent.Addr().String(), options)
	err := <-done
	if diff := cmp.Diff(upTo(rows), got); err != nil || diff != "" {
		t.Errorf("got %v; rows differ (-want +got):\n%s", err, diff)
	}
}

func TestWalkEndsWhereNothingListensAnyMore(t *testing.T) {
	needsRefusals(t)
	agent := start(t, device(60), nil)
	s := open(t, agent, Options{Timeout: soon / 2, Repetitions: 2})
	agent.Close()
	_, err := walkAll(t.Context(), s)
	if !errors.Is(err, ErrNoAnswer) || !strings.Contains(err.Error(), "nothing listens on this UDP port") {
		t.Errorf("got %v", err)
	}
}

// Answers that come after the next request was sent are no answers to that.
func TestWalkWithLateAnswers(t *testing.T) {
	agent := startWith(t, "127.0.0.1:0", snmpagent.Options{
		Communities: map[string]*capture.Recording{"public": device(12)}, Delay: 45 * time.Millisecond})
	s := open(t, agent, Options{Timeout: soon, Repetitions: 4})
	checkWalk(t, s, upTo(12), nil)
}
