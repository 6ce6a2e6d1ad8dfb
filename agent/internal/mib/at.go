package mib

import (
	"net/netip"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// at reads atTable (RFC 1213; IPv4 only), which ipNetToMediaTable replaced.
// NetApp ONTAP 8.2 shows its neighbours in it alone; some Cisco devices show
// the rows of every VRF in it, and those of one in the newer tables.
type at struct{ rows rows[neighbour] }

func newAT() Decoder { return &at{} }

func (*at) Table() lan.Table { return lan.ATTable }

var atColumns = []Column{{"atPhysAddress", smi.MustOID("1.3.6.1.2.1.3.1.1.2")}}

func (*at) Columns() []Column { return atColumns }

func (t *at) Row(column int, index smi.OID, v smi.Value) {
	t.rows.at(column, index).address(v)
}

func (t *at) Rows() int { return t.rows.len() }

// Into adds what the newer tables have not said already: most devices show
// the same rows in both.
func (t *at) Into(s *lan.Snapshot) string {
	type binding struct {
		ip  netip.Addr
		mac lan.MAC
	}
	known := make(map[binding]bool, len(s.ARP))
	for _, e := range s.ARP {
		known[binding{e.IP, e.MAC}] = true
	}
	for n, row := range t.rows.entries {
		entry := arpEntry(lan.ATTable, row.mac, t.rows.index(n))
		if !known[binding{entry.IP, entry.MAC}] {
			row.into(s, entry)
		}
	}
	return withoutAddress(t.rows.entries)
}
