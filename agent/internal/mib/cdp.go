package mib

import (
	"encoding/binary"
	"net/netip"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// cdp reads cdpCacheTable: who announces itself over CDP (CISCO-CDP-MIB).
type cdp struct{ rows rows[lan.LLDPNeighbor] }

func newCDP() Decoder { return &cdp{} }

func (*cdp) Table() lan.Table { return lan.CDPCacheTable }

var cdpColumns = []Column{
	{"cdpCacheDeviceId", smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1.6")},
	{"cdpCacheAddress", smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1.4")},
	{"cdpCacheVersion", smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1.5")},
	{"cdpCacheDevicePort", smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1.7")},
	{"cdpCachePlatform", smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1.8")},
	{"cdpCacheCapabilities", smi.MustOID("1.3.6.1.4.1.9.9.23.1.2.1.1.9")},
}

func (*cdp) Columns() []Column { return cdpColumns }

func (t *cdp) Row(column int, index smi.OID, v smi.Value) {
	n := t.rows.at(column, index)
	octets, _ := v.Octets()
	switch column {
	case 0:
		n.Chassis = cdpDeviceID(octets)
		n.SysName = cdpName(n.Chassis)
	case 1:
		addr, ok := netip.AddrFromSlice(octets)
		if ok && !addr.IsLoopback() && !addr.IsUnspecified() {
			n.Addresses = []netip.Addr{addr}
		}
	case 2:
		n.SysDescr = text(v)
	case 3:
		n.Port = lan.LLDPID{Subtype: lan.LLDPInterfaceName, Text: text(v)}
	case 4:
		n.Platform = text(v)
	case 5:
		n.Enabled = cdpCapabilities(octets)
	}
}

func (t *cdp) Rows() int { return t.rows.len() }

func (t *cdp) Into(s *lan.Snapshot) string { return neighborsByInterface(s, &t.rows, t.Table()) }

// neighborsByInterface adds the neighbours of a table whose index is the
// ifIndex and a number.
func neighborsByInterface(s *lan.Snapshot, r *rows[lan.LLDPNeighbor], table lan.Table) string {
	odd := 0
	for i, n := range r.entries {
		index := r.index(i)
		if len(index) != 2 {
			odd++
			continue
		}
		n.Table, n.LocalPort, n.IfIndex, n.Index = table, noLocalPort, lan.IfIndex(index[0]), index.String()
		s.LLDP = append(s.LLDP, n)
	}
	return unreadable(odd, "the index is no ifIndex and neighbour number")
}

// cdpDeviceID reads a name, or a hardware address: as its twelve digits
// (Cisco SG350X), or as six octets.
func cdpDeviceID(octets []byte) lan.LLDPID {
	id := lan.LLDPID{Subtype: lan.LLDPLocalID, Text: idText(octets)}
	if mac, ok := lan.MACFromOctets(octets); ok && (len(octets) != len(mac) || id.Text != string(octets)) {
		id.MAC, id.Text = mac, mac.String()
	}
	return id
}

// cdpName is the name in a device id, without the serial number that Nexus
// writes behind it in brackets.
func cdpName(id lan.LLDPID) string {
	if id.MAC.IsStation() {
		return ""
	}
	if name, rest, ok := strings.Cut(id.Text, "("); ok && strings.HasSuffix(rest, ")") {
		return name
	}
	return id.Text
}

// cdpBits are the capabilities of cdpCacheCapabilities, the bits of a number
// of four octets.
var cdpBits = map[uint32]lan.LLDPCapabilities{
	0x01: lan.LLDPRouter, 0x02: lan.LLDPBridge, 0x04: lan.LLDPBridge, 0x08: lan.LLDPBridge,
	0x10: lan.LLDPStation, 0x40: lan.LLDPRepeater, 0x80: lan.LLDPTelephone,
}

func cdpCapabilities(octets []byte) lan.LLDPCapabilities {
	if len(octets) != 4 {
		return 0
	}
	number := binary.BigEndian.Uint32(octets)
	var c lan.LLDPCapabilities
	for bit, capability := range cdpBits {
		if number&bit != 0 {
			c |= capability
		}
	}
	return c
}
