package installer

import (
	"io"
	"log/slog"
)

// Logging is what the log of a service needs to know. On Linux the journal
// knows it.
type Logging struct {
	Managed bool              // a service manager has started the program
	State   string            // the folder of the state, which the log's is beside; empty: no file
	Events  map[string]uint32 // ids of messages in the event log, 1 to 1000
}

// attributesOnly writes records as slog does, without time, level and message,
// for a log that has these itself.
func attributesOnly(to io.Writer) slog.Handler {
	return slog.NewTextHandler(to, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
			return slog.Attr{}
		}
		return a
	}})
}
