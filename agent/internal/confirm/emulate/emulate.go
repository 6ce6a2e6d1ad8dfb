// Package emulate has stations that answer questions as cameras, recorders and
// others do, or as nobody should. They are for tests, and note all that they
// are asked.
package emulate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Ports are the protocols' own.
var Ports = map[lan.Question]uint16{lan.SADP: 37020, lan.DHDiscover: 37810, lan.WSDiscovery: 3702, lan.RTSP: 554, lan.HTTP: 80, lan.TLS: 443}

// Groups are where the searches go by multicast.
var Groups = map[lan.Question]string{lan.SADP: "239.255.255.250", lan.DHDiscover: "239.255.255.251", lan.WSDiscovery: "239.255.255.250"}

// A Reply makes of a question the datagrams, or the stream, that answer it.
// None at all is silence.
type Reply func(question []byte) [][]byte

// A Station is how something answers. What it has no reply for is closed.
type Station struct {
	Replies     map[lan.Question]Reply
	Certificate *pkix.Name // of TLS; nil: closed
	ToGroup     bool       // it answers SADP to the group alone
}

// A Received is what a station was asked.
type Received struct {
	Question lan.Question
	Octets   []byte
	From     netip.AddrPort
}

// A Running station answers until it is closed.
type Running struct {
	station Station

	mu       sync.Mutex
	received []Received
	closers  []io.Closer
	wait     sync.WaitGroup
}

// Start has a station answer at an address: on the given ports, or the
// protocols' own where there are none. With an interface it hears multicast on
// it as well.
func (s Station) Start(address netip.Addr, ports map[lan.Question]uint16, multicast *net.Interface) (*Running, error) {
	r := &Running{station: s}
	for question, reply := range s.Replies {
		port := ports[question]
		if ports == nil {
			port = Ports[question]
		}
		at := netip.AddrPortFrom(address, port)
		var err error
		if group, searches := Groups[question]; searches {
			err = r.search(question, reply, at, group, multicast)
		} else {
			err = r.serve(question, at, func(conn net.Conn) { r.converse(question, reply, conn) })
		}
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	if s.Certificate != nil {
		port := Ports[lan.TLS]
		if ports != nil {
			port = ports[lan.TLS]
		}
		config, err := selfSigned(*s.Certificate)
		if err == nil {
			err = r.serve(lan.TLS, netip.AddrPortFrom(address, port), func(conn net.Conn) {
				_ = tls.Server(&noting{Conn: conn, running: r}, config).Handshake() // the other side leaves it
			})
		}
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	return r, nil
}

// Received is all that the station was asked so far.
func (r *Running) Received() []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Received(nil), r.received...)
}

func (r *Running) note(question lan.Question, octets []byte, from net.Addr) {
	at := netip.MustParseAddrPort(from.String())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received = append(r.received, Received{question, append([]byte(nil), octets...), at})
}

// Close ends the station.
func (r *Running) Close() error {
	var errs []error
	for _, c := range r.closers {
		errs = append(errs, c.Close())
	}
	r.wait.Wait()
	return errors.Join(errs...)
}

// search answers datagrams, with an interface those to the group as well.
func (r *Running) search(question lan.Question, reply Reply, at netip.AddrPort, group string, multicast *net.Interface) error {
	to := net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(group), at.Port()))
	var conn *net.UDPConn
	var err error
	if multicast == nil {
		conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	} else {
		conn, err = net.ListenMulticastUDP("udp4", multicast, to) // hears what comes to this host, too
	}
	if err != nil {
		return err
	}
	r.closers = append(r.closers, conn)
	if !r.station.ToGroup || question != lan.SADP {
		to = nil
	}
	r.wait.Go(func() { r.answer(question, reply, conn, to) })
	return nil
}

func (r *Running) answer(question lan.Question, reply Reply, conn *net.UDPConn, to *net.UDPAddr) {
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFromUDP(buffer)
		if err != nil {
			return
		}
		r.note(question, buffer[:n], from)
		if to != nil {
			from = to
		}
		for _, datagram := range reply(buffer[:n]) {
			if _, err := conn.WriteToUDP(datagram, from); err != nil {
				return
			}
		}
	}
}

func (r *Running) serve(_ lan.Question, at netip.AddrPort, converse func(net.Conn)) error {
	listener, err := net.Listen("tcp", at.String())
	if err != nil {
		return err
	}
	r.closers = append(r.closers, listener)
	r.wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			r.wait.Go(func() {
				defer conn.Close() // the other side has left it anyway
				_ = conn.SetDeadline(time.Now().Add(time.Minute))
				converse(conn)
			})
		}
	})
	return nil
}

// converse reads one request and answers it.
func (r *Running) converse(question lan.Question, reply Reply, conn net.Conn) {
	buffer := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		r.note(question, buffer[:n], conn.RemoteAddr())
		for _, part := range reply(buffer[:n]) {
			if _, err := conn.Write(part); err != nil {
				return
			}
		}
	}
}

// A noting connection notes what it reads.
type noting struct {
	net.Conn
	running *Running
}

func (n *noting) Read(buffer []byte) (int, error) {
	count, err := n.Conn.Read(buffer)
	if count > 0 {
		n.running.note(lan.TLS, buffer[:count], n.Conn.RemoteAddr())
	}
	return count, err
}

func selfSigned(name pkix.Name) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: name, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}, nil
}
