package uplink

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// shortRetry decides on the retries of one delivery. The zero first and within
// allow none.
type shortRetry struct {
	first  time.Duration // about, before the first retry; three times that before the second
	within time.Duration // no attempt begins later than this after start
	start  time.Time
	again  func(status int) bool // whether an answer of this status is tried again
	tries  int
	wait   time.Duration // before the next one
}

// check is a retryablehttp.CheckRetry. What may pass by itself soon is tried
// again, unless the endpoint asks for patience: the long retries have that.
func (s *shortRetry) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, nil
	}
	s.wait = equalJitter(s.first, rand.Float64())
	if s.tries > 0 {
		s.wait *= 3
	}
	s.tries++
	if resp == nil {
		return classify(err) == Wait && s.inTime(), nil
	}
	asked := resp.StatusCode == http.StatusTooManyRequests || resp.Header.Get("Retry-After") != ""
	if asked || !s.again(resp.StatusCode) || !s.inTime() {
		return false, nil
	}
	// The library would first read of the body, however slowly that comes.
	return resp.Body.Close() == nil, nil
}

func (s *shortRetry) inTime() bool { return time.Since(s.start)+s.wait <= s.within }

// backoff is a retryablehttp.Backoff.
func (s *shortRetry) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	return s.wait
}

// The bounds of a Retry-After that is honoured.
const (
	minRetryAfter = time.Second
	maxRetryAfter = time.Hour
)

// retryAfter reads the header of that name (RFC 9110, seconds or a date): from
// 1 s to 1 h, or zero when there is none that makes sense. A date is measured
// against the endpoint's own clock, if it says what that shows.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseUint(value, 10, 32)
		if err != nil || seconds > uint64(maxRetryAfter/time.Second) { // the error: out of range
			return maxRetryAfter
		}
		return max(time.Duration(seconds)*time.Second, minRetryAfter)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), minRetryAfter), maxRetryAfter)
}

// clockOffset is how far the endpoint's clock, by its Date, is ahead of now.
// Date counts whole seconds: half of one is added.
func clockOffset(h http.Header, now time.Time) (time.Duration, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return date.Add(time.Second / 2).Sub(now.Round(0)), true
}
