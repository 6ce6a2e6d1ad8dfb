package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
)

// BearerToken reads the token of the endpoint: the one in place, or the file
// as it is now. It is zero when the endpoint has none. The error never holds
// the token.
func (e *Endpoint) BearerToken() (Secret, error) {
	if e.TokenFile == "" {
		return e.Token, nil
	}
	s, err := readSecret(e.TokenFile)
	if err != nil {
		return Secret{}, fmt.Errorf("read token %s: %w", e.TokenFile, err)
	}
	return s, nil
}

func (r *reader) endpoint(root *table) *Endpoint {
	t := root.table("endpoint")
	e := new(Endpoint)
	e.URL, _ = parsed(t, "url", parseURL)
	e.Format = choice(t, "format", CloudEvents, OTLP)
	if e.Format == "" {
		e.Format = CloudEvents
	}
	token := r.secret(t, "token")
	e.Token, e.TokenFile = token.value, token.file
	if token.file != "" {
		e.Token = Secret{} // what counts is the file at the time of use
	}
	e.CAFile = r.fileName(t, "ca_file", false)
	e.CertFile = r.fileName(t, "cert_file", false)
	e.KeyFile = r.fileName(t, "key_file", true)
	e.Proxy, _ = parsed(t, "proxy", parseProxy)
	t.rest()

	if !t.given {
		return nil
	}
	if !t.has("url") {
		t.missing("url", `write url = "https://…", or remove [endpoint] to report nowhere`)
	}
	if t.has("cert_file") && !t.has("key_file") {
		t.missing("key_file", "a client certificate needs its private key: write key_file too")
	}
	if t.has("key_file") && !t.has("cert_file") {
		t.missing("cert_file", "a private key needs its client certificate: write cert_file too")
	}
	return e
}

// parseURL reads where to send to. Its errors do not repeat the text, which
// may hold a password.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New(`write the whole address, such as "https://central.example.org/v1/reports"`)
	case u.User != nil:
		return nil, errors.New("remove user and password: give a token with token_file")
	case u.Fragment != "":
		return nil, errors.New("remove what follows the #: a server never sees it")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("write https: plain http goes to this host only (127.0.0.1, ::1, localhost)")
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// parseProxy reads the proxy on the way to the endpoint. Its errors do not
// repeat the text, which may hold a password.
func parseProxy(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" && u.Path != "/":
		return nil, errors.New(`write scheme, host and port, such as "http://proxy.example.org:3128"`)
	case u.User != nil:
		return nil, errors.New("remove user and password: this version logs in to no proxy")
	}
	return u, nil
}
