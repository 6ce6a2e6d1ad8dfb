package confirm

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// maxAside is how many answers to one question are set aside before the wait
// for a good one ends.
const maxAside = 8

// A mailbox is the socket from which all searches go, on a port that the
// system chooses, and sorts what comes by who has sent it. Whoever is not
// being asked is not heard.
type mailbox struct {
	conn *net.UDPConn
	done chan struct{}

	mu      sync.Mutex
	waiting map[netip.Addr]chan []byte
}

func openMailbox() (*mailbox, error) {
	conn, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, err
	}
	m := &mailbox{conn: conn, done: make(chan struct{}), waiting: make(map[netip.Addr]chan []byte)}
	go m.listen()
	return m, nil
}

// listen takes what comes until the socket is closed.
func (m *mailbox) listen() {
	defer close(m.done)
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := m.conn.ReadFromUDPAddrPort(buffer)
		switch {
		case err == nil:
			m.sort(buffer[:n], from.Addr().Unmap().WithZone(""))
		case isClosed(err):
			return
		}
	}
}

func (m *mailbox) sort(octets []byte, from netip.Addr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := m.waiting[from]
	if letters == nil {
		return
	}
	select {
	case letters <- append([]byte(nil), octets[:min(len(octets), maxAnswer+1)]...):
	default: // more than anybody reads
	}
}

// expect takes what an address sends, until forget.
func (m *mailbox) expect(from netip.Addr) <-chan []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	letters := make(chan []byte, maxAside)
	m.waiting[from] = letters
	return letters
}

func (m *mailbox) forget(from netip.Addr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting, from)
}

func (m *mailbox) close() error {
	err := m.conn.Close()
	<-m.done
	return err
}

// search sends one datagram to a station and waits for the answer.
func (a *asking) search(ctx context.Context, st Station, q *question, to netip.AddrPort) ([]lan.Said, error) {
	letters := a.mail.expect(st.Address)
	defer a.mail.forget(st.Address)
	id := newID()
	if err := a.post(ctx, q, to, q.search.ask(id)); err != nil {
		return nil, err
	}
	over := time.NewTimer(a.patience)
	defer over.Stop()
	last := fmt.Errorf("silence for %v", a.patience)
	for range maxAside {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-over.C:
			return nil, last
		case octets := <-letters:
			said, mac, err := q.readLetter(octets, id)
			switch {
			case err != nil:
				last = fmt.Errorf("set aside: %w", err)
			case mac != lan.MAC{} && mac != st.MAC:
				last = fmt.Errorf("set aside: it tells the hardware address %v, and the station's is %v", mac, st.MAC)
			default:
				return said, nil
			}
		}
	}
	return nil, last
}

// readLetter reads an answer that is not too long to be one.
func (q *question) readLetter(octets []byte, id string) (said []lan.Said, mac lan.MAC, err error) {
	if len(octets) > maxAnswer {
		return nil, lan.MAC{}, fmt.Errorf("%w: it is longer than %d octets", errGarbled, maxAnswer)
	}
	err = guard(func() (err error) {
		said, mac, err = q.search.read(octets, id)
		return err
	})
	return said, mac, err
}

// post sends one datagram when its turn has come. The system may have to look
// for the station's hardware address first, with a packet of its own.
func (a *asking) post(ctx context.Context, q *question, to netip.AddrPort, octets []byte) error {
	done, err := a.pace.exclusive(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := a.pace.take(ctx, 1); err != nil {
		return err
	}
	a.sends("datagram", q.name, to, len(octets))
	_, err = a.mail.conn.WriteToUDPAddrPort(octets, to)
	return err
}
