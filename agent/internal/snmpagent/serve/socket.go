//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A device is one switch, and what it was asked.
type device struct {
	*snmpagent.Device
	requests atomic.Int64
	rounds   snmpagent.Rounds
}

func newDevice(recording *capture.Recording) *device {
	return &device{Device: snmpagent.NewDevice(map[string]*capture.Recording{"public": recording})}
}

// A mailbox is the one socket of all switches. Which of them is meant, a
// datagram's destination says (IP_PKTINFO, ip(7)); the answer is sent from it.
//
// It shares the processors with the program that is measured, so it has to
// cost little. One thread does everything. While answers wait it sleeps until
// the first is due or for a nap, then takes all requests that have come and
// sends all answers that are due, with one call of the system each. No answer
// is late by that: the system notes when a request came (SO_TIMESTAMPNS,
// socket(7)).
type mailbox struct {
	socket   int
	switches map[netip.Addr]*device
	delay    time.Duration

	headers  [batch]unix.Mmsghdr
	requests [batch][]byte
	blank    [batch]*letter // for the next requests
	waiting  []*letter      // all have the same delay: the first to come is the first to go
	spare    []*letter
}

const (
	batch = 64               // datagrams that one call of the system receives or sends
	nap   = time.Millisecond // no more requests than come in it are to be answered at once
)

// A letter is a request's envelope, in which its answer goes back.
type letter struct {
	peer    unix.RawSockaddrInet4
	control struct { // as the system writes it
		_     unix.Cmsghdr
		stamp unix.Timespec
		back  struct { // and as it reads it
			_    unix.Cmsghdr
			info unix.Inet4Pktinfo
			_    [4]byte
		}
	}
	vector unix.Iovec

	from   *device
	due    time.Time
	depth  int64
	answer []byte
}

func serve(at netip.AddrPort, switches map[netip.Addr]*device, delay time.Duration) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	err = errors.Join(
		unix.SetsockoptInt(socket, unix.IPPROTO_IP, unix.IP_PKTINFO, 1),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20),
		unix.Bind(socket, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}))
	if err != nil {
		return fmt.Errorf("listen on %v: %w", at, err)
	}
	m := &mailbox{socket: socket, switches: switches, delay: delay}
	for i := range batch {
		m.requests[i], m.blank[i] = make([]byte, 65536), new(letter)
	}
	go m.serve()
	return nil
}

func (m *mailbox) serve() {
	for {
		flags := unix.MSG_WAITFORONE
		if len(m.waiting) > 0 {
			until := time.Now().Add(nap)
			if due := m.waiting[0].due; due.Before(until) {
				until = due
			}
			sleep(until)
			flags = unix.MSG_DONTWAIT
		}
		for m.receive(flags) == batch {
			flags = unix.MSG_DONTWAIT
		}
		m.send() // after all that came before, or these would seem to have waited for it
	}
}

// receive takes up to a batch of the requests that came, and returns of how
// many.
func (m *mailbox) receive(flags int) int {
	for i, l := range m.blank {
		l.vector.Base = &m.requests[i][0]
		l.vector.SetLen(len(m.requests[i]))
		l.seal(&m.headers[i].Hdr, unsafe.Pointer(&l.control), int(unsafe.Sizeof(l.control)))
	}
	came := m.call(unix.SYS_RECVMMSG, m.headers[:], flags)
	for i := range came {
		l := m.blank[i]
		d := m.switches[netip.AddrFrom4(l.control.back.info.Addr)]
		if d == nil {
			continue
		}
		d.requests.Add(1)
		l.from, l.depth, l.due = d, d.rounds.Came(), time.Unix(l.control.stamp.Unix()).Add(m.delay)
		l.answer = d.Answer(l.answer[:0], m.requests[i][:m.headers[i].Len])
		if len(l.answer) > 0 {
			m.waiting = append(m.waiting, l)
			m.blank[i] = m.take()
		}
	}
	return came
}

// take returns a letter for a request to come.
func (m *mailbox) take() *letter {
	last := len(m.spare) - 1
	if last < 0 {
		return new(letter)
	}
	l := m.spare[last]
	m.spare = m.spare[:last]
	return l
}

// send sends what is due.
func (m *mailbox) send() {
	now, due := time.Now(), 0
	for due < len(m.waiting) && !m.waiting[due].due.After(now) {
		due++
	}
	for at := 0; at < due; {
		headers := m.headers[:min(due-at, batch)]
		for i := range headers {
			l := m.waiting[at+i]
			l.from.rounds.Answered(l.depth)
			l.vector.Base = &l.answer[0]
			l.vector.SetLen(len(l.answer))
			l.control.back.info.Ifindex = 0 // that of the route
			l.seal(&headers[i].Hdr, unsafe.Pointer(&l.control.back), int(unsafe.Sizeof(l.control.back)))
		}
		at += max(m.call(unix.SYS_SENDMMSG, headers, 0), 1) // who has gone in the meantime needs no answer
	}
	m.spare = append(m.spare, m.waiting[:due]...)
	m.waiting = append(m.waiting[:0], m.waiting[due:]...)
}

// seal fills in what the system wants to know of a letter.
func (l *letter) seal(header *unix.Msghdr, control unsafe.Pointer, size int) {
	*header = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&l.peer)), Namelen: unix.SizeofSockaddrInet4, Iov: &l.vector, Control: (*byte)(control)}
	header.SetIovlen(1)
	header.SetControllen(size)
}

// call receives or sends datagrams, and returns how many.
func (m *mailbox) call(trap uintptr, headers []unix.Mmsghdr, flags int) int {
	system := unix.RawSyscall6
	if flags == unix.MSG_WAITFORONE {
		system = unix.Syscall6
	}
	n, _, errno := system(trap, uintptr(m.socket), uintptr(unsafe.Pointer(&headers[0])), uintptr(len(headers)), uintptr(flags), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// sleep returns at a time or, when it is cut short, before. The thread itself
// sleeps: timers of the runtime are up to 1 ms late. And the runtime is told
// of no call but one that may take for ever, for it wakes up every 20 µs to
// look after a thread that is in calls again and again.
func sleep(until time.Time) {
	at := unix.NsecToTimespec(until.UnixNano())
	unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_REALTIME, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
}
