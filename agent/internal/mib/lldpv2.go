package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// The tables of LLDP-V2-MIB (IEEE 802.1AB-2009) say what those of LLDP-MIB do,
// by ifIndex and destination address. OcNOS and PAN-OS have these alone.

func newLLDPV2Rem() Decoder { return &lldpRem{table: lan.LLDPV2RemTable} }

func newLLDPV2ManAddr() Decoder { return &lldpManAddr{table: lan.LLDPV2RemManAddrTable} }

// lldpV2RemColumns stand in the order of lldpRemColumns.
var lldpV2RemColumns = []Column{
	{"lldpV2RemChassisId", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.6")},
	{"lldpV2RemChassisIdSubtype", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.5")},
	{"lldpV2RemPortIdSubtype", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.7")},
	{"lldpV2RemPortId", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.8")},
	{"lldpV2RemPortDesc", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.9")},
	{"lldpV2RemSysName", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.10")},
	{"lldpV2RemSysDesc", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.11")},
	{"lldpV2RemSysCapEnabled", smi.MustOID("1.3.111.2.802.1.1.13.1.4.1.1.13")},
}

// remoteV2Index reads TimeMark, lldpV2RemLocalIfIndex,
// lldpV2RemLocalDestMACAddress and lldpV2RemIndex.
func remoteV2Index(index smi.OID) (remoteKey, bool) {
	if len(index) != 4 {
		return remoteKey{}, false
	}
	return remoteKey{index[1], index[3]}, true
}
