//go:build !linux && !windows

package neigh

import (
	"fmt"
	"runtime"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

func table() ([]lan.ARPEntry, int, error) {
	return nil, 0, fmt.Errorf("this version does not read the neighbour table on %s", runtime.GOOS)
}
