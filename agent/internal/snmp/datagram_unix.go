//go:build unix

package snmp

import (
	"cmp"
	"os"
	"syscall"
)

// datagram waits for a datagram, and reads it into the inbox. There is one only
// once a datagram has come: most of many devices are waited for.
func (l *communityLine) datagram() (n int, err error) {
	waited := l.raw.Read(func(socket uintptr) bool {
		for {
			switch n, err = syscall.Read(int(socket), l.inbox()); err {
			case syscall.EINTR:
			case syscall.EAGAIN:
				l.leave()
				return false
			default:
				err = os.NewSyscallError("read", err)
				return true
			}
		}
	})
	return n, cmp.Or(waited, err)
}
