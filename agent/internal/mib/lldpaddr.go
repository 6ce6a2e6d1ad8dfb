package mib

import (
	"net/netip"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// lldpManAddr reads lldpRemManAddrTable (LLDP-MIB, IEEE 802.1AB) or
// lldpV2RemManAddrTable (LLDP-V2-MIB): at which addresses the neighbours are
// managed. Everything is in the index.
type lldpManAddr struct {
	table lan.Table
	rows  rows[netip.Addr] // the value of lldpRemManAddr
	read  int              // columns
}

func newLLDPManAddr() Decoder { return &lldpManAddr{table: lan.LLDPRemManAddrTable} }

func (t *lldpManAddr) Table() lan.Table { return t.table }

var (
	lldpManAddrColumns = []Column{
		{"lldpRemManAddrIfSubtype", smi.MustOID("1.0.8802.1.1.2.1.4.2.1.3")},
		{"lldpRemManAddr", smi.MustOID("1.0.8802.1.1.2.1.4.2.1.2")},
		{"lldpRemManAddrSubtype", smi.MustOID("1.0.8802.1.1.2.1.4.2.1.1")},
	}
	lldpV2ManAddrColumns = []Column{{"lldpV2RemManAddrIfSubtype", smi.MustOID("1.3.111.2.802.1.1.13.1.4.2.1.3")}}
)

// Columns asks for the others, which the MIB calls not accessible, only as
// long as no index holds an address: MikroTik answers these alone.
func (t *lldpManAddr) Columns() []Column {
	columns := lldpManAddrColumns
	if t.table == lan.LLDPV2RemManAddrTable {
		columns = lldpV2ManAddrColumns
	}
	if t.rows.len() > 0 && len(t.rows.index(0)) > 3 {
		return columns[:t.read]
	}
	return columns
}

func (t *lldpManAddr) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	if t.table == lan.LLDPRemManAddrTable && column == 1 {
		octets, _ := v.Octets()
		*row = addressValue(octets)
	}
	t.read = max(t.read, column+1)
}

func (t *lldpManAddr) Rows() int { return t.rows.len() }

func (t *lldpManAddr) Into(s *lan.Snapshot) string {
	known := newNeighborSet(s, t.table == lan.LLDPV2RemManAddrTable)
	numbered := t.sameNumbers(known)
	odd := 0
	for n := range t.rows.entries {
		k, ok := t.neighbor(t.rows.index(n))
		if !ok {
			odd++
			continue
		}
		addr, ok := t.address(n)
		if !ok {
			continue // a hardware address, or a family that is not asked for
		}
		neighbor := known.find(k)
		if !numbered {
			neighbor = known.alone(k.localPort)
		}
		if neighbor != nil && len(neighbor.Addresses) < maxAddresses && !slices.Contains(neighbor.Addresses, addr) {
			neighbor.Addresses = append(neighbor.Addresses, addr)
		}
	}
	return unreadable(odd, "the index has no neighbour number and address")
}

// sameNumbers tells whether any row has the number of a neighbour. FortiSwitch
// counts otherwise here, so that only the port says whose an address is.
func (t *lldpManAddr) sameNumbers(known neighborSet) bool {
	for n := range t.rows.entries {
		if k, ok := t.neighbor(t.rows.index(n)); ok && known.find(k) != nil {
			return true
		}
	}
	return false
}

// neighbor reads the neighbour from the index of a row.
func (t *lldpManAddr) neighbor(index smi.OID) (remoteKey, bool) {
	switch {
	case t.table == lan.LLDPV2RemManAddrTable:
		if len(index) < 5 {
			return remoteKey{}, false
		}
		return remoteV2Index(index[:4])
	case len(index) > 3:
		return remoteKey{index[1], index[2]}, true
	default:
		return remoteIndex(index)
	}
}

// address reads the address from the index of a row. MikroTik and MICROSENS
// leave it out there and give it as the value alone.
func (t *lldpManAddr) address(n int) (netip.Addr, bool) {
	index := t.rows.index(n)
	switch {
	case t.table == lan.LLDPV2RemManAddrTable:
		return managementAddress(index[4:])
	case len(index) > 3:
		return managementAddress(index[3:])
	default:
		addr := t.rows.entries[n]
		return addr, useful(addr)
	}
}

// addressValue reads an address from its octets or from text; the zero Addr
// is none.
func addressValue(octets []byte) netip.Addr {
	if addr, ok := netip.AddrFromSlice(octets); ok {
		return addr
	}
	addr, err := netip.ParseAddr(string(octets))
	if err != nil {
		return netip.Addr{}
	}
	return addr
}

// useful tells whether an address can be a device's: 127.0.0.1 and 0.0.0.0,
// sent by some agents, would make all of them one.
func useful(addr netip.Addr) bool {
	return addr.IsValid() && !addr.IsLoopback() && !addr.IsUnspecified()
}

// Address families (IANA AddressFamilyNumbers).
const (
	familyIPv4 = 1
	familyIPv6 = 2
)

// managementAddress reads the address family, the length and the address.
// MikroTik leaves the length out.
func managementAddress(arcs smi.OID) (netip.Addr, bool) {
	if len(arcs) < 2 {
		return netip.Addr{}, false
	}
	size := 0
	switch arcs[0] {
	case familyIPv4:
		size = 4
	case familyIPv6:
		size = 16
	default:
		return netip.Addr{}, false
	}
	arcs = arcs[1:]
	if len(arcs) == size+1 && int(arcs[0]) == size {
		arcs = arcs[1:]
	}
	if len(arcs) != size {
		return netip.Addr{}, false
	}
	addr, ok := ipFromArcs(arcs)
	return addr, ok && useful(addr)
}

// maxAddresses is how many management addresses of one neighbour are kept. A
// device has a few; more are somebody's attempt to keep this program busy.
const maxAddresses = 64
