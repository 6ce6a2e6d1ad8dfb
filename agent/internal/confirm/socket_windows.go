//go:build windows

package confirm

import (
	"net"
	"syscall"
)

// windowOctets is how much a station may send before it is told to go on.
const windowOctets = 4 << 10

// quietly keeps a station from sending more than is read.
func quietly(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, windowOctets)
	})
	if err != nil {
		return err
	}
	return failed
}

// throughInterface sends multicast with TTL 1 from the interface of an address.
func throughInterface(address [4]byte) func(network, to string, conn syscall.RawConn) error {
	return func(_, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) {
			if failed = syscall.SetsockoptInt(syscall.Handle(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_TTL, 1); failed == nil {
				failed = syscall.SetsockoptInet4Addr(syscall.Handle(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, address)
			}
		})
		if err != nil {
			return err
		}
		return failed
	}
}

// untilReadable waits until there is something to read, and leaves it there.
// What is not done at once, RawConn.Read tries again when the socket is
// readable.
func untilReadable(conn syscall.RawConn) error {
	waited := false
	return conn.Read(func(uintptr) bool {
		defer func() { waited = true }()
		return waited
	})
}

// look reads what there is: nothing of it stays.
func look(conn net.Conn, _ syscall.RawConn, buffer []byte) (n int, stays bool, err error) {
	n, err = conn.Read(buffer)
	return n, false, err
}
