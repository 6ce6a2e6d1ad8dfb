package lan

import (
	"net/netip"
	"strconv"
	"strings"
)

// An LLDPIDSubtype says how a chassis or port id is to be read. The numbers
// of chassis and port ids differ (IEEE 802.1AB, LldpChassisIdSubtype and
// LldpPortIdSubtype); these are what they mean.
type LLDPIDSubtype uint8

// The meanings that matter here.
const (
	LLDPOtherID LLDPIDSubtype = iota
	LLDPMAC
	LLDPNetworkAddress
	LLDPInterfaceName
	LLDPInterfaceAlias
	LLDPLocalID
)

// An LLDPID is a chassis id or a port id.
type LLDPID struct {
	Subtype LLDPIDSubtype
	Text    string // as it is shown
	MAC     MAC    // set when it is one
	IP      netip.Addr
}

// LLDPLocal is what a device says of itself (lldpLocalSystemData and
// lldpLocPortTable).
type LLDPLocal struct {
	Chassis LLDPID
	SysName string
	Ports   map[uint32]LLDPLocalPort // by lldpLocPortNum, which need not be an IfIndex
}

// An LLDPLocalPort is what a device calls one of its ports.
type LLDPLocalPort struct {
	ID    LLDPID
	Descr string // lldpLocPortDesc
}

// LLDPCapabilities is a set of capabilities.
type LLDPCapabilities uint8

// The capabilities.
const (
	LLDPRepeater LLDPCapabilities = 1 << iota
	LLDPBridge
	LLDPAccessPoint
	LLDPRouter
	LLDPTelephone
	LLDPDocsis
	LLDPStation
)

// capabilityBits are the bits of LldpSystemCapabilitiesMap; bit 0 is other(0).
var capabilityBits = [...]LLDPCapabilities{1: LLDPRepeater, 2: LLDPBridge, 3: LLDPAccessPoint, 4: LLDPRouter,
	5: LLDPTelephone, 6: LLDPDocsis, 7: LLDPStation}

// capabilityWords are the capabilities as TP-Link JetStream writes them.
var capabilityWords = map[string]LLDPCapabilities{"repeater": LLDPRepeater, "bridge": LLDPBridge, "wlan": LLDPAccessPoint,
	"router": LLDPRouter, "telephone": LLDPTelephone, "docsis": LLDPDocsis, "station": LLDPStation}

// ParseLLDPCapabilities reads the octets of an LldpSystemCapabilitiesMap, in
// which bit 0 is the highest bit of the first octet (RFC 2578, BITS), or the
// same as text: in words (TP-Link JetStream), or printed as "28 00 2 4".
func ParseLLDPCapabilities(octets []byte) LLDPCapabilities {
	var c LLDPCapabilities
	if len(octets) == 0 {
		return 0
	}
	bits := octets[0]
	if len(octets) > 2 {
		fields := strings.Fields(strings.ToLower(string(octets)))
		for _, word := range fields {
			c |= capabilityWords[word]
		}
		if len(fields) > 0 && len(fields[0]) == 2 {
			printed, err := strconv.ParseUint(fields[0], 16, 8)
			if err == nil {
				bits = byte(printed)
			}
		}
		if c != 0 {
			return c
		}
	}
	for bit, capability := range capabilityBits {
		if bits&(0x80>>bit) != 0 {
			c |= capability
		}
	}
	return c
}

// Has tells whether any of the capabilities asked for is enabled.
func (c LLDPCapabilities) Has(any LLDPCapabilities) bool { return c&any != 0 }

// An LLDPNeighbor is something that announces itself on a port: a row of
// lldpRemTable with its management addresses, or of the table of another
// protocol that says the same (lldpV2RemTable, cdpCacheTable, …).
type LLDPNeighbor struct {
	Table     Table   // zero means lldpRemTable
	LocalPort uint32  // lldpRemLocalPortNum
	IfIndex   IfIndex // what LocalPort stands for; zero when the device's maps do not tell
	Chassis   LLDPID
	Port      LLDPID
	PortDescr string
	SysName   string
	SysDescr  string // CDP: cdpCacheVersion
	Platform  string // CDP: cdpCachePlatform
	Enabled   LLDPCapabilities
	Addresses []netip.Addr // management addresses
	MED       LLDPMED
	Index     string // the row's index
	Context   string
}

