package snmp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// faulty is the column of which something is wrong, among healthy.
const faulty = 2

var healthy = []int{30, 0, 60, 1, 44}

// in is the row of a column that an object is; 0 where it is none.
func in(c int, name smi.OID) uint32 {
	if root := table.Append(uint32(c) + 2); len(name) > len(root) && name.HasPrefix(root) {
		return name[len(root)]
	}
	return 0
}

func cell(c int, n uint32) smi.Varbind {
	return smi.Varbind{Name: table.Append(uint32(c)+2, n), Value: smi.Value{Kind: smi.Integer, Num: uint64(n)}}
}

// rowsBefore are the rows that an error says there were.
func rowsBefore(err error) (n int) {
	if err == nil {
		return -1
	}
	if _, scanned := fmt.Sscanf(err.Error(), "after %d rows:", &n); scanned != nil {
		return -1
	}
	return n
}

// readFaulty reads healthy columns over an agent, all at once and then the
// faulty one by itself, and holds all others against what there is. It returns
// both results of the faulty one.
func readFaulty(t *testing.T, agent func(w *wire, id uint32, r *request)) []result {
	t.Helper()
	var got []result
	for _, alone := range []bool{false, true} {
		s, _ := overWire(agent, Options{})
		var results []result
		for range 3 {
			var cursors []*Cursor
			if cursors, results = collect(t, len(healthy)); alone {
				cursors = cursors[faulty : faulty+1]
			}
			if err := s.Read(t.Context(), cursors...); err == nil {
				break // otherwise all is to be read anew
			}
		}
		got = append(got, results[faulty])
		if !alone {
			results[faulty] = result{rows: upTo(uint32(healthy[faulty]))}
			check(t, results, healthy...)
		}
	}
	return got
}

// Whatever a device says after row 20 of a column but the truth, 20 rows were
// read, it is said why there are no more, and no other column suffers.
func TestReadIsCutWhereADeviceGoesWrong(t *testing.T) {
	const k = 20
	column := table.Append(faulty + 2)
	for name, wrong := range map[string]func(after uint32) smi.Varbind{
		"round":            func(uint32) smi.Varbind { return cell(faulty, 1) },
		"back":             func(after uint32) smi.Varbind { return cell(faulty, after-1) },
		"the same":         func(after uint32) smi.Varbind { return cell(faulty, after) },
		"before the table": func(uint32) smi.Varbind { return smi.Varbind{Name: sysUpTime} },
		"the column":       func(uint32) smi.Varbind { return smi.Varbind{Name: column} },
		"noSuchObject":     func(uint32) smi.Varbind { return smi.Varbind{Name: column, Value: smi.Value{Kind: smi.NoSuchObject}} },
		"noSuchInstance":   func(uint32) smi.Varbind { return smi.Varbind{Name: column, Value: smi.Value{Kind: smi.NoSuchInstance}} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				recording := columns(healthy...)
				for _, got := range readFaulty(t, func(w *wire, id uint32, r *request) {
					w.deliver(new(answerBy(func(after smi.OID) smi.Varbind {
						if n := in(faulty, after); n >= k {
							return wrong(n)
						}
						return nextOf(recording, after)
					}, id, r)).Append(nil), 0)
				}) {
					if !errors.Is(got.err, ErrCut) || !slices.Equal(got.rows, upTo(k)) || rowsBefore(got.err) != k {
						t.Errorf("%d rows and %v, want %d and that it is cut short", len(got.rows), got.err, k)
					}
				}
			})
		})
	}
}

// An object from elsewhere, after which the column goes on.
func TestReadIsCutByAStrayObject(t *testing.T) {
	stray := smi.MustOID("1.3.6.1.2.1.99.1")
	for k := uint32(1); k < uint32(healthy[faulty]); k++ {
		synctest.Test(t, func(t *testing.T) {
			recording := columns(healthy...)
			for _, got := range readFaulty(t, func(w *wire, id uint32, r *request) {
				w.deliver(new(answerBy(func(after smi.OID) smi.Varbind {
					switch {
					case in(faulty, after) == k:
						return smi.Varbind{Name: stray}
					case after.Compare(stray) == 0:
						return cell(faulty, k+1)
					}
					return nextOf(recording, after)
				}, id, r)).Append(nil), 0)
			}) {
				if !errors.Is(got.err, ErrCut) || !slices.Equal(got.rows, upTo(k)) || rowsBefore(got.err) != int(k) {
					t.Errorf("%d rows and %v, want %d and that it is cut short", len(got.rows), got.err, k)
				}
			}
		})
	}
}

