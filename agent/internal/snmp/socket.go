package snmp

import (
	"context"
	"net"
	"time"
)

// A socket is gosnmp's connection with what gosnmp lacks: a datagram that is
// no answer does not end the wait for the answer, and the end of a context
// does.
type socket struct {
	net.Conn
	accept func(datagram []byte) error // says why a datagram is no answer
	sent   func()                      // is told of each datagram that is sent
	to     net.Addr                    // where Conn is not connected; nil where it is

	// Both are of the attempt under way.
	ctx     context.Context
	ignored error // why the last datagram was left out
}

// begin starts an attempt.
func (s *socket) begin(ctx context.Context) { s.ctx, s.ignored = ctx, nil }

// Write sends a datagram to the device.
func (s *socket) Write(b []byte) (int, error) {
	s.sent()
	if conn, ok := s.Conn.(net.PacketConn); ok && s.to != nil {
		return conn.WriteTo(b, s.to)
	}
	return s.Conn.Write(b)
}

// Read waits for the next datagram that may be an answer. The deadline that
// gosnmp has set bounds it, however many others come.
func (s *socket) Read(b []byte) (int, error) {
	over := make(chan struct{})
	stop := context.AfterFunc(s.ctx, func() {
		defer close(over)
		// An error means that the socket is closed, which ends Read as well.
		_ = s.Conn.SetReadDeadline(time.Unix(1, 0))
	})
	defer func() {
		if !stop() {
			<-over // lest it hits the next attempt's deadline
		}
	}()
	for {
		n, err := s.Conn.Read(b)
		if err != nil {
			return n, err
		}
		if s.ignored = s.accept(b[:n]); s.ignored == nil {
			return n, nil
		}
	}
}
