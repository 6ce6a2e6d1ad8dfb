package uplink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/camwarden/camwarden/installer/dpapi"
)

// parseURL reads the endpoint's address. Its errors do not repeat the text,
// which may hold a secret.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return nil, errors.New("endpoint url is not an address: write one such as https://central.example.org/v1/reports")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("endpoint url begins with %s: only https keeps token and reports secret (http only to this machine)", u.Scheme)
	}
	u.Fragment = ""
	return u, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// shown is the URL for people: login and query may be secret.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// A plainTransport gives redirects as answers like any other: without it,
// net/http makes of a Location that is no address an error, and quotes it.
type plainTransport struct{ *http.Transport }

func (t plainTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if _, err := resp.Location(); err != nil {
		resp.Header.Del("Location")
	}
	return resp, nil
}

func (e Endpoint) transport() (http.RoundTripper, error) {
	tlsConfig, err := e.tlsConfig()
	if err != nil {
		return nil, err
	}
	proxy, err := e.proxy()
	if err != nil {
		return nil, err
	}
	return plainTransport{&http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: checkProxy,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  orDefault(e.HeaderTimeout, 15*time.Second),
		MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    1,
		ForceAttemptHTTP2:      true,
	}}, nil
}

func (e Endpoint) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if e.CAFile != "" {
		pem, err := os.ReadFile(e.CAFile)
		if err != nil {
			return nil, fmt.Errorf("endpoint ca_file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("endpoint ca_file %s holds no certificate: it must be PEM, -----BEGIN CERTIFICATE-----", e.CAFile)
		}
	}
	if e.CertFile == "" && e.KeyFile == "" {
		return config, nil
	}
	if e.CertFile == "" || e.KeyFile == "" {
		return nil, errors.New("endpoint cert_file and key_file: give both, or neither")
	}
	if _, err := e.certificate(nil); err != nil {
		return nil, err
	}
	config.GetClientCertificate = e.certificate
	return config, nil
}

// certificate reads the client certificate, so that a renewed one is used from
// the next handshake on.
func (e Endpoint) certificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	cert, err := keyPair(e.CertFile, e.KeyFile)
	if err != nil {
		return nil, settingsError{fmt.Errorf("endpoint cert_file %s and key_file: %w", e.CertFile, err)}
	}
	return &cert, nil
}

func keyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	if key, err = dpapi.Open(key); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// proxy says how to find the proxy of a request. A proxy's URL may hold a
// login, which no error repeats.
func (e Endpoint) proxy() (func(*http.Request) (*url.URL, error), error) {
	find := func(req *http.Request) (*url.URL, error) {
		u, err := http.ProxyFromEnvironment(req)
		if err != nil {
			return nil, settingsError{errors.New("the environment's HTTPS_PROXY is not an address")}
		}
		return u, nil
	}
	if e.Proxy == "direct" {
		find = func(*http.Request) (*url.URL, error) { return nil, nil }
	} else if e.Proxy != "" {
		u, err := url.Parse(e.Proxy)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" && u.Scheme != "socks5h" {
			return nil, errors.New("endpoint proxy is not an address: write one such as http://proxy.example.org:3128, or direct")
		}
		find = http.ProxyURL(u)
	}
	return func(req *http.Request) (*url.URL, error) {
		if req.URL.Scheme == "http" { // to this machine, and in the clear
			return nil, nil
		}
		return find(req)
	}, nil
}

// checkProxy names a proxy's refusal of a connection, which net/http gives as
// bare text. A 5xx is the proxy's word for an endpoint out of reach.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
		return nil
	case status >= 500:
		return fmt.Errorf("the proxy answers %d %s", status, http.StatusText(status))
	default:
		return settingsError{fmt.Errorf("the proxy answers %d %s: check proxy, and whether it lets this host through", status, http.StatusText(status))}
	}
}
