package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// stpPort reads dot1dStpPortTable: which ports the spanning tree blocks
// (BRIDGE-MIB, RFC 4188).
type stpPort struct{ rows rows[lan.STPState] }

func newSTPPort() Decoder { return &stpPort{} }

func (*stpPort) Table() lan.Table { return lan.Dot1dStpPortTable }

var stpPortColumns = []Column{{"dot1dStpPortState", smi.MustOID("1.3.6.1.2.1.17.2.15.1.3")}}

func (*stpPort) Columns() []Column { return stpPortColumns }

const stpBroken = 6 // the highest dot1dStpPortState

func (t *stpPort) Row(column int, index smi.OID, v smi.Value) {
	state, _ := number(v, stpBroken)
	*t.rows.at(column, index) = lan.STPState(state)
}

func (t *stpPort) Rows() int { return t.rows.len() }

func (t *stpPort) Into(s *lan.Snapshot) string {
	odd := 0
	for n, state := range t.rows.entries {
		index := t.rows.index(n)
		if len(index) != 1 {
			odd++
			continue
		}
		if s.STPStates == nil {
			s.STPStates = make(map[lan.BridgePort]lan.STPState)
		}
		s.STPStates[lan.BridgePort(index[0])] = state
	}
	return unreadable(odd, "the index is no bridge port")
}
