package mib

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/smi"
)

func TestSubtrees(t *testing.T) {
	var got []string
	for _, s := range Subtrees(Decoders()) {
		got = append(got, fmt.Sprint(s.OID, " ", s.Tables))
	}
	want := []string{
		"1.0.8802.1.1.2.1.3 [system lldpLocPortTable]",
		"1.0.8802.1.1.2.1.4.1.1 [lldpRemTable]",
		"1.0.8802.1.1.2.1.4.2.1 [lldpRemManAddrTable]",
		"1.0.8802.1.1.2.1.5.4795.1.3.1.1 [lldpXMedRemCapabilitiesTable]",
		"1.0.8802.1.1.2.1.5.4795.1.3.3.1 [lldpXMedRemInventoryTable]",
		"1.2.840.10006.300.43.1.2.1.1 [dot3adAggPortTable]",
		"1.3.6.1.2.1.1 [system]",
		"1.3.6.1.2.1.2.2.1 [ifTable]",
		"1.3.6.1.2.1.3.1.1 [atTable]",
		"1.3.6.1.2.1.4.22.1 [ipNetToMediaTable]",
		"1.3.6.1.2.1.4.35.1 [ipNetToPhysicalTable]",
		"1.3.6.1.2.1.17.1 [system dot1dBasePortTable]",
		"1.3.6.1.2.1.17.2.15.1 [dot1dStpPortTable]",
		"1.3.6.1.2.1.17.4.3.1 [dot1dTpFdbTable]",
		"1.3.6.1.2.1.17.7.1.2.2.1 [dot1qTpFdbTable]",
		"1.3.6.1.2.1.17.7.1.4.2.1 [dot1qVlanCurrentTable]",
		"1.3.6.1.2.1.17.7.1.4.3.1 [dot1qVlanStaticTable]",
		"1.3.6.1.2.1.31.1.1.1 [ifXTable]",
		"1.3.6.1.2.1.31.1.2.1 [ifStackTable]",
		"1.3.6.1.2.1.47.1.1.1.1 [entPhysicalTable]",
		"1.3.6.1.2.1.47.1.2.1.1.8 [entLogicalTable]",
		"1.3.6.1.2.1.105.1.1.1 [pethPsePortTable]",
		"1.3.6.1.4.1.9.6.1.101.108.1.1 [rlPethPsePortTable]",
		"1.3.6.1.4.1.9.9.23.1.2.1.1 [cdpCacheTable]",
		"1.3.6.1.4.1.9.9.46.1.3.1.1 [vtpVlanTable]",
		"1.3.6.1.4.1.9.9.402.1.2.1 [cpeExtPsePortTable]",
		"1.3.6.1.4.1.9.9.468.1.1.1 [cContextMappingTable]",
		"1.3.6.1.4.1.89.108.1.1 [MARVELL-POE-MIB::rlPethPsePortTable]",
		"1.3.6.1.4.1.2011.5.25.42.2.1.3.1 [hwDynFdbTable]",
		"1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1 [slMacAddressTable]",
		"1.3.6.1.4.1.11863.6.35.1.2.2.1 [lldpNeighborInfoTable]",
		"1.3.6.1.4.1.11863.6.56.1.1.2.1.1 [tpPoePortConfigTable]",
		"1.3.6.1.4.1.14988.1.1.1.2.1 [mtxrWlRtabTable]",
		"1.3.6.1.4.1.14988.1.1.11.1.1 [mtxrNeighborTable]",
		"1.3.6.1.4.1.14988.1.1.15.1.1 [mtxrPOETable]",
		"1.3.111.2.802.1.1.13.1.4.1.1 [lldpV2RemTable]",
		"1.3.111.2.802.1.1.13.1.4.2.1 [lldpV2RemManAddrTable]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

// Every object that is read lies in exactly one subtree.
func TestSubtreesHoldEverything(t *testing.T) {
	objects := slices.DeleteFunc(Scalars(), isStamp)
	scalars := len(objects)
	for _, decoder := range Decoders() {
		for _, column := range decoder.Columns() {
			objects = append(objects, column.OID)
		}
	}
	for _, object := range objects {
		holders := 0
		for _, s := range Subtrees(Decoders()) {
			if object.HasPrefix(s.OID) {
				holders++
			}
		}
		if holders != 1 {
			t.Errorf("%v lies in %d subtrees", object, holders)
		}
	}
	columns := 0
	for _, s := range Subtrees(Decoders()) {
		columns += len(s.Columns)
		for _, column := range s.Columns {
			if !column.HasPrefix(s.OID) {
				t.Errorf("subtree %v has column %v", smi.OID(s.OID), column)
			}
		}
	}
	if want := len(objects) - scalars; columns != want {
		t.Errorf("the subtrees have %d columns of %d", columns, want)
	}
}
