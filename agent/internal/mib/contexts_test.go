package mib

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

func TestVtpVlans(t *testing.T) {
	const operational, suspended, fddi = vtpOperational, 2, 2
	var s lan.Snapshot
	told := read(t, newVtpVlan(), &s,
		cell{0, "1.1", integer(operational)}, cell{0, "1.20", integer(operational)}, cell{0, "1.30", integer(suspended)},
		cell{0, "1.40", integer(operational)}, cell{0, "1.1002", integer(operational)}, cell{0, "1.4095", integer(operational)},
		cell{0, "1.142", integer(operational)}, cell{0, "2.20", integer(operational)}, cell{0, "50", integer(operational)},
		cell{1, "1.1", integer(vtpEthernet)}, cell{1, "1.20", integer(vtpEthernet)}, cell{1, "1.30", integer(vtpEthernet)},
		cell{1, "1.40", integer(fddi)}, cell{1, "1.1002", integer(vtpEthernet)}, cell{1, "1.142", integer(vtpEthernet)})
	if diff := cmp.Diff([]lan.VLAN{1, 20, 142, 50}, s.Contexts.VLANs); diff != "" || told != "" {
		t.Errorf("it says %q; VLANs (-want +got):\n%s", told, diff)
	}
}

func TestVtpVlanWithoutAnIndex(t *testing.T) {
	d := newVtpVlan()
	d.Row(0, nil, integer(vtpOperational))
	if told := d.Into(new(lan.Snapshot)); told != "1 row cannot be read: the index holds no VLAN" {
		t.Errorf("it says %q", told)
	}
}

// WS-C3560CG writes NUL behind its names.
func TestLogicalContexts(t *testing.T) {
	var s lan.Snapshot
	read(t, newLogical(), &s, cell{0, "1", octets("")}, cell{0, "2", octets("vlan-20\x00")}, cell{0, "3", octets("vlan-30")}, cell{0, "4", octets("vlan-20")})
	if diff := cmp.Diff([]string{"vlan-20", "vlan-30"}, s.Contexts.Names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// What opens the contexts is not asked for, neither by a decoder nor for a
// recording.
func TestNoCommunityIsAskedFor(t *testing.T) {
	community := smi.MustOID("1.3.6.1.2.1.47.1.2.1.1.4")
	for _, s := range Subtrees(Decoders()) {
		if community.HasPrefix(s.OID) {
			t.Errorf("%v holds communities", s.OID)
		}
	}
	if !OnlyColumns(lan.EntLogicalTable) || OnlyColumns(lan.EntPhysicalTable) {
		t.Error("the wrong table is looked through for rows")
	}
}

func TestContextMapping(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newContextMapping(), &s,
		cell{0, "4.99.97.109.115", octets("cameras")}, cell{0, "6.118.108.97.110.45.49", octets("")}, cell{0, "0", octets("default")},
		cell{0, "3.98.97", octets("too short")}, cell{0, "1.300", octets("no octet")})
	if diff := cmp.Diff([]string{"cams"}, s.Contexts.VRFs); diff != "" || told != "2 rows cannot be read: the index holds no name" {
		t.Errorf("it says %q; contexts (-want +got):\n%s", told, diff)
	}
}

func TestConcerns(t *testing.T) {
	tests := []struct {
		table    lan.Table
		objectID string
		want     bool
	}{
		{lan.VtpVlanTable, "1.3.6.1.4.1.9.1.1208", true},
		{lan.VtpVlanTable, "1.3.6.1.4.1.9", true},
		{lan.VtpVlanTable, "1.3.6.1.4.1.99.1", false},
		{lan.EntLogicalTable, "1.3.6.1.4.1.14823.1.1.1", false},
		{lan.HwDynFdbTable, "1.3.6.1.4.1.2011.2.23.294", true},
		{lan.HwDynFdbTable, "1.3.6.1.4.1.9.1.1208", false},
		{lan.MtxrNeighborTable, "1.3.6.1.4.1.14988.1", true},
		{lan.MtxrNeighborTable, "", true},
		{lan.MtxrNeighborTable, "0.0", true},
		{lan.LLDPNeighborInfoTable, "1.3.6.1.4.1.8072.3.2.10", true},
		{lan.SlMacAddressTable, "1.3.6.1.4.1.6486.800.1.1.2.1.13.1.2", true},
		{lan.CDPCacheTable, "1.3.6.1.4.1.11.2.3.7.11.160", true},
		{lan.Dot1dTpFdbTable, "1.3.6.1.4.1.11.2.3.7.11.160", true},
	}
	for _, test := range tests {
		if got := Concerns(test.table, test.objectID); got != test.want {
			t.Errorf("%s of %q: %t", test.table, test.objectID, got)
		}
	}
}
