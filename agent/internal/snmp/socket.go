package snmp

import (
	"context"
	"net"
	"time"
)

// A socket is gosnmp's connection with what gosnmp lacks: the end of a
// context ends the wait for an answer, and a device with several addresses
// may answer from another.
type socket struct {
	net.Conn
	sent    int              // datagrams, of the attempt under way
	sending func(octets int) // Options.Sending
	to      net.Addr         // where Conn is not connected; nil where it is
	ctx     context.Context  // of the attempt under way
}

// Write sends a datagram to the device.
func (s *socket) Write(b []byte) (int, error) {
	if s.sending != nil {
		s.sending(len(b))
	}
	s.sent++
	if conn, ok := s.Conn.(net.PacketConn); ok && s.to != nil {
		return conn.WriteTo(b, s.to)
	}
	return s.Conn.Write(b)
}

// Read waits for the next datagram, until the deadline that gosnmp has set.
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
	return s.Conn.Read(b)
}
