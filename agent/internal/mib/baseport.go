package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// basePort reads dot1dBasePortTable: which interface a bridge port is
// (BRIDGE-MIB, RFC 4188).
type basePort struct{ rows rows[basePortRow] }

type basePortRow struct {
	ifIndex lan.IfIndex
	port    lan.BridgePort
	odd     bool // what stands in place of the interface is no number
}

func newBasePort() Decoder { return &basePort{} }

func (*basePort) Table() lan.Table { return lan.Dot1dBasePortTable }

var basePortColumns = []Column{
	{"dot1dBasePortIfIndex", smi.MustOID("1.3.6.1.2.1.17.1.4.1.2")},
	{"dot1dBasePort", smi.MustOID("1.3.6.1.2.1.17.1.4.1.1")},
}

func (*basePort) Columns() []Column { return basePortColumns }

func (t *basePort) Row(column int, index smi.OID, v smi.Value) {
	n, _ := number(v, maxUint32)
	_, isNumber := v.Int()
	row := t.rows.at(column, index)
	if column == 0 {
		row.ifIndex, row.odd = lan.IfIndex(n), !isNumber
	} else {
		row.port = lan.BridgePort(n)
	}
}

func (t *basePort) Rows() int { return t.rows.len() }

func (t *basePort) Into(s *lan.Snapshot) string {
	counted := t.counted()
	odd := 0
	for n, row := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 || row.odd {
			odd++
			continue
		}
		// Alcatel and Allied Telesis list ports that have no interface as 0.
		if row.ifIndex == 0 {
			continue
		}
		port := lan.BridgePort(index[0])
		if counted {
			port = row.port
		}
		if s.BridgePorts == nil {
			s.BridgePorts = make(map[lan.BridgePort]lan.IfIndex)
		}
		s.BridgePorts[port] = row.ifIndex
	}
	return unreadable(odd, "the index is no bridge port, or the value no ifIndex")
}

// counted tells whether the rows are only numbered, as on FortiSwitch, so
// that the port is the value of dot1dBasePort and not the index. Cambium PMP
// says 0 there, which is no port.
func (t *basePort) counted() bool {
	seen := make(map[lan.BridgePort]bool)
	differ := false
	for n, row := range t.rows.entries {
		if row.port == 0 || seen[row.port] {
			return false
		}
		seen[row.port] = true
		index := t.rows.index(n)
		differ = differ || len(index) != 1 || lan.BridgePort(index[0]) != row.port
	}
	return differ
}
