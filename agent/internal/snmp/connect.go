package snmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

func dial(ctx context.Context, address string, cred Credential, opts Options) (*Session, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	opts = opts.withDefaults()
	s := &Session{host: host, port: port, cred: cred, opts: opts, bulk: opts.Repetitions, pace: newPace(opts.RequestsPerSecond)}
	if err := s.connect(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", address, err)
	}
	return s, nil
}

// connect makes a fresh client with a socket of its own.
func (s *Session) connect(ctx context.Context) error {
	client := &gosnmp.GoSNMP{
		Context: ctx,
		Target:  s.host, Port: s.port, Transport: "udp",
		Version: gosnmp.Version2c, Community: s.cred.Community,
		Timeout: s.opts.Timeout, MaxOids: gosnmp.MaxOids,
		UseUnconnectedUDPSocket: s.opts.AnyReplyAddress,
	}
	if s.opts.From.IsValid() {
		client.LocalAddr = netip.AddrPortFrom(s.opts.From, 0).String()
	}
	switch s.cred.Version {
	case V1:
		client.Version = gosnmp.Version1
	case V3:
		if err := useUSM(client, s.cred); err != nil {
			return err
		}
	}
	if err := client.Connect(); err != nil {
		return s.unreachable(err)
	}
	s.client = client
	s.socket = &socket{Conn: client.Conn, accept: s.accept, sent: s.pace.sent}
	client.Conn = s.socket
	if !s.opts.AnyReplyAddress {
		return nil
	}
	// gosnmp has set the network to that of LocalAddr.
	to, err := net.ResolveUDPAddr(client.Transport, net.JoinHostPort(s.host, strconv.Itoa(int(s.port))))
	if err != nil {
		return errors.Join(err, client.Close())
	}
	s.socket.to = to
	return nil
}

// unreachable adds what the user chose to why there is no socket.
func (s *Session) unreachable(err error) error {
	if s.opts.From.IsValid() {
		return fmt.Errorf("ask from %v, which has to be an address of this host: %w", s.opts.From, err)
	}
	return err
}

// renew replaces the client, and with it all that it has learnt of the
// device's engine.
func (s *Session) renew(ctx context.Context) error {
	if err := s.client.Close(); err != nil {
		return err
	}
	return s.connect(ctx)
}

func splitAddress(address string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return strings.Trim(address, "[]"), 161, nil
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n == 0 {
		return "", 0, fmt.Errorf("open %s: port %q is not a number from 1 to 65535", address, text)
	}
	return host, uint16(n), nil
}
