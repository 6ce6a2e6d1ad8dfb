// Package snmp holds one bounded conversation with one device: Get, and a
// Walk that either reaches the end of a table or says why it did not. It only
// asks; it has no code that sets.
//
// Version 3 is spoken by gosnmp, of which little is trusted: every answer is
// checked against its question, and no walk of gosnmp's is used, since those
// end without an error when a table is cut short. Versions 1 and 2c are
// written and read here: gosnmp makes text of every name.
package snmp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A Version is a version of the protocol.
type Version uint8

// The versions.
const (
	V1  Version = 1 // RFC 1157
	V2c Version = 2 // RFC 1901
	V3  Version = 3 // RFC 3410
)

func (v Version) String() string {
	switch v {
	case V1:
		return "v1"
	case V3:
		return "v3"
	default:
		return "v2c"
	}
}

// A Credential is one way to be let in.
type Credential struct {
	Name      string // how errors call it; never a secret
	Version   Version
	Community string // of versions 1 and 2c

	// All below are of version 3.
	User           string
	Auth           Auth
	AuthPassphrase string
	Priv           Priv
	PrivPassphrase string
	Context        string // SNMP context; empty for the default one
}

// Options bound a session. Each zero value stands for its default.
type Options struct {
	Timeout     time.Duration // for one answer; 1 s
	Attempts    int           // for one request that is not answered; 6
	Repetitions int           // rows asked for at once, at most; if zero, DefaultRepetitions and then what fits one datagram
	MaxRows     int           // of one table; 200,000
	TableTime   time.Duration // for one table; 5 min

	RequestsPerSecond int        // at most; without limit
	Budget            *Budget    // of requests on their way, shared with other sessions; without limit
	From              netip.Addr // this host's address to ask from; the system's choice

	// AnyReplyAddress takes replies whatever address and port they come from,
	// as devices with several addresses send them. They are checked all the
	// same. That nothing listens at the port is not noticed then.
	AnyReplyAddress bool

	// Sending is called before each datagram, and may take its time; nil:
	// nobody wants to know.
	Sending func(octets int)

	most int // Repetitions, or MostRepetitions where they are not given
}

// DefaultRepetitions is how many rows are asked for at once to begin with.
// MostRepetitions are asked for when answers show that so many fit one
// datagram.
const DefaultRepetitions, MostRepetitions = 25, 64

func (o Options) withDefaults() Options {
	o.most = cmp.Or(o.Repetitions, MostRepetitions)
	setDefault(&o.Timeout, time.Second)
	setDefault(&o.Attempts, 6)
	setDefault(&o.Repetitions, DefaultRepetitions)
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
	address string
	line    line
	cred    Credential
	opts    Options

	pace       *pace // shared with the other sessions with this device
	window     window
	air        []*flight // on their way
	answeredAt time.Time // when the device answered last
	requests   int

	bulk    int  // objects that are asked for at once: what the device has managed so far
	proven  int  // most objects that one answer has brought
	failed  int  // objects at once that it has not managed; 0 where none
	bulked  bool // it has answered a GETBULK
	deaf    bool // it answers none
	alone   bool // it cannot be asked for several parts at once
	hasTime bool // it has sysUpTime
	single  bool // it is asked one thing at a time: it has confused answers
	astray  bool // it answers with what is before what was asked for, by its own nature
	lossy   bool // it has answered a request only when that was sent again
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
	var refused refusals
	pace := newPace(opts.RequestsPerSecond)
	for _, cred := range credentials {
		s, err := dial(ctx, address, cred, opts, pace)
		if err != nil {
			return nil, err
		}
		err = s.probe(ctx)
		if err == nil {
			s.requests += requests
			return s, nil
		}
		requests += s.requests
		refused = append(refused, s.refusal(err))
		s.Close()
		if ctx.Err() != nil || errors.Is(err, ErrRefused) {
			return nil, fmt.Errorf("open %s: %w", address, err)
		}
	}
	return nil, fmt.Errorf("open %s: %w", address, refused)
}

// A refusal is why a device was not reached by a credential.
type refusal struct {
	by  string
	err error
}

// refusal puts the outcome of a probe into words that lead to the cause.
func (s *Session) refusal(err error) refusal {
	switch {
	case !errors.Is(err, ErrNoAnswer):
	case s.cred.Version != V3:
		err = fmt.Errorf("%w: it is down or out of reach, SNMP is off, its access list leaves this host out, or the community is wrong", err)
	case s.cred.Priv != "" && s.engineKnown():
		err = fmt.Errorf("%w, though it tells its engine id: wrong privacy passphrase or protocol for user %s", err, s.cred.User)
	default:
		err = fmt.Errorf("%w: it is down or out of reach, SNMP version 3 is off, or its access list leaves this host out", err)
	}
	return refusal{by: s.cred.Version.String() + " with " + s.cred.Name, err: err}
}

// refusals are why a device was reached by no credential.
type refusals []refusal

// Error names each reason once, with all credentials that it is about.
func (l refusals) Error() string {
	var reasons []string
	by := make(map[string][]string)
	for _, r := range l {
		reason := r.err.Error()
		if by[reason] == nil {
			reasons = append(reasons, reason)
		}
		by[reason] = append(by[reason], r.by)
	}
	for i, reason := range reasons {
		reasons[i] = strings.Join(by[reason], ", ") + ": " + reason
	}
	return strings.Join(reasons, "; ")
}

// Unwrap gives the reasons.
func (l refusals) Unwrap() []error {
	errs := make([]error, len(l))
	for i, r := range l {
		errs[i] = r.err
	}
	return errs
}

var (
	sysUpTime = smi.MustOID("1.3.6.1.2.1.1.3.0")
	probe     = request{pdu: gosnmp.GetRequest, names: []smi.OID{sysUpTime}}
)

// probe asks for sysUpTime, which every agent has (RFC 3418). An answer to it
// shows that the credential is good, unless it says that it is not.
func (s *Session) probe(ctx context.Context) error {
	a, err := s.ask(ctx, probe, probeAttempts)
	if err == nil && a.status == gosnmp.AuthorizationError {
		return fmt.Errorf("%w: it answers authorizationError; the view, or the security level, gives no right to read", ErrDenied)
	}
	s.hasTime = err == nil && a.status == gosnmp.NoError && a.varbinds[0].Name.Compare(sysUpTime) == 0 && !a.varbinds[0].Value.Exception()
	return err
}

func (s *Session) engineKnown() bool {
	l, ok := s.line.(*usmLine)
	return ok && l.engineKnown()
}

// Credential tells by which credential the device was reached.
func (s *Session) Credential() Credential { return s.cred }

// Repetitions tells how many rows it asks for at once by now: what the device
// has managed so far. It is 1 in version 1, which knows no more.
func (s *Session) Repetitions() int {
	if s.cred.Version == V1 {
		return 1
	}
	return s.bulk
}

// Requests tells how many requests were sent so far, repeated ones included.
func (s *Session) Requests() int { return s.requests }

// Close ends the session.
func (s *Session) Close() error { return s.line.close() }
