package installer

import (
	"context"
	"errors"
	"fmt"

	"github.com/kardianos/service"
)

// Install registers this very program as a service that starts with the host,
// from the text of the packaged systemd unit where there is systemd. It does
// not start it.
func Install(unit string) error {
	config := &service.Config{Name: Name}
	if err := prepare(config, unit); err != nil {
		return fmt.Errorf("install the service: %w", err)
	}
	return control(config, "install", register)
}

// Uninstall stops the service and unregisters it. Configuration and state
// stay.
func Uninstall() error {
	if err := owned(); err != nil {
		return fmt.Errorf("uninstall the service: %w", err)
	}
	return control(&service.Config{Name: Name}, "uninstall", func(s service.Service) error {
		if status, err := s.Status(); err == nil && status == service.StatusRunning {
			if err := s.Stop(); err != nil {
				return err
			}
		}
		return s.Uninstall()
	})
}

// Start starts the service.
func Start() error { return control(&service.Config{Name: Name}, "start", service.Service.Start) }

// Stop stops the service.
func Stop() error { return control(&service.Config{Name: Name}, "stop", service.Service.Stop) }

// Restart stops the service and starts it.
func Restart() error { return control(&service.Config{Name: Name}, "restart", service.Service.Restart) }

// Status says in a word whether the service runs, and whether that is as it
// should be.
func Status() (text string, running bool, err error) {
	err = control(&service.Config{Name: Name}, "ask about", func(s service.Service) error {
		status, err := s.Status()
		switch {
		case errors.Is(err, service.ErrNotInstalled):
			text = "not installed"
			return nil
		case err != nil:
			return err
		case status == service.StatusRunning:
			text, running = "running", true
		case status == service.StatusStopped:
			text = "stopped"
		default:
			text = "unknown"
		}
		return nil
	})
	return text, running, err
}

func control(config *service.Config, doing string, act func(service.Service) error) error {
	nothing := func(context.Context) error { return nil }
	s, err := service.New(&program{work: nothing}, config)
	if err == nil {
		err = act(s)
	}
	if err != nil {
		return fmt.Errorf("%s the service: %w", doing, err)
	}
	return nil
}
