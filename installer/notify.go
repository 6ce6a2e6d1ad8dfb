package installer

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Ready tells the service manager that the service does what it is for.
func Ready() error { return notify("READY=1") }

// Alive tells the service manager that the service gets on.
func Alive() error { return notify("WATCHDOG=1") }

// Doing tells the service manager, in a sentence for people, what the service
// does or waits for.
func Doing(text string) error {
	return notify("STATUS=" + strings.ReplaceAll(text, "\n", "; "))
}

// WatchdogInterval is the longest time that the service manager lets pass
// without word that the service is alive; zero when it does not watch.
func WatchdogInterval() time.Duration {
	us, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || us <= 0 {
		return 0
	}
	return time.Duration(us) * time.Microsecond
}

// notifySocket is where systemd listens (sd_notify(3)); elsewhere it is unset.
const notifySocket = "NOTIFY_SOCKET"

func notify(state string) error {
	address := os.Getenv(notifySocket)
	if address == "" {
		return nil
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return err
	}
	_, err = socket.Write([]byte(state))
	return errors.Join(err, socket.Close())
}