// LLDPMED is what an endpoint says of itself over LLDP-MED (LLDP-EXT-MED-MIB,
// ANSI/TIA-1057): rows of lldpXMedRemCapabilitiesTable and
// lldpXMedRemInventoryTable.
type LLDPMED struct {
	Class        uint8 // lldpXMedRemDeviceClass: 1 to 3 endpoints, 4 network connectivity; 0 where it is not told
	Manufacturer string
	Model        string
	Serial       string
	Firmware     string
	Index        string // the inventory row's index
}

// A Quote is an object of a table and the text it held.
type Quote struct {
	Table         Table
	Object, Value string
}

const (
	lldpXMedRemMfgName   = "1.0.8802.1.1.2.1.5.4795.1.3.3.1.5"
	lldpXMedRemModelName = "1.0.8802.1.1.2.1.5.4795.1.3.3.1.6"
)

// neighborColumns are the columns of a table of neighbours that findings quote.
type neighborColumns struct{ id, name, descr, platform, capabilities string }

func (n *LLDPNeighbor) columns() neighborColumns {
	switch n.Table {
	case LLDPV2RemTable:
		const entry = "1.3.111.2.802.1.1.13.1.4.1.1."
		return neighborColumns{id: entry + "6", name: entry + "10", descr: entry + "11", capabilities: entry + "13"}
	case CDPCacheTable:
		const entry = "1.3.6.1.4.1.9.9.23.1.2.1.1."
		return neighborColumns{id: entry + "6", descr: entry + "5", platform: entry + "8", capabilities: entry + "9"}
	case MtxrNeighborTable:
		const entry = "1.3.6.1.4.1.14988.1.1.11.1.1."
		return neighborColumns{id: entry + "3", descr: entry + "4", platform: entry + "5"}
	case LLDPNeighborInfoTable:
		const entry = "1.3.6.1.4.1.11863.6.35.1.2.2.1."
		return neighborColumns{id: entry + "4", descr: entry + "10", capabilities: entry + "12"}
	default:
		const entry = "1.0.8802.1.1.2.1.4.1.1."
		return neighborColumns{id: entry + "5", name: entry + "9", descr: entry + "10", capabilities: entry + "12"}
	}
}

// Source is the table that the neighbour was read from.
func (n *LLDPNeighbor) Source() Table {
	if n.Table == "" {
		return LLDPRemTable
	}
	return n.Table
}

// Protocol is what it announces itself by.
func (n *LLDPNeighbor) Protocol() string {
	switch n.Table {
	case CDPCacheTable:
		return "CDP"
	case MtxrNeighborTable:
		return "MNDP"
	default:
		return "LLDP"
	}
}

// Object names the object that was read: lldpRemChassisId of this row, or its
// like in another table.
func (n *LLDPNeighbor) Object() string { return n.columns().id + "." + n.Index }

// Value is what the object held: the chassis id.
func (n *LLDPNeighbor) Value() string { return n.Chassis.Text }

// Texts are the descriptions that it sends of itself: the model, the system
// description and the platform, as far as it sends them.
func (n *LLDPNeighbor) Texts() []Quote {
	var texts []Quote
	if n.MED.Model != "" {
		texts = append(texts, n.MED.ModelQuote())
	}
	if n.SysDescr != "" {
		texts = append(texts, Quote{n.Source(), n.columns().descr + "." + n.Index, n.SysDescr})
	}
	if n.Platform != "" {
		texts = append(texts, Quote{n.Source(), n.columns().platform + "." + n.Index, n.Platform})
	}
	return texts
}

// NameQuote is the system name, which people give; empty where it sends none,
// or in a table of another protocol than LLDP.
func (n *LLDPNeighbor) NameQuote() Quote {
	if column := n.columns().name; column != "" && n.SysName != "" {
		return Quote{n.Source(), column + "." + n.Index, n.SysName}
	}
	return Quote{}
}

// Capabilities names the object that held the enabled capabilities.
func (n *LLDPNeighbor) Capabilities() string { return n.columns().capabilities + "." + n.Index }

// ManufacturerQuote is lldpXMedRemMfgName.
func (m *LLDPMED) ManufacturerQuote() Quote {
	return Quote{LLDPXMedRemInventoryTable, lldpXMedRemMfgName + "." + m.Index, m.Manufacturer}
}

// ModelQuote is lldpXMedRemModelName.
func (m *LLDPMED) ModelQuote() Quote {
	return Quote{LLDPXMedRemInventoryTable, lldpXMedRemModelName + "." + m.Index, m.Model}
}
