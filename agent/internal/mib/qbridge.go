package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// vlanCurrent reads dot1qVlanCurrentTable: which VLAN learns into which
// forwarding database (Q-BRIDGE-MIB, RFC 4363).
type vlanCurrent struct{ rows rows[lan.FDBID] }

func newVLANCurrent() Decoder { return &vlanCurrent{} }

func (*vlanCurrent) Table() lan.Table { return lan.Dot1qVlanCurrentTable }

var vlanCurrentColumns = []Column{{"dot1qVlanFdbId", smi.MustOID("1.3.6.1.2.1.17.7.1.4.2.1.3")}}

func (*vlanCurrent) Columns() []Column { return vlanCurrentColumns }

func (t *vlanCurrent) Row(column int, index smi.OID, v smi.Value) {
	n, _ := number(v, maxUint32)
	*t.rows.at(column, index) = lan.FDBID(n)
}

func (t *vlanCurrent) Rows() int { return t.rows.len() }

// Into turns the map round. The index is a TimeMark and the VLAN; some agents
// leave the TimeMark out (FortiSwitch). A map that says 0 for every VLAN says
// nothing (FortiSwitch too).
func (t *vlanCurrent) Into(s *lan.Snapshot) string {
	odd := 0
	for n, id := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) < 1 || len(index) > 2 {
			odd++
			continue
		}
		vlan := index[len(index)-1]
		if id == 0 || vlan == 0 || vlan > lan.MaxVLAN {
			continue
		}
		if s.VLANs == nil {
			s.VLANs = make(map[lan.FDBID][]lan.VLAN)
		}
		if !slices.Contains(s.VLANs[id], lan.VLAN(vlan)) {
			s.VLANs[id] = append(s.VLANs[id], lan.VLAN(vlan))
		}
	}
	return unreadable(odd, "the index is no VLAN")
}

// vlanStatic reads the names of dot1qVlanStaticTable (Q-BRIDGE-MIB, RFC
// 4363): which VLANs there are.
type vlanStatic struct{ rows rows[string] }

func newVLANStatic() Decoder { return &vlanStatic{} }

func (*vlanStatic) Table() lan.Table { return lan.Dot1qVlanStaticTable }

var vlanStaticColumns = []Column{{"dot1qVlanStaticName", smi.MustOID("1.3.6.1.2.1.17.7.1.4.3.1.1")}}

func (*vlanStatic) Columns() []Column { return vlanStaticColumns }

func (t *vlanStatic) Row(column int, index smi.OID, v smi.Value) {
	*t.rows.at(column, index) = text(v)
}

func (t *vlanStatic) Rows() int { return t.rows.len() }

func (t *vlanStatic) Into(s *lan.Snapshot) string {
	odd := 0
	for n, name := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 || index[0] == 0 || index[0] > lan.MaxVLAN {
			odd++
			continue
		}
		if s.VLANNames == nil {
			s.VLANNames = make(map[lan.VLAN]string)
		}
		s.VLANNames[lan.VLAN(index[0])] = name
	}
	return unreadable(odd, "the index is no VLAN")
}
