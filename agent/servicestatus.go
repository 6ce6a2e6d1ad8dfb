package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/page"
	"github.com/camwarden/camwarden/agent/internal/report"
)

// A serviceStatus is what the service did last, as it tells in a file of the
// state folder. It holds no secret.
type serviceStatus struct {
	Version  string           `json:"version"`
	Agent    string           `json:"agent"`
	Config   string           `json:"config"`
	State    string           `json:"state"`
	Started  time.Time        `json:"started"`
	Stopped  *time.Time       `json:"stopped,omitempty"`  // in good order
	Problem  string           `json:"problem,omitempty"`  // why it cannot observe
	Observed *observation     `json:"observed,omitempty"` // the last one; none yet if null
	Next     time.Time        `json:"next"`               // when it observes again, or reads the configuration again
	EveryS   int64            `json:"every_s"`
	Delivery delivery         `json:"delivery"`
	Spool    report.Spool     `json:"spool"`
	Progress *report.Progress `json:"progress,omitempty"`
	Written  time.Time        `json:"written"`
}

// An observation is one in few words.
type observation struct {
	report.Span
	Findings int                `json:"findings"`
	Coverage []coveredSource    `json:"coverage"`
	Lists    []report.Watchlist `json:"lists"`
	Files    []report.DataFile  `json:"files"` // newer editions that were put beside the configuration
}

type coveredSource struct {
	Source string `json:"source"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
	Found  string `json:"found,omitempty"` // how; empty where the configuration names it
}

// A delivery is how reports reached the endpoint last.
type delivery struct {
	Accepted time.Time `json:"accepted,omitzero"` // when the endpoint has taken something last
	Reports  int       `json:"reports"`           // that it took then
	Failures int       `json:"failures"`          // in a row, since
	Failed   time.Time `json:"failed,omitzero"`
	Error    string    `json:"error,omitempty"`
	Retry    time.Time `json:"retry,omitzero"`
}

func statusPath(state string) string { return filepath.Join(state, "status.json") }
func pagePath(state string) string   { return filepath.Join(state, "report.html") }

// A statusKeeper keeps the file. Both tasks of the service tell it what they
// have done.
type statusKeeper struct {
	mu     sync.Mutex
	status serviceStatus
}

// note changes the status and writes it.
func (s *service) note(change func(*serviceStatus)) {
	k := &s.keeper
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.status)
	k.status.Written = time.Now().UTC().Truncate(time.Second)
	k.status.Spool = spoolState(s.spool.Status(), time.Now())
	s.logError("write the status", durable.WriteFile(statusPath(s.state), 0o640, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(k.status)
	}))
}

// noteStart begins with what is left of an earlier service, but its end.
func (s *service) noteStart() {
	before, err := readStatus(s.state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Warn("the last status is lost", "error", err)
	}
	s.note(func(status *serviceStatus) {
		*status = before
		status.Version, status.Agent = version, s.memory.AgentID
		status.Config, status.State = absolute(s.configPath), absolute(s.state)
		status.Started, status.Stopped = time.Now().UTC().Truncate(time.Second), nil
		status.Problem, status.Next = "", status.Started.Add(unconfigured)
	})
}

// absolute is a path as it is right in any folder; as it is where that cannot
// be told.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

func (s *service) noteStop() {
	s.note(func(status *serviceStatus) {
		now := time.Now().UTC().Truncate(time.Second)
		status.Stopped = &now
	})
}

// noteNext tells when the service observes next, and why it does not observe
// until then, if so.
func (s *service) noteNext(pause, every time.Duration, problem error) {
	s.note(func(status *serviceStatus) {
		status.Next, status.EveryS, status.Problem = time.Now().Add(pause).UTC().Truncate(time.Second), int64(every.Seconds()), ""
		if problem != nil {
			status.Problem = problem.Error()
		}
	})
}

// noteObserved tells of an observation, and writes it as a page.
func (s *service) noteObserved(r *report.Report) {
	o := &observation{Span: r.Observed, Findings: len(r.Findings), Lists: r.Data.Watchlists, Files: r.Data.Files}
	for i := range r.Coverage {
		c := &r.Coverage[i]
		o.Coverage = append(o.Coverage, coveredSource{c.Source, c.Name, c.Status, c.Reason, c.Found})
	}
	s.note(func(status *serviceStatus) { status.Observed, status.Progress = o, r.Progress })
	s.logError("write the page", durable.WriteFile(pagePath(s.state), 0o640, func(w io.Writer) error { return page.Write(w, r) }))
}

// noteDelivery tells how a delivery went.
func (s *service) noteDelivery(accepted, failures int, pause time.Duration, err error) {
	s.note(func(status *serviceStatus) {
		d, now := &status.Delivery, time.Now().UTC().Truncate(time.Second)
		if accepted > 0 {
			d.Accepted, d.Reports = now, accepted
		}
		d.Failures, d.Failed, d.Error, d.Retry = failures, time.Time{}, "", time.Time{}
		if err != nil {
			d.Failed, d.Error, d.Retry = now, err.Error(), now.Add(pause.Round(time.Second))
		}
	})
}

// maxStatus is far more than a status of thousands of switches has.
const maxStatus = 16 << 20

// readStatus reads the file of a service.
func readStatus(state string) (serviceStatus, error) {
	var status serviceStatus
	file, err := os.Open(statusPath(state))
	if err != nil {
		return status, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxStatus))
	if err := errors.Join(err, file.Close()); err != nil {
		return status, err
	}
	if err := json.Unmarshal(text, &status); err != nil {
		return serviceStatus{}, fmt.Errorf("%s is damaged: %w", statusPath(state), err)
	}
	return status, nil
}
