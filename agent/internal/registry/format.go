package registry

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The binary form of an edition is one line of text and a gzip stream:
//
//	camwarden-registry/1 DATE SHA256 LARGE MEDIUM SMALL NAMES
//
// with the number of rows of each length of prefix, and of names. The stream
// holds, for each length, the prefixes in ascending order, each as its distance
// from the one before it (zero for a repeated one), and then as many indexes of
// names, all as uvarints; and at its end the names, each closed by a NUL.
const formatName = "camwarden-registry/1"

// Limits of an edition: what an index can hold, and for the rest about ten
// times what the IEEE has assigned so far.
const (
	maxNames     = 1 << 16
	maxRows      = 1 << 19
	maxNameBytes = 8 << 20
	maxHeader    = 256
)

type header struct {
	date   string
	sha256 string
	counts
}

type counts struct{ large, medium, small, names int }

func (h header) String() string {
	return fmt.Sprintf("%s %s %s %d %d %d %d\n", formatName, h.date, h.sha256, h.large, h.medium, h.small, h.names)
}

// cutHeader parts the first line from the gzip stream.
func cutHeader(bin []byte) (header, []byte, error) {
	line, _, found := bytes.Cut(bin[:min(len(bin), maxHeader)], []byte("\n"))
	fields := strings.Split(string(line), " ")
	if !found || len(fields) != 7 || fields[0] != formatName {
		return header{}, nil, fmt.Errorf("read registry: the first line is not that of a %s file", formatName)
	}
	h := header{date: fields[1], sha256: fields[2]}
	if _, err := time.Parse(time.DateOnly, h.date); err != nil {
		return header{}, nil, fmt.Errorf("read registry: %q is no date", h.date)
	}
	if digest, err := hex.DecodeString(h.sha256); err != nil || len(digest) != 32 {
		return header{}, nil, fmt.Errorf("read registry: %q is no SHA-256 digest", h.sha256)
	}
	into := []*int{&h.large, &h.medium, &h.small, &h.names}
	for i, field := range fields[3:] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return header{}, nil, fmt.Errorf("read registry: %q is no count", field)
		}
		*into[i] = n
	}
	if err := h.check(); err != nil {
		return header{}, nil, fmt.Errorf("read registry: %w", err)
	}
	return h, bin[len(line)+1:], nil
}

func (c counts) check() error {
	for _, n := range []int{c.large, c.medium, c.small} {
		if n < 0 || n > maxRows {
			return fmt.Errorf("%d rows: must be at most %d", n, maxRows)
		}
	}
	if c.names < 0 || c.names > maxNames {
		return fmt.Errorf("%d names: must be at most %d", c.names, maxNames)
	}
	return nil
}
