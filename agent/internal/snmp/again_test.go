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

// Where an answer has for one part what it leaves out of another, which it
// would pass over, the parts are asked for one by one, and nothing is missing.
func TestReadSeesWhatIsPassedOver(t *testing.T) {
	for name, test := range map[string]struct {
		roots []smi.OID
		rows  []int
		from  int // which part of the answer lacks its second object
		want  []int
	}{
		"a part of another":           {[]smi.OID{table, table.Append(2)}, []int{9}, 0, []int{9, 9}},
		"the column behind that ends": {[]smi.OID{table.Append(2), table.Append(3)}, []int{1, 9}, 2, []int{1, 9}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, w := overWire(nil, Options{})
			w.agent = func(w *wire, id uint32, r *request) {
				m := answerTo(columns(test.rows...), id, r)
				if width := len(r.names); width > 1 {
					for at := 1 + width; at < len(m.Varbinds); at += width { // behind sysUpTime there is more
						m.Varbinds[at].Name = smi.OID{1, 3, 6, 1, 2, 1, 1, 4, uint32(at)}
					}
					for at := test.from + width; at+width < len(m.Varbinds); at += width {
						m.Varbinds[at] = m.Varbinds[at+width]
					}
					m.Varbinds = m.Varbinds[:len(m.Varbinds)-width]
				}
				w.deliver(m.Append(nil), 0)
			}
			got := make([]int, len(test.roots))
			var cursors []*Cursor
			for i, root := range test.roots {
				cursors = append(cursors, &Cursor{Root: root, Row: func(smi.Varbind) error { got[i]++; return nil },
					Done: func(err error) []*Cursor {
						if err != nil {
							t.Errorf("%s: %v", name, err)
						}
						return nil
					}})
			}
			s.Read(t.Context(), cursors...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: difference (-want +got):\n%s", name, diff)
			}
		})
	}
}
