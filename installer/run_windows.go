package installer

import (
	"context"
	"errors"
	"fmt"

	"github.com/kardianos/service"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
)

// Run runs work as a service: under the service control manager where managed
// says so, or in the foreground where a person started it. It ends when ctx
// does, when the service manager says so, or when work returns; then work has
// returned too, and its error is Run's.
func Run(ctx context.Context, managed bool, work func(context.Context) error) error {
	if !managed {
		return work(ctx)
	}
	h := &handler{ctx: ctx, work: work}
	err := svc.Run(Name, h)
	switch {
	case errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT):
		return errors.New("the service control manager has not started this: leave out -service")
	case err != nil:
		return fmt.Errorf("run as a service: %w", err)
	}
	return h.err
}

// Managed tells whether the service control manager has started the program,
// as far as Windows tells: it does not in containers, where the session is
// another than 0. That is what -service is for.
func Managed() bool { return !service.Interactive() }

// A handler is the service as its control manager knows it.
type handler struct {
	ctx  context.Context
	work func(context.Context) error
	err  error // of work
}

// startHint is how long the control manager waits for the service to be ready,
// and stopHint until it has stopped, in milliseconds.
const (
	startHint = 30_000
	stopHint  = 5_000
)

// Execute works until it is told to stop, or cannot go on. A failure ends in a
// code of the service's own, which its recovery actions act upon.
func (h *handler) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (ours bool, code uint32) {
	status <- svc.Status{State: svc.StartPending, WaitHint: startHint}
	ctx, stop := context.WithCancel(h.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.work(ctx) }()
	isReady := ready
	for {
		select {
		case <-isReady:
			isReady = nil
			status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending, WaitHint: stopHint}
				isReady = nil
				stop()
			}
		case h.err = <-ended:
			if h.err != nil {
				return true, 1
			}
			return false, 0
		}
	}
}
