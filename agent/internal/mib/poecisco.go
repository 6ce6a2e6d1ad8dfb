package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// cpePort reads cpeExtPsePortTable (CISCO-POWER-ETHERNET-EXT-MIB), which adds
// to pethPsePortTable. Its ports are physical entities, and these are called
// as the interfaces are: port 6 of a Catalyst 3560 is FastEthernet0/4.
type cpePort struct {
	rows  rows[cpePortRow]
	names map[uint32]string // entPhysicalName
}

type cpePortRow struct{ milliwatts, entity uint32 }

func newCpePort() Decoder { return &cpePort{names: make(map[uint32]string)} }

func (*cpePort) Table() lan.Table { return lan.CpeExtPsePortTable }

var cpePortColumns = []Column{
	{"cpeExtPsePortPwrConsumption", smi.MustOID("1.3.6.1.4.1.9.9.402.1.2.1.9")},
	{"cpeExtPsePortEntPhyIndex", smi.MustOID("1.3.6.1.4.1.9.9.402.1.2.1.11")},
	{"entPhysicalName", smi.MustOID("1.3.6.1.2.1.47.1.1.1.1.7")},
}

const entPhysicalNameColumn = 2

// Columns asks for the names of the entities only where there is a port.
func (t *cpePort) Columns() []Column {
	if t.rows.len() == 0 {
		return cpePortColumns[:entPhysicalNameColumn]
	}
	return cpePortColumns
}

func (t *cpePort) Row(column int, index smi.OID, v smi.Value) {
	switch column {
	case 0:
		t.rows.at(column, index).milliwatts = milliwatts(v, 1)
	case 1:
		t.rows.at(column, index).entity, _ = number(v, maxUint32)
	case entPhysicalNameColumn:
		if len(index) == 1 {
			t.names[index[0]] = text(v)
		}
	}
}

func (t *cpePort) Rows() int { return t.rows.len() }

func (t *cpePort) Into(s *lan.Snapshot) string {
	ports, interfaces := newPSEPorts(s), interfaceNames(s)
	odd := 0
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 2 {
			odd++
			continue
		}
		ports.draws(index[0], index[1], row.milliwatts, interfaces[t.names[row.entity]])
	}
	return unreadable(odd, "the index is no group and port")
}