// The last object of an answer shows the end of a column, and is of one that
// the device cannot read.
func TestReadUpToWhatCannotBeRead(t *testing.T) {
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			recording := columns(7, 3)
			s, _ := overWire(func(w *wire, id uint32, r *request) {
				m := answerTo(recording, id, r)
				if in(1, r.names[0]) > 0 {
					m.Status, m.Index, m.Varbinds = snmpagent.GenErr, 1, nil
					if silent {
						return
					}
				}
				w.deliver(m.Append(nil), 0)
			}, Options{Repetitions: 8})
			cursors, results := collect(t, 1)
			s.Read(t.Context(), cursors...)
			check(t, results, 7)
		})
	}
}

// A device that cannot tell a row, and answers with an error whenever that
// would be in its answer: all before it is read where less may be asked for,
// and in any case as many rows as are said.
func TestReadIsCutByEveryErrorStatusAtEveryRow(t *testing.T) {
	cuts := 0
	for status := snmpagent.TooBig; status <= 18; status++ {
		for k := uint32(1); k < uint32(healthy[faulty]); k += 1 + k/4 {
			synctest.Test(t, func(t *testing.T) {
				for _, got := range readFaulty(t, failing(status, k)) {
					cuts++
					said, all := rowsBefore(got.err), status != snmpagent.TooBig && status != snmpagent.GenErr || len(got.rows) == int(k)
					if !errors.Is(got.err, ErrCut) || said != len(got.rows) || !slices.Equal(got.rows, upTo(uint32(said))) || said > int(k) || !all {
						t.Errorf("status %d after row %d: %d rows and %v", status, k, len(got.rows), got.err)
					}
				}
			})
		}
	}
	t.Logf("cut %d times, each with the exact number of rows", cuts)
}

// failing answers with an error in place of anything with row k+1.
func failing(status snmpagent.ErrorStatus, k uint32) func(w *wire, id uint32, r *request) {
	recording := columns(healthy...)
	return func(w *wire, id uint32, r *request) {
		m := answerTo(recording, id, r)
		for i, vb := range m.Varbinds {
			if at := i % len(r.names); in(faulty, vb.Name) > k && r.names[at].HasPrefix(table.Append(faulty+2)) {
				m.Status, m.Index, m.Varbinds = status, int32(at)+1, nil
				break
			}
		}
		w.deliver(m.Append(nil), 0)
	}
}

// One error, of any kind and about any of the names or none, in any answer,
// costs nothing where others were asked for as well; an answer that is too big
// never does.
func TestReadGetsOverOneError(t *testing.T) {
	for status := snmpagent.TooBig; status <= 18; status++ {
		for nth := 1; nth <= 6; nth++ {
			for index := range int32(8) {
				synctest.Test(t, func(t *testing.T) {
					n, several := 0, false
					recording := columns(healthy...)
					s, _ := overWire(func(w *wire, id uint32, r *request) {
						m := answerTo(recording, id, r)
						if n++; n == nth {
							m.Status, m.Index, m.Varbinds = status, index, nil
							several = len(r.names) > 1
						}
						w.deliver(m.Append(nil), 0)
					}, Options{})
					cursors, results := collect(t, len(healthy))
					s.Read(t.Context(), cursors...)
					if several || status == snmpagent.TooBig || status == snmpagent.GenErr {
						check(t, results, healthy...)
					}
					for _, i := range shortSilently(results, healthy) {
						t.Errorf("status %d in answer %d: column %d is silently short", status, nth, i)
					}
				})
			}
		}
	}
}

// Answers that are too big are asked for with less, until they fit.
func TestReadRecoversFromTooBig(t *testing.T) {
	for limit := 1; limit <= 30; limit++ {
		synctest.Test(t, func(t *testing.T) {
			recording := columns(healthy...)
			s, _ := overWire(func(w *wire, id uint32, r *request) {
				m := answerTo(recording, id, r)
				if len(m.Varbinds) > limit {
					m.Status, m.Varbinds = snmpagent.TooBig, nil
				}
				w.deliver(m.Append(nil), 0)
			}, Options{})
			cursors, results := collect(t, len(healthy))
			s.Read(t.Context(), cursors...)
			if check(t, results, healthy...); t.Failed() {
				t.Fatalf("with answers of %d objects at most", limit)
			}
		})
	}
}

// Every answer, cut off after each of its octets: as a datagram, and inside
// with lengths that fit. None is taken for what it is not, and what is asked
// for again is read.
func TestReadOverAnswersThatAreCutOff(t *testing.T) {
	readings := 0
	for _, version := range []Version{V1, V2c} {
		for nth := 1; nth <= 5; nth++ {
			for _, inside := range []bool{false, true} {
				for at := 0; ; at++ {
					whole := true
					synctest.Test(t, func(t *testing.T) {
						whole = checkCutOff(t, version, nth, at, inside)
						readings++
					})
					if whole {
						break
					}
				}
			}
		}
	}
	t.Logf("%d readings with an answer that was cut off, none silently short", readings)
}

