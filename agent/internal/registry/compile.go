package registry

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// columns are the columns of the CSV file behind an edition, in their order.
func columns() []string {
	return []string{"prefix", "bits", "registry", "organization", "source", "source_date"}
}

// Compile makes the binary form of an edition, which Parse reads, from its CSV
// file: a line of headings, and below it one row for each assignment, sorted by
// prefix. It refuses what is no MAC prefix, such as a CID.
func Compile(file []byte) ([]byte, error) {
	c := compiler{index: map[string]uint16{}}
	if err := c.read(csv.NewReader(bytes.NewReader(file))); err != nil {
		return nil, fmt.Errorf("compile registry: %w", err)
	}
	digest := sha256.Sum256(file)
	h := header{date: c.date, sha256: hex.EncodeToString(digest[:]),
		counts: counts{len(c.large.keys), len(c.medium.keys), len(c.small.keys), len(c.names)}}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("compile registry: %w", err)
	}
	c.sortNames()
	return encode(h, &c.rows)
}

// A compiler gathers the rows of a CSV file.
type compiler struct {
	rows
	date  string // the newest source_date
	last  string // the prefix of the row before
	index map[string]uint16
}

func (c *compiler) read(in *csv.Reader) error {
	heading, err := in.Read()
	if err != nil {
		return fmt.Errorf("heading: %w", err)
	}
	if !slices.Equal(heading, columns()) {
		return fmt.Errorf("the heading is %q: must be %q", heading, columns())
	}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := c.add(fields); err != nil {
			line, _ := in.FieldPos(0)
			return fmt.Errorf("line %d: %s: %w", line, fields[0], err)
		}
	}
	if c.last == "" {
		return errors.New("there is no row")
	}
	return nil
}

func (c *compiler) add(fields []string) error {
	prefix, bits, registry, organization, date := fields[0], fields[1], fields[2], fields[3], fields[5]
	if prefix < c.last {
		return fmt.Errorf("out of order after %s", c.last)
	}
	c.last = prefix
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fmt.Errorf("source_date %q is no date", date)
	}
	c.date = max(c.date, date)
	name, err := c.nameIndex(organization)
	if err != nil {
		return err
	}
	shared, err := strconv.ParseUint(prefix, 16, 64)
	if err != nil || strings.ToUpper(prefix) != prefix || strconv.Itoa(4*len(prefix)) != bits {
		return fmt.Errorf("is no prefix of %s bits in upper-case digits", bits)
	}
	switch 4 * len(prefix) {
	case largeBits:
		c.large.add(uint32(shared), name)
	case mediumBits:
		c.medium.add(uint32(shared), name)
	case smallBits:
		c.small.add(shared, name)
	default:
		return fmt.Errorf("%s bits: must be %d, %d or %d", bits, largeBits, mediumBits, smallBits)
	}
	if want := registryOf(shared, 4*len(prefix)); registry != want {
		return fmt.Errorf("registry %q: a prefix of these digits belongs to %s", registry, want)
	}
	// The only MA-L rows with the U/L bit date from before it had a meaning. A
	// new one would make random addresses look assigned.
	if first := shared >> (4*len(prefix) - 8); first&3 == 2 && first != 0x02 && first != 0xaa {
		return errors.New("the U/L bit is set: it is no prefix of hardware addresses")
	}
	return nil
}

func (c *compiler) nameIndex(organization string) (uint16, error) {
	if i, known := c.index[organization]; known {
		return i, nil
	}
	if organization == "" || !utf8.ValidString(organization) || strings.ContainsRune(organization, 0) {
		return 0, fmt.Errorf("organization %q is empty or no text", organization)
	}
	if len(c.names) == maxNames {
		return 0, fmt.Errorf("more than %d names of organisations: the format needs wider indexes", maxNames)
	}
	i := uint16(len(c.names))
	c.index[organization] = i
	c.names = append(c.names, organization)
	return i, nil
}

// sortNames brings spellings that are alike together, which compresses better
// than their order of appearance.
func (c *compiler) sortNames() {
	sorted := slices.Sorted(slices.Values(c.names))
	for i, name := range sorted {
		c.index[name] = uint16(i)
	}
	for _, names := range [][]uint16{c.large.names, c.medium.names, c.small.names} {
		for i, old := range names {
			names[i] = c.index[c.names[old]]
		}
	}
	c.names = sorted
}

func (b *block[K]) add(key K, name uint16) {
	b.keys = append(b.keys, key)
	b.names = append(b.names, name)
}

func encode(h header, r *rows) ([]byte, error) {
	payload := encodeBlock(nil, &r.large)
	payload = encodeBlock(payload, &r.medium)
	payload = encodeBlock(payload, &r.small)
	for _, name := range r.names {
		payload = append(append(payload, name...), 0)
	}
	out := bytes.NewBufferString(h.String())
	stream, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compile registry: %w", err)
	}
	if _, err := stream.Write(payload); err != nil {
		return nil, fmt.Errorf("compile registry: %w", err)
	}
	if err := stream.Close(); err != nil {
		return nil, fmt.Errorf("compile registry: %w", err)
	}
	return out.Bytes(), nil
}

func encodeBlock[K uint32 | uint64](payload []byte, b *block[K]) []byte {
	var last K
	for _, key := range b.keys {
		payload = binary.AppendUvarint(payload, uint64(key-last))
		last = key
	}
	for _, name := range b.names {
		payload = binary.AppendUvarint(payload, uint64(name))
	}
	return payload
}
