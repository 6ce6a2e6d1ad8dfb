package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// logical reads from entLogicalTable what contexts the device has (ENTITY-MIB,
// RFC 6933). Beside them stand the communities that open them
// (entLogicalCommunity): OnlyColumns keeps those from being asked for.
type logical struct{ rows rows[string] }

func newLogical() Decoder { return &logical{} }

func (*logical) Table() lan.Table { return lan.EntLogicalTable }

var logicalColumns = []Column{{"entLogicalContextName", smi.MustOID("1.3.6.1.2.1.47.1.2.1.1.8")}}

func (*logical) Columns() []Column { return logicalColumns }

func (t *logical) Row(column int, index smi.OID, v smi.Value) {
	*t.rows.at(column, index) = text(v) // without the NUL that WS-C3560CG writes behind it
}

func (t *logical) Rows() int { return t.rows.len() }

// Into leaves out the default context, whose name is empty.
func (t *logical) Into(s *lan.Snapshot) string {
	for _, name := range t.rows.entries {
		if name != "" && !slices.Contains(s.Contexts.Names, name) {
			s.Contexts.Names = append(s.Contexts.Names, name)
		}
	}
	return ""
}

// OnlyColumns tells of a table of which nothing else may be asked for than the
// columns of its decoder, not even to find out whether it has rows.
func OnlyColumns(table lan.Table) bool { return table == lan.EntLogicalTable }
