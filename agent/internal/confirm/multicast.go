package confirm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// membership is how many packets a system may send to join a group, or to
// leave it (IGMPv3 repeats its reports).
const membership = 2

// segment asks everybody on the segments of this host that are inside the
// subnets, by multicast with TTL 1.
func (a *asking) segment(ctx context.Context) error {
	interfaces, err := net.Interfaces()
	if err != nil {
		return err
	}
	var failed []error
	for i := range interfaces {
		address, inside := a.inside(&interfaces[i])
		if !inside {
			continue
		}
		for _, q := range questions {
			if q.group == "" {
				continue
			}
			if err := a.callOut(ctx, &interfaces[i], address, q); err != nil {
				failed = append(failed, fmt.Errorf("%s on %s: %w", q.name, interfaces[i].Name, err))
			}
		}
	}
	return errors.Join(failed...)
}

// inside is the address of an interface by which it is inside the subnets.
func (a *asking) inside(i *net.Interface) (netip.Addr, bool) {
	if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 {
		return netip.Addr{}, false
	}
	addresses, err := i.Addrs()
	if err != nil {
		return netip.Addr{}, false // it has gone
	}
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Addr().Is4() && a.May(prefix.Addr()) {
			return prefix.Addr(), true
		}
	}
	return netip.Addr{}, false
}

// callOut puts one question to a segment, and takes the answers. Hikvision's
// answer to the group, on the port of the question: that port is bound for as
// long as this takes, and no other is.
func (a *asking) callOut(ctx context.Context, i *net.Interface, address netip.Addr, q *question) (err error) {
	done, err := a.pace.exclusive(ctx)
	if err != nil {
		return err
	}
	defer done()
	listen := net.ListenConfig{Control: throughInterface(address.As4())}
	conn, err := listen.ListenPacket(ctx, "udp4", net.JoinHostPort(address.String(), "0"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	group := net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(q.group), a.port(q)))
	if err := a.pace.take(ctx, membership+1); err != nil {
		return err
	}
	letters, over := make(chan letter), make(chan struct{})
	defer close(over)
	go receive(conn, letters, over)
	if q.name == lan.SADP {
		fixed, err := net.ListenMulticastUDP("udp4", i, group)
		if err != nil {
			return fmt.Errorf("listen on port %d: %w", group.Port, err)
		}
		defer func() {
			_ = a.pace.take(ctx, membership) // the end of the context ends this as well
			_ = fixed.Close()                // nothing was written
		}()
		go receive(fixed, letters, over)
	}
	id := newID()
	a.sends("multicast datagram from "+i.Name, q.name, group.AddrPort(), len(q.search.ask(id)))
	if _, err := conn.WriteTo(q.search.ask(id), group); err != nil {
		return err
	}
	a.collect(ctx, q, id, letters)
	return nil
}

// A letter is a datagram and who has sent it.
type letter struct {
	octets []byte
	from   netip.AddrPort
}

// receive hands on what comes, until the socket is closed or nobody takes it.
func receive(conn net.PacketConn, letters chan<- letter, over <-chan struct{}) {
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			if isClosed(err) {
				return
			}
			continue // such as an ICMP message of somebody, on Windows
		}
		sender := from.(*net.UDPAddr).AddrPort()
		select {
		case letters <- letter{slices.Clone(buffer[:min(n, maxAnswer+1)]), netip.AddrPortFrom(sender.Addr().Unmap(), sender.Port())}:
		case <-over:
			return
		}
	}
}

// collect takes the answers of a segment for as long as devices may take their
// time (WS-Discovery: half a second), and as the pace would have it. Time alone
// ends it, lest anybody fill it with garbage, and of one sender no more than
// maxAside answers are looked at.
func (a *asking) collect(ctx context.Context, q *question, id string, letters <-chan letter) {
	over := time.NewTimer(a.patience)
	defer over.Stop()
	aside := 0
	defer func() {
		if aside > maxAside {
			a.Log.Info("set aside", "question", q.name, "more", aside-maxAside)
		}
	}()
	of := make(map[netip.Addr]int)
	for {
		select {
		case <-ctx.Done():
			return
		case <-over.C:
			return
		case l := <-letters:
			said, mac, err := q.readLetter(l.octets, id)
			if err != nil {
				continue // this very question comes back, too
			}
			if of[l.from.Addr()]++; of[l.from.Addr()] > maxAside {
				continue
			}
			owner, why := a.attribute(l.from.Addr(), mac)
			if why != "" {
				if aside++; aside <= maxAside {
					a.Log.Info("set aside", "question", q.name, "from", l.from, "reason", why)
				}
				continue
			}
			if !a.answered(owner, q.name) {
				a.heard(owner, lan.Answer{Question: q.name, From: l.from.String(), At: time.Now().UTC().Truncate(time.Second), Said: said})
			}
		}
	}
}

// attribute tells whose an answer of the segment is: the station that the
// tables bind the sender's address to. Where they bind it to nobody, it has to
// tell a hardware address itself, and that of a station which they know without
// an address here: whoever has one answers from there.
func (a *asking) attribute(from netip.Addr, told lan.MAC) (owner lan.MAC, why string) {
	if !a.May(from) {
		return owner, "it comes from outside of the subnets"
	}
	owner, bound := a.Owner(from)
	switch {
	case bound && !owner.IsStation():
		return owner, "the tables bind " + from.String() + " to several stations"
	case bound && told != lan.MAC{} && told != owner:
		return owner, "it tells the hardware address " + told.String() + ", and the tables bind " + from.String() + " to " + owner.String()
	case bound:
		return owner, ""
	case told == lan.MAC{} || !a.Homeless(told):
		return owner, "no table shows whose address this is"
	default:
		return told, ""
	}
}
