package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/config"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/spool"
	"github.com/camwarden/camwarden/agent/internal/uplink"
)

func encodeReport(r *report.Report) ([]byte, error) { return json.Marshal(r) }

// A sender takes reports to the endpoint. It is an *uplink.Client.
type sender interface {
	Send(ctx context.Context, reports []uplink.Report) (uplink.Result, error)
}

// A courier takes reports out of the spool to the endpoint. A report leaves
// the spool only when the endpoint has named it: as accepted, or as one that
// it will never take.
type courier struct {
	spool    *spool.Spool
	log      *slog.Logger
	accepted int // reports that the endpoint has taken
	refused  int // reports in a row that it would never take
}

// maxRefused is how many reports in a row an endpoint may refuse. More mean
// that it is the endpoint that is wrong, and must not empty every spool of a
// fleet.
const maxRefused = 3

// deliver sends what waits, as few requests as it takes, a batch in memory at
// a time. It stops at the first failure, which tells when to come again.
func (c *courier) deliver(ctx context.Context, to sender, source string, entries []spool.Entry) (uplink.Result, error) {
	var result uplink.Result
	for len(entries) > 0 {
		batch, rest := c.load(source, entries)
		for _, reports := range uplink.Batch(batch) {
			r, err := c.send(ctx, to, reports, byID(entries))
			if r.ClockKnown {
				result = r
			}
			if err != nil {
				return result, err
			}
		}
		entries = rest
	}
	return result, nil
}

// load reads reports from the spool until they fill a batch.
func (c *courier) load(source string, entries []spool.Entry) (batch []uplink.Report, rest []spool.Entry) {
	size := 0
	for i, entry := range entries {
		if len(batch) == uplink.MaxBatchReports || size >= uplink.MaxBatchBytes {
			return batch, entries[i:]
		}
		record, err := c.spool.Read(entry)
		if err != nil {
			c.log.Error("a report could not be read from the spool", "seq", entry.Seq, "error", err)
			continue
		}
		size += len(record.Body)
		batch = append(batch, uplink.Report{ID: record.ID, Source: source, Time: record.Created, Data: record.Body})
	}
	return batch, nil
}

func byID(entries []spool.Entry) map[string]spool.Entry {
	index := make(map[string]spool.Entry, len(entries))
	for _, entry := range entries {
		index[entry.ID] = entry
	}
	return index
}

// send delivers a batch. One that is too large, or in which a report cannot
// be taken, is sent in halves.
func (c *courier) send(ctx context.Context, to sender, batch []uplink.Report, index map[string]spool.Entry) (uplink.Result, error) {
	result, err := to.Send(ctx, batch)
	if refused := c.settle(result, index); refused != nil {
		return result, refused
	}
	var failure *uplink.Failure
	if err == nil || !errors.As(err, &failure) {
		return result, err
	}
	switch {
	case len(batch) > 1 && (failure.Class == uplink.TooLarge || failure.Class == uplink.Poison):
		half := len(batch) / 2
		if first, err := c.send(ctx, to, batch[:half], index); err != nil {
			return first, err
		}
		return c.send(ctx, to, batch[half:], index)
	case failure.Class == uplink.TooLarge || failure.Status == http.StatusRequestEntityTooLarge:
		return result, &uplink.Failure{Class: uplink.Config, Status: failure.Status,
			Err: fmt.Errorf("the endpoint's limit is below the size of one report (%d bytes): raise it there: %w", len(batch[0].Data), failure)}
	case failure.Class == uplink.Poison:
		return result, c.refuse(index[batch[0].ID], failure.Error())
	default:
		return result, err
	}
}

// settle takes out of the spool what the endpoint has named.
func (c *courier) settle(result uplink.Result, index map[string]spool.Entry) error {
	for _, id := range result.Accepted {
		if entry, ok := index[id]; ok {
			c.accepted++
			c.refused = 0
			c.logError("take a delivered report out of the spool", c.spool.Remove(entry))
		}
	}
	for _, rejection := range result.Rejected {
		if entry, ok := index[rejection.ID]; ok {
			if err := c.refuse(entry, rejection.Reason); err != nil {
				return err
			}
		}
	}
	return nil
}

// refuse sets a report aside that the endpoint will never take, unless it
// takes none.
func (c *courier) refuse(entry spool.Entry, reason string) error {
	if c.refused++; c.refused > maxRefused {
		return &uplink.Failure{Class: uplink.Config, Err: fmt.Errorf("the endpoint refuses every report, so they stay in the spool: %s", reason)}
	}
	c.log.Error("the endpoint cannot take a report; it is set aside", "seq", entry.Seq, "id", entry.ID, "reason", reason)
	return c.spool.Reject(entry, reason)
}

func (c *courier) logError(doing string, err error) {
	if err != nil {
		c.log.Error(doing, "error", err)
	}
}

