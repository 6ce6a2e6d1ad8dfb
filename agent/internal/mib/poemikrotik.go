package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// mtxrPoE reads mtxrPOETable (MIKROTIK-MIB), which tells the port by the name
// of its interface. The index is that interface on RouterOS, but not on SwOS.
type mtxrPoE struct{ rows rows[mtxrPoERow] }

type mtxrPoERow struct {
	port lan.PoEPort
	name string
}

func newMtxrPoE() Decoder { return &mtxrPoE{} }

func (*mtxrPoE) Table() lan.Table { return lan.MtxrPOETable }

var mtxrPoEColumns = []Column{
	{"mtxrPOEName", smi.MustOID("1.3.6.1.4.1.14988.1.1.15.1.1.2")},
	{"mtxrPOEStatus", smi.MustOID("1.3.6.1.4.1.14988.1.1.15.1.1.3")},
	{"mtxrPOEPower", smi.MustOID("1.3.6.1.4.1.14988.1.1.15.1.1.6")},
}

func (*mtxrPoE) Columns() []Column { return mtxrPoEColumns }

const mtxrPoweredOn = 3 // mtxrPOEStatus

func (t *mtxrPoE) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	switch column {
	case 0:
		row.name = text(v)
	case 1:
		status, _ := v.Int()
		row.port.Delivering = status == mtxrPoweredOn
	case 2:
		row.port.Milliwatts = milliwatts(v, deciwatt)
	}
}

func (t *mtxrPoE) Rows() int { return t.rows.len() }

func (t *mtxrPoE) Into(s *lan.Snapshot) string {
	interfaces := interfaceNames(s)
	odd := 0
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 {
			odd++
			continue
		}
		row.port.Port, row.port.IfIndex = index[0], interfaces[row.name]
		s.PoE = append(s.PoE, row.port)
	}
	return unreadable(odd, "the index is no port")
}
