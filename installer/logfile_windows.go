package installer

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"sync"
)

// logSize is how large a log may get, in bytes, and logFiles how many of the
// older ones are kept.
const (
	logSize  = 1 << 20
	logFiles = 4
)

// A logFile is a log that begins anew when it has reached its size. It is
// open only while it is written to, so that anybody can move or remove it.
type logFile struct {
	path string
	size int64
	mu   sync.Mutex
}

func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if info, err := os.Stat(l.path); err == nil && info.Size()+int64(len(line)) > l.size {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := file.Write(line)
	return n, errors.Join(err, file.Close())
}

// turn moves each file to the next number, and the last one out of being.
func (l *logFile) turn() error {
	for i := logFiles - 1; i >= 0; i-- {
		if err := os.Rename(l.numbered(i), l.numbered(i+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (l *logFile) numbered(i int) string {
	if i == 0 {
		return l.path
	}
	return l.path + "." + strconv.Itoa(i)
}
