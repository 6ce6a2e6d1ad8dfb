package snmp

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A slip is one thing that goes wrong with one answer, in a way that no device
// with other rows would answer.
type slip func(m *snmpagent.Message, r *request, a, b int)

// columnsAt are where the objects stand that an answer has for each name.
func columnsAt(m *snmpagent.Message, r *request) int { return min(len(r.names), len(m.Varbinds)) }

var slips = map[string]slip{
	"lost":  func(m *snmpagent.Message, _ *request, _, _ int) { m.RequestID = 0 },
	"short": func(m *snmpagent.Message, _ *request, a, _ int) { m.Varbinds = m.Varbinds[:1+a%len(m.Varbinds)] },
	"an error": func(m *snmpagent.Message, r *request, a, b int) {
		m.Status, m.Index = snmpagent.ErrorStatus(1+a%18), int32(b%(len(r.names)+2))
		if m.Status == snmpagent.NoSuchName && len(r.names) == 1 {
			m.Status = snmpagent.GenErr // of one that has no rows it would be the truth
		}
	},
	"two swapped": func(m *snmpagent.Message, r *request, a, b int) {
		if n := len(m.Varbinds); len(r.names) > 1 {
			m.Varbinds[a%n], m.Varbinds[b%n] = m.Varbinds[b%n], m.Varbinds[a%n]
		}
	},
	"one twice": func(m *snmpagent.Message, r *request, a, _ int) {
		if a %= len(m.Varbinds); len(r.names) > 1 {
			m.Varbinds = slices.Insert(m.Varbinds, a, m.Varbinds[a])
		}
	},
	"one left out": func(m *snmpagent.Message, r *request, a, _ int) {
		// Of the first for each name it cannot be told from an answer that was
		// cut off.
		if n := columnsAt(m, r); len(r.names) > 1 && len(m.Varbinds) > n {
			a = n + a%(len(m.Varbinds)-n)
			m.Varbinds = slices.Delete(m.Varbinds, a, a+1)
		}
	},
	"turned": func(m *snmpagent.Message, r *request, a, _ int) {
		if len(r.names) > 1 {
			a %= len(m.Varbinds)
			m.Varbinds = append(slices.Clone(m.Varbinds[a:]), m.Varbinds[:a]...)
		}
	},
	"backwards": func(m *snmpagent.Message, r *request, _, _ int) {
		if len(r.names) > 1 {
			slices.Reverse(m.Varbinds)
		}
	},
}

var slipNames = []string{"an error", "backwards", "lost", "one left out", "one twice", "short", "turned", "two swapped"}

// slipping answers from columns, and makes one slip with the nth answer.
func slipping(rows []int, nth int, make slip, a, b int) func(w *wire, id uint32, r *request) {
	recording, n := columns(rows...), 0
	return func(w *wire, id uint32, r *request) {
		m := answerTo(recording, id, r)
		if n++; n == nth && r.pdu != gosnmp.GetRequest {
			make(&m, r, a, b)
		}
		w.deliver(m.Append(nil), 0)
	}
}

// checkSlip reads columns over an agent that makes one slip. No column may be
// said to be complete that is not.
func checkSlip(t *testing.T, rows []int, nth int, name string, a, b int) {
	t.Helper()
	s, w := overWire(slipping(rows, nth, slips[name], a, b), Options{})
	cursors, results := collect(t, len(rows))
	s.Read(t.Context(), cursors...)
	for _, i := range shortSilently(results, rows) {
		t.Fatalf("%s in answer %d (%d, %d): column %d is silently short: %d of %d rows", name, nth, a, b, i, len(results[i].rows), rows[i])
	}
	if w.sent > 40*len(rows) {
		t.Errorf("%d requests", w.sent)
	}
}

// One slip anywhere, of any kind, makes no column shorter without an error.
func TestReadIsNeverSilentlyShort(t *testing.T) {
	readings := 4000
	if testing.Short() {
		readings = 1000
	}
	tables := [][]int{many, {5, 0, 0, 4}, {3, 3}, {40, 0, 40, 0, 40}}
	synctest.Test(t, func(t *testing.T) {
		dice := rand.New(rand.NewPCG(7, 7))
		for i := range readings {
			checkSlip(t, tables[i%len(tables)], 1+dice.IntN(12), slipNames[dice.IntN(len(slipNames))], dice.IntN(256), dice.IntN(256))
		}
	})
	t.Logf("%d readings with a slip, none silently short", readings)
}

