package lan

import "time"

// A Table is a table that was read, by the name its MIB gives it.
type Table string

// The tables that are read.
const (
	SystemGroup                  Table = "system"                              // SNMPv2-MIB
	IfTable                      Table = "ifTable"                             // IF-MIB
	IfXTable                     Table = "ifXTable"                            // IF-MIB
	IfStackTable                 Table = "ifStackTable"                        // IF-MIB
	Dot1dBasePortTable           Table = "dot1dBasePortTable"                  // BRIDGE-MIB
	Dot1dStpPortTable            Table = "dot1dStpPortTable"                   // BRIDGE-MIB
	Dot1dTpFdbTable              Table = "dot1dTpFdbTable"                     // BRIDGE-MIB
	Dot1qTpFdbTable              Table = "dot1qTpFdbTable"                     // Q-BRIDGE-MIB
	Dot1qVlanCurrentTable        Table = "dot1qVlanCurrentTable"               // Q-BRIDGE-MIB
	Dot1qVlanStaticTable         Table = "dot1qVlanStaticTable"                // Q-BRIDGE-MIB
	Dot3adAggPortTable           Table = "dot3adAggPortTable"                  // IEEE8023-LAG-MIB
	IPNetToMediaTable            Table = "ipNetToMediaTable"                   // IP-MIB
	IPNetToPhysicalTable         Table = "ipNetToPhysicalTable"                // IP-MIB
	ATTable                      Table = "atTable"                             // RFC1213-MIB
	LLDPLocPortTable             Table = "lldpLocPortTable"                    // LLDP-MIB
	LLDPRemTable                 Table = "lldpRemTable"                        // LLDP-MIB
	LLDPRemManAddrTable          Table = "lldpRemManAddrTable"                 // LLDP-MIB
	LLDPXMedRemCapabilitiesTable Table = "lldpXMedRemCapabilitiesTable"        // LLDP-EXT-MED-MIB
	LLDPXMedRemInventoryTable    Table = "lldpXMedRemInventoryTable"           // LLDP-EXT-MED-MIB
	LLDPV2RemTable               Table = "lldpV2RemTable"                      // LLDP-V2-MIB
	LLDPV2RemManAddrTable        Table = "lldpV2RemManAddrTable"               // LLDP-V2-MIB
	CDPCacheTable                Table = "cdpCacheTable"                       // CISCO-CDP-MIB
	MtxrNeighborTable            Table = "mtxrNeighborTable"                   // MIKROTIK-MIB
	LLDPNeighborInfoTable        Table = "lldpNeighborInfoTable"               // TPLINK-LLDPINFO-MIB
	HwDynFdbTable                Table = "hwDynFdbTable"                       // HUAWEI-L2MAM-MIB
	SlMacAddressTable            Table = "slMacAddressTable"                   // ALCATEL-IND1-MAC-ADDRESS-MIB
	MtxrWlRtabTable              Table = "mtxrWlRtabTable"                     // MIKROTIK-MIB
	PethPsePortTable             Table = "pethPsePortTable"                    // POWER-ETHERNET-MIB
	CpeExtPsePortTable           Table = "cpeExtPsePortTable"                  // CISCO-POWER-ETHERNET-EXT-MIB
	RlPethPsePortTable           Table = "rlPethPsePortTable"                  // CISCOSB-POE-MIB
	MarvellPsePortTable          Table = "MARVELL-POE-MIB::rlPethPsePortTable" // two MIBs have a table of this name
	TpPoePortConfigTable         Table = "tpPoePortConfigTable"                // TPLINK-POWER-OVER-ETHERNET-MIB
	MtxrPOETable                 Table = "mtxrPOETable"                        // MIKROTIK-MIB
	EntPhysicalTable             Table = "entPhysicalTable"                    // ENTITY-MIB
	VtpVlanTable                 Table = "vtpVlanTable"                        // CISCO-VTP-MIB
	EntLogicalTable              Table = "entLogicalTable"                     // ENTITY-MIB
	CContextMappingTable         Table = "cContextMappingTable"                // CISCO-CONTEXT-MAPPING-MIB
	Neighbours                   Table = "neighbours"                          // this host's ARP and ND cache
)

// A ReadStatus says how much of a table was read.
type ReadStatus string

// The states of a table. Only a complete one may say that something is gone.
const (
	Complete ReadStatus = "complete" // to its end
	Partial  ReadStatus = "partial"  // some rows, and then it was cut short
	Failed   ReadStatus = "failed"   // nothing, and not because it is empty
	Absent   ReadStatus = "absent"   // the device says that it has no such table or no row in it
)

// A Method says how a table was read.
type Method string

// The methods.
const (
	Walk Method = "walk" // every row
	Get  Method = "get"  // by name
	Seek Method = "seek" // only the rows asked for
)

// A Reading is what became of reading one table of one device.
type Reading struct {
	Table    Table
	Context  string // the SNMP context or VLAN community it was read in; empty for the default
	Status   ReadStatus
	Method   Method
	Rows     int // entries read, before any is set aside
	Requests int
	Elapsed  time.Duration
	// Verified says of a seek that a walk, since the device has started, has
	// shown that seeks in this table miss nothing.
	Verified bool
	// Reason says why it is not complete, and in what way of its own the device
	// writes the table.
	Reason string
}

// Note adds a remark to the last reading of a table, if there is one.
func (s *Snapshot) Note(table Table, remark string) {
	for i := len(s.Readings) - 1; i >= 0; i-- {
		r := &s.Readings[i]
		if r.Table != table {
			continue
		}
		if r.Reason != "" {
			remark = r.Reason + "; " + remark
		}
		r.Reason = remark
		return
	}
}
