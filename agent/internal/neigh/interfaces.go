//go:build !windows

package neigh

import (
	"net"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func interfaces() ([]lan.Interface, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var entries []lan.Interface
	for _, i := range found {
		entry := lan.Interface{Index: lan.IfIndex(i.Index), Name: lan.CleanString(i.Name)}
		if len(i.HardwareAddr) == len(entry.MAC) {
			entry.MAC = lan.MAC(i.HardwareAddr)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}
