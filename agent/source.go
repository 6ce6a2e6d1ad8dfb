package main

import (
	"context"
	"errors"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A switchSource is a session with a switch. It shows one view.
type switchSource struct {
	*snmp.Session
	ended func() // is called before the session is closed
}

// Close ends the session.
func (s switchSource) Close() error {
	s.ended()
	return s.Session.Close()
}

func (switchSource) Contexts() []string { return nil }

func (switchSource) In(context.Context, string) (poll.Source, error) {
	return nil, errors.New("a session shows one context")
}

// captureDevice is a capture, read from its file when its turn comes.
func captureDevice(file capture.File) poll.Device {
	return poll.Device{Name: file.Path, Full: true, Open: func(context.Context) (poll.Source, error) {
		c, err := file.Load()
		if c == nil {
			return nil, err
		}
		return captureSource{Source: c.Source(""), of: c, broken: err}, nil
	}}
}

// A captureSource answers from a capture in place of a device.
type captureSource struct {
	*capture.Source
	of     *capture.Capture // nil in a context
	broken error            // why some of its contexts cannot be read
}

// brokenContext stands in coverage for the files that could not be read.
const brokenContext = "unreadable"

func (s captureSource) Contexts() []string {
	names := s.of.ContextNames()
	if s.broken != nil {
		names = append(slices.Clip(names), brokenContext)
	}
	return names
}

func (s captureSource) In(_ context.Context, name string) (poll.Source, error) {
	if name == brokenContext && s.broken != nil {
		return nil, s.broken
	}
	return captureSource{Source: s.of.Source(name)}, nil
}

// Read reads one part after the other.
func (s captureSource) Read(ctx context.Context, cursors ...*snmp.Cursor) {
	poll.OneByOne(ctx, s, cursors)
}

func (captureSource) Requests() int { return 0 }

func (captureSource) Close() error { return nil }
