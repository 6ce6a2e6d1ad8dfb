package mib

import (
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// tplinkPoE reads tpPoePortConfigTable (TPLINK-POWER-OVER-ETHERNET-MIB):
// TP-Link JetStream counts its ports from 1 here, as in its forwarding table.
type tplinkPoE struct{ rows rows[lan.PoEPort] }

func newTPLinkPoE() Decoder { return &tplinkPoE{} }

func (*tplinkPoE) Table() lan.Table { return lan.TpPoePortConfigTable }

var tplinkPoEColumns = []Column{
	{"tpPoePower", smi.MustOID("1.3.6.1.4.1.11863.6.56.1.1.2.1.1.7")},
	{"tpPoePdClass", smi.MustOID("1.3.6.1.4.1.11863.6.56.1.1.2.1.1.10")},
	{"tpPoePowerStatus", smi.MustOID("1.3.6.1.4.1.11863.6.56.1.1.2.1.1.11")},
}

func (*tplinkPoE) Columns() []Column { return tplinkPoEColumns }

const (
	tplinkPoEOn  = 2     // tpPoePowerStatus
	tplinkBefore = 49152 // the ifIndex before that of port 1
)

func (t *tplinkPoE) Row(column int, index smi.OID, v smi.Value) {
	port := t.rows.at(column, index)
	switch column {
	case 0:
		port.Milliwatts = milliwatts(v, deciwatt)
	case 1:
		// Class 0 is 0, and none is 7.
		if class, ok := number(v, highestPoEClass-1); ok {
			port.Class = uint8(class) + 1
		}
	case 2:
		status, _ := v.Int()
		port.Delivering = status == tplinkPoEOn
	}
}

func (t *tplinkPoE) Rows() int { return t.rows.len() }

// Into takes port 11 for the interface 49163 if that is called
// "gigabitEthernet 1/0/11".
func (t *tplinkPoE) Into(s *lan.Snapshot) string {
	labels := make(map[lan.IfIndex]string, len(s.Interfaces))
	for i := range s.Interfaces {
		labels[s.Interfaces[i].Index] = s.Interfaces[i].Label()
	}
	odd := 0
	for n, port := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 {
			odd++
			continue
		}
		port.Port = index[0]
		if ifIndex := lan.IfIndex(port.Port) + tplinkBefore; strings.HasSuffix(labels[ifIndex], "/"+index.String()) {
			port.IfIndex = ifIndex
		}
		s.PoE = append(s.PoE, port)
	}
	return unreadable(odd, "the index is no port")
}
