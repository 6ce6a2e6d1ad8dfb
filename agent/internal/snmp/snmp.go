// Package snmp holds one bounded conversation with one device: Get, and a
// Walk that either reaches the end of a table or says why it did not. It only
// asks; it has no code that sets.
//
// It sends and receives through gosnmp but trusts little of it: every answer
// is checked against its question, and no walk of gosnmp's is used, since
// those end without an error when a table is cut short.
package snmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Version is a version of the protocol.
type Version uint8

// The versions.
const (
	V1  Version = 1
	V2c Version = 2
)

func (v Version) String() string {
	if v == V1 {
		return "v1"
	}
	return "v2c"
}

// A Credential is one way to be let in.
type Credential struct {
	Name      string // how errors call it; never a secret
	Version   Version
	Community string
}

// Options bound a session. Each zero value stands for its default.
type Options struct {
	Timeout     time.Duration // for one answer; 1 s
	Attempts    int           // for one request that is not answered; 6
	Repetitions int           // rows asked for at once; 25, about one datagram
	MaxRows     int           // of one table; 200,000
	TableTime   time.Duration // for one table; 5 min
}

func (o Options) withDefaults() Options {
	setDefault(&o.Timeout, time.Second)
	setDefault(&o.Attempts, 6)
	setDefault(&o.Repetitions, 25)
	setDefault(&o.MaxRows, 200_000)
	setDefault(&o.TableTime, 5*time.Minute)
	return o
}

func setDefault[T ~int | ~int64](value *T, or T) {
	if *value == 0 {
		*value = or
	}
}

// Errors that callers tell apart.
var (
	// ErrNoAnswer means that every attempt ended without a usable answer.
	ErrNoAnswer = errors.New("no answer")
	// ErrCut means that the device ended a table in a way that is not its end.
	ErrCut = errors.New("cut short")
	// ErrTooManyRows means that a table is longer than Options.MaxRows.
	ErrTooManyRows = errors.New("more rows than are read at most")
)

// A Session talks to one device. It serves one goroutine.
type Session struct {
	client   *gosnmp.GoSNMP
	socket   *socket
	cred     Credential
	opts     Options
	bulk     int // repetitions that this device has managed so far
	proven   int // most rows that one answer has brought
	requests int
}

// probeAttempts is how often one credential is tried before the next.
const probeAttempts = 3

// Open reaches the device at address, HOST or HOST:PORT, with the first of
// the credentials that it answers to.
func Open(ctx context.Context, address string, credentials []Credential, opts Options) (*Session, error) {
	if len(credentials) == 0 {
		return nil, fmt.Errorf("open %s: no credentials are given", address)
	}
	requests := 0
	var last error
	for _, cred := range credentials {
		s, err := dial(ctx, address, cred, opts)
		if err != nil {
			return nil, err
		}
		if last = s.probe(ctx); last == nil {
			s.requests += requests
			return s, nil
		}
		requests += s.requests
		s.Close()
		if ctx.Err() != nil || errors.Is(last, errRefused) {
			break
		}
	}
	return nil, openError(address, credentials, last)
}

func openError(address string, credentials []Credential, err error) error {
	if !errors.Is(err, ErrNoAnswer) || errors.Is(err, errRefused) {
		return fmt.Errorf("open %s: %w", address, err)
	}
	names := make([]string, len(credentials))
	for i, c := range credentials {
		names[i] = c.Version.String() + " with " + c.Name
	}
	return fmt.Errorf("open %s: %w to %s: it is down or out of reach, SNMP is off, its access list leaves this host out, or the community is wrong",
		address, ErrNoAnswer, strings.Join(names, ", "))
}

func dial(ctx context.Context, address string, cred Credential, opts Options) (*Session, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	opts = opts.withDefaults()
	version := gosnmp.Version2c
	if cred.Version == V1 {
		version = gosnmp.Version1
	}
	client := &gosnmp.GoSNMP{
		Context: ctx,
		Target:  host, Port: port, Transport: "udp",
		Version: version, Community: cred.Community,
		Timeout: opts.Timeout, MaxOids: gosnmp.MaxOids,
	}
	if err := client.Connect(); err != nil {
		return nil, fmt.Errorf("open %s: %w", address, err)
	}
	s := &Session{client: client, cred: cred, opts: opts, bulk: opts.Repetitions}
	s.socket = &socket{Conn: client.Conn, accept: s.accept}
	client.Conn = s.socket
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

var sysUpTime = smi.MustOID("1.3.6.1.2.1.1.3.0")

// probe asks for sysUpTime, which every agent has (RFC 3418). Any answer to
// it, an error too, shows that the credential is good.
func (s *Session) probe(ctx context.Context) error {
	_, err := s.exchange(ctx, gosnmp.GetRequest, []smi.OID{sysUpTime}, 0, probeAttempts)
	return err
}

// Credential tells by which credential the device was reached.
func (s *Session) Credential() Credential { return s.cred }

// Requests tells how many requests were sent so far, repeated ones included.
func (s *Session) Requests() int { return s.requests }

// Close ends the session.
func (s *Session) Close() error { return s.client.Close() }
