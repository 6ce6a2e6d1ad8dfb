package mib

import (
	"cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// lldpLocPort reads lldpLocPortTable: what a device calls its own ports
// (LLDP-MIB, IEEE 802.1AB).
type lldpLocPort struct{ rows rows[lldpLocPortRow] }

type lldpLocPortRow struct {
	subtype int64
	id      []byte
	descr   string
}

func newLLDPLocPort() Decoder { return &lldpLocPort{} }

func (*lldpLocPort) Table() lan.Table { return lan.LLDPLocPortTable }

var lldpLocPortColumns = []Column{
	{"lldpLocPortId", smi.MustOID("1.0.8802.1.1.2.1.3.7.1.3")},
	{"lldpLocPortIdSubtype", smi.MustOID("1.0.8802.1.1.2.1.3.7.1.2")},
	{"lldpLocPortDesc", smi.MustOID("1.0.8802.1.1.2.1.3.7.1.4")},
}

func (*lldpLocPort) Columns() []Column { return lldpLocPortColumns }

func (t *lldpLocPort) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	switch column {
	case 0:
		row.id, _ = v.Octets()
	case 1:
		row.subtype, _ = v.Int()
	case 2:
		row.descr = text(v)
	}
}

func (t *lldpLocPort) Rows() int { return t.rows.len() }

func (t *lldpLocPort) Into(s *lan.Snapshot) string {
	odd := 0
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 {
			odd++
			continue
		}
		if s.LLDPLocal.Ports == nil {
			s.LLDPLocal.Ports = make(map[uint32]lan.LLDPLocalPort, t.rows.len())
		}
		s.LLDPLocal.Ports[index[0]] = lan.LLDPLocalPort{ID: portID(row.subtype, row.id), Descr: row.descr}
	}
	return unreadable(odd, "the index is no lldpLocPortNum")
}

// lldpRem reads lldpRemTable (LLDP-MIB, IEEE 802.1AB) or lldpV2RemTable
// (LLDP-V2-MIB, IEEE 802.1AB-2009): who announces itself on which port.
type lldpRem struct {
	table lan.Table
	rows  rows[lldpRemRow]
}

type lldpRemRow struct {
	chassisSubtype, portSubtype int64
	chassis, port               []byte
	portDescr, name, descr      string
	enabled                     lan.LLDPCapabilities
}

func newLLDPRem() Decoder { return &lldpRem{table: lan.LLDPRemTable} }

func (t *lldpRem) Table() lan.Table { return t.table }

var lldpRemColumns = []Column{
	{"lldpRemChassisId", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.5")},
	{"lldpRemChassisIdSubtype", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.4")},
	{"lldpRemPortIdSubtype", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.6")},
	{"lldpRemPortId", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.7")},
	{"lldpRemPortDesc", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.8")},
	{"lldpRemSysName", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.9")},
	{"lldpRemSysDesc", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.10")},
	{"lldpRemSysCapEnabled", smi.MustOID("1.0.8802.1.1.2.1.4.1.1.12")},
}

func (t *lldpRem) Columns() []Column {
	if t.table == lan.LLDPV2RemTable {
		return lldpV2RemColumns
	}
	return lldpRemColumns
}

func (t *lldpRem) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	switch column {
	case 0:
		row.chassis, _ = v.Octets()
	case 1:
		row.chassisSubtype, _ = v.Int()
	case 2:
		row.portSubtype, _ = v.Int()
	case 3:
		row.port, _ = v.Octets()
	case 4:
		row.portDescr = text(v)
	case 5:
		row.name = text(v)
	case 6:
		row.descr = text(v)
	case 7:
		octets, _ := v.Octets()
		row.enabled = lan.ParseLLDPCapabilities(octets)
	}
}

func (t *lldpRem) Rows() int { return t.rows.len() }

// A remoteKey names a neighbour within a device. The TimeMark that stands
// before it in the index is left out: FortiGate and ERS4950 move it with
// every frame, so that the columns of one neighbour carry different ones.
type remoteKey struct{ localPort, remIndex uint32 }

// noLocalPort stands for a local port that the device does not tell; 0 is one
// on devices that count from there.
const noLocalPort = maxUint32

func (t *lldpRem) Into(s *lan.Snapshot) string {
	merged := make(map[remoteKey]int, len(t.rows.entries))
	odd := 0
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		k, ok := t.neighbor(index)
		if !ok {
			odd++
			continue
		}
		at, known := merged[k]
		if !known {
			at = len(s.LLDP)
			merged[k] = at
			s.LLDP = append(s.LLDP, t.newNeighbor(k, index))
		}
		row.mergeInto(&s.LLDP[at])
	}
	return unreadable(odd, "the index has no local port and neighbour number")
}

// neighbor reads the index of a row.
func (t *lldpRem) neighbor(index smi.OID) (remoteKey, bool) {
	if t.table == lan.LLDPV2RemTable {
		return remoteV2Index(index)
	}
	return remoteIndex(index)
}

func (t *lldpRem) newNeighbor(k remoteKey, index smi.OID) lan.LLDPNeighbor {
	if t.table == lan.LLDPV2RemTable {
		return lan.LLDPNeighbor{Table: t.table, LocalPort: noLocalPort, IfIndex: lan.IfIndex(k.localPort), Index: index.String()}
	}
	return lan.LLDPNeighbor{LocalPort: k.localPort, Index: index.String()}
}

// remoteIndex reads TimeMark, lldpRemLocalPortNum and lldpRemIndex. MikroTik
// gives lldpRemIndex alone, so that the port is unknown; TP-Link TL-SX3016F
// leaves the TimeMark out; Timetra adds a destination address index at the
// end.
func remoteIndex(index smi.OID) (remoteKey, bool) {
	switch len(index) {
	case 1:
		return remoteKey{noLocalPort, index[0]}, true
	case 2:
		return remoteKey{index[0], index[1]}, true
	case 3, 4:
		return remoteKey{index[1], index[2]}, true
	default:
		return remoteKey{}, false
	}
}

// RemLocalPortNum is the lldpRemLocalPortNum in the index of a row of
// lldpRemTable, and whether it has one.
func RemLocalPortNum(index smi.OID) (num uint32, ok bool) {
	k, ok := remoteIndex(index)
	return k.localPort, ok && k.localPort != noLocalPort
}

func (r *lldpRemRow) mergeInto(n *lan.LLDPNeighbor) {
	if len(r.chassis) > 0 {
		n.Chassis = chassisID(r.chassisSubtype, r.chassis)
	}
	if len(r.port) > 0 {
		n.Port = portID(r.portSubtype, r.port)
	}
	n.PortDescr = cmp.Or(r.portDescr, n.PortDescr)
	n.SysName = cmp.Or(r.name, n.SysName)
	n.SysDescr = cmp.Or(r.descr, n.SysDescr)
	n.Enabled |= r.enabled
}
