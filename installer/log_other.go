//go:build !linux && !windows

package installer

import (
	"io"
	"log/slog"
)

// LogHandler is where a service logs to: to, as text.
func LogHandler(to io.Writer, _ Logging) slog.Handler { return slog.NewTextHandler(to, nil) }
