package snmp

// A receiver is nothing: net does all.
type receiver struct{}

func (receiver) prepare() error { return nil }

// datagram waits for a datagram, and reads it into the inbox.
func (l *communityLine) datagram() (int, error) {
	n, _, err := l.conn.ReadFromUDPAddrPort(l.inbox())
	return n, err
}
