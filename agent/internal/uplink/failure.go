package uplink

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Class says what has to change before a delivery can succeed.
type Class int

// The classes of failure.
const (
	Wait     Class = iota // time: the network, an overload, a fault of the endpoint
	Config                // settings, here or at the endpoint: token, certificate, address, proxy
	Poison                // the report: the endpoint cannot take it. Of a batch, one of its reports
	TooLarge              // the batch: halve it
)

// String names the class in lower case.
func (c Class) String() string {
	switch c {
	case Wait:
		return "wait"
	case Config:
		return "config"
	case Poison:
		return "poison"
	case TooLarge:
		return "too large"
	}
	return fmt.Sprintf("class %d", int(c))
}

// A Failure is why reports were not, or not all, acknowledged. Its text holds
// no secret.
type Failure struct {
	Class      Class
	Status     int           // HTTP status; zero when no answer came
	RetryAfter time.Duration // what the endpoint asks to wait, from 1 s to 1 h; zero when it does not
	Err        error
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns Err.
func (f *Failure) Unwrap() error { return f.Err }

func (c *Client) fail(f Failure) *Failure {
	f.Err = fmt.Errorf("deliver to %s: %w", c.shown, f.Err)
	return &f
}

// statusFailure judges a status for a request of n reports; nil is one that
// may come with an acknowledgement.
func statusFailure(resp *http.Response, n int) *Failure {
	status := resp.StatusCode
	f := &Failure{Status: status}
	var cure string
	switch {
	case status == http.StatusOK || status == http.StatusAccepted:
		return nil
	case status >= 500 || status < 300 || status == http.StatusConflict || mayPass(status):
	case status == http.StatusRequestEntityTooLarge && n > 1:
		f.Class = TooLarge
	case status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge ||
		status == http.StatusUnsupportedMediaType || status == http.StatusUnprocessableEntity:
		f.Class = Poison
	default:
		f.Class = Config
		cure = statusCure(resp)
	}
	f.Err = fmt.Errorf("the answer is %d %s%s", status, http.StatusText(status), cure)
	return f
}

// mayPass tells the 4xx answers that ask for another attempt.
func mayPass(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests
}

// statusCure says what to do about a status of class Config.
func statusCure(resp *http.Response) string {
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized:
		return ": the endpoint does not know the token; check token_file"
	case status == http.StatusForbidden:
		return ": the token or the certificate does not allow reports; ask the endpoint's operator"
	case status == http.StatusProxyAuthRequired:
		return ": the proxy wants a login; check proxy"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusGone:
		return ": no reports are taken at this address; check url"
	case status < 400:
		to, err := resp.Location()
		if err != nil {
			return ": redirects are not followed; check url"
		}
		return fmt.Sprintf(": redirects, here to %s://%s, are not followed; write the final address as url", to.Scheme, to.Host)
	}
	return ""
}

// A settingsError is a failure before or below HTTP that settings have to
// cure.
type settingsError struct{ error }

func (e settingsError) Unwrap() error { return e.error }

// classify judges the error of an attempt that got no answer.
func classify(err error) Class {
	var (
		settings settingsError
		cert     *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		op       *net.OpError
	)
	switch {
	case errors.As(err, &settings), errors.As(err, &cert), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return Config
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // TLS alerts
		return Config
	case strings.HasPrefix(bare(err).Error(), "tls: "): // crypto/tls has no type for a version it does not speak
		return Config
	}
	return Wait
}

// bare takes off the part of an error that repeats the URL with its query.
func bare(err error) error {
	var with *url.Error
	if errors.As(err, &with) {
		return with.Err
	}
	return err
}

// without takes a secret out of an error that quotes an answer which repeats
// it.
func without(err error, secret string) error {
	if secret == "" || !strings.Contains(err.Error(), secret) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), secret, "…"))
}

// explain adds the cure to an error that got no answer.
func explain(err error) error {
	err = bare(err)
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return fmt.Errorf("%w; check ca_file, the host in url, and this machine's clock", err)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("%w; check scheme and port of url", err)
	}
	return err
}
