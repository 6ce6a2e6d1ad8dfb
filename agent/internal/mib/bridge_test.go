package mib

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

const (
	macArcs = "20.167.139.182.211.65" // of cameraMAC
	macText = "\x14\xa7\x8b\xb6\xd3\x41"
)

var cameraMAC = mac("14:a7:8b:b6:d3:41")

func TestFDB(t *testing.T) {
	learned := integer(int64(lan.FDBLearned))
	tests := []struct {
		name  string
		table lan.Table
		cells []cell
		want  []lan.FDBEntry
		told  string
	}{
		{"dot1dTpFdbTable as in the standard", lan.Dot1dTpFdbTable,
			[]cell{{0, macArcs, integer(16)}, {1, macArcs, learned}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16, Status: lan.FDBLearned}}, ""},
		{"dot1qTpFdbTable as in the standard", lan.Dot1qTpFdbTable,
			[]cell{{0, "20." + macArcs, integer(16)}, {1, "20." + macArcs, learned}},
			[]lan.FDBEntry{{MAC: cameraMAC, FDBID: 20, Port: 16, Status: lan.FDBLearned}}, ""},
		{"FortiSwitch counts its rows", lan.Dot1dTpFdbTable,
			[]cell{{0, "142", integer(16)}, {1, "142", learned}, {2, "142", octets(macText)}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16, Status: lan.FDBLearned, Index: "142"}}, ""},
		{"Juniper counts its rows in dot1qTpFdbTable", lan.Dot1qTpFdbTable,
			[]cell{{0, "20.7", integer(16)}, {2, "20.7", octets(macText)}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16, Index: "20.7"}}, ""},
		{"counted rows without addresses", lan.Dot1dTpFdbTable,
			[]cell{{0, "142", integer(16)}, {0, "143", integer(16)}, {2, "143", octets("")}}, nil,
			"2 rows cannot be read: the index holds no hardware address, and there is no address column"},
		{"an index of six numbers that are no octets", lan.Dot1dTpFdbTable,
			[]cell{{0, "1.2.3.4.5.600", integer(16)}, {2, "1.2.3.4.5.600", octets(macText)}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16, Index: "1.2.3.4.5.600"}}, ""},
		{"Zyxel GS1900 puts a length before the address", lan.Dot1dTpFdbTable,
			[]cell{{0, "6." + macArcs, integer(16)}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16, Index: "6." + macArcs}}, ""},
		{"Zyxel GS1900 puts a length before the address in dot1qTpFdbTable", lan.Dot1qTpFdbTable,
			[]cell{{0, "20.6." + macArcs, integer(16)}},
			[]lan.FDBEntry{{MAC: cameraMAC, FDBID: 20, Port: 16, Index: "20.6." + macArcs}}, ""},
		{"Zyxel IES-5200 puts the slot behind the address", lan.Dot1dTpFdbTable,
			[]cell{{0, macArcs + ".3", integer(16)}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16, Index: macArcs + ".3"}}, ""},
		{"Zyxel IES-5200 puts the slot behind the address in dot1qTpFdbTable", lan.Dot1qTpFdbTable,
			[]cell{{0, "20." + macArcs + ".3", integer(16)}},
			[]lan.FDBEntry{{MAC: cameraMAC, FDBID: 20, Port: 16, Index: "20." + macArcs + ".3"}}, ""},
		{"one row of many cannot be read", lan.Dot1dTpFdbTable,
			[]cell{{0, macArcs, integer(16)}, {0, "7.7", integer(16)}},
			[]lan.FDBEntry{{MAC: cameraMAC, Port: 16}},
			"1 row cannot be read: the index holds no hardware address, and there is no address column"},
		{"known but not learnt on a port", lan.Dot1dTpFdbTable,
			[]cell{{0, macArcs, integer(0)}, {1, macArcs, integer(int64(lan.FDBSelf))}},
			[]lan.FDBEntry{{MAC: cameraMAC, Status: lan.FDBSelf}}, ""},
		{"a status without a port", lan.Dot1dTpFdbTable, []cell{{1, macArcs, learned}},
			[]lan.FDBEntry{{MAC: cameraMAC, Status: lan.FDBLearned}}, ""},
		{"a port below 0 and a status above mgmt(5)", lan.Dot1dTpFdbTable,
			[]cell{{0, macArcs, integer(-1)}, {1, macArcs, integer(6)}}, []lan.FDBEntry{{MAC: cameraMAC}}, ""},
		{"a port that is text", lan.Dot1dTpFdbTable, []cell{{0, macArcs, octets("16")}}, []lan.FDBEntry{{MAC: cameraMAC}},
			"1 row cannot be read: the port is no number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s lan.Snapshot
			d := ForwardingTable(test.table)
			if told := read(t, d, &s, test.cells...); told != test.told {
				t.Errorf("it says %q, want %q", told, test.told)
			}
			for i := range test.want {
				test.want[i].Table = test.table
			}
			if diff := cmp.Diff(test.want, s.FDB, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

// The address column doubles a table's cost, and is asked for only where the
// index does not hold the address.
func TestFDBAsksForTheAddressOnlyWhereItMust(t *testing.T) {
	d := ForwardingTable(lan.Dot1dTpFdbTable)
	d.Row(0, smi.MustOID(macArcs), integer(1))
	if got := len(d.Columns()); got != 2 {
		t.Errorf("%d columns are asked for, want 2", got)
	}
	d.Row(0, smi.MustOID("142"), integer(1))
	if got := len(d.Columns()); got != 3 {
		t.Errorf("%d columns are asked for after an index without an address, want 3", got)
	}
}

// What a finding names as evidence has to be the object that was read.
func TestFDBNamesTheObjectThatWasRead(t *testing.T) {
	const port = ".17.4.3.1.2."
	for _, index := range []string{macArcs, "6." + macArcs, macArcs + ".3", "142", "1.2.3.4.5.600"} {
		var s lan.Snapshot
		d := ForwardingTable(lan.Dot1dTpFdbTable)
		read(t, d, &s, cell{0, index, integer(16)})
		if d.Rows() != 1 {
			t.Fatalf("%d rows", d.Rows())
		}
		s = lan.Snapshot{}
		if len(d.Columns()) == 3 {
			read(t, d, &s, cell{2, index, octets(macText)})
		} else {
			d.Into(&s)
		}
		if len(s.FDB) != 1 || s.FDB[0].Object() != "1.3.6.1.2.1"+port+index || s.FDB[0].MAC != cameraMAC {
			t.Errorf("index %s: got %+v", index, s.FDB)
		}
	}
}

func TestBasePort(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newBasePort(), &s,
		cell{0, "1", integer(101)}, cell{0, "2", integer(0)}, // Alcatel and Allied Telesis list ports without an interface
		cell{0, "3", integer(-1)}, cell{0, "4", octets("104")}, cell{0, "5.1", integer(105)},
		cell{0, "6", smi.Value{Kind: smi.Gauge32, Num: 1<<32 - 1}})
	if want := "2 rows cannot be read: the index is no bridge port, or the value no ifIndex"; told != want {
		t.Errorf("it says %q, want %q", told, want)
	}
	if diff := cmp.Diff(map[lan.BridgePort]lan.IfIndex{1: 101, 6: 1<<32 - 1}, s.BridgePorts); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}
