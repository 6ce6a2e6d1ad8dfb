package snmp

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// Values stay good, and none has anything of another that was read in its
// place before.
func TestValuesStayGood(t *testing.T) {
	kinds := []smi.Value{
		{Kind: smi.OctetString, Bytes: []byte("lobby")}, {Kind: smi.Integer, Num: 7}, {Kind: smi.OctetString, Bytes: []byte{}},
		{Kind: smi.ObjectIdentifier, OID: column}, {Kind: smi.IPAddress, Bytes: []byte{10, 0, 0, 1}}, {Kind: smi.Null}, {Kind: smi.Counter64, Num: 1<<64 - 1},
	}
	var rows []smi.Varbind
	for n := range uint32(200) {
		rows = append(rows, smi.Varbind{Name: table.Append(2, n), Value: kinds[int(n*n)%len(kinds)]})
	}
	recording := capture.New(rows)
	synctest.Test(t, func(t *testing.T) {
		s, _ := overWire(func(w *wire, id uint32, r *request) {
			m := answerTo(recording, id, r)
			w.deliver(m.Append(nil), 0)
		}, Options{})
		var got []smi.Varbind
		err := s.Walk(t.Context(), table.Append(2), func(vb smi.Varbind) error {
			got = append(got, smi.Varbind{Name: table.Append(2, vb.Name[len(vb.Name)-1]), Value: vb.Value})
			return nil
		})
		if diff := cmp.Diff(rows, got); diff != "" || err != nil {
			t.Errorf("got %v; difference (-want +got):\n%s", err, diff)
		}
	})
}

// A flight that is used again is as a new one.
func TestRenew(t *testing.T) {
	f := flight{request: request{names: []smi.OID{column}, repetitions: 7}, attempt: 3, ids: []uint32{1, 2, 3}, company: true, refusals: 2, last: errAttemptOver}
	f.renew()
	if len(f.names)+f.repetitions+f.attempt+len(f.ids)+f.refusals > 0 || f.company || f.last != nil {
		t.Errorf("got %+v", f)
	}
}

// Where an answer leads out of a table and back to a row that was seen, no row
// after the last one may come: then the table was not at its end.
func TestReadComesBackAfterItsEnd(t *testing.T) {
	root := table.Append(2)
	synctest.Test(t, func(t *testing.T) {
		s, w := overWire(nil, Options{Repetitions: 3})
		w.agent = func(w *wire, id uint32, r *request) {
			m := answerTo(columns(9), id, r)
			if w.sent == 1 {
				m.Varbinds[1].Name, m.Varbinds[2].Name = table.Append(3, 1), m.Varbinds[0].Name
			}
			w.deliver(m.Append(nil), 0)
		}
		if err := s.Walk(t.Context(), root, nopRow); !errors.Is(err, ErrCut) {
			t.Errorf("got %v after %d requests", err, w.sent)
		}
	})
}
