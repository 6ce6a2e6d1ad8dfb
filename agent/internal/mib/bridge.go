package mib

import (
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// fdb reads dot1dTpFdbTable (BRIDGE-MIB, RFC 4188) or dot1qTpFdbTable
// (Q-BRIDGE-MIB, RFC 4363).
type fdb struct {
	table lan.Table
	rows  rows[fdbRow]
}

// An fdbRow is what the columns of one row said.
type fdbRow struct {
	port    lan.BridgePort
	status  lan.FDBStatus
	address lan.MAC
	noPort  bool // what stands there is no number
}

// ForwardingTable returns a fresh decoder for dot1dTpFdbTable or
// dot1qTpFdbTable. Its first column is that of the ports, its second that of
// the states.
func ForwardingTable(table lan.Table) Decoder { return &fdb{table: table} }

func (t *fdb) Table() lan.Table { return t.table }

var (
	dot1dTpFdbColumns = []Column{
		{"dot1dTpFdbPort", smi.MustOID("1.3.6.1.2.1.17.4.3.1.2")},
		{"dot1dTpFdbStatus", smi.MustOID("1.3.6.1.2.1.17.4.3.1.3")},
		{"dot1dTpFdbAddress", smi.MustOID("1.3.6.1.2.1.17.4.3.1.1")},
	}
	dot1qTpFdbColumns = []Column{
		{"dot1qTpFdbPort", smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2")},
		{"dot1qTpFdbStatus", smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.3")},
		{"dot1qTpFdbAddress", smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.1")},
	}
)

// Columns asks for the address column only when some row's index turned out
// to hold no address: it doubles what the index says already.
func (t *fdb) Columns() []Column {
	columns := dot1dTpFdbColumns
	if t.table == lan.Dot1qTpFdbTable {
		columns = dot1qTpFdbColumns
	}
	for i := range t.rows.entries {
		if _, _, ok := t.parseIndex(t.rows.index(i)); !ok {
			return columns
		}
	}
	return columns[:2]
}

func (t *fdb) Row(column int, index smi.OID, v smi.Value) {
	row := t.rows.at(column, index)
	switch column {
	case 0:
		n, _ := number(v, maxUint32)
		_, isNumber := v.Int()
		row.port, row.noPort = lan.BridgePort(n), !isNumber
	case 1:
		n, _ := number(v, int64(lan.FDBMgmt))
		row.status = lan.FDBStatus(n)
	case 2:
		octets, _ := v.Octets()
		row.address, _ = lan.MACFromOctets(octets)
	}
}

func (t *fdb) Rows() int { return t.rows.len() }

func (t *fdb) Into(s *lan.Snapshot) string {
	s.FDB = slices.Grow(s.FDB, len(t.rows.entries))
	odd, noPort := 0, 0
	for n, row := range t.rows.entries {
		if row.noPort {
			noPort++
		}
		index := t.rows.index(n)
		entry := lan.FDBEntry{Table: t.table, Port: row.port, Status: row.status}
		id, mac, ok := t.parseIndex(index)
		entry.FDBID, entry.MAC = id, mac
		if !ok || !t.standardIndex(index) {
			entry.Index = index.String()
		}
		if !ok {
			// FortiSwitch and Juniper count their rows; the address is only in its
			// own column.
			entry.MAC, ok = row.address, !row.address.IsZero()
		}
		if !ok {
			odd++
			continue
		}
		s.FDB = append(s.FDB, entry)
	}
	if odd == 0 {
		return unreadable(noPort, "the port is no number")
	}
	return unreadable(odd, "the index holds no hardware address, and there is no address column")
}

// parseIndex reads the index of a row: the address, in dot1qTpFdbTable after
// the FDB id.
func (t *fdb) parseIndex(index smi.OID) (lan.FDBID, lan.MAC, bool) {
	var id lan.FDBID
	if t.table == lan.Dot1qTpFdbTable {
		if len(index) < 7 {
			return 0, lan.MAC{}, false
		}
		id, index = lan.FDBID(index[0]), index[1:]
	}
	switch {
	case len(index) == 7 && index[0] == 6: // Zyxel GS1900 puts the address's length before it
		index = index[1:]
	case len(index) == 7: // Zyxel IES-5200 adds the slot behind it
		index = index[:6]
	}
	if len(index) != 6 {
		return 0, lan.MAC{}, false
	}
	mac, ok := lan.MACFromArcs(index)
	return id, mac, ok
}

// standardIndex tells whether the index has the shape that the MIB gives it,
// so that it can be made again from what it says.
func (t *fdb) standardIndex(index smi.OID) bool {
	if t.table == lan.Dot1qTpFdbTable {
		return len(index) == 7
	}
	return len(index) == 6
}
