package poll

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// lossy loses so many of requests and of answers, once the device is reached.
func lossy(lost float64, dice *rand.Rand) func(snmpagent.Request, *snmpagent.Response) {
	opened := false
	return func(request snmpagent.Request, r *snmpagent.Response) {
		opened = opened || request.Type == snmpagent.GetBulkRequest
		if there, back := dice.Float64(), dice.Float64(); opened && (there < lost || back < lost) {
			r.Datagrams = [][]byte{}
		}
	}
}

// What is said of a table that was sought in is true although datagrams get
// lost: everything that was sought, or that it is not complete.
func TestSeekUnderLoss(t *testing.T) {
	timeout := 5 * time.Millisecond
	if racing {
		timeout *= 2
	}
	for _, test := range []struct {
		lost  float64
		least int // of 100 tables, that have to be complete
	}{{0.05, 97}, {0.3, 85}, {0.6, 0}} {
		t.Run(fmt.Sprint(test.lost), func(t *testing.T) {
			t.Parallel()
			var all sync.WaitGroup
			got := make([]lan.Snapshot, 20)
			whole := make([][]string, len(got))
			for i := range got {
				dice := rand.New(rand.NewPCG(uint64(i), 30))
				recording := randomTable(dice, 1800, 20, i%3*4).recording(honest)
				calm, _ := serve(t, recording, snmpagent.Options{})
				whole[i] = wanted(Read(t.Context(), calm))
				d, _ := serveTo(t, recording, snmpagent.Options{Intercept: lossy(test.lost, dice)}, snmp.Options{Timeout: timeout})
				if test.lost > 0.5 {
					d.Limit = 4 * time.Second
				}
				all.Go(func() { got[i] = All(t.Context(), []Device{d}, blocks, nil)[0] })
			}
			all.Wait()
			complete, tables := 0, 0
			for i, s := range got {
				if s.Err != "" {
					tables += 2
					continue
				}
				for _, table := range []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1qTpFdbTable} {
					tables++
					if r := reading(t, s, table, ""); r.Status != lan.Complete && r.Status != lan.Absent {
						continue
					}
					complete++
					if want, rows := of(table, whole[i]), of(table, wanted(s)); !slices.Equal(want, rows) {
						t.Errorf("device %d: %s is silently short: %d of %d rows", i, table, len(rows), len(want))
					}
				}
			}
			t.Logf("%.0f %% lost each way: %d of %d tables complete, none silently short", 100*test.lost, complete, tables)
			if 100*complete < test.least*tables {
				t.Errorf("only %d of %d tables were complete", complete, tables)
			}
		})
	}
}

// of are those of the rows that wanted tells that are of a table.
func of(table lan.Table, rows []string) []string {
	return slices.DeleteFunc(slices.Clone(rows), func(row string) bool { return !strings.HasPrefix(row, string(table)+" ") })
}
