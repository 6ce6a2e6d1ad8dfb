package lan

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A Snapshot is everything that one device said in one observation. Slices
// keep the order in which the device gave the rows.
type Snapshot struct {
	Source   string // what was asked: the address or file as the user named it
	Kind     SourceKind
	From, To time.Time
	Requests int
	Readings []Reading
	Err      string // why nothing could be read at all; empty otherwise

	System      System
	BaseMAC     MAC // dot1dBaseBridgeAddress
	Interfaces  []Interface
	BridgePorts map[BridgePort]IfIndex // dot1dBasePortIfIndex
	Aggregates  map[IfIndex]IfIndex    // member → aggregate (dot3adAggPortAttachedAggID, ifStackTable)
	VLANs       map[FDBID][]VLAN       // dot1qVlanFdbId, turned round
	VLANNames   map[VLAN]string        // dot1qVlanStaticName
	FDB         []FDBEntry
	ARP         []ARPEntry
	LLDPLocal   LLDPLocal
	LLDP        []LLDPNeighbor
}

// A SourceKind says what kind of device a snapshot is of.
type SourceKind string

// The kinds of source.
const (
	SwitchSource SourceKind = "switch" // read over SNMP or from a capture
	HostSource   SourceKind = "host"   // the machine that this program runs on
)

// Name is what people call the device: its sysName, or else its address.
func (s *Snapshot) Name() string {
	if s.System.Name != "" {
		return s.System.Name
	}
	return s.Source
}

// Interface returns the interface of an ifIndex, or nil.
func (s *Snapshot) Interface(index IfIndex) *Interface {
	for i := range s.Interfaces {
		if s.Interfaces[i].Index == index {
			return &s.Interfaces[i]
		}
	}
	return nil
}

// System is the system group (SNMPv2-MIB, RFC 3418).
type System struct {
	Descr    string
	ObjectID string
	UpTime   time.Duration
	Name     string
	Location string
}

// An Interface is a row of ifTable and ifXTable (IF-MIB, RFC 2863).
type Interface struct {
	Index      IfIndex
	Name       string // ifName
	Descr      string // ifDescr
	Alias      string // ifAlias: what the administrator calls it
	Type       int    // ifType, IANAifType-MIB
	OperStatus int    // ifOperStatus: 1 up, 2 down
	MAC        MAC    // ifPhysAddress; zero where it is none or not six octets
}

// Label is the name that stands on the port: ifName, else ifDescr, else the
// index.
func (i *Interface) Label() string {
	switch {
	case i.Name != "":
		return i.Name
	case i.Descr != "":
		return i.Descr
	default:
		return "ifIndex " + i.Index.String()
	}
}

// An FDBStatus says how a forwarding entry came about (dot1dTpFdbStatus,
// dot1qTpFdbStatus). Zero means that the device does not tell.
type FDBStatus uint8

// The states of a forwarding entry (RFC 4188, RFC 4363).
const (
	FDBOther   FDBStatus = 1
	FDBInvalid FDBStatus = 2
	FDBLearned FDBStatus = 3
	FDBSelf    FDBStatus = 4 // an address of the device itself
	FDBMgmt    FDBStatus = 5 // set by management
)

// An FDBEntry is a row of dot1dTpFdbTable or dot1qTpFdbTable.
type FDBEntry struct {
	MAC     MAC
	FDBID   FDBID // zero in dot1dTpFdbTable
	VLAN    VLAN
	Port    BridgePort // as the table says
	IfIndex IfIndex    // what Port stands for; zero when the device's maps do not tell
	Status  FDBStatus
	Table   Table
	Context string
	Index   string // the row's index, only where it is not the standard one
}

const (
	dot1dTpFdbPort = "1.3.6.1.2.1.17.4.3.1.2"
	dot1qTpFdbPort = "1.3.6.1.2.1.17.7.1.2.2.1.2"
)

// Object names the object that was read: dot1dTpFdbPort or dot1qTpFdbPort of
// this row.
func (e *FDBEntry) Object() string {
	column := dot1dTpFdbPort
	if e.Table == Dot1qTpFdbTable {
		column = dot1qTpFdbPort
	}
	if e.Index != "" {
		return column + "." + e.Index
	}
	if e.Table == Dot1qTpFdbTable {
		column += "." + e.FDBID.String()
	}
	return column + "." + dotted(e.MAC[:])
}

// Value is what the object held: the bridge port.
func (e *FDBEntry) Value() string { return e.Port.String() }

// An ARPEntry binds an IP address to a hardware address: a row of
// ipNetToMediaTable, of ipNetToPhysicalTable, or of a host's own table.
type ARPEntry struct {
	IfIndex IfIndex    // zero when the row does not tell
	IP      netip.Addr // invalid when the row does not tell
	MAC     MAC
	Table   Table
	Context string
	Index   string // the row's index
}

const (
	ipNetToMediaPhysAddress    = "1.3.6.1.2.1.4.22.1.2"
	ipNetToPhysicalPhysAddress = "1.3.6.1.2.1.4.35.1.4"
)

// Object names the object that was read: the PhysAddress column of this row,
// or for a host's own table the neighbour's address.
func (e *ARPEntry) Object() string {
	switch e.Table {
	case IPNetToMediaTable:
		return ipNetToMediaPhysAddress + "." + e.Index
	case IPNetToPhysicalTable:
		return ipNetToPhysicalPhysAddress + "." + e.Index
	default:
		return e.IP.String()
	}
}

// Value is what the object held: the hardware address.
func (e *ARPEntry) Value() string { return e.MAC.String() }

// An OwnAddress is the address by which a bridge calls itself.
type OwnAddress struct{ MAC MAC }

// Object names the object that was read: dot1dBaseBridgeAddress.
func (*OwnAddress) Object() string { return "1.3.6.1.2.1.17.1.1.0" }

// Value is what the object held: the hardware address.
func (o *OwnAddress) Value() string { return o.MAC.String() }

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

// ParseLLDPCapabilities reads the octets of an LldpSystemCapabilitiesMap, in
// which bit 0 is the highest bit of the first octet (RFC 2578, BITS).
func ParseLLDPCapabilities(octets []byte) LLDPCapabilities {
	var c LLDPCapabilities
	if len(octets) == 0 {
		return 0
	}
	for bit, capability := range capabilityBits {
		if octets[0]&(0x80>>bit) != 0 {
			c |= capability
		}
	}
	return c
}

// Has tells whether any of the capabilities asked for is enabled.
func (c LLDPCapabilities) Has(any LLDPCapabilities) bool { return c&any != 0 }

// An LLDPNeighbor is a row of lldpRemTable with its management addresses.
type LLDPNeighbor struct {
	LocalPort uint32  // lldpRemLocalPortNum
	IfIndex   IfIndex // what LocalPort stands for; zero when the device's maps do not tell
	Chassis   LLDPID
	Port      LLDPID
	PortDescr string
	SysName   string
	SysDescr  string
	Enabled   LLDPCapabilities
	Addresses []netip.Addr // management addresses
	Index     string       // the row's index
	Context   string
}

const lldpRemChassisID = "1.0.8802.1.1.2.1.4.1.1.5"

// Object names the object that was read: lldpRemChassisId of this row.
func (n *LLDPNeighbor) Object() string { return lldpRemChassisID + "." + n.Index }

// Value is what the object held: the chassis id.
func (n *LLDPNeighbor) Value() string { return n.Chassis.Text }

func dotted(octets []byte) string {
	var b strings.Builder
	for i, octet := range octets {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(int(octet)))
	}
	return b.String()
}
