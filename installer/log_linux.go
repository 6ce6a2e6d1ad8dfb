package installer

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// journalSocket is where the journal takes entries with fields
// (systemd.io/JOURNAL_NATIVE_PROTOCOL).
const journalSocket = "/run/systemd/journal/socket"

// LogHandler is where a service logs to: the journal, with a field for each
// attribute, when to is connected to it, or else to itself as text.
func LogHandler(to io.Writer, _ Logging) slog.Handler {
	text := slog.NewTextHandler(to, nil)
	if !isJournal(to) {
		return text
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: journalSocket, Net: "unixgram"})
	if err != nil {
		return text // which systemd takes to the journal too, without fields
	}
	return newJournal(socket, text)
}

// isJournal tells whether a file is what JOURNAL_STREAM says of the standard
// error that systemd has connected (systemd.exec(5)).
func isJournal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// A journal writes each record as one entry. What people read is the record
// as slog writes it, without time and level, which the journal has itself.
type journal struct {
	to       io.Writer
	fallback slog.Handler // for what the journal does not take

	message slog.Handler // writes into buffer
	mu      *sync.Mutex
	buffer  *bytes.Buffer

	prefix string // of fields: the open groups
	fields []byte // of the attributes given once
}

func newJournal(to io.Writer, fallback slog.Handler) *journal {
	buffer := new(bytes.Buffer)
	message := attributesOnly(buffer)
	return &journal{to: to, fallback: fallback, message: message, mu: new(sync.Mutex), buffer: buffer, prefix: "CAMWARDEN"}
}

func (j *journal) Enabled(ctx context.Context, level slog.Level) bool {
	return j.fallback.Enabled(ctx, level)
}

func (j *journal) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *j
	next.message, next.fallback = j.message.WithAttrs(attrs), j.fallback.WithAttrs(attrs)
	next.fields = slices.Clone(j.fields)
	for _, a := range attrs {
		next.fields = appendAttr(next.fields, j.prefix, a)
	}
	return &next
}

func (j *journal) WithGroup(name string) slog.Handler {
	next := *j
	next.message, next.fallback = j.message.WithGroup(name), j.fallback.WithGroup(name)
	next.prefix = fieldName(j.prefix, name)
	return &next
}

func (j *journal) Handle(ctx context.Context, r slog.Record) error {
	j.mu.Lock()
	j.buffer.Reset()
	err := j.message.Handle(ctx, r)
	text := strings.TrimSpace(r.Message + " " + j.buffer.String())
	j.mu.Unlock()
	if err != nil {
		return err
	}
	entry := appendField(nil, "MESSAGE", text)
	entry = appendField(entry, "PRIORITY", priority(r.Level))
	entry = appendField(entry, "SYSLOG_IDENTIFIER", Name)
	entry = append(entry, j.fields...)
	r.Attrs(func(a slog.Attr) bool {
		entry = appendAttr(entry, j.prefix, a)
		return true
	})
	if _, err := j.to.Write(entry); err != nil {
		return j.fallback.Handle(ctx, r) // the entry was too large for a datagram, or the journal is away
	}
	return nil
}

// priority is the level as syslog counts it.
func priority(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "3"
	case level >= slog.LevelWarn:
		return "4"
	case level >= slog.LevelInfo:
		return "6"
	default:
		return "7"
	}
}

func appendAttr(entry []byte, prefix string, a slog.Attr) []byte {
	value := a.Value.Resolve()
	if value.Kind() != slog.KindGroup {
		return appendField(entry, fieldName(prefix, a.Key), value.String())
	}
	if a.Key != "" {
		prefix = fieldName(prefix, a.Key)
	}
	for _, member := range value.Group() {
		entry = appendAttr(entry, prefix, member)
	}
	return entry
}

// fieldName is the name of a key among the journal's fields, which are of
// capital letters, digits and underscores, at most 64.
func fieldName(prefix, key string) string {
	name := prefix + "_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, key)
	return name[:min(len(name), 64)]
}

// appendField writes NAME=value, or the form with a length when the value has
// several lines.
func appendField(entry []byte, name, value string) []byte {
	entry = append(entry, name...)
	if strings.Contains(value, "\n") {
		entry = append(entry, '\n')
		entry = binary.LittleEndian.AppendUint64(entry, uint64(len(value)))
	} else {
		entry = append(entry, '=')
	}
	entry = append(entry, value...)
	return append(entry, '\n')
}
