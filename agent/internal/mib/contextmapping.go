package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// contextMapping reads cContextMappingTable (CISCO-CONTEXT-MAPPING-MIB): which
// context shows the tables of which VRF. The context is the index.
type contextMapping struct{ rows rows[string] }

func newContextMapping() Decoder { return &contextMapping{} }

func (*contextMapping) Table() lan.Table { return lan.CContextMappingTable }

var contextMappingColumns = []Column{{"cContextMappingVrfName", smi.MustOID("1.3.6.1.4.1.9.9.468.1.1.1.2")}}

func (*contextMapping) Columns() []Column { return contextMappingColumns }

func (t *contextMapping) Row(column int, index smi.OID, v smi.Value) {
	*t.rows.at(column, index) = text(v)
}

func (t *contextMapping) Rows() int { return t.rows.len() }

// Into leaves out the contexts without a VRF, which Nexus has for each VLAN.
func (t *contextMapping) Into(s *lan.Snapshot) string {
	odd := 0
	for i, vrf := range t.rows.entries {
		name, ok := indexText(t.rows.index(i))
		switch {
		case !ok:
			odd++
		case vrf != "" && name != "" && !slices.Contains(s.Contexts.VRFs, name):
			s.Contexts.VRFs = append(s.Contexts.VRFs, name)
		}
	}
	return unreadable(odd, "the index holds no name")
}

// indexText reads a name from an index, behind its length.
func indexText(index smi.OID) (string, bool) {
	if len(index) == 0 || int(index[0]) != len(index)-1 {
		return "", false
	}
	octets := make([]byte, 0, len(index))
	for _, arc := range index[1:] {
		if arc > 255 {
			return "", false
		}
		octets = append(octets, byte(arc))
	}
	return lan.CleanText(octets), true
}
