package lan

import (
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// A Snapshot is everything that one device said in one observation. Slices
// keep the order in which the device gave the rows.
type Snapshot struct {
	Source   string // what was asked: the address or file as the user named it
	Kind     SourceKind
	Found    string // how discovery came upon it; empty where the user named it
	From, To time.Time
	Requests int
	Readings []Reading
	Err      string // why nothing could be read at all; empty otherwise

	System      System
	Stamps      Stamps
	BaseMAC     MAC // dot1dBaseBridgeAddress
	Interfaces  []Interface
	BridgePorts map[BridgePort]IfIndex  // dot1dBasePortIfIndex
	STPStates   map[BridgePort]STPState // dot1dStpPortState
	Aggregates  map[IfIndex]IfIndex     // member → aggregate (dot3adAggPortAttachedAggID, ifStackTable); Juniper: logical unit → its port
	VLANs       map[FDBID][]VLAN        // dot1qVlanFdbId, turned round
	VLANNames   map[VLAN]string         // dot1qVlanStaticName
	FDB         []FDBEntry
	ARP         []ARPEntry
	LLDPLocal   LLDPLocal
	LLDP        []LLDPNeighbor // whatever announces itself: LLDP, CDP, MNDP
	PoE         []PoEPort
	Contexts    Contexts

	// Counted is how many stations were on each port when all were counted
	// last; nil where nobody has, or where this snapshot shows all of them.
	Counted *PortCounts
}

// PortCounts are how many stations a forwarding table shows on each port.
type PortCounts struct {
	At    time.Time
	Ports map[PortNumber]int
}

// A PortNumber names a port of a device: by interface, an aggregate's in place
// of its members', or by bridge port where its interface is not known.
type PortNumber struct {
	IfIndex IfIndex
	Bridge  BridgePort
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

// Sought tells whether of a forwarding table only the addresses that are
// looked for were read.
func (s *Snapshot) Sought() bool {
	return slices.ContainsFunc(s.Readings, func(r Reading) bool {
		return r.Method == Seek && (r.Table == Dot1dTpFdbTable || r.Table == Dot1qTpFdbTable)
	})
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
	// Model and Serial are those of the chassis (ENTITY-MIB entPhysicalModelName
	// and entPhysicalSerialNum, RFC 6933).
	Model, Serial string
}

// Stamps are sysUpTime, in hundredths of a second, when some tables changed
// last; zero where the device does not tell.
type Stamps struct {
	LLDP uint32 // lldpStatsRemTablesLastChangeTime (LLDP-MIB)
	LAG  uint32 // dot3adTablesLastChanged (IEEE8023-LAG-MIB)
}

// An Interface is a row of ifTable and ifXTable (IF-MIB, RFC 2863).
type Interface struct {
	Index IfIndex
	Name  string // ifName
	Descr string // ifDescr
	Alias string // ifAlias: what the administrator calls it
	Type  int    // ifType, IANAifType-MIB
	MAC   MAC    // ifPhysAddress; zero where it is none or not six octets
	STP   STPState
}

// An STPState is the spanning tree state of a port (BRIDGE-MIB
// dot1dStpPortState, RFC 4188). Zero means that the device does not tell.
type STPState uint8

// STPBlocking is the state of a port that neither forwards frames nor learns
// from them.
const STPBlocking STPState = 2

// A PoEPort is a port that can feed what is attached (POWER-ETHERNET-MIB
// pethPsePortTable, RFC 3621, and what makers add to it). Its numbers are not
// those of an interface.
type PoEPort struct {
	Group, Port uint32
	IfIndex     IfIndex // zero when the device's tables do not tell which interface it is
	Delivering  bool    // pethPsePortDetectionStatus is deliveringPower(3), or power is drawn
	Class       uint8   // pethPsePortPowerClassifications, 1 for class 0; 0 where it is not told
	Milliwatts  uint32  // drawn now; zero when the device does not tell
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

// An FDBEntry is a row of dot1dTpFdbTable, dot1qTpFdbTable or a maker's own
// forwarding table.
type FDBEntry struct { // of a large site there are many: the order of the fields leaves no gaps
	MAC     MAC
	VLAN    VLAN
	FDBID   FDBID      // zero outside dot1qTpFdbTable
	Port    BridgePort // as the table says; an ifIndex in the makers' own tables
	IfIndex IfIndex    // what Port stands for; zero when the device's maps do not tell
	Status  FDBStatus
	Table   Table
	Index   string // the row's index, only where it is not the standard one
}

const (
	dot1dTpFdbPort          = "1.3.6.1.2.1.17.4.3.1.2"
	dot1qTpFdbPort          = "1.3.6.1.2.1.17.7.1.2.2.1.2"
	hwDynFdbPort            = "1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4"
	slMacAddressDisposition = "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.3"
	mtxrWlRtabAddr          = "1.3.6.1.4.1.14988.1.1.1.2.1.1"
)

// Object names the object that was read: the port of this row, in
// slMacAddressTable its disposition, in mtxrWlRtabTable its address.
func (e *FDBEntry) Object() string {
	column := dot1dTpFdbPort
	switch e.Table {
	case Dot1qTpFdbTable:
		column = dot1qTpFdbPort
	case HwDynFdbTable:
		column = hwDynFdbPort
	case SlMacAddressTable:
		column = slMacAddressDisposition
	case MtxrWlRtabTable:
		column = mtxrWlRtabAddr
	}
	if e.Index != "" {
		return column + "." + e.Index
	}
	name := make([]byte, 0, 64) // which is enough, and does not leave the stack
	name = append(name, column...)
	if e.Table == Dot1qTpFdbTable {
		name = strconv.AppendUint(append(name, '.'), uint64(e.FDBID), 10)
	}
	for _, octet := range e.MAC {
		name = strconv.AppendUint(append(name, '.'), uint64(octet), 10)
	}
	return string(name)
}

// Value is what the object held: the bridge port, or in mtxrWlRtabTable the
// address.
func (e *FDBEntry) Value() string {
	if e.Table == MtxrWlRtabTable {
		return e.MAC.String()
	}
	return e.Port.String()
}

// An ARPEntry binds an IP address to a hardware address: a row of
// ipNetToMediaTable, of ipNetToPhysicalTable, of atTable, or of a host's own
// table.
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
	atPhysAddress              = "1.3.6.1.2.1.3.1.1.2"
)

// Object names the object that was read: the PhysAddress column of this row,
// or for a host's own table the neighbour's address.
func (e *ARPEntry) Object() string {
	switch e.Table {
	case IPNetToMediaTable:
		return ipNetToMediaPhysAddress + "." + e.Index
	case IPNetToPhysicalTable:
		return ipNetToPhysicalPhysAddress + "." + e.Index
	case ATTable:
		return atPhysAddress + "." + e.Index
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
