package spool

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// sequencesEnv is how many random sequences TestRandomCrashes tries. Ten
// thousand take about a minute.
const sequencesEnv = "CAMWARDEN_SEQUENCES"

// A trial is a spool on a disk that dies now and then, and what its caller
// knows of each report.
type trial struct {
	*rand.Rand
	dir     string
	disk    *faultyDisk
	spool   *Spool
	opts    Options
	next    uint64
	kept    map[uint64]Record // Put has succeeded, or the report was seen after a crash
	tried   map[uint64]Record
	arrived map[uint64]bool // the endpoint has it, and the spool knows
	ever    map[uint64]bool // the endpoint has it
	crashes int
	resent  int
}

// reopen is a start after an end of any kind.
func (tr *trial) reopen(t *testing.T) {
	t.Helper()
	tr.disk = &faultyDisk{}
	s, err := open(tr.dir, tr.opts, tr.disk)
	if err != nil {
		t.Fatal(err)
	}
	tr.spool = s
	if st := s.Status(); st.State != OK {
		t.Errorf("degraded after a start: %+v", st)
	}
	tr.check(t)
}

// crash ends the process, or all power, at one of the next steps of the disk.
func (tr *trial) crash(t *testing.T) {
	t.Helper()
	tr.disk.failAt, tr.disk.dead = tr.disk.step+1+tr.IntN(25), true
	for tr.disk.step < tr.disk.failAt {
		tr.act()
	}
	if err := tr.spool.Close(); err != nil {
		t.Fatal(err)
	}
	if tr.IntN(2) == 0 {
		tr.disk.powerCut(tr.Rand)
	}
	tr.crashes++
	tr.reopen(t)
}

// act does one thing that a service does.
func (tr *trial) act() {
	list := tr.spool.List()
	pick := func() Entry { return list[tr.IntN(len(list))] }
	switch n := tr.IntN(10); {
	case n < 5 || len(list) == 0:
		tr.next++
		r := record(tr.next)
		r.Kind = []Kind{Event, Snapshot, Heartbeat}[tr.IntN(3)]
		if tr.IntN(3) > 0 { // not every report need tell
			r.Declared = tr.spool.Status().Dropped
		}
		r.Body = slices.Repeat([]byte{byte(tr.next)}, tr.IntN(300))
		tr.tried[r.Seq] = r
		if tr.spool.Put(r) == nil {
			tr.kept[r.Seq] = r
		}
	case n < 8:
		e := pick()
		if _, err := tr.spool.Read(e); err == nil {
			if tr.ever[e.Seq] {
				tr.resent++
			}
			tr.arrived[e.Seq], tr.ever[e.Seq] = true, true
			_ = tr.spool.Remove(e) // its failure shows after the crash
		}
		tr.spool.Return()
	case n < 9:
		_ = tr.spool.Reject(pick(), strconv.Itoa(tr.IntN(2)), "no") // likewise
	default:
		_, _ = tr.spool.Replay(strconv.Itoa(tr.IntN(2))) // likewise
	}
}

// check holds the balance: every report that was kept and has not arrived is
// here, or is one of the losses, each of which is told of once.
func (tr *trial) check(t *testing.T) {
	t.Helper()
	told := map[uint64]uint64{}
	here := func(r Record) {
		want := tr.tried[r.Seq]
		if string(want.encode()) != string(r.encode()) {
			t.Errorf("report %d is not what was put: %+v", r.Seq, r)
		}
		tr.kept[r.Seq] = want
		delete(tr.arrived, r.Seq) // if the endpoint has it, nobody here knows
		told[r.Seq] = r.Declared.Count
	}
	for _, e := range tr.spool.List() {
		r, err := tr.spool.Read(e)
		if err != nil {
			t.Error(err)
		}
		here(r)
	}
	tr.spool.Return()
	for _, e := range recordsIn(filepath.Join(tr.dir, rejectedDir)) {
		data, err := readFile(filepath.Join(tr.dir, rejectedDir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.decode(data)
		if err != nil {
			t.Errorf("rejected: %v", err)
		}
		here(r)
	}
	if corrupt := recordsIn(filepath.Join(tr.dir, corruptDir)); len(corrupt) > 0 {
		t.Errorf("half reports: %v", corrupt)
	}
	lost := uint64(0)
	for seq := range tr.kept {
		if _, waits := told[seq]; !waits && !tr.arrived[seq] {
			lost++
		}
		if tr.arrived[seq] {
			told[seq] = tr.tried[seq].Declared.Count
		}
	}
	sum := tr.spool.Status().Dropped.Count
	for _, n := range told {
		sum += n
	}
	if sum != lost {
		t.Errorf("%d reports are lost, %d are told of", lost, sum)
	}
}

// TestRandomCrashes has a spool live through random deeds, ended by kills and
// power cuts at random steps of the disk.
func TestRandomCrashes(t *testing.T) {
	sequences := 60
	if text := os.Getenv(sequencesEnv); text != "" {
		var err error
		if sequences, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	root := t.TempDir()
	var crashes, reports, resent int
	for seed := range sequences {
		tr := &trial{Rand: rand.New(rand.NewPCG(uint64(seed), 7)), dir: filepath.Join(root, fmt.Sprint(seed)), opts: Options{MaxFiles: 4},
			kept: map[uint64]Record{}, tried: map[uint64]Record{}, arrived: map[uint64]bool{}, ever: map[uint64]bool{}}
		tr.reopen(t)
		for range 3 {
			for range tr.IntN(12) {
				tr.act()
			}
			tr.crash(t)
		}
		if t.Failed() {
			t.Fatalf("at seed %d", seed)
		}
		crashes, reports, resent = crashes+tr.crashes, reports+int(tr.next), resent+tr.resent
		if err := tr.spool.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(tr.dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d random sequences with %d kills and power cuts: %d reports, none lost untold, none half there, %d sent again", sequences, crashes, reports, resent)
	if resent > crashes {
		t.Errorf("more than one is sent again for each crash")
	}
}

// TestBlockSwaps swaps blocks of a disk within large records and between them.
func TestBlockSwaps(t *testing.T) {
	const block, swaps = 4096, 1000
	random := rand.New(rand.NewPCG(1, 2))
	var records [2]Record
	var clean [2][]byte
	for i := range records {
		records[i] = record(uint64(i + 1))
		records[i].Body = make([]byte, 16*block)
		for at := range records[i].Body {
			records[i].Body[at] = byte(random.Uint32())
		}
		clean[i] = records[i].encode()
	}
	undetected := 0
	for range swaps {
		a, b := slices.Clone(clean[0]), slices.Clone(clean[random.IntN(2)])
		from, to := random.IntN(16)*block, random.IntN(16)*block
		if from == to && string(b) == string(a) {
			to = (to + block) % (16 * block)
		}
		copy(a[from:from+block], b[to:to+block])
		if _, err := records[0].entry(len(a)).decode(a); err == nil {
			undetected++
		}
	}
	t.Logf("%d swaps of blocks of %d bytes: %d undetected", swaps, block, undetected)
	if undetected > 0 {
		t.Error("a record that holds another's block is taken")
	}
}
