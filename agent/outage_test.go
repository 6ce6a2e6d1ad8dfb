package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/spool"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

// inMemory is a folder where a sync takes no time, if there is one.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "camwarden-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A lateEndpoint is away until it is back, and then takes everything and adds
// up what it is told of losses.
type lateEndpoint struct {
	back     time.Time
	requests int
	reports  map[uint64]report.Report
	last     time.Time // of those made before it was back
}

func (e *lateEndpoint) Send(_ context.Context, batch []uplink.Report) (uplink.Result, error) {
	if time.Now().Before(e.back) {
		return uplink.Result{}, &uplink.Failure{Class: uplink.Wait, Err: errors.New("no route to host")}
	}
	e.requests++
	var result uplink.Result
	for _, sent := range batch {
		var r report.Report
		if err := json.Unmarshal(sent.Data, &r); err != nil {
			return result, err
		}
		if sent.Time.Before(e.back) {
			e.last = time.Now()
		}
		e.reports[r.Seq] = r
		result.Accepted = append(result.Accepted, sent.ID)
	}
	return result, nil
}

// monthEnv asks TestEndpointAway for thirty days, with which it takes some
// minutes, and reports of 40 KiB.
const monthEnv = "CAMWARDEN_MONTH"

// TestEndpointAway has a service observe every quarter of an hour, in virtual
// time, while its endpoint is away for days. One report in ten tells of a
// change.
func TestEndpointAway(t *testing.T) {
	days, size := 3, 10<<10
	if raced {
		days = 1
	}
	if os.Getenv(monthEnv) != "" {
		days, size = 30, 40<<10
	}
	for _, test := range []struct {
		name string
		opts spool.Options
		all  bool // no change is lost
	}{
		{"the usual bounds", spool.Options{}, true},
		{"4 MiB and 200 files", spool.Options{MaxBytes: 4 << 20, MaxFiles: 200}, false},
		{"two days", spool.Options{MaxAge: 48 * time.Hour}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := inMemory(t)
			synctest.Test(t, func(t *testing.T) { awayFor(t, time.Duration(days)*24*time.Hour, size, dir, test.opts, test.all) })
		})
	}
}

func awayFor(t *testing.T, away time.Duration, size int, dir string, opts spool.Options, all bool) {
	const every = 15 * time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &service{memory: &memory.Memory{AgentID: "6f1c"}, log: slog.New(slog.DiscardHandler)}
	var err error
	if s.spool, err = spool.Open(dir, opts); err != nil {
		t.Fatal(err)
	}
	slots := newSchedule(every, "LON-0042", "6f1c")
	to := &lateEndpoint{back: time.Now().Add(away), reports: map[uint64]report.Report{}}
	c := courier{spool: s.spool, log: s.log}
	r := rounds{wake: s.spool.Wake(), log: s.log, note: func(outcome, int, time.Duration) {}, round: func(ctx context.Context) outcome {
		_, err := c.deliver(ctx, to, "/sites/LON-0042/agents/6f1c", s.waiting())
		return outcome{left: s.spool.Status().Depth, err: err, again: unreadable, slots: slots}
	}}
	ended := make(chan error)
	go func() { ended <- r.run(ctx) }()

	events := map[uint64]bool{}
	var most spool.Status
	for n := 0; time.Now().Before(to.back.Add(2 * every)); n++ {
		if err := sleep(ctx, time.Until(slots.next(time.Now(), rand.Float64()))); err != nil {
			t.Fatal(err)
		}
		seen := &report.Report{ID: fmt.Sprint("r-", n), Kind: report.Snapshot, Site: report.Site{Name: strings.Repeat("x", size)}}
		switch {
		case n%10 == 0:
			seen.Changes = []report.Change{{Op: report.Appeared, MAC: fmt.Sprint(n)}}
			events[uint64(n+1)] = true
		case n%10 > 6:
			seen.Kind = report.Heartbeat
		}
		s.commit.Lock()
		put := s.put(seen)
		s.commit.Unlock()
		if !put {
			t.Fatal("not kept")
		}
		st := s.spool.Status()
		most.Depth, most.Bytes = max(most.Depth, st.Depth), max(most.Bytes, st.Bytes)
	}
	synctest.Wait()
	produced, drained := s.memory.Seq, to.last.Sub(to.back)
	var told uint64
	within := map[uint64]bool{}
	for _, r := range to.reports {
		told += r.Spool.Dropped.Count
		for seq := r.Spool.Dropped.FirstSeq; seq > 0 && seq <= r.Spool.Dropped.LastSeq; seq++ {
			within[seq] = true
		}
	}
	var missing, changes uint64
	for seq := uint64(1); seq <= produced; seq++ {
		_, ok := to.reports[seq]
		switch {
		case !ok && !within[seq]:
			t.Errorf("nobody is told that report %d is lost", seq)
			missing++
		case !ok:
			missing++
		case events[seq]:
			changes++
		}
	}
	t.Logf("%d reports in %v; at most %.1f MiB in %d files; %d of %d changes delivered, %d reports dropped, %d told of; drained in %v by %d requests",
		produced, away, float64(most.Bytes)/(1<<20), most.Depth, changes, len(events), missing, told, drained.Round(time.Second), to.requests)
	opts = boundsOf(opts)
	if most.Bytes > opts.MaxBytes || most.Depth > opts.MaxFiles {
		t.Errorf("the spool holds %d bytes in %d files", most.Bytes, most.Depth)
	}
	if missing != told || all && changes != uint64(len(events)) || drained > every+every/jitterShare+soonest || s.spool.Status().Depth != 0 {
		t.Errorf("not as promised; %+v wait", s.spool.Status())
	}
	cancel()
	<-ended // with the context's error
	if err := s.spool.Close(); err != nil {
		t.Error(err)
	}
}

// boundsOf are the bounds that the spool keeps to.
func boundsOf(o spool.Options) spool.Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = 5000
	}
	return o
}
