// Package installer makes a host a camwarden host: it registers the program
// with the host's service manager, runs it under that, and writes files that
// nobody but the administrator and the service may read.
package installer

import (
	"context"

	"github.com/kardianos/service"
)

// Name is what the service is called.
const Name = "camwarden"

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