// FuzzRead reads columns over an agent that answers anything. It comes to an
// end with every column, and shows none of another's rows. Where it is an
// honest agent that makes one slip, no column is said to be complete that is
// not.
func FuzzRead(f *testing.F) {
	for i := range slipNames {
		f.Add([]byte{byte(i), 2, 5, 1, 3, 0, 7, 30})
	}
	f.Add([]byte{0x80, 4, 0, 9, 60, 0, 3, 17, 0, 2, 0, 8, 0x30, 3, 5, 200})
	f.Add([]byte{0xff, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6})
	f.Fuzz(func(t *testing.T, data []byte) {
		synctest.Test(t, func(t *testing.T) {
			d := dice{data}
			kind := d.roll()
			if kind < 0x80 {
				name, nth, a, b := slipNames[kind%len(slipNames)], 1+d.roll()%16, d.roll(), d.roll()
				if rows := d.columns(); len(rows) > 0 {
					checkSlip(t, rows, nth, name, a, b)
				}
				return
			}
			checkAnything(t, &d)
		})
	})
}

// checkAnything reads columns over an agent that does what the dice say.
func checkAnything(t *testing.T, d *dice) {
	given, rows := len(d.data), d.columns()
	recording := columns(rows...)
	s, w := overWire(func(w *wire, id uint32, r *request) {
		m := answerTo(recording, id, r)
		for _, datagram := range d.spoil(m, r) {
			w.deliver(datagram, 0)
		}
	}, Options{MaxRows: 500})
	cursors, results := collect(t, len(rows))
	s.Read(t.Context(), cursors...)
	for i, r := range results {
		if r.done != 1 || len(r.rows) > 500 {
			t.Errorf("column %d: done %d times, %d rows", i, r.done, len(r.rows))
		}
	}
	most := 40 * (len(rows) + 1)
	for _, n := range rows {
		most += 2 * n // one by one
	}
	if w.sent > most+20*given {
		t.Errorf("%d requests", w.sent)
	}
}

// Dice are the bytes of a fuzzed input, and zeros after them.
type dice struct{ data []byte }

func (d *dice) roll() int {
	if len(d.data) == 0 {
		return 0
	}
	n := d.data[0]
	d.data = d.data[1:]
	return int(n)
}

func (d *dice) take(n int) []byte {
	n = min(n, len(d.data))
	part := d.data[:n]
	d.data = d.data[n:]
	return part
}

// columns are up to 24 columns of some rows.
func (d *dice) columns() []int {
	rows := make([]int, d.roll()%24)
	for i := range rows {
		rows[i] = d.roll() % 64
	}
	return rows
}

// spoil makes of an answer what is sent in its place.
func (d *dice) spoil(m snmpagent.Message, r *request) [][]byte {
	switch what := d.roll() % 12; what {
	case 1, 2, 3, 4: // slips, also where they make it a lie
		slips[slipNames[d.roll()%len(slipNames)]](&m, r, d.roll(), d.roll())
	case 5: // one object is another
		m.Varbinds[d.roll()%len(m.Varbinds)] = smi.Varbind{
			Name: table.Append(uint32(d.roll()%30), uint32(d.roll())), Value: smi.Value{Kind: smi.Kind(d.roll() % (int(smi.EndOfMibView) + 1))}}
	case 6: // a bit
		datagram := m.Append(nil)
		datagram[d.roll()*d.roll()%len(datagram)] ^= 1 << (d.roll() % 8)
		return [][]byte{datagram}
	case 7: // cut off
		datagram := m.Append(nil)
		return [][]byte{datagram[:d.roll()*d.roll()%len(datagram)]}
	case 8: // varbinds of any bytes
		return [][]byte{around(m, d.take(d.roll())), m.Append(nil)}
	case 9: // any bytes
		return [][]byte{d.take(d.roll()), m.Append(nil)}
	case 10: // the answer to a request before
		m.RequestID -= int32(d.roll() % 10)
	case 11: // twice
		return [][]byte{m.Append(nil), m.Append(nil)}
	}
	return [][]byte{m.Append(nil)}
}
