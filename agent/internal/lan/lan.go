// Package lan holds the words of a local network: hardware addresses,
// interfaces, bridge ports, the rows of forwarding, ARP and LLDP tables, and
// the snapshot of one device that is made of them. It does no I/O.
package lan

import "strconv"

// IfIndex numbers an interface of a device (IF-MIB ifIndex, RFC 2863). Zero
// means unknown.
type IfIndex uint32

// BridgePort numbers a port of a bridge (BRIDGE-MIB dot1dBasePort, RFC 4188).
// It is not an IfIndex: dot1dBasePortIfIndex maps one to the other. Zero in a
// forwarding table means that the port was not learnt.
type BridgePort uint32

// FDBID numbers a forwarding database (Q-BRIDGE-MIB dot1qFdbId, RFC 4363). It
// is not a VLAN: dot1qVlanFdbId maps VLANs to databases, several to one where
// they learn together.
type FDBID uint32

// VLAN is an 802.1Q VLAN id, 1 to 4094. Zero means unknown.
type VLAN uint16

// MaxVLAN is the highest VLAN id (IEEE 802.1Q).
const MaxVLAN = 4094

func (i IfIndex) String() string    { return strconv.FormatUint(uint64(i), 10) }
func (p BridgePort) String() string { return strconv.FormatUint(uint64(p), 10) }
func (f FDBID) String() string      { return strconv.FormatUint(uint64(f), 10) }
func (v VLAN) String() string       { return strconv.FormatUint(uint64(v), 10) }
