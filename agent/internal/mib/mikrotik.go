package mib

import (
	"net/netip"
	"strconv"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// mtxrNeighbor reads mtxrNeighborTable (MIKROTIK-MIB): who announces itself
// over LLDP, CDP or MNDP. Its numbers are those of lldpRemIndex, and it alone
// says on which interface RouterOS hears a neighbour.
type mtxrNeighbor struct{ rows rows[lan.LLDPNeighbor] }

func newMtxrNeighbor() Decoder { return &mtxrNeighbor{} }

func (*mtxrNeighbor) Table() lan.Table { return lan.MtxrNeighborTable }

var mtxrNeighborColumns = []Column{
	{"mtxrNeighborInterfaceID", smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1.8")},
	{"mtxrNeighborIpAddress", smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1.2")},
	{"mtxrNeighborMacAddress", smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1.3")},
	{"mtxrNeighborVersion", smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1.4")},
	{"mtxrNeighborPlatform", smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1.5")},
	{"mtxrNeighborIdentity", smi.MustOID("1.3.6.1.4.1.14988.1.1.11.1.1.6")},
}

func (*mtxrNeighbor) Columns() []Column { return mtxrNeighborColumns }

func (t *mtxrNeighbor) Row(column int, index smi.OID, v smi.Value) {
	n := t.rows.at(column, index)
	octets, _ := v.Octets()
	switch column {
	case 0:
		n.IfIndex = mtxrInterface(v)
	case 1:
		addr, ok := netip.AddrFromSlice(octets)
		if ok && !addr.IsLoopback() && !addr.IsUnspecified() {
			n.Addresses = []netip.Addr{addr}
		}
	case 2:
		if mac, ok := lan.MACFromOctets(octets); ok {
			n.Chassis = lan.LLDPID{Subtype: lan.LLDPMAC, MAC: mac, Text: mac.String()}
		}
	case 3:
		n.SysDescr = text(v)
	case 4:
		n.Platform = text(v)
	case 5:
		n.SysName = text(v)
	}
}

// mtxrInterface reads the ifIndex, which RouterOS before 7.7 writes in
// hexadecimal digits.
func mtxrInterface(v smi.Value) lan.IfIndex {
	if n, ok := number(v, maxUint32); ok {
		return lan.IfIndex(n)
	}
	n, err := strconv.ParseUint(text(v), 16, 32)
	if err != nil {
		return 0
	}
	return lan.IfIndex(n)
}

func (t *mtxrNeighbor) Rows() int { return t.rows.len() }

func (t *mtxrNeighbor) Into(s *lan.Snapshot) string {
	byRemIndex := make(map[uint32]int)
	for i, n := range s.LLDP {
		index, err := smi.ParseOID(n.Index)
		if err == nil && n.Source() == lan.LLDPRemTable {
			byRemIndex[index[len(index)-1]] = i
		}
	}
	odd := 0
	for i, n := range t.rows.entries {
		index := t.rows.index(i)
		if len(index) != 1 {
			odd++
			continue
		}
		if at, ok := byRemIndex[index[0]]; ok {
			s.LLDP[at].IfIndex = n.IfIndex
			continue
		}
		if n.Chassis.MAC.IsStation() || n.SysName != "" {
			n.Table, n.LocalPort, n.Index = lan.MtxrNeighborTable, noLocalPort, index.String()
			s.LLDP = append(s.LLDP, n)
		}
	}
	return unreadable(odd, "the index is no neighbour number")
}
