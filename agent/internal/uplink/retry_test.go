package uplink

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestShortRetries(t *testing.T) {
	for _, test := range []struct {
		name       string
		answers    []string // a status, with the seconds of a Retry-After; the last one is repeated
		wantTries  int32
		wantStatus int
		after      time.Duration
	}{
		{"healed", []string{"503", "200"}, 2, 200, 0},
		{"given up", []string{"503"}, 3, 503, 0},
		{"408", []string{"408", "425", "200"}, 3, 200, 0},
		{"overloaded", []string{"429", "200"}, 1, 429, 0},
		{"asks for patience", []string{"503 1", "200"}, 1, 503, time.Second},
		{"asks for a long time", []string{"500 86400", "200"}, 1, 500, time.Hour},
		{"asks in words that make no sense", []string{"503 -5", "200"}, 1, 503, 0},
		{"not healed by time", []string{"401", "200"}, 1, 401, 0},
		{"poison", []string{"400", "200"}, 1, 400, 0},
		{"conflict", []string{"409", "200"}, 1, 409, 0},
		{"unacknowledged", []string{"204", "200"}, 1, 204, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n := int(tries.Add(1))
				if got := body(t, r); got != oneEvent {
					t.Errorf("attempt %d has the body %q", n, got)
				}
				status, after, _ := strings.Cut(test.answers[min(n, len(test.answers))-1], " ")
				if after != "" {
					w.Header().Set("Retry-After", after)
				}
				var code int
				fmt.Sscan(status, &code)
				w.WriteHeader(code)
				if code == 200 {
					fmt.Fprint(w, `{"accepted":["a"]}`)
				}
			})
			result, err := c.Send(t.Context(), reports("a"))
			if (err == nil) != (test.wantStatus == 200) || result.Status != test.wantStatus {
				t.Errorf("status %d: %v", result.Status, err)
			}
			if tries.Load() != test.wantTries {
				t.Errorf("%d attempts, not %d", tries.Load(), test.wantTries)
			}
			var f *Failure
			if errors.As(err, &f) && f.RetryAfter != test.after {
				t.Errorf("retry after %v, not %v", f.RetryAfter, test.after)
			}
		})
	}
}

func TestNoRetryAfterItsTime(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"503":   func(w http.ResponseWriter) { w.WriteHeader(503) },
		"reset": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		var tries atomic.Int32
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			tries.Add(1)
			answer(w)
		})
		c.retryWait = time.Hour
		if _, f := fails(t, c, reports("a")); f.Class != Wait || tries.Load() != 1 {
			t.Errorf("%s: %d attempts, class %v", name, tries.Load(), f.Class)
		}
	}
}

func TestShortSchedule(t *testing.T) {
	for range 100 {
		s := &shortRetry{first: time.Second, within: 8 * time.Second, start: time.Now(), again: cloudEvents{}.mayPass}
		for i, least := range []time.Duration{time.Second / 2, 3 * time.Second / 2} {
			again, err := s.check(t.Context(), nil, io.ErrUnexpectedEOF)
			if wait := s.backoff(0, 0, i, nil); !again || err != nil || wait < least || wait > 3*least {
				t.Fatalf("retry %d: %v after %v, %v", i+1, again, wait, err)
			}
		}
	}
}
