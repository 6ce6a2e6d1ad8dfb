package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// limits bound what one file may hold.
type limits struct {
	bytes      int64 // after decompression
	rows, line int
	errors     int // that are told one by one
}

// mostGaps is more than a device has objects that are read.
const mostGaps = 10_000

// standardLimits leave room for ten times the largest switch that is known.
func standardLimits() limits {
	return limits{bytes: 256 << 20, rows: 5_000_000, line: 1 << 20, errors: 20}
}

// Read reads one file: .snmprec or snmpwalk text, told apart by their content,
// packed with gzip or not. The name is for errors. A file with any line that
// is neither a row nor a comment gives no recording, for what was lost there
// would look as if the device had not said it; the error names the first 20
// such lines, each as "read capture NAME: line 12: …". Comments before the
// first row, and in .snmprec files all, may tell of gaps (Gap).
func Read(name string, r io.Reader) (*Recording, error) {
	return read(name, r, standardLimits())
}

func read(name string, r io.Reader, limits limits) (*Recording, error) {
	in := &reading{name: name, limits: limits}
	if err := in.lines(r); err != nil {
		return nil, errors.Join(append(in.errs, fmt.Errorf("read capture %s: %w", name, err))...)
	}
	if more := in.bad - len(in.errs); more > 0 {
		in.errs = append(in.errs, fmt.Errorf("read capture %s: %d more such lines", name, more))
	}
	if len(in.errs) > 0 {
		return nil, errors.Join(in.errs...)
	}
	recording := in.recording()
	recording.gaps = in.gaps
	return recording, nil
}

// A reading is one file on its way to a recording.
type reading struct {
	builder
	name   string
	limits limits
	gaps   []Gap
	errs   []error
	bad    int // lines that could not be read
}

// A parser turns the lines of one format into rows of a reading.
type parser interface {
	line(number int, text []byte) // text is valid until the next call
	end()
}

// fail notes that what begins at a line could not be read.
func (in *reading) fail(line int, err error) {
	in.bad++
	if in.bad <= in.limits.errors {
		in.errs = append(in.errs, fmt.Errorf("read capture %s: line %d: %w", in.name, line, err))
	}
}

// lines reads a file to its end and returns what made that impossible.
func (in *reading) lines(r io.Reader) error {
	plain, err := unpack(r)
	if err != nil {
		return err
	}
	bounded := &io.LimitedReader{R: plain, N: in.limits.bytes + 1}
	scanner := bufio.NewScanner(bounded)
	scanner.Buffer(make([]byte, 0, min(64<<10, in.limits.line)), in.limits.line)
	var format parser
	number := 0
	for scanner.Scan() {
		number++
		text := scanner.Bytes()
		if number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if format == nil && !isFiller(text) {
			if format, err = in.recognise(text); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
		}
		if format == nil {
			in.filler(text)
		} else {
			format.line(number, text)
		}
		switch {
		case in.count > in.limits.rows:
			return fmt.Errorf("line %d: more than %d rows", number, in.limits.rows)
		case len(in.gaps) > mostGaps:
			return fmt.Errorf("line %d: more than %d comments that speak of gaps", number, mostGaps)
		}
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("line %d: longer than %d bytes", number+1, in.limits.line)
	case err != nil:
		return fmt.Errorf("after line %d: %w", number, err)
	case bounded.N <= 0:
		return fmt.Errorf("after line %d: longer than %d bytes", number, in.limits.bytes)
	case format != nil:
		format.end()
	case len(in.gaps) == 0:
		return errors.New("there is no row in it")
	}
	return nil
}

// filler takes a line that is no row.
func (in *reading) filler(text []byte) {
	if gap, ok := parseGap(text); ok {
		in.gaps = append(in.gaps, gap)
	}
}

// unpack undoes gzip where the first bytes are gzip's (RFC 1952, section 2.3.1).
func unpack(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(2)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case !bytes.Equal(magic, []byte{0x1f, 0x8b}):
		return buffered, nil
	}
	packed, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return packed, nil
}

// recognise tells the format from the first line that is not filler.
func (in *reading) recognise(text []byte) (parser, error) {
	oid, _, barred := bytes.Cut(text, []byte("|"))
	_, err := appendOID(nil, oid)
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")):
		return nil, errors.New("the text is UTF-16, as PowerShell writes it: save it as UTF-8")
	case barred && err == nil:
		return &snmprecParser{reading: in}, nil
	case bytes.Contains(text, []byte(" = ")):
		return &walkParser{reading: in}, nil
	case bytes.Count(text, []byte("|")) >= 2:
		return &snmprecParser{reading: in}, nil
	default:
		return nil, fmt.Errorf("expected oid|tag|value or the text of snmpwalk -On, not %s", excerpt(text))
	}
}

// isFiller tells a line that says nothing: a blank one or a comment.
func isFiller(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) == 0 || text[0] == '#'
}
