package confirm

import "syscall"

// lateAcknowledgement has the system acknowledge what comes with what is sent
// next, or after a while.
func lateAcknowledgement(fd int) error {
	return syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 0)
}
