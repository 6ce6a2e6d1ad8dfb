package detect

import (
	"time"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Evidence is one observation and what it says.
type Evidence struct {
	Claim      Claim
	Mechanism  Mechanism
	Source     string // the device that was asked
	Table      lan.Table
	Object     string // the object that was read
	Value      string // what it held
	ObservedAt time.Time
	Rule       string // by which rule the observation says so
	Text       string // the same for people
}

// A Claim is what evidence is about.
type Claim string

// The claims.
const (
	MakerClaim    Claim = "maker"
	ClassClaim    Claim = "class"
	LocationClaim Claim = "location"
	CoreClaim     Claim = "core-network"
	LevelClaim    Claim = "level"    // why the level is lower than the rest would make it
	OverrideClaim Claim = "override" // what the operator has decided
)

// A Mechanism is a way of observing. Two observations count as independent
// only when their mechanisms differ.
type Mechanism string

// The mechanisms. PoE is a hint for people and counts for no level.
const (
	MACBlock       Mechanism = "mac-block"       // FDB, ARP, LLDP chassis id, an address that another protocol tells: all one
	VendorProtocol Mechanism = "vendor-protocol" // SADP, DHIP
	SNMPAgent      Mechanism = "snmp-agent"      // what the station itself answers over SNMP
	Banner         Mechanism = "banner"          // TLS, HTTP, RTSP
	ONVIF          Mechanism = "onvif"
	LLDPText       Mechanism = "lldp-text" // LLDP, LLDP-MED, CDP
	DHCP           Mechanism = "dhcp"
	HumanLabel     Mechanism = "human-label" // port descriptions, host names, the operator
	PoE            Mechanism = "poe"
)

// A Sign is evidence as the rules read it.
type Sign struct {
	Evidence
	Maker string // the key of the maker that it names; empty: none
	Class Class  // empty: it says nothing of the class
	Field bool   // the class stands in a field that is made for it
	Rank  int    // of two signs for a class the lower one counts
}
