package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// A fakeSource answers from rows, and fails where it is told to.
type fakeSource struct {
	*capture.Source
	fails map[string]error // by the root of a walk: after the rows
	gets  error
	views map[string]*fakeSource
	asked []string
}

func fake(rows ...smi.Varbind) *fakeSource {
	c := capture.Capture{Recording: capture.New(rows)}
	return &fakeSource{Source: c.Source("")}
}

func (s *fakeSource) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	return poll.OneByOne(ctx, s, cursors)
}

func (s *fakeSource) Requests() int { return 0 }

func (s *fakeSource) Close() error { return nil }

func (s *fakeSource) Contexts(*lan.Snapshot) []string { return slices.Sorted(maps.Keys(s.views)) }

func (s *fakeSource) In(_ context.Context, name string) (poll.Source, error) {
	if s.views[name] == nil {
		return nil, errors.New("no such context")
	}
	return s.views[name], nil
}

func (s *fakeSource) Get(ctx context.Context, names ...smi.OID) ([]smi.Varbind, error) {
	if s.gets != nil {
		return nil, s.gets
	}
	return s.Source.Get(ctx, names...)
}

func (s *fakeSource) Walk(ctx context.Context, root smi.OID, row func(smi.Varbind) error) error {
	s.asked = append(s.asked, root.String())
	return errors.Join(s.Source.Walk(ctx, root, row), s.fails[root.String()])
}

func varbind(name string, n uint64) smi.Varbind {
	return smi.Varbind{Name: smi.MustOID(name), Value: smi.Value{Kind: smi.Integer, Num: n}}
}

const fdbPort = "1.3.6.1.2.1.17.4.3.1.2.68.25.182.0.0.9"

