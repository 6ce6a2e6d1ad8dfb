package installer

import "sync"

// ready is closed when the service is. The control manager wants to know no
// more of a service than this.
var (
	ready     = make(chan struct{})
	readyOnce sync.Once
)

func notify(state string) error {
	if state == isReady {
		readyOnce.Do(func() { close(ready) })
	}
	return nil
}
