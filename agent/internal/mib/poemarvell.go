package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// rlPort reads rlPethPsePortTable, which adds to pethPsePortTable on switches
// with Marvell's software. Their port numbers are ifIndexes: in a stack of
// CBS350 those of the second unit begin at 53, on Eltex MES2324 they do at 49.
type rlPort struct {
	table   lan.Table
	columns []Column
	rows    rows[uint32]
}

// newCiscoSBPort reads it where Cisco's small switches have it (SG350X,
// CBS250, CBS350).
func newCiscoSBPort() Decoder {
	return &rlPort{table: lan.RlPethPsePortTable, columns: ciscoSBPortColumns}
}

// newMarvellPort reads it where others have it (Eltex MES23xx).
func newMarvellPort() Decoder {
	return &rlPort{table: lan.MarvellPsePortTable, columns: marvellPortColumns}
}

func (t *rlPort) Table() lan.Table { return t.table }

var (
	ciscoSBPortColumns = []Column{{"rlPethPsePortOutputPower", smi.MustOID("1.3.6.1.4.1.9.6.1.101.108.1.1.5")}}
	marvellPortColumns = []Column{{"rlPethPsePortOutputPower", smi.MustOID("1.3.6.1.4.1.89.108.1.1.5")}}
)

func (t *rlPort) Columns() []Column { return t.columns }

func (t *rlPort) Row(column int, index smi.OID, v smi.Value) {
	*t.rows.at(column, index) = milliwatts(v, 1)
}

func (t *rlPort) Rows() int { return t.rows.len() }

func (t *rlPort) Into(s *lan.Snapshot) string {
	ports, interfaces := newPSEPorts(s), interfaceSet(s)
	odd := 0
	for n, milliwatts := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 2 {
			odd++
			continue
		}
		ifIndex := lan.IfIndex(index[1])
		if !interfaces[ifIndex] {
			ifIndex = 0
		}
		ports.draws(index[0], index[1], milliwatts, ifIndex)
	}
	return unreadable(odd, "the index is no unit and port")
}