func TestRecord(t *testing.T) {
	const community = "1.3.6.1.2.1.47.1.2.1.1.4.1"
	source := fake(varbind("1.3.6.1.2.1.1.3.0", 5), varbind(fdbPort, 7), varbind(community, 1), varbind("1.3.6.1.2.1.17.4.3.1.9.1", 3), varbind("1.3.6.1.2.1.99.1", 1))
	show := new(progress)
	records := recordDevice(t.Context(), source, nil, show)
	if len(records) != 1 || len(records[0].gaps) != 0 || show.read != show.all || show.read != len(mib.Subtrees(mib.Decoders())) {
		t.Errorf("%d of %d steps, %+v", show.read, show.all, records)
	}
	var names []string
	for row := range capture.New(records[0].rows).All() {
		names = append(names, row.Name.String())
	}
	want := []string{"1.3.6.1.2.1.1.3.0", fdbPort, "1.3.6.1.2.1.17.4.3.1.9.1"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// A subtree that breaks off is tried again by its columns, and the gap stays.
func TestRecordGap(t *testing.T) {
	const entry = "1.3.6.1.2.1.17.4.3.1"
	source := fake(varbind(fdbPort, 7))
	source.fails = map[string]error{entry: snmp.ErrCut}
	r := recordDevice(t.Context(), source, nil, new(progress))[0]
	if len(r.gaps) != 1 || r.gaps[0].rows != 1 || !errors.Is(r.gaps[0].err, snmp.ErrCut) || !slices.Contains(source.asked, entry+".2") {
		t.Errorf("gaps %v, asked %v", r.gaps, source.asked)
	}
	if want := "dot1dTpFdbTable (1.3.6.1.2.1.17.4.3.1) could not be read to its end (1 object read)"; r.gaps[0].String() != want {
		t.Errorf("got %s", r.gaps[0])
	}
	if len(r.gaps[0].lost) > 0 {
		t.Errorf("its columns were read, and yet there is lost %v", r.gaps[0].lost)
	}
	source.fails[entry+".3"] = snmp.ErrNoAnswer
	r = recordDevice(t.Context(), source, nil, new(progress))[0]
	want := []string{"INCOMPLETE: dot1dTpFdbTable (" + entry + ".3): " + snmp.ErrNoAnswer.Error()}
	if diff := cmp.Diff(want, gapComments(r, false)); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// What is to be skipped is not asked for, as long as nothing else is with it.
func TestRecordSkips(t *testing.T) {
	source := fake(varbind(fdbPort, 7), varbind("1.3.6.1.2.1.17.1.4.1.2.7", 107))
	r := recordDevice(t.Context(), source, []lan.Table{lan.Dot1dTpFdbTable, lan.Dot1dBasePortTable}, new(progress))[0]
	if slices.Contains(source.asked, "1.3.6.1.2.1.17.4.3.1") || len(r.rows) != 1 || len(r.gaps) != 0 || len(r.skipped) != 1 {
		t.Errorf("asked %v, got %+v", source.asked, r)
	}
}

// A device that stops answering is not asked for the rest.
func TestRecordSilence(t *testing.T) {
	source := fake(varbind(fdbPort, 7))
	first := mib.Subtrees(mib.Decoders())[0].OID.String()
	source.gets = snmp.ErrNoAnswer
	source.fails = map[string]error{first: snmp.ErrNoAnswer}
	r := recordDevice(t.Context(), source, nil, new(progress))[0]
	if len(r.gaps) != 1+len(mib.Subtrees(mib.Decoders())) || len(source.asked) != 1 {
		t.Errorf("%d gaps, asked %v", len(r.gaps), source.asked)
	}
}

// Each context has a file of its own, which a scan finds again.
func TestCaptureContexts(t *testing.T) {
	t.Chdir(t.TempDir())
	source := fake(varbind("1.3.6.1.2.1.1.3.0", 5))
	source.views = map[string]*fakeSource{"10": fake(varbind(fdbPort, 7)), "red/blue": fake(varbind(fdbPort, 8)), "red?blue": fake(varbind(fdbPort, 9)), "lost": nil}
	f := captureFlags{out: "sw.snmprec"}
	var out, log bytes.Buffer
	err := f.writeRecords(recordDevice(t.Context(), source, nil, new(progress)), nil, stdio{out: &out, err: &log})
	if err == nil || !strings.Contains(log.String(), "sw@lost.snmprec: the context could not be read to its end (0 objects read): no such context") {
		t.Errorf("%v, %s", err, log.String())
	}
	captures, errs := capture.Open([]string{"."})
	if len(captures) != 1 || len(errs) > 0 {
		t.Fatal(captures, errs)
	}
	if diff := cmp.Diff([]string{"10", "lost", "red_blue", "red_blue-2"}, captures[0].ContextNames()); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
	for _, table := range scanned(t, "-from", "sw.snmprec").Coverage[0].Tables {
		if lost := table.Context == "lost"; lost && (table.Status != "failed" || !strings.Contains(table.Reason, "no such context")) || !lost && table.Status == "failed" {
			t.Errorf("%+v", table)
		}
	}
	if err := f.vacant(); err == nil || !strings.Contains(err.Error(), "-force") {
		t.Errorf("a second time: %v", err)
	}
	if err := os.Remove("sw.snmprec"); err != nil {
		t.Fatal(err)
	}
	if err := f.vacant(); err == nil || !strings.Contains(err.Error(), "sw@10.snmprec is there already") {
		t.Errorf("with the contexts alone: %v", err)
	}
	log.Reset()
	delete(source.views, "10")
	f.force = true
	_ = f.writeRecords(recordDevice(t.Context(), source, nil, new(progress)), nil, stdio{out: &out, err: &log}) // one context is lost
	if err := f.vacant(); err != nil || !strings.Contains(log.String(), "sw@10.snmprec is of an earlier capture") {
		t.Errorf("replaced without a context: %v, %s", err, log.String())
	}
}

func TestFileName(t *testing.T) {
	redactor := testRedactor()
	tests := []struct {
		name, host string
		redactor   *capture.Redactor
		want       string
	}{
		{"core-1.example.net", "10.0.0.2", nil, "core-1.example.net.snmprec"},
		{"", "10.0.0.2", nil, "10.0.0.2.snmprec"},
		{"", "fe80::1%eth0", nil, "fe80__1_eth0.snmprec"},
		{"../../etc/passwd", "", nil, "_.._etc_passwd.snmprec"},
		{"core@10", "", nil, "core_10.snmprec"},
		{"NUL", "", nil, "switch_NUL.snmprec"},
		{"com1.example.net", "", nil, "switch_com1.example.net.snmprec"},
		{"...", "", nil, "switch_.snmprec"},
		{strings.Repeat("x", 300), "", nil, strings.Repeat("x", 100) + ".snmprec"},
		{"core-1", "10.0.0.2", redactor, redactor.Name("core-1") + ".snmprec"},
	}
	for _, test := range tests {
		if got := fileName(test.name, test.host, test.redactor); got != test.want {
			t.Errorf("%q at %s: %s, want %s", test.name, test.host, got, test.want)
		}
	}
	for context, want := range map[string]string{"10": "sw@10.snmprec", "vlan-10": "sw@vlan-10.snmprec", "blue": "sw@" + redactor.Name("blue") + ".snmprec"} {
		if got := contextPath("sw.snmprec", context, redactor); got != want {
			t.Errorf("context %s: %s, want %s", context, got, want)
		}
	}
}

// What is known of an address's block is known of its replacement.
func TestBlockOf(t *testing.T) {
	block := blockOf(registry.Embedded())
	tests := map[string]int{
		"44:19:b6:2e:07:51": 24, "40:2c:76:12:34:56": 28, "70:b3:d5:00:10:01": 36, "00:50:c2:00:01:23": 36,
		"00:00:5e:00:01:01": 48, "00:0c:29:12:34:56": 48, "ff:ff:ff:ff:ff:ff": 48, "00:00:00:00:00:00": 48,
		"7a:3c:90:1f:b2:64": 0, "fc:ff:fe:00:00:01": 24,
	}
	for text, bits := range tests {
		mac, err := lan.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := block(mac); got.Bits != bits {
			t.Errorf("%s: %d bits stay (%s), want %d", text, got.Bits, got.Kind, bits)
		}
		replaced := testRedactor().MAC(mac)
		if block(replaced) != block(mac) || (replaced == mac) != (bits == 48) {
			t.Errorf("%s becomes %v", text, replaced)
		}
	}
}
