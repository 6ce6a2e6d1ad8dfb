package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// entity reads from entPhysicalTable what the chassis is (ENTITY-MIB, RFC
// 6933).
type entity struct{ rows rows[entityRow] }

type entityRow struct {
	class         int64
	model, serial string
}

func newEntity() Decoder { return &entity{} }

func (*entity) Table() lan.Table { return lan.EntPhysicalTable }

var entityColumns = []Column{
	{"entPhysicalClass", smi.MustOID("1.3.6.1.2.1.47.1.1.1.1.5")},
	{"entPhysicalModelName", smi.MustOID("1.3.6.1.2.1.47.1.1.1.1.13")},
	{"entPhysicalSerialNum", smi.MustOID("1.3.6.1.2.1.47.1.1.1.1.11")},
}

func (*entity) Columns() []Column { return entityColumns }

func (t *entity) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	switch column {
	case 0:
		row.class, _ = v.Int()
	case 1:
		row.model = text(v)
	case 2:
		row.serial = text(v)
	}
}

func (t *entity) Rows() int { return t.rows.len() }

const entClassChassis = 3 // PhysicalClass, RFC 6933

// Into takes the first chassis: the master of a stack.
func (t *entity) Into(s *lan.Snapshot) string {
	for _, row := range t.rows.entries {
		if row.class == entClassChassis {
			s.System.Model, s.System.Serial = row.model, row.serial
			return ""
		}
	}
	return ""
}
