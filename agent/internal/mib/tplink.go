package mib

import (
	"net/netip"
	"strings"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// tplinkNeighbor reads lldpNeighborInfoTable (TPLINK-LLDPINFO-MIB): TP-Link
// JetStream keeps its LLDP neighbours here, all as text, by ifIndex.
type tplinkNeighbor struct{ rows rows[lan.LLDPNeighbor] }

func newTPLinkNeighbor() Decoder { return &tplinkNeighbor{} }

func (*tplinkNeighbor) Table() lan.Table { return lan.LLDPNeighborInfoTable }

var tplinkNeighborColumns = []Column{
	{"lldpNeighborChassisId", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.4")},
	{"lldpNeighborPortId", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.6")},
	{"lldpNeighborPortDesc", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.8")},
	{"lldpNeighborSysName", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.9")},
	{"lldpNeighborSysDesc", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.10")},
	{"lldpNeighborSysCapEnabled", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.12")},
	{"lldpNeighborManageIpAddr", smi.MustOID("1.3.6.1.4.1.11863.6.35.1.2.2.1.13")},
}

func (*tplinkNeighbor) Columns() []Column { return tplinkNeighborColumns }

func (t *tplinkNeighbor) Row(column int, index smi.OID, v smi.Value) {
	n := t.rows.at(column, index)
	octets, _ := v.Octets()
	switch column {
	case 0:
		n.Chassis = textID(octets)
	case 1:
		n.Port = textID(octets)
	case 2:
		n.PortDescr = text(v)
	case 3:
		n.SysName = text(v)
	case 4:
		n.SysDescr = text(v)
	case 5:
		n.Enabled = lan.ParseLLDPCapabilities(octets)
	case 6:
		// An IPv4 address is written behind "::", and none as "::" alone.
		addr, err := netip.ParseAddr(strings.TrimPrefix(text(v), "::"))
		if err == nil && !addr.IsLoopback() && !addr.IsUnspecified() {
			n.Addresses = []netip.Addr{addr}
		}
	}
}

// textID reads an id that is always written out. Its kind is told in words
// alone, so that only a hardware address is known by its look.
func textID(octets []byte) lan.LLDPID {
	id := lan.LLDPID{Subtype: lan.LLDPLocalID, Text: idText(octets)}
	if mac, ok := lan.MACFromOctets(octets); ok && len(octets) > len(mac) {
		id.Subtype, id.MAC, id.Text = lan.LLDPMAC, mac, mac.String()
	}
	return id
}

func (t *tplinkNeighbor) Rows() int { return t.rows.len() }

func (t *tplinkNeighbor) Into(s *lan.Snapshot) string {
	return neighborsByInterface(s, &t.rows, t.Table())
}
