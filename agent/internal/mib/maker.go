package mib

import (
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Where the sysObjectIDs of makers begin: at their enterprise numbers.
const (
	enterprises = "1.3.6.1.4.1."
	cisco       = enterprises + "9."
	ciscoIOS    = cisco + "1." // CISCO-PRODUCTS-MIB
	netSNMP     = enterprises + "8072."
)

// makers says whose devices alone have a table. CDP is not among them: many
// have it.
var makers = map[lan.Table]string{
	lan.MtxrNeighborTable:     enterprises + "14988.",
	lan.LLDPNeighborInfoTable: enterprises + "11863.",
	lan.HwDynFdbTable:         enterprises + "2011.",
	lan.SlMacAddressTable:     enterprises + "6486.",
	lan.MtxrWlRtabTable:       enterprises + "14988.",
	lan.MtxrPOETable:          enterprises + "14988.",
	lan.TpPoePortConfigTable:  enterprises + "11863.",
	lan.CpeExtPsePortTable:    cisco,
	lan.RlPethPsePortTable:    cisco,
	lan.VtpVlanTable:          cisco,
	lan.CContextMappingTable:  cisco,
	// Others have entLogicalTable too; what they call a context can often not be
	// reached (Aruba).
	lan.EntLogicalTable: cisco,
}

// Concerns tells whether a device may have a table, by its sysObjectID. One
// that does not tell its maker, as with net-snmp's own, may have any.
func Concerns(table lan.Table, objectID string) bool {
	maker, private := makers[table]
	switch {
	case !private, !strings.HasPrefix(objectID, enterprises), strings.HasPrefix(objectID, netSNMP):
		return true
	default:
		return strings.HasPrefix(objectID+".", maker)
	}
}

// IsCisco tells a device of Cisco, by its sysObjectID.
func IsCisco(objectID string) bool { return strings.HasPrefix(objectID, cisco) }

// IsCiscoIOS tells a Cisco switch that keeps a forwarding table for each VLAN
// in a context of its own, and in the default one that of VLAN 1.
func IsCiscoIOS(objectID string) bool { return strings.HasPrefix(objectID, ciscoIOS) }
