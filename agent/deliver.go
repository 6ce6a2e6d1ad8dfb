package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
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
	endpoint string // its version, as its last answer said
	accepted int    // reports that the endpoint has taken in this round
	refused  refusals
	replayed map[string]bool // for which versions reports were taken back
}

// Refusals tell whether it is the reports that are wrong, or the endpoint,
// which must not empty every spool of a fleet into the folders for refused
// reports.
type refusals struct {
	of       int  // reports that waited when the round began
	round    int  // refused in this round
	inARow   int  // in this round and before, with none accepted between
	breaking bool // the endpoint is taken to be wrong, until it accepts a report
	wronged  bool // reports were set aside before that was known
}

// maxRefused is how many reports in a row an endpoint may refuse.
const maxRefused = 3

// tooMany notes a refusal and tells whether the endpoint is to blame.
func (r *refusals) tooMany() bool {
	r.round++
	r.inARow++
	if r.inARow > maxRefused {
		r.breaking, r.wronged = true, true
	}
	return r.breaking || r.round > 1 && 2*r.round > r.of
}

// deliver sends what waits, as few requests as it takes, a batch in memory at
// a time. It stops at the first failure, which tells when to come again. An
// endpoint that refused everything is tried with the first report alone.
func (c *courier) deliver(ctx context.Context, to sender, source string, entries []spool.Entry) (uplink.Result, error) {
	defer c.spool.Return()
	c.accepted = 0
	c.refused.of, c.refused.round = len(entries), 0
	var result uplink.Result
	for len(entries) > 0 {
		next := entries
		if c.refused.breaking {
			next = entries[:1]
		}
		batch, rest := c.load(source, next)
		for _, reports := range uplink.Batch(batch) {
			r, err := c.send(ctx, to, reports, byID(entries))
			if r.ClockKnown {
				result = r
			}
			if err != nil {
				return result, err
			}
		}
		entries = entries[len(next)-len(rest):]
	}
	if c.accepted > 0 {
		c.replay()
	}
	return result, nil
}

// replay takes back reports that were refused and may not be any more: all
// when an endpoint that refused everything has come to its senses, and else
// those that another version of it or of this program had to do with. Each
// happens once for a version: what is refused again is refused for good, and an
// endpoint's machines may not all have the same version.
func (c *courier) replay() {
	if c.refused.round > 0 {
		return
	}
	by, occasion := c.by(), c.by()
	if c.refused.wronged {
		by, occasion = "", "all at "+by
	}
	c.refused.wronged = false
	if c.replayed[occasion] {
		return
	}
	if c.replayed == nil {
		c.replayed = map[string]bool{}
	}
	c.replayed[occasion], c.replayed[c.by()] = true, true
	n, err := c.spool.Replay(by)
	c.logError("take refused reports back", err)
	if n > 0 {
		c.log.Info("reports that were refused are tried again", "reports", n, "by", c.by())
	}
}

// by says which versions have to do with a refusal.
func (c *courier) by() string { return "camwarden " + version + ", endpoint " + c.endpoint }

// envelope is about what a report takes in a batch besides its own size.
const envelope = 1 << 10

// load reads reports from the spool until they fill a batch.
func (c *courier) load(source string, entries []spool.Entry) (batch []uplink.Report, rest []spool.Entry) {
	size := int64(0)
	for i, entry := range entries {
		size += entry.Size + envelope
		if len(batch) == uplink.MaxBatchReports || len(batch) > 0 && size > uplink.MaxBatchBytes {
			return batch, entries[i:]
		}
		record, err := c.spool.Read(entry)
		if err != nil {
			c.log.Error("a report could not be read from the spool", "seq", entry.Seq, "error", err)
			continue
		}
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
	if result.Status != 0 {
		c.endpoint = result.Server
	}
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
			c.refused.inARow, c.refused.breaking = 0, false
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
// seems to take none. That is an outage: every report stays.
func (c *courier) refuse(entry spool.Entry, reason string) error {
	if c.refused.tooMany() {
		return &uplink.Failure{Class: uplink.Wait, Err: fmt.Errorf("the endpoint refuses report after report, so the rest stays in the spool: %s", reason)}
	}
	c.log.Error("the endpoint cannot take a report; it is set aside", "seq", entry.Seq, "id", entry.ID, "reason", reason)
	return c.spool.Reject(entry, c.by(), reason)
}

func (c *courier) logError(doing string, err error) {
	if err != nil {
		c.log.Error(doing, "error", err)
	}
}

// deliver carries reports to the endpoint for as long as the service runs.
func (s *service) deliver(ctx context.Context) error {
	c := courier{spool: s.spool, log: s.log}
	r := rounds{wake: s.spool.Wake(), settings: s.endpointFiles, log: s.log, note: s.noteRound,
		round: func(ctx context.Context) outcome { return s.round(ctx, &c) }}
	return r.run(ctx)
}

// noteRound tells how a round went.
func (s *service) noteRound(o outcome, failures int, pause time.Duration) {
	s.noteDelivery(o.accepted, failures, pause, o.err)
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

// round tries everything that waits.
func (s *service) round(ctx context.Context, c *courier) outcome {
	s.pulses.delivering.within(maxSend)
	defer s.pulses.delivering.idle()
	entries := s.waiting()
	if len(entries) == 0 {
		return outcome{}
	}
	cfg, err := s.load()
	if err != nil {
		return outcome{left: len(entries), again: unconfigured} // observe has said so
	}
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
	return outcome{left: left, accepted: c.accepted, err: err, again: unreadable, slots: s.slots(cfg)}
}

// unreadable is how soon reports are tried again that were left without a
// failure: put meanwhile, or not readable just now.
const unreadable = 10 * time.Second

// waiting lists what is to be delivered: the newest report first, since it is
// the truth of now; then what has changed, in its order; then the rest.
func (s *service) waiting() []spool.Entry {
	s.commit.Lock()
	defer s.commit.Unlock()
	return inTurn(s.spool.List())
}

// inTurn puts reports, which are sorted by sequence number, into the order in
// which they are sent.
func inTurn(entries []spool.Entry) []spool.Entry {
	if len(entries) == 0 {
		return nil
	}
	last := len(entries) - 1
	order := []spool.Entry{entries[last]}
	for _, events := range []bool{true, false} {
		for _, e := range entries[:last] {
			if (e.Kind == spool.Event) == events {
				order = append(order, e)
			}
		}
	}
	return order
}

func newUplink(e *config.Endpoint) (*uplink.Client, error) {
	endpoint := uplink.Endpoint{URL: e.URL.String(), CAFile: e.CAFile, CertFile: e.CertFile, KeyFile: e.KeyFile,
		UserAgent: "camwarden/" + version}
	if e.Format == config.OTLP {
		endpoint.Format = uplink.OTLP
	}
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
