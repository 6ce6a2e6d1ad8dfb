package registry

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// decodeRows reads the gzip stream of an edition.
func decodeRows(h header, payload []byte) (*rows, error) {
	stream, err := gzip.NewReader(bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	in := bufio.NewReader(stream)
	r := &rows{}
	if r.large, err = decodeBlock[uint32](in, h.large, largeBits, h.names); err != nil {
		return nil, fmt.Errorf("read registry: %d-bit rows: %w", largeBits, err)
	}
	if r.medium, err = decodeBlock[uint32](in, h.medium, mediumBits, h.names); err != nil {
		return nil, fmt.Errorf("read registry: %d-bit rows: %w", mediumBits, err)
	}
	if r.small, err = decodeBlock[uint64](in, h.small, smallBits, h.names); err != nil {
		return nil, fmt.Errorf("read registry: %d-bit rows: %w", smallBits, err)
	}
	if r.names, err = decodeNames(in, h.names); err != nil {
		return nil, fmt.Errorf("read registry: names: %w", err)
	}
	return r, nil
}

func decodeBlock[K uint32 | uint64](in io.ByteReader, n, bits, names int) (block[K], error) {
	b := block[K]{keys: make([]K, n), names: make([]uint16, n)}
	var key uint64
	for i := range b.keys {
		distance, err := binary.ReadUvarint(in)
		if err != nil {
			return b, fmt.Errorf("prefix %d: %w", i, err)
		}
		if end := uint64(1) << bits; distance >= end-key {
			return b, fmt.Errorf("prefix %d is longer than %d bits", i, bits)
		}
		key += distance
		b.keys[i] = K(key)
	}
	for i := range b.names {
		name, err := binary.ReadUvarint(in)
		if err != nil {
			return b, fmt.Errorf("name of prefix %d: %w", i, err)
		}
		if name >= uint64(names) {
			return b, fmt.Errorf("name of prefix %d: there is no name %d", i, name)
		}
		b.names[i] = uint16(name)
	}
	return b, nil
}

// decodeNames reads to the end of the stream, which checks its sum as well.
func decodeNames(in io.Reader, n int) ([]string, error) {
	octets, err := io.ReadAll(io.LimitReader(in, maxNameBytes+1))
	if err != nil {
		return nil, err
	}
	if len(octets) > maxNameBytes {
		return nil, fmt.Errorf("more than %d bytes", maxNameBytes)
	}
	text := string(octets) // one allocation, which all the names share
	if found := strings.Count(text, "\x00"); found != n || n > 0 && !strings.HasSuffix(text, "\x00") || n == 0 && text != "" {
		return nil, fmt.Errorf("found %d in place of %d", found, n)
	}
	names := make([]string, n)
	for i := range names {
		names[i], text, _ = strings.Cut(text, "\x00")
	}
	return names, nil
}
