package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
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
	spool  *spool.Spool
	log    *slog.Logger
	poison int // reports in a row that the endpoint refused
}

// maxPoison is how many reports in a row an endpoint may refuse. More mean
// that it is the endpoint that is wrong, and must not empty every spool of a
// fleet.
const maxPoison = 3

// deliver sends everything that waits, as few requests as it takes. It stops
// at the first failure, which tells when to come again.
func (c *courier) deliver(ctx context.Context, to sender, source string, entries []spool.Entry) (uplink.Result, error) {
	var result uplink.Result
	byID := make(map[string]spool.Entry, len(entries))
	var reports []uplink.Report
	for _, entry := range entries {
		record, err := c.spool.Read(entry)
		if err != nil {
			c.log.Error("a report could not be read from the spool", "seq", entry.Seq, "error", err)
			continue
		}
		byID[record.ID] = entry
		reports = append(reports, uplink.Report{ID: record.ID, Source: source, Time: record.Created, Data: record.Body})
	}
	for _, batch := range uplink.Batch(reports) {
		r, err := c.send(ctx, to, batch, byID)
		if r.ClockKnown {
			result = r
		}
		if err != nil {
			return result, err
		}
	}
	return result, nil
}

// send delivers a batch. One that is too large, or in which a report cannot
// be taken, is sent in halves.
func (c *courier) send(ctx context.Context, to sender, batch []uplink.Report, byID map[string]spool.Entry) (uplink.Result, error) {
	result, err := to.Send(ctx, batch)
	c.settle(result, byID)
	var failure *uplink.Failure
	if err == nil || !errors.As(err, &failure) {
		return result, err
	}
	switch {
	case len(batch) > 1 && (failure.Class == uplink.TooLarge || failure.Class == uplink.Poison):
		half := len(batch) / 2
		if first, err := c.send(ctx, to, batch[:half], byID); err != nil {
			return first, err
		}
		return c.send(ctx, to, batch[half:], byID)
	case failure.Class == uplink.Poison || failure.Class == uplink.TooLarge:
		return result, c.refused(byID[batch[0].ID], failure)
	default:
		return result, err
	}
}

// settle takes out of the spool what the endpoint has named.
func (c *courier) settle(result uplink.Result, byID map[string]spool.Entry) {
	for _, id := range result.Accepted {
		c.poison = 0
		if entry, ok := byID[id]; ok {
			c.logError("take a delivered report out of the spool", c.spool.Remove(entry))
		}
	}
	for _, rejection := range result.Rejected {
		if entry, ok := byID[rejection.ID]; ok {
			c.log.Error("the endpoint refused a report; it is set aside", "seq", entry.Seq, "id", rejection.ID, "reason", rejection.Reason)
			c.logError("set a refused report aside", c.spool.Reject(entry, rejection.Reason))
		}
	}
}

// refused sets a report aside that the endpoint cannot take, unless it takes
// none.
func (c *courier) refused(entry spool.Entry, failure *uplink.Failure) error {
	if c.poison++; c.poison > maxPoison {
		return &uplink.Failure{Class: uplink.Config, Status: failure.Status,
			Err: fmt.Errorf("it refuses every report; they stay in the spool: %w", failure)}
	}
	c.log.Error("the endpoint cannot take a report; it is set aside", "seq", entry.Seq, "error", failure)
	return c.spool.Reject(entry, failure.Error())
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

// waitForReports waits out the pause that a failure asks for. Without one it
// waits until there is something to deliver.
func (s *service) waitForReports(ctx context.Context, pause time.Duration) error {
	if pause > 0 {
		return sleep(ctx, pause)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.spool.Wake():
		return nil
	}
}

// deliverOnce tries everything that waits, and tells how long to wait before
// the next try: 0 when nothing is left to try.
func (s *service) deliverOnce(ctx context.Context, c *courier, failures *int) (time.Duration, error) {
	entries := s.waiting()
	if len(entries) == 0 {
		return 0, nil
	}
	cfg, err := s.load()
	if err != nil {
		return unconfigured, nil // observe has said so
	}
	client, err := newUplink(cfg.Endpoint)
	if err == nil {
		var result uplink.Result
		result, err = c.deliver(ctx, client, eventSource(cfg.Site.ID, s.memory.AgentID), entries)
		client.Close()
		if result.ClockKnown {
			s.clock.set(result.ClockOffset)
		}
	}
	if err == nil {
		*failures = 0
		s.log.Info("delivered", "reports", len(entries), "waiting", s.spool.Status().Depth)
		return 0, nil
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	*failures++
	class, retryAfter := uplink.Config, time.Duration(0)
	var failure *uplink.Failure
	if errors.As(err, &failure) {
		class, retryAfter = failure.Class, failure.RetryAfter
	}
	pause := uplink.Backoff{}.Next(*failures, class, retryAfter, rand.Float64())
	s.log.Warn("not delivered; the reports wait in the spool", "waiting", len(entries), "class", class.String(),
		"next", pause.Round(time.Second), "error", err)
	return pause, nil
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
