// Package installer makes a host a camwarden host: it registers the program
// with the host's service manager, runs it under that, and writes files that
// nobody but the administrator and the service may read.
package installer

import (
	"context"
	"fmt"
	"os"

	"github.com/kardianos/service"
)

// Name is what the service is called.
const Name = "camwarden"

// Run runs work as a service: under the service manager that started the
// program, or in the foreground where a person did. It ends when ctx does,
// when the service manager says so, or when work returns; then work has
// returned too, and its error is Run's.
func Run(ctx context.Context, work func(context.Context) error) error {
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

type program struct {
	ctx   context.Context
	stop  context.CancelFunc
	work  func(context.Context) error
	ended chan struct{}
	err   error // of work, once ended is closed
}

// Start must return at once: the service counts as running when it has.
func (p *program) Start(service.Service) error {
	go func() {
		defer close(p.ended)
		p.err = p.work(p.ctx)
	}()
	return nil
}

func (p *program) Stop(service.Service) error {
	p.stop()
	<-p.ended
	return nil
}

func (p *program) wait() {
	select {
	case <-p.ctx.Done():
	case <-p.ended:
	}
}
