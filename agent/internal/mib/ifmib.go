package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// ifTable reads ifTable (IF-MIB, RFC 2863).
type ifTable struct{ rows rows[lan.Interface] }

func newIfTable() Decoder { return &ifTable{} }

func (*ifTable) Table() lan.Table { return lan.IfTable }

var ifTableColumns = []Column{
	{"ifDescr", smi.MustOID("1.3.6.1.2.1.2.2.1.2")},
	{"ifType", smi.MustOID("1.3.6.1.2.1.2.2.1.3")},
	{"ifPhysAddress", smi.MustOID("1.3.6.1.2.1.2.2.1.6")},
}

func (*ifTable) Columns() []Column { return ifTableColumns }

func (t *ifTable) Row(column int, index smi.OID, v smi.Value) {
	i := t.rows.at(column, index)
	n, _ := number(v, maxUint32)
	switch column {
	case 0:
		i.Descr = text(v)
	case 1:
		i.Type = int(n)
	case 2:
		octets, _ := v.Octets()
		i.MAC, _ = lan.MACFromOctets(octets)
	}
}

func (t *ifTable) Rows() int { return t.rows.len() }

func (t *ifTable) Into(s *lan.Snapshot) string {
	s.Interfaces = slices.Grow(s.Interfaces, t.rows.len())
	odd := 0
	for n, i := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 || index[0] == 0 {
			odd++
			continue
		}
		i.Index = lan.IfIndex(index[0])
		s.Interfaces = append(s.Interfaces, i)
	}
	return unreadable(odd, "the index is no ifIndex")
}

// ifXTable reads ifXTable (IF-MIB, RFC 2863).
type ifXTable struct{ rows rows[ifNames] }

type ifNames struct{ name, alias string }

func newIfXTable() Decoder { return &ifXTable{} }

func (*ifXTable) Table() lan.Table { return lan.IfXTable }

var ifXTableColumns = []Column{
	{"ifName", smi.MustOID("1.3.6.1.2.1.31.1.1.1.1")},
	{"ifAlias", smi.MustOID("1.3.6.1.2.1.31.1.1.1.18")},
}

func (*ifXTable) Columns() []Column { return ifXTableColumns }

// AliasOf names the ifAlias of an interface.
func AliasOf(index lan.IfIndex) smi.OID { return ifXTableColumns[1].OID.Append(uint32(index)) }

func (t *ifXTable) Row(column int, index smi.OID, v smi.Value) {
	names := t.rows.at(column, index)
	if column == 0 {
		names.name = text(v)
	} else {
		names.alias = text(v)
	}
}

func (t *ifXTable) Rows() int { return t.rows.len() }

func (t *ifXTable) Into(s *lan.Snapshot) string {
	position := make(map[lan.IfIndex]int, len(s.Interfaces))
	for n, i := range s.Interfaces {
		position[i.Index] = n
	}
	odd := 0
	for n, names := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 || index[0] == 0 {
			odd++
			continue
		}
		at, known := position[lan.IfIndex(index[0])]
		if !known {
			at = len(s.Interfaces)
			s.Interfaces = append(s.Interfaces, lan.Interface{Index: lan.IfIndex(index[0])})
		}
		s.Interfaces[at].Name, s.Interfaces[at].Alias = names.name, names.alias
	}
	return unreadable(odd, "the index is no ifIndex")
}

// ifStack reads ifStackTable: which interface runs on top of which (IF-MIB,
// RFC 2863). It matters for aggregates, whose members it names on devices
// without IEEE8023-LAG-MIB.
type ifStack struct{ rows rows[struct{}] }

func newIfStack() Decoder { return &ifStack{} }

func (*ifStack) Table() lan.Table { return lan.IfStackTable }

var ifStackColumns = []Column{{"ifStackStatus", smi.MustOID("1.3.6.1.2.1.31.1.2.1.3")}}

func (*ifStack) Columns() []Column { return ifStackColumns }

func (t *ifStack) Row(column int, index smi.OID, _ smi.Value) { t.rows.at(column, index) }

func (t *ifStack) Rows() int { return t.rows.len() }

const ifTypeLAG = 161 // ieee8023adLag, IANAifType-MIB

func (t *ifStack) Into(s *lan.Snapshot) string {
	lags := make(map[lan.IfIndex]bool)
	for _, i := range s.Interfaces {
		if i.Type == ifTypeLAG {
			lags[i.Index] = true
		}
	}
	odd := 0
	for n := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 2 {
			odd++
			continue
		}
		higher, lower := lan.IfIndex(index[0]), lan.IfIndex(index[1])
		if lags[higher] && lower != 0 {
			addMember(s, lower, higher)
		}
	}
	return unreadable(odd, "the index is not a pair of ifIndexes")
}

func addMember(s *lan.Snapshot, member, aggregate lan.IfIndex) {
	if s.Aggregates == nil {
		s.Aggregates = make(map[lan.IfIndex]lan.IfIndex)
	}
	s.Aggregates[member] = aggregate
}
