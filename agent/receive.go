package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/camwarden/camwarden/agent/internal/receive"
)

func runReceive(ctx context.Context, args []string, std stdio) error {
	var listen, dir, tokenFile, cert, key string
	var fail int
	flags := flag.NewFlagSet("receive", flag.ContinueOnError)
	flags.StringVar(&listen, "listen", "127.0.0.1:8443", "listen on `ADDRESS:PORT`")
	flags.StringVar(&dir, "dir", "camwarden-reports", "keep the reports in the folder `DIR`")
	flags.StringVar(&tokenFile, "token-file", "", "ask for the bearer token in `FILE`")
	flags.StringVar(&cert, "tls-cert", "", "the certificate chain `FILE` (PEM); without one, plain HTTP on a loopback address only")
	flags.StringVar(&key, "tls-key", "", "the key `FILE` of the certificate (PEM)")
	flags.IntVar(&fail, "fail", 0, "answer 503 to the first `N` deliveries, to try what an agent does then")
	if err := parseFlags(flags, args, std, false); err != nil {
		return err
	}
	if fail < 0 {
		return usageError("receive: -fail %d: write how many deliveries to refuse, 0 or more", fail)
	}
	options := receive.Options{Dir: dir, FailFirst: fail, Log: slog.New(slog.NewTextHandler(std.err, nil))}
	if tokenFile != "" {
		token, err := readSecret(tokenFile)
		if err != nil {
			return usageError("receive: -token-file: %w", err)
		}
		if options.Token = strings.TrimSpace(token); options.Token == "" {
			return usageError("receive: -token-file: %s is empty", tokenFile)
		}
	}
	listener, err := endpointListener(listen, cert, key)
	if err != nil {
		return err
	}
	endpoint, err := receive.New(options)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(std.out, "taking reports at %s%s, keeping them in %s\n", listenerURL(listener, cert != ""), receive.Path, dir)
	return errors.Join(serve(ctx, listener, endpoint), endpoint.Close())
}

// endpointListener listens with TLS, or without on this host alone: a token
// must not cross a network in the clear.
func endpointListener(address, cert, key string) (net.Listener, error) {
	if (cert == "") != (key == "") {
		return nil, usageError("receive: -tls-cert and -tls-key belong together")
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usageError("receive: -listen %s: %w", address, err)
	}
	if ip := net.ParseIP(host); cert == "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usageError("receive: -listen %s: without -tls-cert and -tls-key only a loopback address, such as 127.0.0.1:8443", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	if cert == "" {
		return listener, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, usageError("receive: read the certificate %s: %w", cert, errors.Join(err, listener.Close()))
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
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
