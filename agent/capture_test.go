package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/report"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// invoke runs a command as main does.
func invoke(args ...string) (code int, out, log string) {
	var stdout, stderr bytes.Buffer
	code = run(args, stdio{in: strings.NewReader(""), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

// scanned is the report of a scan without what differs from one to the next.
func scanned(t *testing.T, args ...string) *report.Report {
	t.Helper()
	state := filepath.Join(t.TempDir(), "none")
	code, out, log := invoke(append([]string{"scan", "-json", "-no-host", "-state", state}, args...)...)
	if code != exitDone {
		t.Fatalf("scan %v: exit %d: %s", args, code, log)
	}
	r := new(report.Report)
	if err := json.Unmarshal([]byte(out), r); err != nil {
		t.Fatal(err)
	}
	r.ID, r.Observed, r.Agent = "", report.Span{}, report.Agent{}
	for i := range r.Coverage {
		r.Coverage[i].Source, r.Coverage[i].Requests, r.Coverage[i].ElapsedMS = "", 0, 0
		r.Coverage[i].Tables = slices.DeleteFunc(r.Coverage[i].Tables, asNeeded)
		for j := range r.Coverage[i].Tables {
			r.Coverage[i].Tables[j].Method = ""
		}
	}
	slices.SortFunc(r.Coverage, func(a, b report.Coverage) int { return strings.Compare(a.Name, b.Name) })
	for i := range r.Links {
		r.Links[i].A.Address, r.Links[i].B.Address = "", ""
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.FirstSeen, f.LastSeen, f.Location.Address, f.Location.CountedAt = f.FirstSeen.UTC(), f.LastSeen.UTC(), "", nil
		f.FirstSeen, f.LastSeen = r.Observed.From, r.Observed.From
		for j := range f.Evidence {
			f.Evidence[j].Source, f.Evidence[j].Text, f.Evidence[j].ObservedAt = "", "", nil
		}
	}
	return r
}

// asNeeded is of a table of which a device is asked only for what its neighbours
// need, while a capture is read as a whole.
func asNeeded(t report.Table) bool { return t.Table == string(lan.LLDPLocPortTable) }

// demoAgents lets the devices of the demonstration answer.
func demoAgents(t *testing.T, change func(*snmpagent.Options)) []string {
	t.Helper()
	folder, err := fs.Sub(demoSite, "demosite")
	if err != nil {
		t.Fatal(err)
	}
	files, errs := capture.ListFS(folder, "demosite")
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var addresses []string
	for _, file := range files {
		c, err := file.Load()
		if err != nil {
			t.Fatal(err)
		}
		options := snmpagent.Options{Communities: map[string]*capture.Recording{"demo": c.Recording}}
		if change != nil {
			change(&options)
		}
		agent, err := snmpagent.Start("127.0.0.1:0", options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { agent.Close() })
		addresses = append(addresses, agent.Addr().String())
	}
	return addresses
}

// TestCaptureIsTheDevice captures the devices of the demonstration: what is
// found in the captures is what is found in the devices.
func TestCaptureIsTheDevice(t *testing.T) {
	t.Chdir(t.TempDir())
	live := []string{"-community", "demo"}
	for _, address := range demoAgents(t, nil) {
		live = append(live, "-switch", address)
		code, out, log := invoke("capture", address, "-community", "demo", "-state", "none")
		if code != exitDone || log != "" || !strings.Contains(out, ".snmprec: ") {
			t.Fatalf("exit %d: %s%s", code, out, log)
		}
	}
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"access-annex.snmprec", "access-first.snmprec", "access-ground.snmprec", "core-1.snmprec", "nvr.snmprec"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files: want -, got +\n%s", diff)
	}
	if diff := cmp.Diff(scanned(t, live...), scanned(t, "-from", ".")); diff != "" {
		t.Errorf("device -, capture +\n%s", diff)
	}
}

// TestCaptureCutShort captures a switch that ends its forwarding table with an
// error: the file holds what was read and says what is missing, without the
// address at which it broke off when it is redacted.
func TestCaptureCutShort(t *testing.T) {
	fdb := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")
	cut := func(o *snmpagent.Options) {
		o.Intercept = func(request snmpagent.Request, response *snmpagent.Response) {
			if name := request.Varbinds[0].Name; name.HasPrefix(fdb) && len(name) > len(fdb) {
				response.Status, response.Index, response.Varbinds = snmpagent.GenErr, 1, request.Varbinds
			}
		}
	}
	t.Chdir(t.TempDir())
	address := demoAgents(t, cut)[1] // access-first
	for _, redact := range []string{"-redact=false", "-redact"} {
		code, out, log := invoke("capture", address, "-community", "demo", "-state", "none", "-o", "sw.snmprec", "-force", redact)
		if code != exitFailed || !strings.Contains(log, "INCOMPLETE: sw.snmprec: dot1qTpFdbTable (1.3.6.1.2.1.17.7.1.2.2.1) could not be read to its end") {
			t.Errorf("exit %d: %s%s", code, out, log)
		}
		file, err := os.ReadFile("sw.snmprec")
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(file), "\n")
		if !strings.HasPrefix(first, "# INCOMPLETE: dot1qTpFdbTable ") || strings.Contains(first, fdb.String()+".") != (redact == "-redact=false") {
			t.Errorf("the file begins with %s", first)
		}
		if _, err := capture.Read("sw.snmprec", bytes.NewReader(file)); err != nil {
			t.Error(err)
		}
	}
}

// TestCaptureOfGaps captures a switch that does not give all of its tables: a
// scan of the capture says of each what a scan of the switch says.
func TestCaptureOfGaps(t *testing.T) {
	cuts := map[string]bool{ // by column: whether it ends before the first row, or after some
		"1.3.6.1.2.1.17.7.1.2.2.1.2": false, // dot1qTpFdbPort
		"1.3.6.1.2.1.2.2.1.6":        true,  // ifPhysAddress, when the rows are known
		"1.3.6.1.2.1.4.22.1.2":       true,  // ipNetToMediaPhysAddress
		"1.3.6.1.2.1.31.1.1.1.10":    true,  // ifHCOutOctets, which nothing reads
	}
	cut := func(o *snmpagent.Options) {
		o.Intercept = func(request snmpagent.Request, response *snmpagent.Response) {
			for i, asked := range request.Varbinds {
				name := asked.Name
				for text, first := range cuts {
					column := smi.MustOID(text)
					if name.HasPrefix(column) && (first || len(name) > len(column)) || first && column.HasPrefix(name) {
						response.Status, response.Index, response.Varbinds = snmpagent.GenErr, int32(i)+1, request.Varbinds
					}
				}
			}
		}
	}
	t.Chdir(t.TempDir())
	address := demoAgents(t, cut)[1] // access-first
	code, out, log := invoke("capture", address, "-community", "demo", "-state", "none", "-o", "sw.snmprec")
	if code != exitFailed {
		t.Errorf("exit %d: %s%s", code, out, log)
	}
	live, from := scanned(t, "-community", "demo", "-switch", address), scanned(t, "-from", "sw.snmprec")
	if diff := cmp.Diff(tableStates(live), tableStates(from)); diff != "" {
		t.Errorf("device -, capture +\n%s", diff)
	}
	want := map[string]string{"ifTable": "partial", "dot1qTpFdbTable": "partial", "ipNetToMediaTable": "failed", "ifXTable": "complete", "dot1dTpFdbTable": "complete"}
	for _, table := range from.Coverage[0].Tables {
		if state := want[table.Table]; state != "" && state != table.Status {
			t.Errorf("%s is %s, want %s", table.Table, table.Status, state)
		}
		if table.Status != "complete" && table.Status != "absent" && !strings.Contains(table.Reason, "when it was recorded: ") {
			t.Errorf("%s is %s: %s", table.Table, table.Status, table.Reason)
		}
	}
}

// tableStates are what became of each table of each source.
func tableStates(r *report.Report) []string {
	var states []string
	for _, c := range r.Coverage {
		states = append(states, c.Name+" "+c.Status)
		for _, table := range slices.DeleteFunc(c.Tables, asNeeded) {
			states = append(states, fmt.Sprint(c.Name, " ", table.Table, table.Context, " ", table.Status, " ", table.Rows))
		}
	}
	return states
}

// No subtree that is read holds secrets.
func TestSubtreesHoldNoSecrets(t *testing.T) {
	for _, s := range mib.Subtrees(mib.Decoders()) {
		for _, secret := range []string{"1.3.6.1.2.1.47.1.2.1.1.4", "1.3.6.1.6.3"} {
			if oid := smi.MustOID(secret); oid.HasPrefix(s.OID) || s.OID.HasPrefix(oid) || !capture.Secret(oid) {
				t.Errorf("%v is read, and %v is secret: %t", s.OID, oid, capture.Secret(oid))
			}
		}
	}
}
