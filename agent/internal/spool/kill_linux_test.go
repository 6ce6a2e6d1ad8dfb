package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/straced"
)

// workEnv names the spool that a process of its own works on, to be killed at
// it.
const workEnv = "CAMWARDEN_TEST_SPOOL"

func init() {
	if os.Getenv(workEnv) != "" {
		straced.LockThread()
	}
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(workEnv); dir != "" {
		straced.Main(func() error { return work(dir) })
	}
	os.Exit(m.Run())
}

var workOptions = Options{MaxFiles: 3}

// work does everything once that is done to a spool, and says after each step
// what has succeeded: a report that is put, one that the endpoint has.
func work(dir string) error {
	say := func(what string, seq uint64, err error) {
		if err == nil || what == "sent" { // the endpoint has it, whatever the disk says
			fmt.Fprintf(stdout{}, "%s %d\n", what, seq)
		}
	}
	s, err := Open(dir, workOptions)
	if err != nil {
		return err
	}
	put := func(seq uint64) {
		r := record(seq)
		r.Declared = s.Status().Dropped
		say("put", seq, s.Put(r))
	}
	send := func(seq uint64) {
		e := record(seq).entry(0)
		if _, err := s.Read(e); err == nil {
			say("sent", seq, nil)
			say("removed", seq, s.Remove(e))
		}
		s.Return()
	}
	for seq := uint64(1); seq <= 5; seq++ { // 4 makes 1 go, and 5, which tells of that, makes 2 go
		put(seq)
	}
	send(5)
	say("rejected", 4, s.Reject(record(4).entry(0), "A", "no"))
	put(6) // tells of 2
	put(7)
	put(8) // makes 3 go
	if _, err := s.Replay("B"); err == nil {
		send(4)
	}
	put(9)
	send(9)
	return nil
}

// stdout is written to by one system call each time, whichever thread runs.
type stdout struct{}

func (stdout) Write(p []byte) (int, error) { return syscall.Write(1, p) }

// after checks what the process has left, given what it said: nothing is lost
// but what is counted, nothing is half there. It returns how many reports would
// be sent twice.
func after(t *testing.T, dir, said string) (twice int) {
	t.Helper()
	did := func(what string, seq uint64) bool { return strings.Contains(said, fmt.Sprintf("%s %d\n", what, seq)) }
	s := mustOpen(t, dir, workOptions)
	there := map[uint64]bool{}
	told := s.Status().Dropped.Count // of losses
	for _, e := range s.List() {
		r, err := s.Read(e)
		if err != nil || string(r.Body) != string(record(e.Seq).Body) {
			t.Errorf("report %d is half there: %q, %v", e.Seq, r.Body, err)
		}
		there[e.Seq] = true
		told += r.Declared.Count
	}
	for _, e := range recordsIn(filepath.Join(dir, rejectedDir)) {
		there[e.Seq] = true
		inside, err := s.inspect(rejectedDir, e)
		if err != nil {
			t.Error(err)
		}
		told += inside.declared.Count
	}
	lost := uint64(0)
	for seq := uint64(1); seq <= 9; seq++ {
		switch {
		case there[seq] && did("sent", seq):
			twice++
		case did("sent", seq):
			told += declaredBy[seq]
		case did("put", seq) && !there[seq]:
			lost++
		}
	}
	if lost != told {
		t.Errorf("%d reports are gone, %d are told of", lost, told)
	}
	if corrupt := recordsIn(filepath.Join(dir, corruptDir)); len(corrupt) > 0 {
		t.Errorf("damaged: %v", corrupt)
	}
	if err := s.Put(record(10)); err != nil || s.Status().State != OK {
		t.Errorf("the next put: %v, %+v", err, s.Status())
	}
	for _, name := range listing(t, dir) {
		if strings.Contains(name, tmpSuffix) {
			t.Errorf("%s is left", name)
		}
	}
	s.Close()
	return twice
}

// declaredBy says how many losses a report of work declares, where all goes
// well up to it.
var declaredBy = map[uint64]uint64{5: 1, 6: 1, 9: 1}

// everyEnv asks for each of the system calls instead of each eleventh, which
// takes some minutes.
const everyEnv = "CAMWARDEN_EVERY_CALL"

func sample(calls []straced.Call) []straced.Call {
	if os.Getenv(everyEnv) != "" {
		return calls
	}
	var some []straced.Call
	for i := 0; i < len(calls); i += 11 {
		some = append(some, calls[i])
	}
	return some
}

