// Package uplink takes reports to the central endpoint: over HTTPS, as
// CloudEvents 1.0 or as OpenTelemetry logs, with a few short retries, and with
// an acknowledgement of every single report, since nothing less may take one
// out of the spool.
//
// The caller owns the long retries: a Failure says of which Class the obstacle
// is, and Backoff how long to wait then.
package uplink

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// An Endpoint says where reports go and how. Zero durations have good
// defaults.
type Endpoint struct {
	URL string // https; http only to a loopback address

	// Token returns the bearer token. It is asked at every delivery, so that a
	// token which was replaced needs no restart. Nil sends none.
	Token func() (string, error)

	CAFile            string // PEM; only these authorities are trusted, instead of the system's
	CertFile, KeyFile string // PEM, for mutual TLS; read again at every handshake

	// Proxy is the URL of an HTTP, HTTPS or SOCKS5 proxy, "direct" for none, or
	// empty for what HTTPS_PROXY and NO_PROXY say. A loopback endpoint in
	// plain HTTP is never asked through one.
	Proxy string

	Format Format // how reports are wrapped; zero means as CloudEvents

	UserAgent      string        // empty means camwarden
	AttemptTimeout time.Duration // of one attempt, to the end of the answer; zero means 30 s
	HeaderTimeout  time.Duration // from the request's end to the answer's begin; zero means 15 s
}

// A Client delivers reports to one endpoint. It may be used from several
// goroutines at once.
type Client struct {
	http        *http.Client
	url         string
	shown       string // the URL without what may be secret
	token       func() (string, error)
	wire        wire
	userAgent   string
	retryWait   time.Duration // about, before the first of the short retries
	retryWithin time.Duration // of the first attempt's begin
}

// New makes a client. An error tells what is wrong with the settings, in words
// that repeat no secret.
func New(e Endpoint) (*Client, error) {
	u, err := parseURL(e.URL)
	if err != nil {
		return nil, err
	}
	transport, err := e.transport()
	if err != nil {
		return nil, err
	}
	return &Client{
		http: &http.Client{
			Transport: transport,
			Timeout:   orDefault(e.AttemptTimeout, 30*time.Second),
			// A followed redirect can turn the POST into a GET, or take token
			// and report to another host or to plain HTTP.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		url:         u.String(),
		shown:       shown(u),
		token:       e.Token,
		wire:        e.Format.wire(),
		userAgent:   orDefault(e.UserAgent, "camwarden"),
		retryWait:   time.Second,
		retryWithin: 8 * time.Second,
	}, nil
}

func orDefault[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// Close gives idle connections free.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A Result says what the endpoint answered.
type Result struct {
	Accepted []string    // ids that the endpoint has; in the order sent
	Rejected []Rejection // ids that it will never take
	Status   int         // HTTP status; zero without an answer
	Server   string      // the endpoint's version, as its Server header says; printable

	// ClockOffset is the endpoint's clock less this host's, to about half a
	// second, by the answer's Date (RFC 9110). ClockKnown says that it had one.
	ClockOffset time.Duration
	ClockKnown  bool
}

// A Rejection is a report that the endpoint has refused by name.
type Rejection struct {
	ID     string
	Reason string // printable, at most 255 bytes; the endpoint's words
}

// Send delivers reports in one request (see Batch for what fits): as
// CloudEvents one alone, and several or none as a batch. An empty batch tries
// the way to the endpoint and back. Send retries twice within 8 s what may pass
// by itself, but not where the endpoint asks to wait.
//
// The error is a *Failure. Result holds with an error too: a report it names is
// settled whatever became of the others; one it does not name stays.
func (c *Client) Send(ctx context.Context, reports []Report) (Result, error) {
	req, token, err := c.request(ctx, reports)
	if err != nil {
		return Result{}, err
	}
	retry := &shortRetry{first: c.retryWait, within: c.retryWithin, start: time.Now(), again: c.wire.mayPass}
	client := retryablehttp.Client{
		HTTPClient:   c.http,
		RetryMax:     2,
		CheckRetry:   retry.check,
		Backoff:      retry.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := client.Do(req)
	if resp != nil {
		defer resp.Body.Close() // read only, and to a limit: nothing is lost by not hearing of its end
	}
	if err != nil {
		return Result{}, c.fail(Failure{Class: classify(err), Err: without(explain(err), token)})
	}
	now := time.Now()
	result := Result{Status: resp.StatusCode, Server: clean(resp.Header.Get("Server"), token)}
	result.ClockOffset, result.ClockKnown = clockOffset(resp.Header, now)
	if f := c.wire.judge(resp, len(reports)); f != nil {
		f.RetryAfter = retryAfter(resp.Header, now)
		return result, c.fail(*f)
	}
	class, err := c.wire.settle(&result, resp, reports, token)
	if err != nil {
		return result, c.fail(Failure{Class: class, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header, now), Err: err})
	}
	return result, nil
}

// request makes the request, and says which token it carries.
func (c *Client) request(ctx context.Context, reports []Report) (*retryablehttp.Request, string, error) {
	body, err := c.wire.encode(reports)
	if err != nil {
		return nil, "", c.fail(Failure{Class: Poison, Err: err})
	}
	token, err := c.bearer()
	if err != nil {
		return nil, "", c.fail(Failure{Class: Config, Err: err})
	}
	// A []byte body has a known length and can be sent again.
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, c.url, body)
	if err != nil {
		return nil, "", c.fail(Failure{Class: Config, Err: bare(err)})
	}
	req.Header.Set("Content-Type", c.wire.mediaType(reports))
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if key := idempotencyKey(reports); key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, token, nil
}

// bearer asks for the token and makes sure that a header can carry it (the
// token68 of RFC 9110 has no spaces; here any visible ASCII passes).
func (c *Client) bearer() (string, error) {
	if c.token == nil {
		return "", nil
	}
	token, err := c.token()
	if err != nil {
		return "", fmt.Errorf("read the endpoint's token: %w", err)
	}
	if token == "" {
		return "", errors.New("the endpoint's token is empty: write it into token_file, or leave that key out")
	}
	for _, octet := range []byte(token) {
		if octet <= ' ' || octet > '~' {
			return "", errors.New("the endpoint's token has a space or a character that is not ASCII: write the token alone into token_file")
		}
	}
	return token, nil
}
