package lan

import (
	"strconv"
	"strings"
)

// Contexts are the further views of itself that a device tells of.
type Contexts struct {
	VLANs []VLAN   // vtpVlanTable: VLANs that forward, each with a context of its own
	Names []string // entLogicalContextName
	VRFs  []string // cContextMappingTable: contexts that show the tables of a VRF
}

// ContextVLAN reads the VLAN from the name of a context: Cisco's communities
// end in @10, its SNMPv3 contexts are called vlan-10. Zero is for all others.
func ContextVLAN(name string) VLAN {
	n, err := strconv.ParseUint(strings.TrimPrefix(name, "vlan-"), 10, 16)
	if err != nil || n > MaxVLAN {
		return 0
	}
	return VLAN(n)
}
