// Package snmpagent answers SNMP requests over UDP from recordings, as the
// recorded devices would: for the demonstration and for tests. Its codec
// shares package ber with that of the agent's client side, and nothing else.
package snmpagent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/camwarden/camwarden/agent/internal/capture"
)

// Options says what an agent answers. The zero value answers nobody.
type Options struct {
	// Communities are the recordings by the community that shows them, in
	// versions 1 and 2c; what is added after the start is not seen. To any
	// other community the agent is silent.
	Communities map[string]*capture.Recording

	// MaxMessage is the longest answer in octets. If zero, it is
	// DefaultMaxMessage.
	MaxMessage int

	// Delay goes by between a request and its answer. It does not hold up
	// other requests.
	Delay time.Duration

	// Intercept, if not nil, may change each answer before it is sent. It is
	// called for one request at a time.
	Intercept func(Request, *Response)
}

// DefaultMaxMessage is what fits an Ethernet frame with IPv4 and UDP headers.
const DefaultMaxMessage = 1472

// A Request is a message that the agent understood, and who sent it.
type Request struct {
	From netip.AddrPort
	Message
}

// A Response is what is about to be sent.
type Response struct {
	Message

	// Datagrams, if not nil, are sent in place of Message. None at all leaves
	// the request unanswered.
	Datagrams [][]byte
}

// maxPending bounds the answers that wait for Options.Delay to go by.
const maxPending = 4096

// An Agent answers requests until it is closed.
type Agent struct {
	options Options
	views   map[string]*view
	conn    *net.UDPConn
	done    chan struct{} // closed by stop
	stop    func()
	tasks   sync.WaitGroup
	pending chan delayed

	requests [256]atomic.Uint64 // by PDUType
	rounds   Rounds
	dropped  atomic.Uint64
}

// Start listens on a UDP address such as 127.0.0.1:0 and answers from then on.
// Close ends it.
func Start(addr string, options Options) (*Agent, error) {
	local, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("start SNMP agent on %s: %w", addr, err)
	}
	conn, err := net.ListenUDP("udp", local)
	if err != nil {
		return nil, fmt.Errorf("start SNMP agent on %s: %w", addr, err)
	}
	if options.MaxMessage == 0 {
		options.MaxMessage = DefaultMaxMessage
	}
	done := make(chan struct{})
	a := &Agent{options: options, views: views(options.Communities), conn: conn, done: done, stop: sync.OnceFunc(func() { close(done) }),
		pending: make(chan delayed, maxPending)}
	a.tasks.Go(a.serve)
	if options.Delay > 0 {
		a.tasks.Go(a.sendDelayed)
	}
	return a, nil
}

// Addr returns the address that the agent listens on.
func (a *Agent) Addr() netip.AddrPort {
	return a.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// Close stops the agent and waits until nothing of it runs. Answers that still
// wait are not sent.
func (a *Agent) Close() error {
	a.stop()
	err := a.conn.Close()
	a.tasks.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop SNMP agent on %s: %w", a.Addr(), err)
	}
	return nil
}

// Requests returns how many requests the agent understood and had a recording
// for.
func (a *Agent) Requests() uint64 {
	var sum uint64
	for i := range a.requests {
		sum += a.requests[i].Load()
	}
	return sum
}

// RequestsOf returns how many of Requests were of a type.
func (a *Agent) RequestsOf(pdu PDUType) uint64 { return a.requests[pdu].Load() }

// Rounds counts those that had to wait for each other.
func (a *Agent) Rounds() *Rounds { return &a.rounds }

// Dropped returns how many datagrams the agent left unanswered because they
// were malformed, no requests, of an unknown community or too many at once,
// and how many answers could not be sent.
func (a *Agent) Dropped() uint64 { return a.dropped.Load() }

// serve reads requests until the socket is closed. An error of one read, such
// as Windows gives after an answer that found nobody, does not end it.
func (a *Agent) serve() {
	const manyErrors = 100 // in a row: the socket is beyond hope
	buffer := make([]byte, 65536)
	var r responder
	for failed := 0; failed < manyErrors; {
		n, from, err := a.conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			failed++
		default:
			failed = 0
			a.receive(&r, from, buffer[:n])
		}
	}
}

// receive answers one datagram.
func (a *Agent) receive(r *responder, from netip.AddrPort, datagram []byte) {
	r.readable = a.options.Intercept != nil
	message, answer := r.respond(a.views, datagram, a.options.MaxMessage)
	if answer == nil {
		a.dropped.Add(1)
		return
	}
	a.requests[message.Type].Add(1)
	depth := a.rounds.Came()
	var datagrams [][]byte
	if a.options.Intercept != nil {
		response := Response{Message: *answer}
		a.options.Intercept(Request{From: from, Message: *message}, &response)
		*r = responder{} // who looks at messages may keep them
		if datagrams = response.Datagrams; datagrams == nil {
			datagrams = [][]byte{response.Append(nil)}
		}
	} else {
		datagrams = [][]byte{r.appendAnswer(nil)}
	}
	if a.options.Delay <= 0 {
		a.send(from, depth, datagrams)
		return
	}
	select {
	case a.pending <- delayed{time.Now().Add(a.options.Delay), from, depth, datagrams}:
	default:
		a.dropped.Add(1)
	}
}

// A delayed answer is one that waits.
type delayed struct {
	due       time.Time
	to        netip.AddrPort
	depth     int64
	datagrams [][]byte
}

// sendDelayed sends what waits: all have the same delay, so that the first to
// come is the first to go.
func (a *Agent) sendDelayed() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-a.done:
			return
		case answer := <-a.pending:
			timer.Reset(time.Until(answer.due))
			select {
			case <-a.done:
				return
			case <-timer.C:
				a.send(answer.to, answer.depth, answer.datagrams)
			}
		}
	}
}

func (a *Agent) send(to netip.AddrPort, depth int64, datagrams [][]byte) {
	a.rounds.Answered(depth)
	for _, datagram := range datagrams {
		if _, err := a.conn.WriteToUDPAddrPort(datagram, to); err != nil {
			a.dropped.Add(1)
		}
	}
}
