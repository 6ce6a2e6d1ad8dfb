package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// vtpVlan reads vtpVlanTable (CISCO-VTP-MIB): the VLANs of a Cisco switch,
// each of which has its forwarding table in a context of its own.
type vtpVlan struct{ rows rows[vtpVlanRow] }

type vtpVlanRow struct{ state, kind int64 }

func newVtpVlan() Decoder { return &vtpVlan{} }

func (*vtpVlan) Table() lan.Table { return lan.VtpVlanTable }

var vtpVlanColumns = []Column{
	{"vtpVlanState", smi.MustOID("1.3.6.1.4.1.9.9.46.1.3.1.1.2")},
	{"vtpVlanType", smi.MustOID("1.3.6.1.4.1.9.9.46.1.3.1.1.3")},
}

func (*vtpVlan) Columns() []Column { return vtpVlanColumns }

func (t *vtpVlan) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	n, _ := v.Int()
	switch column {
	case 0:
		row.state = n
	case 1:
		row.kind = n
	}
}

func (t *vtpVlan) Rows() int { return t.rows.len() }

// What vtpVlanState and vtpVlanType say of a VLAN that forwards Ethernet.
const (
	vtpOperational = 1
	vtpEthernet    = 1
)

// Into reads the VLAN from the end of the index, where it stands behind the
// number of the management domain.
func (t *vtpVlan) Into(s *lan.Snapshot) string {
	odd := 0
	for i, row := range t.rows.entries {
		index := t.rows.index(i)
		if len(index) == 0 {
			odd++
			continue
		}
		id := index[len(index)-1]
		if row.state != vtpOperational || row.kind > vtpEthernet || id == 0 || id > lan.MaxVLAN || vtpReserved(id) {
			continue
		}
		if vlan := lan.VLAN(id); !slices.Contains(s.Contexts.VLANs, vlan) {
			s.Contexts.VLANs = append(s.Contexts.VLANs, vlan)
		}
	}
	return unreadable(odd, "the index holds no VLAN")
}

// vtpReserved tells the VLANs that Cisco keeps for FDDI and Token Ring. IOS XE
// says of them as of any other that they are operational.
func vtpReserved(id uint32) bool { return id >= 1002 && id <= 1005 }
