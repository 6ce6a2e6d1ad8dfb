package mib

import (
	"net/netip"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// arp reads ipNetToMediaTable (IP-MIB, RFC 4293; IPv4 only).
type arp struct{ rows rows[neighbour] }

// A neighbour is what the columns of one row of an address table said.
type neighbour struct {
	mac     lan.MAC
	invalid bool
	noText  bool // what stands in place of the address is no octets
}

// address takes in the column of the hardware address.
func (n *neighbour) address(v smi.Value) {
	octets, ok := v.Octets()
	n.mac, _ = lan.MACFromOctets(octets)
	n.noText = !ok
}

// withoutAddress says how many rows hold something else than an address.
func withoutAddress(entries []neighbour) string {
	odd := 0
	for _, n := range entries {
		if n.noText {
			odd++
		}
	}
	return unreadable(odd, "what stands in place of the hardware address is no octets")
}

func newARP() Decoder { return &arp{} }

func (*arp) Table() lan.Table { return lan.IPNetToMediaTable }

var arpColumns = []Column{
	{"ipNetToMediaPhysAddress", smi.MustOID("1.3.6.1.2.1.4.22.1.2")},
	{"ipNetToMediaType", smi.MustOID("1.3.6.1.2.1.4.22.1.4")},
}

func (*arp) Columns() []Column { return arpColumns }

const typeInvalid = 2 // ipNetToMediaType and ipNetToPhysicalType

func (t *arp) Row(column int, index smi.OID, v smi.Value) {
	n := t.rows.at(column, index)
	if column == 0 {
		n.address(v)
		return
	}
	kind, _ := v.Int()
	n.invalid = kind == typeInvalid
}

func (t *arp) Rows() int { return t.rows.len() }

func (t *arp) Into(s *lan.Snapshot) string {
	for n, row := range t.rows.entries {
		row.into(s, arpEntry(lan.IPNetToMediaTable, row.mac, t.rows.index(n)))
	}
	return withoutAddress(t.rows.entries)
}

// arpEntry keeps an address whose row has another index than the MIB says:
// without an ifIndex, or with the network's number before the address as in
// the older atTable. Even without an IP address it was seen.
func arpEntry(table lan.Table, mac lan.MAC, index smi.OID) lan.ARPEntry {
	entry := lan.ARPEntry{MAC: mac, Table: table, Index: index.String()}
	if len(index) >= 4 {
		entry.IP, _ = ipFromArcs(index[len(index)-4:])
	}
	if len(index) == 5 || len(index) == 6 {
		entry.IfIndex = lan.IfIndex(index[0])
	}
	return entry
}

// into adds a neighbour unless it binds nothing: incomplete and invalid rows.
func (n neighbour) into(s *lan.Snapshot, entry lan.ARPEntry) {
	if !n.invalid && n.mac.IsStation() && !entry.IP.IsUnspecified() {
		s.ARP = append(s.ARP, entry)
	}
}

// physical reads ipNetToPhysicalTable (IP-MIB, RFC 4293; IPv4 and IPv6).
type physical struct{ rows rows[neighbour] }

func newPhysical() Decoder { return &physical{} }

func (*physical) Table() lan.Table { return lan.IPNetToPhysicalTable }

var physicalColumns = []Column{
	{"ipNetToPhysicalPhysAddress", smi.MustOID("1.3.6.1.2.1.4.35.1.4")},
	{"ipNetToPhysicalType", smi.MustOID("1.3.6.1.2.1.4.35.1.6")},
	{"ipNetToPhysicalState", smi.MustOID("1.3.6.1.2.1.4.35.1.7")},
}

func (*physical) Columns() []Column { return physicalColumns }

// States of ipNetToPhysicalState that bind no address.
const (
	stateInvalid    = 5
	stateIncomplete = 7
)

func (t *physical) Row(column int, index smi.OID, v smi.Value) {
	n := t.rows.at(column, index)
	kind, _ := v.Int()
	switch column {
	case 0:
		n.address(v)
	case 1:
		n.invalid = n.invalid || kind == typeInvalid
	case 2:
		n.invalid = n.invalid || kind == stateInvalid || kind == stateIncomplete
	}
}

func (t *physical) Rows() int { return t.rows.len() }

func (t *physical) Into(s *lan.Snapshot) string {
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		entry := lan.ARPEntry{MAC: row.mac, Table: lan.IPNetToPhysicalTable, Index: index.String()}
		if ip, ok := inetAddress(index); ok {
			entry.IfIndex, entry.IP = lan.IfIndex(index[0]), ip
		}
		row.into(s, entry)
	}
	return withoutAddress(t.rows.entries)
}

// InetAddressType (INET-ADDRESS-MIB, RFC 4001).
const (
	inetIPv4  = 1
	inetIPv6  = 2
	inetIPv4z = 3
	inetIPv6z = 4
)

// inetAddress reads ifIndex, InetAddressType and InetAddress. The address has
// its length before it; Nexus leaves that out, Windows puts it there twice.
func inetAddress(index smi.OID) (netip.Addr, bool) {
	if len(index) < 3 {
		return netip.Addr{}, false
	}
	var size int
	switch index[1] {
	case inetIPv4, inetIPv4z:
		size = 4
	case inetIPv6, inetIPv6z:
		size = 16
	default:
		return netip.Addr{}, false
	}
	zoned := index[1] == inetIPv4z || index[1] == inetIPv6z
	arcs := index[2:]
	stored := size
	if zoned {
		stored += 4 // the zone index; it means something only to the device
	}
	for len(arcs) > size && len(arcs) != stored && int(arcs[0]) == len(arcs)-1 {
		arcs = arcs[1:]
	}
	if len(arcs) != stored && len(arcs) != size {
		return netip.Addr{}, false
	}
	return ipFromArcs(arcs[:size])
}

func ipFromArcs(arcs []uint32) (netip.Addr, bool) {
	octets := make([]byte, len(arcs))
	for i, arc := range arcs {
		if arc > 255 {
			return netip.Addr{}, false
		}
		octets[i] = byte(arc)
	}
	return netip.AddrFromSlice(octets)
}
