package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// medClass reads lldpXMedRemCapabilitiesTable: which neighbours are endpoints
// (LLDP-EXT-MED-MIB, ANSI/TIA-1057).
type medClass struct{ rows rows[uint8] }

func newMEDClass() Decoder { return &medClass{} }

func (*medClass) Table() lan.Table { return lan.LLDPXMedRemCapabilitiesTable }

var medClassColumns = []Column{{"lldpXMedRemDeviceClass", smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.1.1.3")}}

func (*medClass) Columns() []Column { return medClassColumns }

const medNetworkConnectivity = 4 // the highest LldpXMedDeviceClass

func (t *medClass) Row(column int, index smi.OID, v smi.Value) {
	n, _ := number(v, medNetworkConnectivity)
	*t.rows.at(column, index) = uint8(n)
}

func (t *medClass) Rows() int { return t.rows.len() }

func (t *medClass) Into(s *lan.Snapshot) string {
	known := newNeighborSet(s, false)
	odd := 0
	for n, class := range t.rows.entries {
		k, ok := remoteIndex(t.rows.index(n))
		if !ok {
			odd++
			continue
		}
		if neighbor := known.find(k); neighbor != nil {
			neighbor.MED.Class = class
		}
	}
	return unreadable(odd, "the index has no local port and neighbour number")
}

// medInventory reads lldpXMedRemInventoryTable: who made the neighbours, and
// which models they are (LLDP-EXT-MED-MIB, ANSI/TIA-1057).
type medInventory struct{ rows rows[lan.LLDPMED] }

func newMEDInventory() Decoder { return &medInventory{} }

func (*medInventory) Table() lan.Table { return lan.LLDPXMedRemInventoryTable }

var medInventoryColumns = []Column{
	{"lldpXMedRemModelName", smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.3.1.6")},
	{"lldpXMedRemMfgName", smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.3.1.5")},
	{"lldpXMedRemSerialNum", smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.3.1.4")},
	{"lldpXMedRemFirmwareRev", smi.MustOID("1.0.8802.1.1.2.1.5.4795.1.3.3.1.2")},
}

func (*medInventory) Columns() []Column { return medInventoryColumns }

func (t *medInventory) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	switch column {
	case 0:
		row.Model = text(v)
	case 1:
		row.Manufacturer = text(v)
	case 2:
		row.Serial = text(v)
	case 3:
		row.Firmware = text(v)
	}
}

func (t *medInventory) Rows() int { return t.rows.len() }

func (t *medInventory) Into(s *lan.Snapshot) string {
	known := newNeighborSet(s, false)
	odd := 0
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		k, ok := remoteIndex(index)
		if !ok {
			odd++
			continue
		}
		if neighbor := known.find(k); neighbor != nil {
			row.Class, row.Index = neighbor.MED.Class, index.String()
			neighbor.MED = row
		}
	}
	return unreadable(odd, "the index has no local port and neighbour number")
}