func TestKilledAtEverySystemCall(t *testing.T) {
	dir := t.TempDir()
	calls, said, state := straced.Run(t, workEnv+"="+dir)
	if !state.Success() {
		t.Fatalf("the work fails by itself: %v", state)
	}
	if twice := after(t, dir, said); twice != 0 {
		t.Errorf("%d reports are sent twice without any kill", twice)
	}
	tried, killed, twice := 0, 0, 0
	for _, call := range sample(calls) {
		tried++
		dir := t.TempDir()
		_, said, state := straced.Run(t, workEnv+"="+dir, call.Kill())
		if !state.Success() {
			killed++
		}
		n := after(t, dir, said)
		twice = max(twice, n)
		if n > 1 || t.Failed() {
			t.Fatalf("killed at %s: %d reports are sent twice; it said:\n%s", call.Text, n, said)
		}
	}
	t.Logf("%d system calls of put, send, reject, replay and drop, killed at %d of them: none lost, none half there, at most %d sent twice each time", len(calls), killed, twice)
	if killed < tried || len(calls) < 200 {
		t.Errorf("the kills have missed the work")
	}
}

// TestFaultAtEverySystemCall has each system call that can fail do so once, as
// a broken disk and as a full one.
func TestFaultAtEverySystemCall(t *testing.T) {
	calls, _, _ := straced.Run(t, workEnv+"="+t.TempDir())
	faults, tried := 0, sample(calls)
	for _, call := range tried {
		with, fails := map[string]string{"openat": "ENOSPC", "write": "ENOSPC", "fsync": "EIO", "renameat": "EIO", "renameat2": "EIO",
			"rename": "EIO", "unlinkat": "EIO", "unlink": "EIO", "mkdirat": "ENOSPC", "mkdir": "ENOSPC", "close": "EIO"}[call.Name]
		if !fails {
			continue
		}
		dir := t.TempDir()
		_, said, state := straced.Run(t, workEnv+"="+dir, call.Fail(with))
		if !state.Success() && !strings.Contains(call.Text, lockName) {
			t.Errorf("%s at %s ends the process", with, call.Text)
		}
		faults++
		survives(t, dir, said)
		if t.Failed() {
			t.Fatalf("%s at %s; it said:\n%s", with, call.Text, said)
		}
	}
	t.Logf("%d faults of the disk, each at another system call of put, send, reject, replay and drop: none lost, none half there", faults)
	if faults < len(tried)/5 {
		t.Errorf("only %d faults: the test does not see the disk", faults)
	}
}

// survives checks that what was put and not sent is there or counted. A fault
// makes reports go other ways than planned, so that what they declare is read
// from what is left.
func survives(t *testing.T, dir, said string) {
	t.Helper()
	s := mustOpen(t, dir, workOptions)
	there := map[uint64]bool{}
	for _, e := range append(s.List(), recordsIn(filepath.Join(dir, rejectedDir))...) {
		there[e.Seq] = true
	}
	for _, e := range s.List() {
		if _, err := s.Read(e); err != nil {
			t.Errorf("report %d is half there: %v", e.Seq, err)
		}
	}
	lost := uint64(0)
	for seq := uint64(1); seq <= 9; seq++ {
		put, sent := strings.Contains(said, fmt.Sprintf("put %d\n", seq)), strings.Contains(said, fmt.Sprintf("sent %d\n", seq))
		if put && !sent && !there[seq] {
			lost++
		}
	}
	if lost > s.tally.lost {
		t.Errorf("%d reports are gone, %d are counted", lost, s.tally.lost)
	}
	if err := s.Put(record(10)); err != nil || s.Status().State != OK {
		t.Errorf("the next put: %v, %+v", err, s.Status())
	}
	s.Close()
}

// diskEnv tells a process that it is in name spaces of its own, where it may
// mount what it likes, and which folder belongs to somebody else.
const diskEnv = "CAMWARDEN_TEST_DISK"

// TestSmallDisks runs TestInOwnNamespaces where it may mount file systems of
// any kind.
func TestSmallDisks(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "foreign")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(foreign, 65534, 65534); err != nil {
		t.Logf("not root: a folder of somebody else's is not tested: %v", err)
		foreign = ""
	}
	out, err := inNamespaces(t, diskEnv+"="+foreign, "^TestInOwnNamespaces$")
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

