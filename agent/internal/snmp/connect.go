package snmp

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
)

func dial(ctx context.Context, address string, cred Credential, opts Options, pace *pace) (*Session, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	opts = opts.withDefaults()
	s := &Session{address: address, cred: cred, opts: opts, bulk: opts.Repetitions, pace: pace, window: newWindow()}
	if cred.Version == V3 {
		var l *usmLine
		if l, err = dialUSM(host, port, cred, opts); err == nil {
			s.line = l
		}
	} else {
		var l *communityLine
		if l, err = dialCommunity(ctx, host, port, cred, opts); err == nil {
			s.line = l
		}
	}
	switch {
	case err != nil && opts.From.IsValid():
		return nil, fmt.Errorf("open %s: ask from %v, which has to be an address of this host: %w", address, opts.From, err)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", address, err)
	}
	return s, nil
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
