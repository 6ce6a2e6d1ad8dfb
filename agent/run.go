package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/detect"
	"github.com/camwarden/camwarden/agent/internal/memory"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/spool"
	"github.com/camwarden/camwarden/installer"
)

func runService(ctx context.Context, args []string, std stdio) error {
	var configPath, state string
	managed := installer.Managed()
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.StringVar(&configPath, "config", defaultConfig(), "read the configuration from `FILE`")
	flags.StringVar(&state, "state", defaultState(), "keep the state in the folder `DIR`")
	flags.BoolVar(&managed, "service", managed, "a service manager has started this: stay, whatever the configuration is like (mostly that is found out)")
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	log := slog.New(installer.LogHandler(std.err, installer.Logging{Managed: managed, State: state, Events: events}))
	s := &service{configPath: configPath, state: state, managed: managed, log: log, history: newHistory(), pulses: pulses{log: log}}
	if !managed {
		// A person is there to mend it.
		if _, err := s.load(); err != nil {
			return exit{exitUsage, err}
		}
	}
	err := installer.Run(ctx, managed, s.run)
	if err != nil && managed {
		log.Error("the service ends", "error", err)
		return exit{code: exitFailed} // and not twice in the same journal
	}
	return err
}

// A service observes and delivers until it is told to stop: two tasks that
// meet only in the spool.
type service struct {
	configPath, state string
	managed           bool // a service manager has started it
	log               *slog.Logger
	pulses            pulses

	spool   *spool.Spool
	memory  *memory.Memory
	onDisk  memory.Acquaintance // who was asked, as it was written down last
	history *history
	clock   clockOffset
	keeper  statusKeeper
	said    string // of files of newer editions, last

	// commit is held while a report goes into the spool and what it says into
	// the memory, so that no report is delivered, and its number forgotten,
	// before the memory has that number.
	commit sync.Mutex
}

// A clockOffset is how far the endpoint's clock is ahead of this host's.
type clockOffset struct {
	mu     sync.Mutex
	offset *time.Duration
}

func (c *clockOffset) set(offset time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = &offset
}

func (c *clockOffset) milliseconds() *int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offset == nil {
		return nil
	}
	ms := c.offset.Milliseconds()
	return &ms
}

// load reads the configuration and holds it against what the service needs.
func (s *service) load() (*config.Config, error) {
	if s.managed {
		if err := checkPlace(filepath.Dir(s.configPath)); err != nil {
			return nil, err
		}
	}
	e, err := currentEditions(s.configPath, s.state)
	if err != nil {
		return nil, err
	}
	c, err := config.Load(s.configPath, e.options())
	if err != nil {
		return nil, err
	}
	if c.Endpoint == nil {
		return nil, fmt.Errorf("%s: endpoint.url: the service needs to know where reports go; write the endpoint's https address", s.configPath)
	}
	return c, nil
}

func (s *service) run(ctx context.Context) error {
	if err := s.open(); err != nil {
		return err
	}
	defer func() { s.logError("close the spool", s.spool.Close()) }()
	s.noteStart()
	defer s.noteStop()
	s.log.Info("camwarden runs", "version", version, "agent", s.memory.AgentID, "config", s.configPath, "state", s.state)
	s.pulses.logError(installer.Ready())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.pulses.watch(ctx, installer.WatchdogInterval(), installer.Alive) })
	group.Go(func() error { return s.observe(ctx) })
	group.Go(func() error { return s.deliver(ctx) })
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	s.log.Info("camwarden stops", "waiting", s.spool.Status().Depth)
	return nil
}

func (s *service) open() error {
	var err error
	if s.spool, err = spool.Open(filepath.Join(s.state, "spool"), spool.Options{Log: s.log}); err != nil {
		return err
	}
	if s.memory, err = memory.Load(memoryPath(s.state)); err != nil {
		s.log.Error("what was remembered is lost", "error", err)
	}
	id, seq := s.memory.AgentID, s.memory.Seq
	if err := ownID(s.memory); err != nil {
		return errors.Join(err, s.spool.Close())
	}
	s.memory.Seq = max(s.memory.Seq, s.spool.LastSeq())
	if s.memory.AgentID != id || s.memory.Seq != seq {
		// Before a report is delivered: with it would go the only trace of its
		// number and of the name it was made under.
		s.logError("remember", s.memory.Save(memoryPath(s.state)))
	}
	return nil
}

func (s *service) logError(doing string, err error) {
	if err != nil {
		s.log.Error(doing, "error", err)
	}
}

// unconfigured is how soon a wrong or missing configuration is read again.
const unconfigured = time.Minute

