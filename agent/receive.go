package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/camwarden/camwarden/agent/internal/receive"
)

// receiveFlags are what 'camwarden receive' is told.
type receiveFlags struct {
	listen, dir, tokenFile, cert, key, clientCA, fail string
	silent                                            time.Duration
}

func runReceive(ctx context.Context, args []string, std stdio) error {
	var f receiveFlags
	flags := flag.NewFlagSet("receive", flag.ContinueOnError)
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8443", "listen on `ADDRESS:PORT`")
	flags.StringVar(&f.dir, "dir", "camwarden-reports", "keep the reports in the folder `DIR`")
	flags.StringVar(&f.tokenFile, "token-file", "", "ask for a bearer token of `FILE`: a line for each site, of its id and its token; * for every site, and for the page")
	flags.StringVar(&f.cert, "tls-cert", "", "the certificate chain `FILE` (PEM); without one, plain HTTP on a loopback address only")
	flags.StringVar(&f.key, "tls-key", "", "the key `FILE` of the certificate (PEM)")
	flags.StringVar(&f.clientCA, "client-ca", "", "ask for a client certificate of an authority in `FILE` (PEM)")
	flags.DurationVar(&f.silent, "silent", receive.DefaultSilent, "call a site silent after `DURATION` without a report")
	flags.StringVar(&f.fail, "fail", "0", "fail at the first `N` deliveries, or at a share of all such as 20%, to try what an agent does then")
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	options, err := f.options()
	if err != nil {
		return err
	}
	options.Log = slog.New(slog.NewTextHandler(std.err, nil))
	listener, err := f.listener()
	if err != nil {
		return err
	}
	endpoint, err := receive.New(options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	url := listenerURL(listener, f.cert != "")
	fmt.Fprintf(std.out, "taking reports at %s%s, keeping them in %s, showing the sites at %s/\n", url, receive.Path, f.dir, url)
	return errors.Join(serve(ctx, listener, endpoint), endpoint.Close())
}

func (f *receiveFlags) options() (receive.Options, error) {
	o := receive.Options{Dir: f.dir, OpenPage: f.cert == "", Silent: f.silent, Version: version}
	var err error
	if o.Faults, err = receive.ParseFaults(f.fail); err != nil {
		return o, usageError("receive: -fail %s: %w", f.fail, err)
	}
	if f.silent <= 0 {
		return o, usageError("receive: -silent %s: write how long a site may say nothing, such as 13h", f.silent)
	}
	if f.tokenFile == "" {
		return o, nil
	}
	text, err := readSecrets(f.tokenFile)
	if err == nil {
		o.Tokens, err = receive.ParseTokens(text)
	}
	if err != nil {
		return o, usageError("receive: -token-file %s: %w", f.tokenFile, err)
	}
	return o, nil
}

// listener listens with TLS, or without on this host alone: a token must not
// cross a network in the clear.
func (f *receiveFlags) listener() (net.Listener, error) {
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return nil, usageError("receive: -listen %s: %w", f.listen, err)
	}
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case (f.cert == "") != (f.key == ""):
		return nil, usageError("receive: -tls-cert and -tls-key belong together")
	case f.clientCA != "" && f.cert == "":
		return nil, usageError("receive: -client-ca needs TLS: give -tls-cert and -tls-key too")
	case !loopback && f.cert == "":
		return nil, usageError("receive: -listen %s: without -tls-cert and -tls-key only a loopback address, such as 127.0.0.1:8443", f.listen)
	case !loopback && f.tokenFile == "" && f.clientCA == "":
		return nil, usageError("receive: -listen %s: everybody could send reports: give -token-file, or -client-ca, or both", f.listen)
	}
	config, err := f.tlsConfig()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	if config == nil {
		return listener, nil
	}
	return tls.NewListener(listener, config), nil
}

// tlsConfig reads the certificates; nil without any.
func (f *receiveFlags) tlsConfig() (*tls.Config, error) {
	if f.cert == "" {
		return nil, nil
	}
	cert, err := os.ReadFile(f.cert)
	if err != nil {
		return nil, usageError("receive: -tls-cert: %w", err)
	}
	key, err := readSecrets(f.key)
	if err != nil {
		return nil, usageError("receive: -tls-key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, []byte(key))
	if err != nil {
		return nil, usageError("receive: -tls-cert %s and -tls-key %s: %w", f.cert, f.key, err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if f.clientCA == "" {
		return config, nil
	}
	authorities, err := os.ReadFile(f.clientCA)
	if err != nil {
		return nil, usageError("receive: -client-ca: %w", err)
	}
	config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !config.ClientCAs.AppendCertsFromPEM(authorities) {
		return nil, usageError("receive: -client-ca %s holds no certificate: it must be PEM, -----BEGIN CERTIFICATE-----", f.clientCA)
	}
	return config, nil
}

func listenerURL(l net.Listener, secure bool) string {
	if secure {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

// serve answers until the context ends, and then lets what is under way
// finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}
