//go:build unix

package snmp

import (
	"cmp"
	"os"
	"syscall"
)

// datagram waits for a datagram, and reads it into the inbox. While it waits it
// has none, for most of many devices are waited for; a large one, which is not
// shared, it keeps.
func (l *communityLine) datagram() (n int, err error) {
	waited := l.raw.Read(func(socket uintptr) bool {
		for {
			switch n, err = syscall.Read(int(socket), l.inbox()); err {
			case syscall.EINTR:
			case syscall.EAGAIN:
				if !l.long {
					l.leave()
				}
				return false
			default:
				err = os.NewSyscallError("read", err)
				return true
			}
		}
	})
	return n, cmp.Or(waited, err)
}
