package spool

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	recordMagic  = "camwarden-report"
	recordSuffix = ".report"
)

// maxBody is the most bytes that a record may have.
const maxBody = 16 << 20

// A Kind says how long a report is worth its place. Kinds that are not named
// here are treated as events.
type Kind string

// The kinds of report, the dearest first.
const (
	Event     Kind = "event"     // something has changed
	Snapshot  Kind = "snapshot"  // the state as it is: worth less once there are a later and an earlier one of the day
	Heartbeat Kind = "heartbeat" // nothing has changed: worth nothing once there is a later one
)

// A Record is a report in the spool.
type Record struct {
	ID      string    // 1 to 64 ASCII letters, digits and hyphens, such as a UUID
	Seq     uint64    // the site's sequence number
	Kind    Kind      // 1 to 32 lower-case letters
	Created time.Time // when the report was made
	// Declared are the losses that Body tells of: Status().Dropped when it was
	// written. They are not told again unless this record is lost too.
	Declared Dropped
	Body     []byte // at most 16 MiB
}

// An Entry names a record in the spool.
type Entry struct {
	ID      string
	Seq     uint64
	Kind    Kind
	Created time.Time
	Size    int64 // of the file, in bytes

	declared Dropped
}

// Name is the name of the record's file.
func (e Entry) Name() string {
	return fmt.Sprintf("%020d-%s-%s%s", e.Seq, e.Kind, e.ID, recordSuffix)
}

func (e Entry) compare(f Entry) int {
	return cmp.Or(cmp.Compare(e.Seq, f.Seq), cmp.Compare(e.Kind, f.Kind), cmp.Compare(e.ID, f.ID))
}

// parseName reads sequence number, kind and id from a file's name. It takes
// only names that Name gives.
func parseName(name string) (Entry, bool) {
	stem, ok := strings.CutSuffix(name, recordSuffix)
	parts := strings.SplitN(stem, "-", 3)
	if !ok || len(parts) != 3 {
		return Entry{}, false
	}
	seq, err := strconv.ParseUint(parts[0], 10, 64)
	e := Entry{Seq: seq, Kind: Kind(parts[1]), ID: parts[2]}
	return e, err == nil && validName(e.Kind, e.ID) && e.Name() == name
}

func validName(kind Kind, id string) bool {
	lower := func(r rune) bool { return r >= 'a' && r <= 'z' }
	word := func(r rune) bool {
		return lower(r) || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-'
	}
	return len(kind) >= 1 && len(kind) <= 32 && strings.IndexFunc(string(kind), not(lower)) < 0 &&
		len(id) >= 1 && len(id) <= 64 && strings.IndexFunc(id, not(word)) < 0
}

func not(f func(rune) bool) func(rune) bool { return func(r rune) bool { return !f(r) } }

func (r Record) validate() error {
	if !validName(r.Kind, r.ID) {
		return fmt.Errorf("kind %q and id %q cannot name a file", r.Kind, r.ID)
	}
	if len(r.Body) > maxBody {
		return fmt.Errorf("%d bytes are more than the %d a report may have", len(r.Body), maxBody)
	}
	if !r.Declared.valid() {
		return fmt.Errorf("losses %+v are not told in few words", r.Declared)
	}
	if y := r.Created.UTC().Year(); y < 0 || y > 9999 {
		return fmt.Errorf("time of creation %v is not one", r.Created)
	}
	return nil
}

// entry lists the record, whose file has size bytes.
func (r Record) entry(size int) Entry {
	return Entry{ID: r.ID, Seq: r.Seq, Kind: r.Kind, Created: r.Created, Size: int64(size), declared: r.Declared}
}

// fields are the words of the first line, in their order.
func (r Record) fields() []string {
	head := []string{decimal(r.Seq), string(r.Kind), r.ID, r.Created.UTC().Format(time.RFC3339Nano)}
	return append(head, r.Declared.fields()...)
}

func (r Record) encode() []byte { return seal(recordMagic, r.fields(), r.Body) }

// decodeRecord is the inverse of encode. The body shares data's memory.
func decodeRecord(data []byte) (Record, error) {
	fields, body, err := unseal(recordMagic, data)
	if err != nil {
		return Record{}, err
	}
	if len(fields) != 8 {
		return Record{}, fmt.Errorf("%d fields in the first line instead of 8", len(fields))
	}
	r := Record{Kind: Kind(fields[1]), ID: fields[2], Body: body}
	var errs [3]error
	r.Seq, errs[0] = strconv.ParseUint(fields[0], 10, 64)
	r.Created, errs[1] = time.Parse(time.RFC3339Nano, fields[3])
	r.Declared, errs[2] = parseDropped(fields[4:])
	if err := errors.Join(errs[:]...); err != nil {
		return Record{}, fmt.Errorf("first line: %w", err)
	}
	if err := r.validate(); err != nil {
		return Record{}, err
	}
	if !slices.Equal(fields, r.fields()) {
		return Record{}, errors.New("first line is not in canonical form")
	}
	return r, nil
}

// decode reads the content of the file that e names.
func (e Entry) decode(data []byte) (Record, error) {
	r, err := decodeRecord(data)
	if err != nil {
		return Record{}, err
	}
	if got := r.entry(len(data)).Name(); got != e.Name() {
		return Record{}, fmt.Errorf("it holds report %s", got)
	}
	return r, nil
}