// checkCutOff reads columns over an agent that cuts the nth answer off, and
// tells whether there was nothing left to be cut.
func checkCutOff(t *testing.T, version Version, nth, at int, inside bool) (whole bool) {
	rows := []int{3, 0, 9}
	recording, n := columns(rows...), 0
	s, w := overWire(func(w *wire, id uint32, r *request) {
		m := answerTo(recording, id, r)
		if version == V1 {
			m.Version = snmpagent.V1
			if m.Varbinds[0].Value.Exception() {
				m.Status, m.Index = snmpagent.NoSuchName, 1
			}
		}
		datagram := m.Append(nil)
		if n++; n == nth {
			if inside {
				varbinds := varbindsOf(m)
				whole = at >= len(varbinds)
				datagram = around(m, varbinds[:min(at, len(varbinds))])
			} else {
				whole = at >= len(datagram)
				datagram = datagram[:min(at, len(datagram))]
			}
		}
		w.deliver(datagram, 0)
	}, Options{})
	s.cred.Version = version
	if version == V1 {
		w.version = 0
	}
	cursors, results := collect(t, len(rows))
	s.Read(t.Context(), cursors...)
	check(t, results, rows...)
	return whole || n < nth
}

// varbindsOf are the encoded varbinds of an answer.
func varbindsOf(m snmpagent.Message) []byte {
	whole := m.Append(nil)
	bare := m
	bare.Varbinds = nil
	// Without varbinds it ends with their list, 0x30 0x00. Lengths before it
	// may take more octets when there are some.
	for n := len(whole) - len(bare.Append(nil)); ; n-- {
		if list := element(0x30, whole[len(whole)-n:]...); bytes.HasSuffix(whole, list) {
			return whole[len(whole)-n:]
		}
	}
}

// What follows a column may lead back to it, in one and the same answer: that is
// no fault of the column. Where it leads to a row that was not there yet, the
// column has not ended.
func TestWhatFollowsLeadsBack(t *testing.T) {
	for row, cut := range map[uint32]bool{1: false, 3: false, 4: true} {
		for _, rows := range []uint32{0, 3} {
			if rows == 0 && row != 4 {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				s, _ := overWire(func(w *wire, id uint32, r *request) {
					w.deliver(new(answerBy(func(after smi.OID) smi.Varbind {
						switch n := in(0, after); {
						case n < rows && (n > 0 || after.Compare(cell(0, 0).Name) < 0):
							return cell(0, n+1)
						case in(2, after) == 0:
							return cell(2, 1)
						default:
							return cell(0, row)
						}
					}, id, r)).Append(nil), 0)
				}, Options{})
				cursors, results := collect(t, 1)
				if err := s.Read(t.Context(), cursors...); err != nil {
					t.Fatal(err)
				}
				if got := errors.Is(results[0].err, ErrCut); got != cut || !slices.Equal(results[0].rows, upTo(rows)) {
					t.Errorf("back to row %d after %d: %v and %v, want it cut short: %v", row, rows, results[0].rows, results[0].err, cut)
				}
			})
		}
	}
}

// An object from elsewhere that was there but once, and then rows that were seen
// before: wherever the answer ends, and whatever the device says when it is asked
// again, the column is not taken for read.
func TestStrayObjectThenRowsAgain(t *testing.T) {
	const rows = 6
	for _, again := range []string{"the truth", "genErr", "nothing", "noSuchInstance"} {
		for repetitions := 1; repetitions < 10; repetitions++ {
			synctest.Test(t, func(t *testing.T) {
				strayed, back := false, false
				s, _ := overWire(func(w *wire, id uint32, r *request) {
					asked := strayed && back
					m := answerBy(func(after smi.OID) smi.Varbind {
						switch n := in(0, after); {
						case n == 3 && asked && again == "noSuchInstance":
							return smi.Varbind{Name: after, Value: smi.Value{Kind: smi.NoSuchInstance}}
						case n == 3 && !strayed:
							strayed = true
							return cell(2, 1)
						case in(2, after) == 1 && !back:
							back = true
							return cell(0, 2)
						case n > 0 && n < rows || after.Compare(cell(0, 0).Name) < 0:
							return cell(0, n+1)
						default:
							return cell(2, in(2, after)+1)
						}
					}, id, r)
					if asked && r.pdu != gosnmp.GetRequest {
						switch again {
						case "genErr":
							m.Status, m.Index, m.Varbinds = snmpagent.GenErr, 1, nil
						case "nothing":
							return
						}
					}
					w.deliver(m.Append(nil), 0)
				}, Options{Repetitions: repetitions})
				cursors, results := collect(t, 1)
				if err := s.Read(t.Context(), cursors...); err != nil {
					t.Fatal(err)
				}
				if got := results[0]; len(got.rows) < rows && got.err == nil {
					t.Errorf("%s, %d at once: rows %v and no error", again, repetitions, got.rows)
				}
			})
		}
	}
}
