//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

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

// One socket serves all switches, so that a busy one costs no more calls of
// the system than one datagram in and one out. Which switch is meant, the
// datagram's destination says (IP_PKTINFO, ip(7)); the answer is sent from it.
const infoSize = 12 // struct in_pktinfo: interface, local address, destination

// A mailbox is that socket.
type mailbox struct {
	conn     *net.UDPConn
	switches map[netip.Addr]*device
	delay    time.Duration
	waiting  chan *delayed
	spare    sync.Pool
}

func serve(at netip.AddrPort, switches map[netip.Addr]*device, delay time.Duration) error {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = errors.Join(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_PKTINFO, 1),
			syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 16<<20))
	})
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	m := &mailbox{conn: conn, switches: switches, delay: delay, waiting: make(chan *delayed, 1<<16),
		spare: sync.Pool{New: func() any { return new(delayed) }}}
	go m.receive()
	go m.send()
	return nil
}

func (m *mailbox) receive() {
	datagram, control := make([]byte, 65536), make([]byte, 64)
	for {
		n, controls, _, from, err := m.conn.ReadMsgUDPAddrPort(datagram, control)
		if err != nil || controls < syscall.SizeofCmsghdr+infoSize {
			continue // such as an answer that found nobody any more
		}
		info := control[syscall.SizeofCmsghdr:]
		d := m.switches[netip.AddrFrom4([4]byte(info[8:12]))]
		if d == nil {
			continue
		}
		d.requests.Add(1)
		a := m.spare.Get().(*delayed)
		a.due, a.from, a.depth, a.to = time.Now().Add(m.delay), d, d.rounds.Came(), from
		copy(a.at[:], info)
		a.answer = d.Answer(a.answer[:0], datagram[:n])
		if m.delay == 0 {
			m.post(a)
		} else {
			m.waiting <- a
		}
	}
}

// send sends what waits. All have the same delay, so that the first to come is
// the first to go.
func (m *mailbox) send() {
	for a := range m.waiting {
		for wait := time.Until(a.due); wait > 0; wait = time.Until(a.due) {
			// The thread itself sleeps: timers of the runtime are up to 1 ms late.
			pause := syscall.NsecToTimespec(int64(wait))
			_ = syscall.Nanosleep(&pause, nil) // cut short it is called again
		}
		m.post(a)
	}
}

func (m *mailbox) post(a *delayed) {
	a.from.rounds.Answered(a.depth)
	if len(a.answer) > 0 {
		var control [syscall.SizeofCmsghdr + infoSize + 4]byte
		binary.NativeEndian.PutUint64(control[0:], syscall.SizeofCmsghdr+infoSize)
		binary.NativeEndian.PutUint32(control[8:], syscall.IPPROTO_IP)
		binary.NativeEndian.PutUint32(control[12:], syscall.IP_PKTINFO)
		copy(control[syscall.SizeofCmsghdr+4:], a.at[4:8]) // the interface stays 0: that of the route
		// Who has gone in the meantime needs no answer.
		_, _, _ = m.conn.WriteMsgUDPAddrPort(a.answer, control[:], a.to)
	}
	m.spare.Put(a)
}
