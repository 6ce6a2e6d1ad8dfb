//go:build unix

package snmp

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// Who waits has no room for an answer until it comes; but for long ones, of which
// the room is not shared.
func TestWaitingTakesNoRoom(t *testing.T) {
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, long := range []bool{false, true} {
		l, err := dialCommunity(t.Context(), "127.0.0.1", silent.LocalAddr().(*net.UDPAddr).AddrPort().Port(), Credential{Version: V2c}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.close()
		l.long = long
		stop := l.until(context.Background())
		if err := l.conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := l.datagram(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v of a silent device", err)
		}
		if got := l.desk != nil; got != long {
			t.Errorf("long %v: it has room: %v", long, got)
		}
		// What comes is there to be read, whole.
		if _, err := silent.WriteTo(make([]byte, 1400), l.conn.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		if err := l.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := l.datagram(); n != 1400 || err != nil || len(l.desk.in) != roomFor(long) {
			t.Errorf("long %v: %d octets, %v", long, n, err)
		}
		if stop(); l.desk != nil {
			t.Errorf("long %v: it keeps its room when nothing is waited for", long)
		}
	}
}
