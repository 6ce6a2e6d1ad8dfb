// Package receive is the reference endpoint: it takes CloudEvents in, keeps
// each once, acknowledges what is on its disk, and shows on a page what it has
// heard of each site. It is for pilots of up to 300 sites, and for tests.
package receive

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/camwarden/camwarden/agent/internal/page"
)

// Path is where reports are posted.
const Path = "/v1/reports"

// Bounds of the load. What comes when so many deliveries are being read and
// kept waits its turn, and not for long.
const (
	atOnce     = 8
	turnWait   = 2 * time.Second
	retryAfter = 5 * time.Second // what is asked for then
)

// DefaultSilent is when a site counts as silent: agents report at least every
// six hours, unless told otherwise.
const DefaultSilent = 13 * time.Hour

// Options say how an endpoint answers.
type Options struct {
	Dir      string        // where reports.jsonl is kept
	Tokens   Tokens        // of which a delivery must bear one; empty means none is asked for
	OpenPage bool          // the page is shown without a token when none is asked for
	Silent   time.Duration // without a report, until a site counts as silent; zero means DefaultSilent
	Faults   Faults        // for tests
	Version  string        // of the program, said in every answer; an agent tries anew what another version refused
	Log      *slog.Logger  // nil means nothing is logged
}

// A Server is an endpoint. It serves several requests at once.
type Server struct {
	options Options
	store   *store
	turns   chan struct{} // as many as there are deliveries under way
	faults  faulty
}

// New opens the store in the folder, with what an earlier endpoint kept there.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Silent == 0 {
		o.Silent = DefaultSilent
	}
	store, err := openStore(o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	return &Server{options: o, store: store, turns: make(chan struct{}, atOnce), faults: faulty{faults: o.Faults}}, nil
}

// Close ends the use of the store.
func (s *Server) Close() error { return s.store.close() }

// Reports tells how many different reports are kept.
func (s *Server) Reports() int { return s.store.count() }

// An answer is the body of a response: what is kept, and what is refused.
type answer struct {
	Accepted []string  `json:"accepted"`
	Rejected []refusal `json:"rejected"`
}

type refusal struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// A httpError is an answer with another status than 200.
type httpError struct {
	status     int
	text       string
	retryAfter time.Duration // what it asks to wait; zero when it does not
}

func (e httpError) Error() string { return e.text }

// ServeHTTP takes a delivery, or shows the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.Version != "" {
		w.Header().Set("Server", "camwarden/"+s.options.Version)
	}
	if r.URL.Path == "/" {
		s.servePage(w, r)
		return
	}
	result, err := s.receive(w, r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.options.Log.Info("took a delivery", "from", r.RemoteAddr, "accepted", len(result.Accepted), "rejected", len(result.Rejected))
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(result); err != nil {
		s.options.Log.Warn("the answer was not sent", "to", r.RemoteAddr, "error", err)
	}
}

// refuse answers with an error. Of one of its own it tells nothing but that.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	failure, ok := errors.AsType[httpError](err)
	if !ok {
		s.options.Log.Error("could not keep a delivery", "from", r.RemoteAddr, "error", err)
		http.Error(w, "the endpoint could not keep it", http.StatusInternalServerError)
		return
	}
	s.options.Log.Warn("refused a request", "from", r.RemoteAddr, "status", failure.status, "reason", failure.text)
	if failure.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(failure.retryAfter/time.Second)))
	}
	http.Error(w, failure.text, failure.status)
}

func (s *Server) receive(w http.ResponseWriter, r *http.Request) (answer, error) {
	site, allowed := s.bearer(r)
	switch {
	case r.URL.Path != Path:
		return answer{}, httpError{status: http.StatusNotFound, text: "reports are posted to " + Path}
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return answer{}, httpError{status: http.StatusMethodNotAllowed, text: "reports are posted"}
	case !allowed:
		w.Header().Set("WWW-Authenticate", "Bearer")
		return answer{}, httpError{status: http.StatusUnauthorized, text: "the token is missing or wrong"}
	case !s.takeTurn(r):
		return answer{}, httpError{status: http.StatusTooManyRequests, text: "too many deliveries at once", retryAfter: retryAfter}
	}
	defer func() { <-s.turns }()
	fault := s.faults.next()
	switch fault {
	case refused:
		return answer{}, httpError{status: http.StatusServiceUnavailable, text: "refused, as -fail asks for"}
	case cutBefore:
		panic(http.ErrAbortHandler)
	}
	result, err := s.keep(w, r, site)
	if fault == cutAfter {
		panic(http.ErrAbortHandler)
	}
	return result, err
}

// bearer tells for which site a delivery may speak.
func (s *Server) bearer(r *http.Request) (site string, ok bool) {
	if len(s.options.Tokens) == 0 {
		return AnySite, true
	}
	return s.options.Tokens.bearer(r)
}

// takeTurn waits until fewer than atOnce deliveries are under way, and gives
// up after a while.
func (s *Server) takeTurn(r *http.Request) bool {
	wait := time.NewTimer(turnWait)
	defer wait.Stop()
	select {
	case s.turns <- struct{}{}:
		return true
	case <-wait.C:
		return false
	case <-r.Context().Done():
		return false
	}
}

func (s *Server) keep(w http.ResponseWriter, r *http.Request, site string) (answer, error) {
	body, err := readBody(w, r)
	if err != nil {
		return answer{}, err
	}
	events, err := parse(r.Header.Get("Content-Type"), body)
	if err != nil {
		return answer{}, err
	}
	return s.store.keep(events, site, time.Now().UTC())
}

// servePage shows what was heard of each site, to whom that concerns.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		s.refuse(w, r, httpError{status: http.StatusMethodNotAllowed, text: "reports are posted to " + Path})
		return
	case len(s.options.Tokens) == 0 && !s.options.OpenPage:
		s.refuse(w, r, httpError{status: http.StatusForbidden, text: "the page is shown to whoever has a token for every site: give the endpoint a token file with a line of * and a token"})
		return
	case len(s.options.Tokens) > 0 && !s.options.Tokens.opensPage(r):
		w.Header().Set("WWW-Authenticate", `Basic realm="camwarden: any user, and as password a token for every site"`)
		s.refuse(w, r, httpError{status: http.StatusUnauthorized, text: "the page asks for a token for every site, as password of any user"})
		return
	}
	agents, reports := s.store.agents(s.options.Tokens.sites())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := page.WriteSites(w, &page.Sites{Now: time.Now(), Silent: s.options.Silent, Reports: reports, Agents: agents}); err != nil {
		s.options.Log.Warn("the page was not sent", "to", r.RemoteAddr, "error", err)
	}
}
