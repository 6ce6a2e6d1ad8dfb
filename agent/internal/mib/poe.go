package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// poe reads pethPsePortTable: which ports feed what is attached to them
// (POWER-ETHERNET-MIB, RFC 3621).
type poe struct{ rows rows[lan.PoEPort] }

func newPoE() Decoder { return &poe{} }

func (*poe) Table() lan.Table { return lan.PethPsePortTable }

var poeColumns = []Column{
	{"pethPsePortDetectionStatus", smi.MustOID("1.3.6.1.2.1.105.1.1.1.6")},
	{"pethPsePortPowerClassifications", smi.MustOID("1.3.6.1.2.1.105.1.1.1.10")},
}

func (*poe) Columns() []Column { return poeColumns }

const (
	deliveringPower = 3 // pethPsePortDetectionStatus
	highestPoEClass = 5 // class4(5) of pethPsePortPowerClassifications
)

func (t *poe) Row(column int, index smi.OID, v smi.Value) {
	port := t.rows.at(column, index)
	if column == 0 {
		status, _ := v.Int()
		port.Delivering = status == deliveringPower
		return
	}
	class, _ := number(v, highestPoEClass)
	port.Class = uint8(class)
}

func (t *poe) Rows() int { return t.rows.len() }

func (t *poe) Into(s *lan.Snapshot) string {
	odd := 0
	for n, port := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 2 {
			odd++
			continue
		}
		port.Group, port.Port = index[0], index[1]
		s.PoE = append(s.PoE, port)
	}
	return unreadable(odd, "the index is no group and port")
}
