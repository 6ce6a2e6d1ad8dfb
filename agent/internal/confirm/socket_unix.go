//go:build unix

package confirm

import (
	"io"
	"net"
	"syscall"
)

// windowOctets is how much a station may send before it is told to go on.
const windowOctets = 4 << 10

// quietly keeps a station from sending more than is read, and the system from
// acknowledging each piece of it.
func quietly(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		if failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, windowOctets); failed == nil {
			failed = lateAcknowledgement(int(fd))
		}
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
			if failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_TTL, 1); failed == nil {
				failed = syscall.SetsockoptInet4Addr(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, address)
			}
		})
		if err != nil {
			return err
		}
		return failed
	}
}

// untilReadable waits until there is something to read, and leaves it there.
func untilReadable(conn syscall.RawConn) error {
	return conn.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
		return err != syscall.EAGAIN && err != syscall.EINTR // another error is for the reading to find
	})
}

// look copies what there is to read, and leaves it there.
func look(_ net.Conn, conn syscall.RawConn, buffer []byte) (n int, stays bool, err error) {
	var failed error
	err = conn.Read(func(fd uintptr) bool {
		n, _, failed = syscall.Recvfrom(int(fd), buffer, syscall.MSG_PEEK)
		return failed != syscall.EAGAIN && failed != syscall.EINTR
	})
	switch {
	case err != nil:
		return 0, true, err
	case failed != nil:
		return 0, true, failed
	case n == 0:
		return 0, true, io.EOF
	default:
		return n, true, nil
	}
}
