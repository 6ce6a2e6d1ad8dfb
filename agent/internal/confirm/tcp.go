package confirm

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// connectPatience ends before a system would repeat its request to connect.
const connectPatience = 950 * time.Millisecond

// A conversation over TCP takes what may be sent in a second: the request to
// connect, the question, the reset, and what the system acknowledges between.
const (
	conversationPackets = mostPackets
	conversationEnd     = 2 // an acknowledgement and the reset, however late
)

// rest is how long an answer has from its beginning until what there is of it
// is read. Each piece that is read is acknowledged: a server that dribbles would
// have the system acknowledge each drop.
const rest = 60 * time.Millisecond

// maxReads is how often a conversation reads, since a certificate may not fit
// the window. From the second time on, each has to wait for its turn.
const maxReads = 3

// connect opens a connection. The caller has the turn. Closed, it is reset:
// nobody waits for what else would come.
func (a *asking) connect(ctx context.Context, q lan.Question, to netip.AddrPort) (*conversation, error) {
	if err := a.pace.take(ctx, conversationPackets); err != nil {
		return nil, err
	}
	a.sends("connection", q, to, 0)
	dialer := net.Dialer{Timeout: connectPatience, Control: quietly}
	conn, err := dialer.DialContext(ctx, "tcp", to.String())
	if err != nil {
		a.pace.unsent(conversationPackets - 1)
		return nil, err
	}
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c := &conversation{Conn: conn, raw: raw, ctx: ctx, asking: a, question: q, to: to, left: maxAnswer}
	if err := errors.Join(conn.SetDeadline(time.Now().Add(a.patience)), conn.(*net.TCPConn).SetLinger(0)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c.stop = context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0)) // an error means that it is closed
	})
	return c, nil
}

// A conversation is a connection on which one thing is said, and a little is
// listened to.
type conversation struct {
	net.Conn
	asking   *asking
	question lan.Question
	to       netip.AddrPort
	stop     func() bool
	raw      syscall.RawConn
	ctx      context.Context
	spoken   bool
	reads    int
	seen     int64 // octets that were looked at, and not read
	left     int   // octets that are read at most
}

// Write says the first thing, and drops whatever a library says after it.
func (c *conversation) Write(octets []byte) (int, error) {
	if c.spoken {
		return len(octets), nil
	}
	c.spoken = true
	c.asking.sends("request", c.question, c.to, len(octets))
	return c.Conn.Write(octets)
}

// Read reads what has come after a while. The first time it only looks, where
// the system can do that: then the station is not told that there is room for
// more, which would take another packet.
func (c *conversation) Read(buffer []byte) (int, error) {
	if c.left <= 0 || c.reads == maxReads {
		return 0, io.EOF
	}
	read := c.readOn
	if c.reads++; c.reads == 1 {
		read = c.look
	}
	n, err := read(buffer[:min(len(buffer), c.left)])
	c.left -= n
	return n, err
}

func (c *conversation) look(buffer []byte) (int, error) {
	if err := untilReadable(c.raw); err != nil {
		return 0, err
	}
	_ = c.asking.pace.sleep(c.ctx, rest) // the end of the context ends the look, too
	n, stays, err := look(c.Conn, c.raw, buffer)
	if stays {
		c.seen = int64(n)
	}
	return n, err
}

func (c *conversation) readOn(buffer []byte) (int, error) {
	if err := c.asking.pace.take(c.ctx, 2); err != nil {
		return 0, err
	}
	if err := c.Conn.SetReadDeadline(time.Now().Add(rest)); err != nil {
		return 0, err
	}
	if _, err := io.CopyN(io.Discard, c.Conn, c.seen); err != nil {
		return 0, err
	}
	c.seen = 0
	return c.Conn.Read(buffer)
}

// Close resets the connection.
func (c *conversation) Close() error {
	c.stop()
	c.asking.pace.gone(conversationEnd)
	c.asking.sends("close", c.question, c.to, 0)
	return c.Conn.Close()
}

// banner says one request, and reads the head of the answer and what of a page
// comes soon after it.
func (a *asking) banner(ctx context.Context, _ Station, q *question, to netip.AddrPort) (said []lan.Said, err error) {
	done, err := a.pace.exclusive(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	c, err := a.connect(ctx, q.name, to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if _, err := c.Write(q.banner.ask(hostOf(q, to))); err != nil {
		return nil, err
	}
	octets := make([]byte, maxBanner)
	n, err := c.Read(octets)
	if n == 0 {
		return nil, fmt.Errorf("it says nothing: %w", err)
	}
	return q.banner.read(octets[:n], a.Phrases)
}

// hostOf is how a server is called: without the port that its protocol has
// anyway.
func hostOf(q *question, to netip.AddrPort) string {
	switch {
	case to.Port() != q.port:
		return to.String()
	case to.Addr().Is6():
		return "[" + to.Addr().String() + "]"
	default:
		return to.Addr().String()
	}
}

// errSeen ends a handshake when the certificate is known.
var errSeen = errors.New("seen enough")

// certificate begins a TLS handshake, and leaves when the server has shown its
// certificate. It is held against nothing: nearly all are signed by themselves.
func (a *asking) certificate(ctx context.Context, _ Station, to netip.AddrPort) (said []lan.Said, err error) {
	done, err := a.pace.exclusive(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	c, err := a.connect(ctx, lan.TLS, to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return readCertificate(ctx, &buffered{c, bufio.NewReaderSize(c, maxBanner)})
}

func readCertificate(ctx context.Context, conn net.Conn) ([]lan.Said, error) {
	var shown *x509.Certificate
	client := tls.Client(conn, hello(func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) > 0 {
			shown = state.PeerCertificates[0]
		}
		return errSeen
	}))
	err := client.HandshakeContext(ctx)
	if shown == nil {
		return nil, fmt.Errorf("it shows no certificate: %w", err)
	}
	return saying(lan.FieldSubject, shown.Subject.String(), lan.FieldIssuer, shown.Issuer.String()), nil
}

// hello offers what old cameras know as well: nothing is kept secret here. The
// curves make it fit one packet.
func hello(verify func(tls.ConnectionState) error) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS10, InsecureSkipVerify: true, VerifyConnection: verify,
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}}
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		config.CipherSuites = append(config.CipherSuites, suite.ID)
	}
	return config
}

// buffered reads as much as there is at once.
type buffered struct {
	*conversation
	in *bufio.Reader
}

func (b *buffered) Read(buffer []byte) (int, error) { return b.in.Read(buffer) }

// Close leaves the connection to whoever has opened it.
func (b *buffered) Close() error { return nil }

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }
