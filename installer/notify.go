package installer

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// isReady is what systemd and others call it (sd_notify(3)).
const isReady = "READY=1"

// Ready tells the service manager that the service does what it is for.
func Ready() error { return notify(isReady) }

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
