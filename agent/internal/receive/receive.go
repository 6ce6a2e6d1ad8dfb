// Package receive is the reference endpoint: it takes CloudEvents in, keeps
// each once, and acknowledges what is on its disk. It is for pilots and
// tests.
package receive

import (
	"compress/gzip"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// Limits on one delivery.
const (
	maxBody  = 20 << 20 // bytes, unpacked: more than the largest report that an agent spools
	maxBatch = 100      // reports
)

// Path is where reports are posted.
const Path = "/v1/reports"

// The content types of one CloudEvent and of several (CloudEvents 1.0, JSON
// event format).
const (
	typeEvent = "application/cloudevents+json"
	typeBatch = "application/cloudevents-batch+json"
)

// Options say how an endpoint answers.
type Options struct {
	Dir       string       // where reports.jsonl is kept
	Token     string       // that a delivery must bear; empty means none is asked for
	FailFirst int          // so many deliveries are answered 503 at first
	Log       *slog.Logger // nil means nothing is logged
}

// A Server is an endpoint. It serves several requests at once.
type Server struct {
	options Options
	store   *store

	mu   sync.Mutex
	fail int // deliveries yet to be refused
}

// New opens the store in the folder, with what an earlier endpoint kept there.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	store, err := openStore(o.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	return &Server{options: o, store: store, fail: o.FailFirst}, nil
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
	status int
	text   string
}

func (e httpError) Error() string { return e.text }

// ServeHTTP takes a delivery.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	result, err := s.receive(w, r)
	var failure httpError
	switch {
	case errors.As(err, &failure):
		s.options.Log.Warn("refused a delivery", "from", r.RemoteAddr, "status", failure.status, "reason", failure.text)
		http.Error(w, failure.text, failure.status)
		return
	case err != nil:
		s.options.Log.Error("could not keep a delivery", "from", r.RemoteAddr, "error", err)
		http.Error(w, "the endpoint could not keep it", http.StatusInternalServerError)
		return
	}
	s.options.Log.Info("took a delivery", "from", r.RemoteAddr, "accepted", len(result.Accepted), "rejected", len(result.Rejected))
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(result); err != nil {
		s.options.Log.Warn("the answer was not sent", "to", r.RemoteAddr, "error", err)
	}
}

func (s *Server) receive(w http.ResponseWriter, r *http.Request) (answer, error) {
	none := answer{Accepted: []string{}, Rejected: []refusal{}}
	switch {
	case r.URL.Path != Path:
		return none, httpError{http.StatusNotFound, "reports are posted to " + Path}
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return none, httpError{http.StatusMethodNotAllowed, "reports are posted"}
	case !s.allowed(r):
		return none, httpError{http.StatusUnauthorized, "the token is missing or wrong"}
	case s.refuse():
		return none, httpError{http.StatusServiceUnavailable, "refused, as -fail asks for"}
	}
	body, err := readBody(w, r)
	if err != nil {
		return none, err
	}
	events, err := parse(r.Header.Get("Content-Type"), body)
	if err != nil {
		return none, err
	}
	return s.store.keep(events)
}

func (s *Server) allowed(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return s.options.Token == "" || ok && subtle.ConstantTimeCompare([]byte(token), []byte(s.options.Token)) == 1
}

func (s *Server) refuse() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == 0 {
		return false
	}
	s.fail--
	return true
}

// readBody reads at most maxBody bytes, whether packed or not.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var reader io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(reader)
		if err != nil {
			return nil, httpError{http.StatusBadRequest, "the body is not gzip: " + err.Error()}
		}
		reader = unpacked
	default:
		return nil, httpError{http.StatusUnsupportedMediaType, fmt.Sprintf("content encoding %q: gzip or none is read", encoding)}
	}
	body, err := io.ReadAll(io.LimitReader(reader, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), len(body) > maxBody:
		return nil, httpError{http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d bytes", maxBody)}
	case err != nil:
		return nil, httpError{http.StatusBadRequest, "the body ends early: " + err.Error()}
	}
	return body, nil
}

// parse reads one event or a batch.
func parse(contentType string, body []byte) ([]json.RawMessage, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = contentType
	}
	switch kind {
	case typeEvent:
		if !json.Valid(body) {
			return nil, httpError{http.StatusBadRequest, "the body is not JSON"}
		}
		return []json.RawMessage{body}, nil
	case typeBatch:
		var events []json.RawMessage
		if err := json.Unmarshal(body, &events); err != nil {
			return nil, httpError{http.StatusBadRequest, "the body is not a JSON array of events: " + err.Error()}
		}
		if len(events) > maxBatch {
			return nil, httpError{http.StatusRequestEntityTooLarge, fmt.Sprintf("%d reports, at most %d are taken at once", len(events), maxBatch)}
		}
		return events, nil
	default:
		return nil, httpError{http.StatusUnsupportedMediaType, fmt.Sprintf("content type %q: %s or %s is read", contentType, typeEvent, typeBatch)}
	}
}