// deliver carries reports to the endpoint for as long as the service runs.
func (s *service) deliver(ctx context.Context) error {
	c := courier{spool: s.spool, log: s.log}
	failures := 0
	for {
		pause, err := s.deliverOnce(ctx, &c, &failures)
		if err != nil {
			return err
		}
		if err := s.waitForReports(ctx, pause); err != nil {
			return err
		}
	}
}

// waitForReports waits out the pause that a failure asks for, or until
// somebody mends what it may have come from. Without a pause it waits until
// there is something to deliver.
func (s *service) waitForReports(ctx context.Context, pause time.Duration) error {
	if pause == 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.spool.Wake():
			return nil
		}
	}
	until, before := time.Now().Add(pause), s.endpointFiles()
	for left := pause; left > 0; left = time.Until(until) {
		if err := sleep(ctx, min(left, unconfigured)); err != nil {
			return err
		}
		if !slices.Equal(before, s.endpointFiles()) {
			s.log.Info("the configuration or a file of the endpoint has changed; delivery is tried again")
			return nil
		}
	}
	return nil
}

// endpointFiles tells the state of the configuration and of the files that
// the endpoint's part of it names.
func (s *service) endpointFiles() []time.Time {
	files := []string{s.configPath}
	if c, err := s.load(); err == nil {
		files = append(files, c.Endpoint.TokenFile, c.Endpoint.CAFile, c.Endpoint.CertFile, c.Endpoint.KeyFile)
	}
	changed := make([]time.Time, len(files))
	for i, file := range files {
		if info, err := os.Stat(file); err == nil {
			changed[i] = info.ModTime()
		}
	}
	return changed
}

// deliverOnce tries everything that waits, and tells how long to wait before
// the next try: 0 when nothing is left to try.
func (s *service) deliverOnce(ctx context.Context, c *courier, failures *int) (time.Duration, error) {
	s.pulses.delivering.within(maxSend)
	defer s.pulses.delivering.idle()
	entries := s.waiting()
	if len(entries) == 0 {
		return 0, nil
	}
	cfg, err := s.load()
	if err != nil {
		return unconfigured, nil // observe has said so
	}
	c.accepted = 0
	client, err := newUplink(cfg.Endpoint)
	if err == nil {
		var result uplink.Result
		result, err = c.deliver(ctx, beating{client, &s.pulses.delivering}, eventSource(cfg.Site.ID, s.memory.AgentID), entries)
		client.Close()
		if result.ClockKnown {
			s.clock.set(result.ClockOffset)
		}
	}
	left := s.spool.Status().Depth
	if c.accepted > 0 {
		s.log.Info("delivered", "reports", c.accepted, "waiting", left)
	}
	s.pulses.delivered(left, err)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err == nil && left > 0: // put meanwhile, or not readable just now
		*failures = 0
		return unreadable, nil
	case err == nil:
		*failures = 0
		return 0, nil
	}
	*failures++
	pause := pauseAfter(err, *failures)
	s.log.Warn("not delivered; the reports wait in the spool", "waiting", left, "next", pause.Round(time.Second), "error", err)
	return pause, nil
}

// unreadable is how soon reports are tried again that were left without a
// failure.
const unreadable = 10 * time.Second

// pauseAfter is how long to wait after a failure.
func pauseAfter(err error, failures int) time.Duration {
	class, retryAfter := uplink.Config, time.Duration(0)
	var failure *uplink.Failure
	if errors.As(err, &failure) {
		class, retryAfter = failure.Class, failure.RetryAfter
	}
	return uplink.Backoff{}.Next(failures, class, retryAfter, rand.Float64())
}

// waiting lists what is to be delivered: the newest report first, since it is
// the truth of now, then the others in their order.
func (s *service) waiting() []spool.Entry {
	s.commit.Lock()
	defer s.commit.Unlock()
	entries := s.spool.List()
	if n := len(entries) - 1; n > 0 {
		entries = slices.Insert(entries[:n:n], 0, entries[n])
	}
	return entries
}

func newUplink(e *config.Endpoint) (*uplink.Client, error) {
	endpoint := uplink.Endpoint{URL: e.URL.String(), CAFile: e.CAFile, CertFile: e.CertFile, KeyFile: e.KeyFile,
		UserAgent: "camwarden/" + version}
	if e.Proxy != nil {
		endpoint.Proxy = e.Proxy.String()
	}
	if e.TokenFile != "" || !e.Token.IsZero() {
		endpoint.Token = func() (string, error) {
			token, err := e.BearerToken()
			return token.Reveal(), err
		}
	}
	return uplink.New(endpoint)
}

// eventSource names an agent as CloudEvents do.
func eventSource(site, agent string) string {
	return "/sites/" + url.PathEscape(site) + "/agents/" + url.PathEscape(agent)
}
