//go:build unix

package installer

import (
	"net"
	"path/filepath"
	"testing"
	"time"
)

func TestNotify(t *testing.T) {
	if err := Ready(); err != nil {
		t.Errorf("without a service manager: %v", err)
	}
	address := filepath.Join(t.TempDir(), "notify")
	listener, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	t.Setenv(notifySocket, address)
	for _, test := range []struct {
		tell func() error
		want string
	}{
		{Ready, "READY=1"},
		{Alive, "WATCHDOG=1"},
		{func() error { return Doing("waits\nfor two things") }, "STATUS=waits; for two things"},
	} {
		if err := test.tell(); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 100)
		if err := listener.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := listener.Read(got)
		if err != nil || string(got[:n]) != test.want {
			t.Errorf("the service manager was told %q (%v), want %q", got[:n], err, test.want)
		}
	}
}

func TestWatchdogInterval(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "300000000": 5 * time.Minute, "-1": 0, "soon": 0} {
		t.Setenv("WATCHDOG_USEC", text)
		if got := WatchdogInterval(); got != want {
			t.Errorf("WATCHDOG_USEC=%q: %v, want %v", text, got, want)
		}
	}
}
