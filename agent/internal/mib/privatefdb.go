package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// hwDynFDB reads hwDynFdbTable (HUAWEI-L2MAM-MIB): what Huawei VRP has learnt.
// S5720 and AR169 leave the standard tables empty.
type hwDynFDB struct{ rows rows[lan.IfIndex] }

func newHwDynFDB() Decoder { return &hwDynFDB{} }

func (*hwDynFDB) Table() lan.Table { return lan.HwDynFdbTable }

var hwDynFDBColumns = []Column{{"hwDynFdbPort", smi.MustOID("1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4")}}

func (*hwDynFDB) Columns() []Column { return hwDynFDBColumns }

func (t *hwDynFDB) Row(column int, index smi.OID, v smi.Value) {
	n, _ := number(v, maxUint32)
	*t.rows.at(column, index) = lan.IfIndex(n)
}

func (t *hwDynFDB) Rows() int { return t.rows.len() }

// Into reads the index: the address, the VLAN and the name of a virtual
// switching instance, which is "0" where the VLAN counts.
func (t *hwDynFDB) Into(s *lan.Snapshot) string {
	odd := 0
	for n, ifIndex := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) < 7 {
			odd++
			continue
		}
		if !addPrivate(s, lan.HwDynFdbTable, index, index[:6], index[6], ifIndex) {
			odd++
		}
	}
	return unreadable(odd, "the index holds no hardware address")
}

// slMacAddress reads slMacAddressTable (ALCATEL-IND1-MAC-ADDRESS-MIB): what
// Alcatel OmniSwitch with AOS 6 has learnt.
type slMacAddress struct{ rows rows[int64] }

func newSlMacAddress() Decoder { return &slMacAddress{} }

func (*slMacAddress) Table() lan.Table { return lan.SlMacAddressTable }

var slMacAddressColumns = []Column{{"slMacAddressDisposition", smi.MustOID("1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.3")}}

func (*slMacAddress) Columns() []Column { return slMacAddressColumns }

func (t *slMacAddress) Row(column int, index smi.OID, v smi.Value) {
	*t.rows.at(column, index), _ = v.Int()
}

func (t *slMacAddress) Rows() int { return t.rows.len() }

// Into reads the index: the ifIndex, the VLAN and the address.
func (t *slMacAddress) Into(s *lan.Snapshot) string {
	odd := 0
	for n := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 8 || !addPrivate(s, lan.SlMacAddressTable, index, index[2:], index[1], lan.IfIndex(index[0])) {
			odd++
		}
	}
	return unreadable(odd, "the index holds no ifIndex, VLAN and hardware address")
}

// mtxrWlRtab reads mtxrWlRtabTable (MIKROTIK-MIB): who is registered at a
// wireless interface of RouterOS. A router that does not bridge its wireless
// interface shows these stations in no other table with a port (RB411AR).
type mtxrWlRtab struct{ rows rows[struct{}] }

func newMtxrWlRtab() Decoder { return &mtxrWlRtab{} }

func (*mtxrWlRtab) Table() lan.Table { return lan.MtxrWlRtabTable }

var mtxrWlRtabColumns = []Column{{"mtxrWlRtabAddr", smi.MustOID("1.3.6.1.4.1.14988.1.1.1.2.1.1")}}

func (*mtxrWlRtab) Columns() []Column { return mtxrWlRtabColumns }

func (t *mtxrWlRtab) Row(column int, index smi.OID, _ smi.Value) { t.rows.at(column, index) }

func (t *mtxrWlRtab) Rows() int { return t.rows.len() }

// Into reads the index: the address and the ifIndex.
func (t *mtxrWlRtab) Into(s *lan.Snapshot) string {
	odd := 0
	for n := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 7 || !addPrivate(s, lan.MtxrWlRtabTable, index, index[:6], 0, lan.IfIndex(index[6])) {
			odd++
		}
	}
	return unreadable(odd, "the index holds no hardware address and ifIndex")
}

// addPrivate adds an entry of a maker's own table, which tells ifIndex and
// VLAN itself.
func addPrivate(s *lan.Snapshot, table lan.Table, index, address smi.OID, vlan uint32, ifIndex lan.IfIndex) bool {
	mac, ok := lan.MACFromArcs(address)
	if !ok {
		return false
	}
	entry := lan.FDBEntry{Table: table, MAC: mac, Port: lan.BridgePort(ifIndex), IfIndex: ifIndex, Index: index.String()}
	if vlan <= lan.MaxVLAN {
		entry.VLAN = lan.VLAN(vlan)
	}
	s.FDB = append(s.FDB, entry)
	return true
}
