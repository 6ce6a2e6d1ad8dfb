package poll

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
)

// What the user does not want is not asked for, in no context, and is said as
// something that was not read: an absent or complete table could make things
// disappear.
func TestReadSkipsTables(t *testing.T) {
	d := &device{rows: rows(), views: map[string]*device{"20": {rows: rows()}}}
	asked := d.as("sw03")
	asked.Skip = []lan.Table{lan.Dot1dTpFdbTable, lan.LLDPRemTable}
	s := Read(t.Context(), asked)
	want := lan.Reading{Table: lan.Dot1dTpFdbTable, Method: lan.Walk, Status: lan.Failed, Reason: SwitchedOff}
	if diff := cmp.Diff(want, reading(t, s, lan.Dot1dTpFdbTable, "")); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	want.Context = "20"
	if diff := cmp.Diff(want, reading(t, s, lan.Dot1dTpFdbTable, "20")); diff != "" {
		t.Errorf("in the context (-want +got):\n%s", diff)
	}
	if got := reading(t, s, lan.LLDPRemTable, ""); got.Reason != SwitchedOff {
		t.Errorf("of the neighbours it says %+v", got)
	}
	for _, object := range slices.Concat(d.asked, d.views["20"].asked) {
		if strings.HasPrefix(object, "1.3.6.1.2.1.17.4.3.") || strings.HasPrefix(object, "1.0.8802.1.1.2.1.4.1.") {
			t.Errorf("%s was walked", object)
		}
	}
	if len(s.FDB) != 0 || len(s.ARP) != 2 || s.Err != "" {
		t.Errorf("%d forwarding entries, %d addresses, error %q", len(s.FDB), len(s.ARP), s.Err)
	}
}

// A device that is slow without end costs its own tables, not the cycle.
func TestReadEndsInTime(t *testing.T) {
	for _, test := range []struct{ limit, ends time.Duration }{{5 * time.Second, 5 * time.Second}, {0, MaxTime}} {
		synctest.Test(t, func(t *testing.T) {
			delay := test.ends / 5
			d := &device{rows: rows(), delay: delay}
			asked := d.as("sw03")
			asked.Limit = test.limit
			s := Read(t.Context(), asked)
			if took := s.To.Sub(s.From); took < test.ends || took > test.ends+2*delay { // the device heeds no context
				t.Errorf("took %v, want %v", took, test.ends)
			}
			if len(s.Readings) != 1+len(mib.Decoders()) || d.closed != 1 {
				t.Errorf("%d readings, closed %d times", len(s.Readings), d.closed)
			}
			last := s.Readings[len(s.Readings)-1]
			want := fmt.Sprintf("the device has been read for %v, and gets no more time", test.ends)
			if last.Status != lan.Failed || last.Reason != want || last.Requests != 0 {
				t.Errorf("of the last table it says %+v", last)
			}
			if first := s.Readings[0]; first.Status != lan.Complete || s.Err != "" {
				t.Errorf("of the first one it says %+v, and of all %q", first, s.Err)
			}
		})
	}
}

// Reaching a device counts as well, and what it is told says why it ends.
func TestOpenEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Read(t.Context(), Device{Name: "sw03", Limit: time.Second, Open: func(ctx context.Context) (Source, error) {
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}})
		if s.Err != "the device has been read for 1s, and gets no more time" || s.To.Sub(s.From) != time.Second {
			t.Errorf("%q after %v", s.Err, s.To.Sub(s.From))
		}
	})
}
