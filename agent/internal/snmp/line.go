package snmp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/gosnmp/gosnmp"
)

// A line carries requests to a device and brings back what comes. Several may
// be on their way at once.
type line interface {
	// send sends a request, and names the attempt. It does not wait.
	send(ctx context.Context, r *request, timeout time.Duration) (id uint32, err error)
	// until has the end of a context end what waits, until what it returns is
	// called.
	until(ctx context.Context) (stop func())
	// receive waits for the next arrival, until a time or the end of the
	// context. It returns nil when neither brings one. What it returns is good
	// until something is sent or it is called again.
	receive(due time.Time) *arrival
	// room tells how many requests may be on their way at once.
	room() int
	close() error
}

// An arrival is what came: an answer to an attempt, or why there is none. An
// error with id 0 is about whatever is on its way.
type arrival struct {
	id uint32
	answer
	err      error
	requests int // sent on top of the one of the attempt
}

// A communityLine speaks version 1 or 2c over a socket of its own. Nobody can
// make these versions safe: what can be checked is (reliability of the wire,
// not of who sent it).
type communityLine struct {
	conn      *net.UDPConn
	receiver                 // of the same
	to        netip.AddrPort // where conn is not connected; invalid where it is
	version   gosnmp.SnmpVersion
	community string
	id        uint32 // of the last attempt
	sending   func(octets int)
	out       []byte
	desk      *desk           // where answers are read; nil where none is
	long      bool            // it has answered with more than is usual
	ctx       context.Context // ends what waits
	deadline  time.Time       // of the socket; zero where it is over
	arrived   arrival         // the last one
}

// dialCommunity opens a socket to host and port.
func dialCommunity(ctx context.Context, host string, port uint16, cred Credential, opts Options) (*communityLine, error) {
	l := &communityLine{version: gosnmp.Version2c, sending: opts.Sending, community: cred.Community, id: rand.Uint32() >> 1}
	if cred.Version == V1 {
		l.version = gosnmp.Version1
	}
	var local *net.UDPAddr
	network := "udp"
	if opts.From.IsValid() {
		local = net.UDPAddrFromAddrPort(netip.AddrPortFrom(opts.From, 0))
		network = "udp6"
		if opts.From.Is4() {
			network = "udp4"
		}
	}
	address := net.JoinHostPort(host, strconv.Itoa(int(port)))
	if !opts.AnyReplyAddress {
		dialer := net.Dialer{}
		if local != nil {
			dialer.LocalAddr = local
		}
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return l.over(conn.(*net.UDPConn))
	}
	to, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	if network == "udp" && to.IP.To4() != nil {
		network = "udp4" // lest the socket is of IPv6
	}
	conn, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	l.to = to.AddrPort()
	return l.over(conn)
}

// over has the line use a socket.
func (l *communityLine) over(conn *net.UDPConn) (*communityLine, error) {
	l.conn = conn
	if err := l.prepare(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	deskUsers.Add(1)
	return l, nil
}

func (l *communityLine) room() int { return maxWindow }

func (l *communityLine) close() error {
	if deskUsers.Add(-1) == 0 {
		forgetDesks()
	}
	return l.conn.Close()
}

func (l *communityLine) send(_ context.Context, r *request, _ time.Duration) (uint32, error) {
	l.pass() // what has arrived is done with, and others may come to run meanwhile
	if l.id = (l.id + 1) & (1<<31 - 1); l.id == 0 {
		l.id = 1
	}
	l.out = appendRequest(l.out[:0], l.version, l.community, l.id, r)
	if l.sending != nil {
		l.sending(len(l.out))
	}
	var err error
	if l.to.IsValid() {
		_, err = l.conn.WriteToUDPAddrPort(l.out, l.to)
	} else {
		_, err = l.conn.Write(l.out)
	}
	return l.id, err
}

func (l *communityLine) until(ctx context.Context) (stop func()) {
	l.ctx = ctx
	over := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(over)
		// An error means that the socket is closed, which ends the wait as well.
		_ = l.conn.SetReadDeadline(time.Unix(1, 0))
	})
	l.deadline = time.Time{}
	return func() {
		if !cancel() {
			<-over // lest it hits the next deadline
		}
		l.leave()
	}
}

func (l *communityLine) receive(due time.Time) *arrival {
	// A deadline before that time only has the caller look what is due; to set
	// one for each answer would cost more.
	if l.deadline.IsZero() || l.deadline.After(due) {
		l.deadline = due
		if err := l.conn.SetReadDeadline(due); err != nil {
			return l.no(err)
		}
	}
	if l.ctx.Err() != nil { // it may have ended just before that deadline was set
		return nil
	}
	n, err := l.datagram()
	switch {
	case err == nil && (n < len(l.desk.in) || n == longestDatagram):
		return l.read(l.desk.in[:n])
	case err == nil:
		l.long = true
		return l.no(fmt.Errorf("an answer of more than %d octets", n-1))
	case errors.Is(err, os.ErrDeadlineExceeded):
		l.deadline = time.Time{}
		return nil
	}
	return l.no(err)
}

// no is the arrival of an error.
func (l *communityLine) no(err error) *arrival {
	l.arrived = arrival{err: err}
	return &l.arrived
}

// inbox is where the next datagram arrives.
func (l *communityLine) inbox() []byte {
	d := l.at()
	if size := roomFor(l.long); len(d.in) < size {
		d.in = make([]byte, size)
	}
	return d.in
}

// at is where answers are read.
func (l *communityLine) at() *desk {
	if l.desk == nil {
		l.desk = aDesk()
	}
	return l.desk
}

// pass leaves the desk to others, but for a large one, which is not shared.
func (l *communityLine) pass() {
	if !l.long {
		l.leave()
	}
}

// leave leaves the desk.
func (l *communityLine) leave() {
	if l.desk != nil {
		l.desk.free()
		l.desk = nil
	}
}

// read checks a datagram. What is no answer is said so, and waited past.
func (l *communityLine) read(datagram []byte) *arrival {
	m, err := l.at().parse(datagram)
	if err == nil {
		err = l.check(&m)
	} else {
		err = fmt.Errorf("an answer that cannot be read: %w", err)
	}
	if err != nil {
		return l.no(err)
	}
	m.octets = len(datagram)
	l.arrived = arrival{id: m.id, answer: m.answer}
	return &l.arrived
}

// check refuses what only looks like an answer: request-id 0, another
// community or version, another kind of message, and no varbinds where there
// is no error.
func (l *communityLine) check(m *message) error {
	switch {
	case m.pdu != gosnmp.GetResponse:
		return fmt.Errorf("an answer of type %v", m.pdu)
	case m.id == 0:
		return errors.New("an answer with request-id 0")
	case m.version != l.version:
		return fmt.Errorf("an answer in version %v", m.version)
	case string(m.community) != l.community:
		return errors.New("an answer with another community")
	case m.status == gosnmp.NoError && len(m.varbinds) == 0:
		return errors.New("an answer without content")
	}
	return nil
}

// isRefusal tells an ICMP message that nothing listens at the port, which
// Windows calls a reset connection.
func isRefusal(err error) bool {
	const wsaECONNRESET = syscall.Errno(10054)
	return errors.Is(err, syscall.ECONNREFUSED) || runtime.GOOS == "windows" && errors.Is(err, wsaECONNRESET)
}