// observe makes the observations. It ends only with the context.
func (s *service) observe(ctx context.Context) error {
	var last sent
	pulse := &s.pulses.observing
	for {
		pulse.within(poll.MaxTime)
		pause := unconfigured
		if c, err := s.load(); err != nil {
			s.log.Error("the configuration cannot be used; it is read again in a minute", "error", err)
			s.pulses.says(pulse, "waits for a configuration: "+err.Error())
			s.noteNext(pause, 0, err)
		} else {
			s.pulses.says(pulse, fmt.Sprintf("observes every %s, switches: %d", long(c.Schedule.Every), switchedOn(c)))
			s.cycle(ctx, c, &last)
			s.logError("rest until the next observation", rest())
			now := time.Now()
			pause = s.slots(c).next(now, rand.Float64()).Sub(now)
			s.noteNext(pause, c.Schedule.Every, nil)
		}
		pulse.within(pause)
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func switchedOn(c *config.Config) (n int) {
	for i := range c.Switches {
		if !c.Switches[i].Off {
			n++
		}
	}
	return n
}

// slots are the moments at which this agent observes, and comes back to an
// endpoint that was away.
func (s *service) slots(c *config.Config) schedule {
	return newSchedule(c.Schedule.Every, c.Site.ID, s.memory.AgentID)
}

// sent is what the last report said, as far as it decides on the next.
type sent struct {
	at    time.Time
	basis string
}

// kind says of what kind the next report is, if it is to be sent: a snapshot
// when it says something new, and a heartbeat when it would be too late to be
// heard of after the next observation. Both are the whole picture.
func (l sent) kind(r *report.Report, basis string, c config.Schedule) (report.Kind, bool) {
	if l.at.IsZero() || len(r.Changes) > 0 || basis != l.basis {
		return report.Snapshot, true
	}
	return report.Heartbeat, time.Since(l.at)+c.Every+c.Every/jitterShare > c.ReportEvery
}

// observer prepares an observation by the editions of now, and keeps those.
func (s *service) observer(c *config.Config, known *recall) (*observer, error) {
	e, err := currentEditions(s.configPath, s.state)
	if err != nil {
		return nil, err
	}
	if said := fmt.Sprint(e.files); said != s.said { // once, not at each observation
		e.log(s.log)
		s.said = said
	}
	s.logError("keep newer editions", e.keep(s.state))
	o, err := e.observer(c, known)
	if err != nil {
		return nil, err
	}
	o.rules.Known = s.memory.Known()
	o.asks.recall(s.memory, s.log, s.pulses.observing.asking)
	o.beat = s.pulses.observing.reading
	s.warnOfExpired(o.rules, time.Now())
	return o, nil
}

// warnOfExpired says which lists and which own entries have expired.
func (s *service) warnOfExpired(rules detect.Rules, now time.Time) {
	for _, list := range rules.Lists {
		if list.Stale(now) {
			s.log.Warn("a list has expired and is used all the same", "list", list.ID, "expired", list.Expires)
		}
	}
	for i := range rules.Own {
		if own := &rules.Own[i]; own.Expired(now) {
			s.log.Warn("an own entry has expired and does not count", "about", own.About(), "expired", own.Until)
		}
	}
}

// cycle makes one observation and spools it when it says something new, or
// when a report is due.
func (s *service) cycle(ctx context.Context, c *config.Config, last *sent) {
	known := newRecall(s.memory, s.log)
	o, err := s.observer(c, known)
	if err != nil {
		s.log.Error("observe", "error", err)
		return
	}
	o.history, o.every = s.history, c.Schedule.FullEvery
	r, err := o.observe(ctx, nil)
	s.memory.Remember(known.all())
	o.asks.remember(s.memory)
	s.keepAsked()
	if err != nil || ctx.Err() != nil {
		s.logError("observe", err)
		return
	}
	s.commit.Lock()
	defer s.commit.Unlock()
	s.memory.Release(r, o.seen)
	s.memory.Observe(r, time.Now())
	r.Sort()
	basis := basisOf(r)
	kind, due := last.kind(r, basis, c.Schedule)
	s.log.Info("observed", "findings", len(r.Findings), "changes", len(r.Changes), "coverage", coverageKey(r), "report", due)
	if due {
		r.Kind = kind
		if !s.put(r) {
			return
		}
		*last = sent{at: time.Now(), basis: basis}
	}
	s.noteObserved(r)
	// A report that is in memory alone is lost with the process, and with it
	// what has changed: the next process must find that anew.
	if s.spool.Status().State == spool.OK {
		s.logError("remember", s.memory.Save(memoryPath(s.state)))
	}
}

// keepAsked writes down who was asked, where that is not on disk yet.
func (s *service) keepAsked() {
	now := s.memory.Acquaintance()
	if now.Equal(s.onDisk) {
		return
	}
	err := s.memory.SaveAsked(memoryPath(s.state))
	if s.logError("remember who was asked", err); err == nil {
		s.onDisk = now
	}
}

// coverageKey says which sources were read how well: a source that fails is
// as much a reason to report as a camera that appears.
func coverageKey(r *report.Report) string {
	key := ""
	for _, c := range r.Coverage {
		key += c.Source + "=" + c.Status + " "
	}
	return key
}

// basisOf says what a report rests on: how well each source was read, and by
// which registry and lists it was judged.
func basisOf(r *report.Report) string { return fmt.Sprintf("%s%+v", coverageKey(r), r.Data) }

// put gives the report its number and hands it to the spool. It tells whether
// the spool has it, on disk or in memory.
func (s *service) put(r *report.Report) bool {
	s.memory.Seq++
	r.Seq, r.Agent.ID = s.memory.Seq, s.memory.AgentID
	r.Clock.OffsetMS = s.clock.milliseconds()
	status := s.spool.Status()
	r.Spool = spoolState(status, time.Now())
	body, err := encodeReport(r)
	if err != nil {
		s.log.Error("write a report", "error", err)
		return false
	}
	err = s.spool.Put(spool.Record{ID: r.ID, Seq: r.Seq, Kind: worth(r), Created: time.Now(), Declared: status.Dropped, Body: body})
	s.log.Info("spooled", "seq", r.Seq, "id", r.ID, "kind", r.Kind, "on_disk", err == nil)
	if err != nil {
		s.log.Error("the spool could not keep a report on disk", "seq", r.Seq, "bytes", len(body), "error", err)
	}
	return err == nil || s.spool.Status().State == spool.Degraded // then it is kept in memory
}

// worth says how long the spool is to keep a report when there is too much.
func worth(r *report.Report) spool.Kind {
	switch {
	case len(r.Changes) > 0:
		return spool.Event
	case r.Kind == report.Heartbeat:
		return spool.Heartbeat
	default:
		return spool.Snapshot
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
