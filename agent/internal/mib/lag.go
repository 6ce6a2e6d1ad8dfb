package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// aggPort reads dot3adAggPortTable: which aggregate a port belongs to
// (IEEE8023-LAG-MIB, IEEE 802.1AX).
type aggPort struct{ rows rows[aggIDs] }

type aggIDs struct{ attached, selected lan.IfIndex }

func newAggPort() Decoder { return &aggPort{} }

func (*aggPort) Table() lan.Table { return lan.Dot3adAggPortTable }

var aggPortColumns = []Column{
	{"dot3adAggPortAttachedAggID", smi.MustOID("1.2.840.10006.300.43.1.2.1.1.13")},
	{"dot3adAggPortSelectedAggID", smi.MustOID("1.2.840.10006.300.43.1.2.1.1.12")},
}

func (*aggPort) Columns() []Column { return aggPortColumns }

func (t *aggPort) Row(column int, index smi.OID, v smi.Value) {
	ids := t.rows.at(column, index)
	n, _ := number(v, maxUint32)
	if column == 0 {
		ids.attached = lan.IfIndex(n)
	} else {
		ids.selected = lan.IfIndex(n)
	}
}

func (t *aggPort) Rows() int { return t.rows.len() }

// Into takes the attached aggregate, and the selected one where a device
// leaves that at 0. A port that names itself is in no aggregate (IEEE
// 802.1AX: an individual port).
func (t *aggPort) Into(s *lan.Snapshot) string {
	known := interfaceSet(s)
	odd := 0
	for n, ids := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 {
			odd++
			continue
		}
		aggregate := ids.attached
		if aggregate == 0 {
			aggregate = ids.selected
		}
		if member := lan.IfIndex(index[0]); aggregate != 0 && aggregate != member && known[aggregate] {
			addMember(s, member, aggregate)
		}
	}
	return unreadable(odd, "the index is no ifIndex")
}
