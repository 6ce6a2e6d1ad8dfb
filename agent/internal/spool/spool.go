// Package spool keeps reports on disk until the endpoint has acknowledged
// them: one self-validating file each, and nothing else that could be lost.
// docs/spool.md describes the folder to the byte.
//
// A file appears under its name only when its content is on the disk: it is
// written beside it as NAME.tmp, synced, renamed, and then its folder is
// synced. What is lost all the same is counted, and told of once, by the next
// report (see tally).
package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/camwarden/camwarden/agent/internal/durable"
)

const (
	lockName    = "lock"
	stateName   = "dropped.state"
	corruptDir  = "corrupt"
	rejectedDir = "rejected"
	tmpSuffix   = ".tmp"
)

// ErrInUse tells that another process has the spool open.
var ErrInUse = errors.New("in use by another camwarden process: stop that one first, or choose another state folder")

// ErrDamaged tells that a record's file does not hold what was once written.
var ErrDamaged = errors.New("damaged")

// Options bound a spool.
type Options struct {
	MaxBytes int64         // on disk; zero means 64 MiB
	MaxFiles int           // zero means 5,000
	MaxAge   time.Duration // zero means 30 days
	Log      *slog.Logger  // what was repaired or set aside; nil means nothing is logged
}

// A Spool is an open spool folder. Its methods may be called at any time from
// any goroutine.
type Spool struct {
	dir  string
	opts Options
	disk disk
	wake chan struct{}

	mu      sync.Mutex
	lock    *os.File        // nil until the folder could be opened
	entries []Entry         // the records on disk, by sequence number
	held    *Record         // the newest record, when the disk refused it
	lent    map[string]bool // names of records that are on their way to the endpoint
	lastSeq uint64          // the highest sequence number ever seen here
	tally   tally           // what was lost
	unsaved bool            // the state file does not hold the tally
	doomed  map[string]bool // files that are accounted for and to go
	problem string          // why the spool is degraded; empty when it is not
	closed  bool
}

// Open opens the spool folder, creates it (0700) when it is missing, clears
// what a crash has left, and reads every record once: damaged ones move to the
// folder corrupt. The one error is ErrInUse. A folder that cannot be used gives
// a degraded spool (see Status) that holds the newest record in memory and
// tries the folder again at each Put.
func Open(dir string, opts Options) (*Spool, error) {
	return open(dir, opts, osDisk{})
}

func open(dir string, opts Options, d disk) (*Spool, error) {
	s := &Spool{dir: dir, opts: opts.withDefaults(), disk: d, wake: make(chan struct{}, 1),
		lent: map[string]bool{}, doomed: map[string]bool{}}
	err := s.prepare()
	if errors.Is(err, ErrInUse) {
		return nil, err
	}
	if err != nil {
		s.problem = err.Error()
		s.opts.Log.Error("the spool folder cannot be used; the newest report is kept in memory", "error", err)
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxFiles <= 0 {
		o.MaxFiles = 5000
	}
	if o.MaxAge <= 0 {
		o.MaxAge = 30 * 24 * time.Hour
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Close gives the folder free. A record that is only in memory is lost with it.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.entries, s.held = nil, nil
	if s.lock == nil {
		return nil
	}
	err := s.lock.Close()
	s.lock = nil
	return err
}

// Wake delivers a value after each Put; several Puts may share one.
func (s *Spool) Wake() <-chan struct{} { return s.wake }

// LastSeq returns the highest sequence number that the folder has seen: in
// records waiting, set aside or dropped, and in those put since. Records that
// were delivered leave no trace, so callers keep their counter elsewhere too
// and take the higher one.
func (s *Spool) LastSeq() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lastSeq
}

// prepare makes the folder ready, unless it is. The caller holds s.mu, or is
// the only one to know s.
func (s *Spool) prepare() error {
	if s.closed {
		return fmt.Errorf("spool %s: %w", s.dir, os.ErrClosed)
	}
	if s.lock != nil {
		return nil
	}
	if _, err := os.Stat(s.dir); errors.Is(err, os.ErrNotExist) {
		if err := errors.Join(os.MkdirAll(s.dir, 0o700), s.disk.syncDir(filepath.Dir(s.dir))); err != nil {
			return fmt.Errorf("create spool: %w", err)
		}
	}
	lock, err := durable.Lock(filepath.Join(s.dir, lockName))
	if errors.Is(err, os.ErrPermission) {
		err = fmt.Errorf("%w: the folder has to belong to the user that the service runs as; give it to that user", err)
	}
	if errors.Is(err, durable.ErrLocked) {
		err = ErrInUse
	}
	if err != nil {
		return fmt.Errorf("lock spool %s: %w", s.dir, err)
	}
	s.lock = lock
	if err := s.load(); err != nil {
		s.lock = nil
		return errors.Join(err, lock.Close())
	}
	return nil
}
