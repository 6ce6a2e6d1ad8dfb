package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/durable"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/registry"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A renaming maps what stands in a report to what is to stand there after the
// redaction.
type renaming struct{ *capture.Redactor }

func (n renaming) text(s string) string { return n.Name(s) }

func (n renaming) mac(t *testing.T, text string) string {
	mac, err := lan.ParseMAC(text)
	if err != nil {
		t.Fatal(err)
	}
	return n.MAC(mac).String()
}

// apply renames a report, and leaves out the words in which names and
// addresses stand.
func (n renaming) apply(t *testing.T, r *report.Report) {
	for i := range r.Coverage {
		r.Coverage[i].Name = n.text(r.Coverage[i].Name)
	}
	for i := range r.Links {
		for _, end := range []*report.End{&r.Links[i].A, &r.Links[i].B} {
			end.Switch = n.text(end.Switch)
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.MAC = n.mac(t, f.MAC)
		for j, ip := range f.IPs {
			f.IPs[j] = n.Addr(netip.MustParseAddr(ip)).String()
		}
		for j, name := range f.Names {
			f.Names[j] = n.text(name)
		}
		l := &f.Location
		l.Switch, l.Alias, l.Behind, l.Host = n.text(l.Switch), n.text(l.Alias), n.text(l.Behind), n.text(l.Host)
		for j := range l.Alternatives {
			l.Alternatives[j].Switch = n.text(l.Alternatives[j].Switch)
		}
	}
}

// unworded is a report in an order of its own, without the sentences.
func unworded(r *report.Report) *report.Report {
	slices.SortFunc(r.Coverage, func(a, b report.Coverage) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Findings, func(a, b report.Finding) int { return strings.Compare(a.MAC, b.MAC) })
	for i, link := range r.Links {
		if link.A.Switch > link.B.Switch {
			r.Links[i] = report.Link{A: link.B, B: link.A}
		}
	}
	slices.SortFunc(r.Links, func(a, b report.Link) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	for i := range r.Findings {
		f := &r.Findings[i]
		slices.Sort(f.IPs)
		slices.Sort(f.Names)
		f.Location.Why = ""
		slices.SortFunc(f.Location.Alternatives, func(a, b report.Alternative) int { return strings.Compare(a.Switch+a.Port, b.Switch+b.Port) })
		for j := range f.Location.Alternatives {
			f.Location.Alternatives[j].WhyNot = ""
		}
		// What people have called a port is a name, and redacted as one.
		f.Evidence = slices.DeleteFunc(f.Evidence, func(e report.Evidence) bool { return e.Mechanism == "human-label" })
		for j := range f.Evidence {
			f.Evidence[j].Object, f.Evidence[j].Value = "", ""
		}
		slices.SortFunc(f.Evidence, func(a, b report.Evidence) int {
			return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
		})
	}
	return r
}

const redactionKey = "a key that only these tests know"

func testRedactor() *capture.Redactor {
	return capture.NewRedactor([]byte(redactionKey), blockOf(registry.Embedded()))
}

// TestRedactedSite redacts the captures of the demonstration, one by one with
// the same key: the findings are the same up to the names, and nothing of what
// was replaced is left.
func TestRedactedSite(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("key", []byte(redactionKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	live := []string{"-community", "demo"}
	for _, address := range demoAgents(t, nil) {
		live = append(live, "-switch", address)
		code, out, log := invoke("capture", "-community", "demo", "-state", "none", "-redact-key", "key", address)
		if code != exitDone {
			t.Fatalf("exit %d: %s%s", code, out, log)
		}
	}
	if err := os.Remove("key"); err != nil {
		t.Fatal(err)
	}
	want := scanned(t, live...)
	names := renaming{testRedactor()}
	names.apply(t, want)
	got := scanned(t, "-from", ".")
	if len(got.Findings) != 11 {
		t.Errorf("%d findings of 11", len(got.Findings))
	}
	if diff := cmp.Diff(unworded(want), unworded(got), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("renamed -, redacted +\n%s", diff)
	}
	checkNothingLeft(t)
}

// checkNothingLeft looks in the files of this folder, and in their names, for
// what stands in those of the demonstration. By chance something may look like
// it; with this key nothing does.
func checkNothingLeft(t *testing.T) {
	t.Helper()
	secrets := siteSecrets(t)
	if len(secrets) < 300 {
		t.Fatalf("%d things to look for", len(secrets))
	}
	paths, err := filepath.Glob("*")
	if err != nil || len(paths) != 5 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := path + "\n" + strings.ToLower(string(file))
		for _, secret := range secrets {
			if at := secret.FindStringIndex(text); at != nil {
				t.Errorf("%s: %v is there: …%q…", path, secret, text[max(0, at[0]-40):min(len(text), at[1]+20)])
			}
		}
		recording, err := capture.Read(path, bytes.NewReader(file))
		if err != nil || !recording.Sorted() {
			t.Errorf("%s: not sorted, or %v", path, err)
		}
	}
}

// siteSecrets are patterns of the addresses and names of the demonstration, in
// every form in which they may stand in a file of small letters.
func siteSecrets(t *testing.T) []*regexp.Regexp {
	t.Helper()
	forms := make(map[string]bool)
	octets := func(b []byte) {
		arcs := strings.Trim(strings.ReplaceAll(fmt.Sprint(b), " ", "."), "[]")
		forms[`\b`+regexp.QuoteMeta(arcs)+`\b`] = true
		forms[hex.EncodeToString(b)] = true
	}
	interfaces := make(map[string]bool)
	names := make(map[string]bool)
	redactor := testRedactor()
	seeMAC := func(mac lan.MAC) {
		if redactor.MAC(mac) != mac {
			octets(mac[3:])
			forms[mac.String()[9:]] = true
		}
	}
	for _, row := range siteRows(t) {
		if mac, ok := lan.MACFromArcs(row.Name); ok && hasAnyRoot(row.Name, "1.3.6.1.2.1.17.4.3.1", "1.3.6.1.2.1.17.7.1.2.2.1") {
			seeMAC(mac)
		}
		if row.Value.Kind == smi.IPAddress && !row.Name.HasPrefix(smi.MustOID("1.3.6.1.2.1.4.20.1.3")) && row.Value.String() != "127.0.0.1" {
			octets(row.Value.Bytes)
		}
		if mac, ok := lan.MACFromOctets(row.Value.Bytes); ok && row.Value.Kind == smi.OctetString && !isPrintable(row.Value.Bytes) {
			seeMAC(mac)
		}
		switch {
		case hasAnyRoot(row.Name, "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.31.1.1.1.1"):
			interfaces[row.Value.String()] = true
		case hasAnyRoot(row.Name, "1.3.6.1.2.1.1.4", "1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.6", "1.3.6.1.2.1.31.1.1.1.18", "1.3.6.1.2.1.17.7.1.4.3.1.1",
			"1.0.8802.1.1.2.1.3.3", "1.0.8802.1.1.2.1.3.7.1.4", "1.0.8802.1.1.2.1.4.1.1.8", "1.0.8802.1.1.2.1.4.1.1.9"):
			names[string(row.Value.Bytes)] = true
		}
	}
	for name := range names {
		if name != "" && !interfaces[name] {
			forms[`\b`+regexp.QuoteMeta(strings.ToLower(name))+`\b`] = true
			forms[hex.EncodeToString([]byte(name))] = true
		}
	}
	var patterns []*regexp.Regexp
	for form := range forms {
		patterns = append(patterns, regexp.MustCompile(form))
	}
	return patterns
}

func isPrintable(octets []byte) bool {
	return !slices.ContainsFunc(octets, func(c byte) bool { return c < ' ' || c > '~' })
}

func hasAnyRoot(name smi.OID, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return name.HasPrefix(smi.MustOID(root)) })
}

// siteRows are all rows of the demonstration.
func siteRows(t *testing.T) []smi.Varbind {
	t.Helper()
	folder, err := fs.Sub(demoSite, "demosite")
	if err != nil {
		t.Fatal(err)
	}
	files, errs := capture.ListFS(folder, "demosite")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var rows []smi.Varbind
	for _, file := range files {
		c, err := file.Load()
		if err != nil {
			t.Fatal(err)
		}
		rows = slices.AppendSeq(rows, c.Recording.All())
	}
	return rows
}

// TestRedactedCaptures redacts every recorded device: as many rows of every
// table make sense afterwards, and as many stations of each maker are found.
func TestRedactedCaptures(t *testing.T) {
	unraced(t)
	folder := capturesFolder(t)
	files, errs := capture.List([]string{folder})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	lists := allLists(t)
	compared := 0
	for _, file := range files {
		dir := t.TempDir()
		if redactFile(t, file, dir) == 0 {
			continue // it has no object that is read
		}
		redacted, errs := capture.List([]string{dir})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		plain := outline(observeCapture(t, file, lists))
		compared += len(plain)
		diff := cmp.Diff(plain, outline(observeCapture(t, redacted[0], lists)))
		if explained := explainedRedaction[file.Name] != ""; explained != (diff != "") {
			t.Errorf("%s: explained %t; plain -, redacted +\n%s", file.Name, explained, diff)
		}
	}
	t.Logf("%d captures, %d lines compared", len(files), compared)
}

// explainedRedaction lists the captures of which less can be read when they
// are redacted, and why that is right.
var explainedRedaction = map[string]string{
	"ats":               "an index of ipNetToPhysicalTable without an address",
	"lambdatrail_hs":    "an index of ipNetToMediaTable with an arc too many",
	"onms_nms7777dw_dw": "a management address of a family that does not exist",
	"raisecom-ros":      "management addresses written out in the index, letter by letter",
	"sim_ip-mib":        "an index of ipNetToPhysicalTable with an address that is too short",
	"routeros_rb433gl":  "interfaces that are called after the device behind them",
}

// redactFile writes the views of a capture, redacted, and tells how many rows
// they have.
func redactFile(t *testing.T, file capture.File, dir string) (written int) {
	t.Helper()
	c, err := file.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := testRedactor()
	views := map[string]*capture.Recording{"x.snmprec": c.Recording}
	for name, recording := range c.Contexts {
		views["x@"+name+".snmprec"] = recording
	}
	for name, recording := range views {
		rows, _ := r.Rows(recording)
		if len(rows) == 0 {
			continue
		}
		written += len(rows)
		err := durable.WriteFile(filepath.Join(dir, name), 0o600, func(w io.Writer) error { return capture.Write(w, rows, "redacted") })
		if err != nil {
			t.Fatal(err)
		}
	}
	return written
}

// outline is what of a report no redaction may change.
func outline(r *report.Report) []string {
	var lines []string
	for _, table := range r.Coverage[0].Tables {
		lines = append(lines, fmt.Sprint(table.Context, table.Table, " ", table.Status, " ", table.Rows))
	}
	for _, f := range r.Findings {
		l := f.Location
		lines = append(lines, fmt.Sprint(f.Maker.Prefix, " ", f.Class, f.Level, f.Severity, len(f.IPs), len(f.Names), " ", l.Port, l.IfIndex, l.VLAN, l.Certainty, len(l.Alternatives)))
	}
	seen := 0
	if r.StationsSeen != nil {
		seen = *r.StationsSeen
	}
	lines = append(lines, fmt.Sprint(r.VendorOnly, r.NotAssessable, seen))
	slices.Sort(lines)
	return lines
}
