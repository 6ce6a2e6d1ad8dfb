//go:build !windows

package installer

import (
	"context"
	"fmt"
	"os"

	"github.com/kardianos/service"
)

// Run runs work as a service: under the service manager that started the
// program, or in the foreground where a person did. It ends when ctx does,
// when the service manager says so, or when work returns; then work has
// returned too, and its error is Run's. Managed tells who started it.
func Run(ctx context.Context, _ bool, work func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	p := &program{ctx: ctx, stop: stop, work: work, ended: make(chan struct{})}
	s, err := service.New(p, &service.Config{Name: Name,
		Option: service.KeyValue{"RunWait": func() { p.wait() }}})
	if err != nil {
		return fmt.Errorf("run as a service: %w", err)
	}
	if err := s.Run(); err != nil {
		return fmt.Errorf("run as a service: %w", err)
	}
	return p.err
}

// Managed tells whether a service manager has started the program, rather
// than a person. In containers only systemd's socket tells.
func Managed() bool { return os.Getenv(notifySocket) != "" || !service.Interactive() }

func (p *program) wait() {
	select {
	case <-p.ctx.Done():
	case <-p.ended:
	}
}
