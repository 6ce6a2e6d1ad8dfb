//go:build !windows

package installer

import (
	"errors"
	"net"
	"os"
)

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
