//go:build !linux && !windows

package neigh

import (
	"fmt"
	"runtime"
)

func defaultRoutes() ([]route, error) {
	return nil, fmt.Errorf("this version does not read the routes of %s", runtime.GOOS)
}
