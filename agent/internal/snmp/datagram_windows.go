package snmp

// datagram waits for a datagram, and reads it into the inbox.
func (l *communityLine) datagram() (int, error) {
	n, _, err := l.conn.ReadFromUDPAddrPort(l.inbox())
	return n, err
}
