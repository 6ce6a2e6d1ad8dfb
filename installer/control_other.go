//go:build !linux && !windows

package installer

import "github.com/kardianos/service"

// prepare says with which word the service is started.
func prepare(config *service.Config, _ string) error {
	config.Arguments = []string{"run"}
	return nil
}

func owned() error { return nil }

func register(s service.Service) error { return s.Install() }
