//go:build unix

package snmp

import (
	"cmp"
	"os"
	"syscall"
)

// A receiver is what a line needs to read from its socket: nothing is allocated
// for each datagram.
type receiver struct {
	raw   syscall.RawConn
	ready func(socket uintptr) (done bool) // reads what has come
	got   int                              // octets that it has read
	fault error                            // why it has not
}

func (l *communityLine) prepare() (err error) {
	l.ready = l.take
	l.raw, err = l.conn.SyscallConn()
	return err
}

// datagram waits for a datagram, and reads it into the inbox. While it waits it
// has none but a large one, for most of many devices are waited for.
func (l *communityLine) datagram() (int, error) {
	l.got, l.fault = 0, nil
	waited := l.raw.Read(l.ready)
	return l.got, cmp.Or(waited, l.fault)
}

// take reads a datagram, if one has come.
func (l *communityLine) take(socket uintptr) bool {
	n, err := syscall.Read(int(socket), l.inbox())
	for err == syscall.EINTR {
		n, err = syscall.Read(int(socket), l.inbox())
	}
	if err == syscall.EAGAIN {
		l.pass()
		return false
	}
	l.got, l.fault = n, os.NewSyscallError("read", err)
	return true
}
