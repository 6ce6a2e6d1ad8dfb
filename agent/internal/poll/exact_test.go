package poll

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// Some agents can only go on from a row that they have, and give what lies
// behind the table for any other. They are walked.
func TestAgentsThatOnlyKnowTheirRows(t *testing.T) {
	for _, rows := range []int{600, 1200, 9000} {
		for _, full := range []bool{false, true} {
			recording := randomTable(rand.New(rand.NewPCG(7, uint64(rows))), rows, 60, 6).recording(honest)
			column := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1")
			behind := smi.Varbind{Name: smi.MustOID("1.3.6.1.2.1.17.7.9"), Value: smi.Value{Kind: smi.Integer, Num: 1}}
			device, _ := serve(t, recording, snmpagent.Options{Intercept: func(request snmpagent.Request, r *snmpagent.Response) {
				if request.Type == snmpagent.GetRequest {
					return
				}
				for i, asked := range request.Varbinds {
					if _, known := recording.Get(asked.Name); known || !asked.Name.HasPrefix(column) || len(asked.Name) <= len(column)+1 {
						continue
					}
					for at := i; at < len(r.Varbinds); at += len(request.Varbinds) {
						r.Varbinds[at] = behind
					}
				}
			}})
			device.Full, device.Past = full, &Past{}
			got := All(t.Context(), []Device{device}, blocks, nil)[0]
			if diff := cmp.Diff(wanted(plain(t, recording)), wanted(got)); diff != "" {
				t.Errorf("%d rows, full %v: difference (-table +read):\n%s", rows, full, diff)
			}
			if r := reading(t, got, lan.Dot1qTpFdbTable, ""); r.Method == lan.Seek {
				t.Errorf("%d rows, full %v: %+v", rows, full, r)
			}
		}
	}
}

// One answer that is wrong makes nothing disappear: what is said to be at its
// end in the middle of the table is found out, or said. So it is where the
// table is sought in by leaps, combed, or walked in parts.
func TestOneStrayAnswer(t *testing.T) {
	recording := randomTable(rand.New(rand.NewPCG(8, 8)), 8_000, 200, 6).recording(honest)
	want := wanted(plain(t, recording))
	elsewhere := smi.MustOID("1.3.6.1.2.1.99.1")
	column := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")
	step := 3
	if racing {
		step = 12
	}
	for way, atMost := range map[string]struct{ most, comb int }{"leaps": {0, 0}, "comb": {0, maxRows}, "walk": {maxRows, 0}} {
		short := 0
		for nth := 2; nth < 40; nth += step {
			asked := 0
			device, _ := serve(t, recording, snmpagent.Options{Intercept: func(request snmpagent.Request, r *snmpagent.Response) {
				if !slices.ContainsFunc(request.Varbinds, func(vb smi.Varbind) bool { return vb.Name.HasPrefix(column) }) {
					return
				}
				if asked++; asked != nth {
					return
				}
				for at := 0; at < len(r.Varbinds); at += len(request.Varbinds) {
					r.Varbinds[at] = smi.Varbind{Name: elsewhere}
				}
			}})
			got := readAll(t.Context(), []Device{device}, nil, blocks, func(int) (int, int) { return atMost.most, atMost.comb }, nil)[0]
			r := reading(t, got, lan.Dot1qTpFdbTable, "")
			if diff := cmp.Diff(want, wanted(got)); diff != "" && r.Status == lan.Complete {
				short++
				t.Errorf("%s, request %d: silently short by %d: %+v", way, nth, len(want)-len(wanted(got)), r)
			}
		}
		t.Logf("%s: %d silently short", way, short)
	}
}
