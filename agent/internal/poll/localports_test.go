package poll

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

const (
	lldpLocPortID = "1.0.8802.1.1.2.1.3.7.1.3."
	lldpRemID     = "1.0.8802.1.1.2.1.4.1.1.7.0."
)

// stacked is a switch of 400 ports that its LLDP numbers otherwise than its
// interfaces: port 10 n is the interface n. It hears a neighbour on each of
// the given ones.
func stacked(heard ...int) *capture.Recording {
	rows := []smi.Varbind{number("1.3.6.1.2.1.1.3.0", 100), text(sysName, "sw03")}
	for n := 1; n <= 400; n++ {
		rows = append(rows, text(fmt.Sprint("1.3.6.1.2.1.31.1.1.1.1.", n), fmt.Sprint("Gi0/", n)),
			text(fmt.Sprint(lldpLocPortID, 10*n), fmt.Sprint("Gi0/", n)),
			number(fmt.Sprint("1.0.8802.1.1.2.1.3.7.1.2.", 10*n), 5), text(fmt.Sprint("1.0.8802.1.1.2.1.3.7.1.4.", 10*n), "socket"))
	}
	for i, n := range heard {
		row := fmt.Sprint(10*n, ".", i+1)
		rows = append(rows, text("1.0.8802.1.1.2.1.4.1.1.5.0."+row, fmt.Sprint("neighbour ", i)), number("1.0.8802.1.1.2.1.4.1.1.4.0."+row, 7),
			text(lldpRemID+row, "eth0"))
	}
	return capture.New(rows)
}

// heardOn is on which interface each neighbour is heard.
func heardOn(s lan.Snapshot) map[string]lan.IfIndex {
	on := make(map[string]lan.IfIndex)
	for _, n := range s.LLDP {
		on[n.Chassis.Text] = n.IfIndex
	}
	return on
}

// A device is asked what it calls those of its ports on which somebody is
// heard.
func TestLocalPorts(t *testing.T) {
	column := smi.MustOID("1.0.8802.1.1.2.1.3.7.1")
	// astray is a device that does something to what it says comes after a port
	// that it does not have.
	astray := func(do func(r *snmpagent.Response, at int)) func(snmpagent.Request, *snmpagent.Response) {
		return func(request snmpagent.Request, r *snmpagent.Response) {
			for i, asked := range request.Varbinds {
				if asked.Name.HasPrefix(column) && len(asked.Name) > len(column)+1 && asked.Name[len(asked.Name)-1]%10 != 0 {
					for at := i; at < len(r.Varbinds); at += len(request.Varbinds) {
						do(r, at)
					}
				}
			}
		}
	}
	for name, test := range map[string]struct {
		heard  []int
		past   *Past
		inside func(request snmpagent.Request, r *snmpagent.Response) // what the device does otherwise
		rows   int
		method lan.Method // none: the table is not asked for
	}{
		"nobody":     {},
		"few":        {heard: []int{3, 4, 400}, rows: 3, method: lan.Seek},
		"most":       {heard: seq(200), rows: 400, method: lan.Walk},
		"remembered": {heard: []int{3, 399}, past: &Past{}, rows: 400, method: lan.Walk},
		"not there":  {heard: []int{3, 500}, rows: 400, method: lan.Walk},
		"inexact": {heard: []int{3, 200}, rows: 400, method: lan.Walk, inside: astray(func(r *snmpagent.Response, at int) {
			r.Varbinds[at] = smi.Varbind{Name: smi.MustOID("1.0.8802.1.1.2.1.9"), Value: smi.Value{Kind: smi.Integer, Num: 1}}
		})},
		"backwards": {heard: []int{3, 200}, rows: 400, method: lan.Walk, inside: astray(func(r *snmpagent.Response, at int) {
			r.Varbinds[at] = smi.Varbind{Name: smi.MustOID("1.0.8802.1.1.2.1.1.1.0"), Value: smi.Value{Kind: smi.Integer, Num: 1}}
		})},
		"mistaken": {heard: []int{3, 200}, rows: 400, method: lan.Walk, inside: astray(func(r *snmpagent.Response, _ int) {
			r.Status, r.Index, r.Varbinds = snmpagent.GenErr, 1, nil
		})},
		"unanswered": {heard: []int{3, 200}, rows: 400, method: lan.Walk, inside: astray(func(r *snmpagent.Response, _ int) {
			r.Datagrams = [][]byte{}
		})},
		"starts over": {heard: []int{3, 200}, rows: 400, method: lan.Walk, inside: func(request snmpagent.Request, r *snmpagent.Response) {
			for i, asked := range request.Varbinds {
				if asked.Name.HasPrefix(column) && len(asked.Name) > len(column)+1 && asked.Name[len(asked.Name)-1] == 29 && request.Type == snmpagent.GetBulkRequest && i < len(r.Varbinds) {
					r.Varbinds[i].Name = asked.Name[:len(column)+1].Append(20)
				}
			}
		}},
	} {
		recording := stacked(test.heard...)
		device, _ := serveTo(t, recording, snmpagent.Options{Intercept: test.inside}, snmp.Options{Timeout: 50 * time.Millisecond, Attempts: 3})
		device.Past = test.past
		got := All(t.Context(), []Device{device}, blocks, nil)[0]
		if diff := gocmp.Diff(heardOn(plain(t, recording)), heardOn(got)); diff != "" {
			t.Errorf("%s: neighbours (-table +read):\n%s", name, diff)
		}
		at := slices.IndexFunc(got.Readings, func(r lan.Reading) bool { return r.Table == lan.LLDPLocPortTable })
		switch {
		case test.method == "":
			if at >= 0 {
				t.Errorf("%s: %+v, though nothing was to be told by it", name, got.Readings[at])
			}
		case at < 0:
			t.Errorf("%s: the table was not read", name)
		default:
			if r := got.Readings[at]; r.Status != lan.Complete || r.Rows != test.rows || r.Method != test.method {
				t.Errorf("%s: %+v, want %d rows by %s", name, r, test.rows, test.method)
			}
		}
	}
}

func seq(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// Devices of all makers call their neighbours' ports the same, whether a part of
// their tables is read or all of it.
func TestLocalPortsOfRecordedDevices(t *testing.T) {
	paths, err := filepath.Glob("../../../../shared/captures/*.snmprec")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 || racing {
		t.Skip("there are no recorded devices beside the repository, in ../shared/captures")
	}
	neighbours, partly := 0, 0
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		recording, err := capture.Read(path, file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		want := plain(t, recording)
		if len(want.LLDP) == 0 {
			continue
		}
		device, _ := serveTo(t, recording, snmpagent.Options{}, snmp.Options{})
		got := readAll(t.Context(), []Device{device}, nil, blocks, func(int) (int, int) { return unlimited, unlimited }, nil)[0]
		for _, s := range []lan.Snapshot{want, got} { // some devices give their rows in no order
			slices.SortFunc(s.LLDP, func(a, b lan.LLDPNeighbor) int {
				return cmp.Or(cmp.Compare(a.Source(), b.Source()), cmp.Compare(a.Index, b.Index))
			})
		}
		if diff := gocmp.Diff(want.LLDP, got.LLDP, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%s: neighbours (-table +read):\n%s", path, diff)
		}
		neighbours += len(got.LLDP)
		if slices.ContainsFunc(got.Readings, func(r lan.Reading) bool { return r.Table == lan.LLDPLocPortTable && r.Method == lan.Seek }) {
			partly++
		}
	}
	t.Logf("%d neighbours, of %d devices with a part of lldpLocPortTable alone", neighbours, partly)
}