func TestInOwnNamespaces(t *testing.T) {
	foreign, here := os.LookupEnv(diskEnv)
	if !here {
		t.Skip("runs by TestSmallDisks")
	}
	mount := func(t *testing.T, options string) string {
		t.Helper()
		dir := t.TempDir()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
		return dir
	}
	large := func(seq uint64) Record {
		r := record(seq)
		r.Body = make([]byte, 16<<10)
		return r
	}
	degraded := func(t *testing.T, s *Spool, r Record, because error) {
		t.Helper()
		err := s.Put(r)
		if !errors.Is(err, because) || s.Status().State != Degraded {
			t.Fatalf("put of report %d: %v; %+v", r.Seq, err, s.Status())
		}
		if got, err := s.Read(r.entry(0)); err != nil || len(got.Body) != len(r.Body) {
			t.Errorf("the newest is not kept in memory: %v", err)
		}
		t.Logf("it says: %v", err)
	}
	healed := func(t *testing.T, s *Spool, dir string, r Record, depth int) {
		t.Helper()
		mustPut(t, s, r)
		if st := s.Status(); st.State != OK || st.Depth != depth {
			t.Errorf("not healed by the next put: %+v, want %d", st, depth)
		}
		s.Close()
		s = mustOpen(t, dir, Options{})
		if st := s.Status(); st.State != OK || st.Depth != depth || len(recordsIn(filepath.Join(dir, corruptDir))) > 0 {
			t.Errorf("after a restart: %+v", st)
		}
		s.Close()
	}
	t.Run("full of its own", func(t *testing.T) {
		dir := mount(t, "size=512k")
		s := mustOpen(t, dir, Options{})
		for seq := uint64(1); seq <= 100; seq++ {
			mustPut(t, s, large(seq))
		}
		st := s.Status()
		if st.State != OK || st.Dropped.Reason != "space" || int(st.Dropped.Count)+st.Depth != 100 {
			t.Errorf("%+v", st)
		}
		t.Logf("of 100 reports on a disk for 32, %d wait and %d are dropped", st.Depth, st.Dropped.Count)
	})
	t.Run("full of others' data", func(t *testing.T) {
		dir := mount(t, "size=512k")
		s := mustOpen(t, filepath.Join(dir, "spool"), Options{})
		mustPut(t, s, large(1), large(2))
		filler := filepath.Join(dir, "filler")
		if err := os.WriteFile(filler, make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		degraded(t, s, large(3), syscall.ENOSPC)
		degraded(t, s, large(4), syscall.ENOSPC)
		if err := s.Remove(large(4).entry(0)); err != nil { // sent from memory
			t.Error(err)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		healed(t, s, filepath.Join(dir, "spool"), large(5), 3)
	})
	t.Run("inodes full", func(t *testing.T) {
		dir := mount(t, "size=4m,nr_inodes=20")
		s := mustOpen(t, dir, Options{})
		seq := uint64(1)
		for ; s.Put(large(seq)) == nil; seq++ {
			if seq > 20 {
				t.Fatal("more files than inodes")
			}
		}
		t.Logf("%d reports were kept", seq-1)
		degraded(t, s, large(seq), syscall.ENOSPC)
		for _, e := range s.List()[:3] {
			if err := s.Remove(e); err != nil {
				t.Error(err)
			}
		}
		healed(t, s, dir, large(seq+1), int(seq)-2)
	})
	t.Run("read-only", func(t *testing.T) {
		dir := mount(t, "size=4m,ro")
		s := mustOpen(t, filepath.Join(dir, "spool"), Options{})
		degraded(t, s, large(1), syscall.EROFS)
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""); err != nil {
			t.Fatal(err)
		}
		healed(t, s, filepath.Join(dir, "spool"), large(2), 2)
	})
	t.Run("somebody else's", func(t *testing.T) {
		if foreign == "" {
			t.Skip("only root can give a folder to somebody else")
		}
		s := mustOpen(t, foreign, Options{})
		degraded(t, s, large(1), os.ErrPermission)
		if said := s.Status().Problem; !strings.Contains(said, "belong to the user that the service runs as") {
			t.Errorf("no cure is named: %s", said)
		}
	})
}

// inNamespaces runs tests of this program as root of name spaces of its own.
func inNamespaces(t *testing.T, variable, tests string) (string, error) {
	t.Helper()
	out := &strings.Builder{}
	p, err := startInNamespaces(variable, tests, out)
	if err != nil {
		t.Skipf("no name spaces are to be had here: full and read-only disks are not tested: %v", err)
	}
	err = p.Wait()
	return out.String(), err
}
