package mib

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// FuzzDecoders feeds every decoder with whatever a device may send, puts all
// into one snapshot and joins it.
func FuzzDecoders(f *testing.F) {
	f.Add([]byte{0, 2, 5, 1, 2, 3, 4, 5, 6, 2, 6, 1, 2, 3, 4, 5, 6})
	f.Add([]byte{1, 5, 1, 10, 0, 0, 1, 2, 17, '0', '0', ':', '1', '1', ':', '2', '2', ':', '3', '3', ':', '4', '4', ':', '5', '5'})
	f.Add([]byte{0, 3, 9, 0, 1, 2, 1, 0, 0, 1, 1, 3, 9, 0, 1, 2, 5, 1, 10, 0, 0, 1, 3, 3, 9, 0, 1, 1, 5})
	f.Add([]byte{0, 0, 0, 1, 7, 0, 6, 1, 2, 3, 4, 5, 6, 1, 3})
	// Of LLDP-V2-MIB, MNDP, CDP, and a maker's own forwarding table.
	f.Add([]byte{0, 4, 0, 17, 1, 3, 2, 6, 1, 2, 3, 4, 5, 6, 1, 1, 7, 1, 1, 15, 5, 1, 7, 2, 2, 'a', 'p'})
	f.Add([]byte{0, 2, 14, 2, 2, 12, '1', '4', 'a', '7', '8', 'b', 'b', '6', 'd', '3', '4', '1', 5, 2, 14, 2, 2, 4, 0, 0, 0, 0x28})
	f.Add([]byte{0, 9, 20, 167, 139, 182, 211, 65, 211, 1, 48, 1, 1, 11, 0, 8, 9, 11, 20, 167, 139, 182, 211, 65, 1, 1, 1})
	// Of atTable, and of stations that are registered by radio.
	f.Add([]byte{0, 6, 5, 1, 10, 20, 0, 9, 2, 6, 20, 167, 139, 182, 211, 65, 0, 7, 20, 167, 139, 182, 211, 65, 2, 2, 6, 20, 167, 139, 182, 211, 65})
	// Of ports that deliver power.
	f.Add([]byte{0, 2, 1, 3, 1, 2, 3, 5, 0, 2, 1, 3, 1, 2, 27, 88, 1, 2, 1, 3, 1, 1, 7, 2, 1, 7, 2, 3, 'G', '/', '3', 0, 1, 3, 1, 1, 20, 1, 1, 3, 1, 1, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		var s lan.Snapshot
		for _, d := range Decoders() {
			indexes := feed(d, data)
			if d.Rows() > len(indexes) {
				t.Errorf("%s: %d rows of %d indexes", d.Table(), d.Rows(), len(indexes))
			}
			d.Into(&s)
		}
		Join(&s)
		for _, entry := range s.ARP {
			if !entry.MAC.IsStation() || entry.IP.IsValid() && entry.IP.IsUnspecified() {
				t.Errorf("the address table holds %v at %v", entry.MAC, entry.IP)
			}
		}
		for _, entry := range s.FDB {
			if entry.Status > lan.FDBMgmt || entry.VLAN > lan.MaxVLAN {
				t.Errorf("status %d, VLAN %d", entry.Status, entry.VLAN)
			}
		}
		for member, aggregate := range s.Aggregates {
			if member == aggregate {
				t.Errorf("interface %d is a part of itself", member)
			}
		}
		for _, port := range s.PoE {
			if port.Class > highestPoEClass || port.Milliwatts > mostMilliwatts {
				t.Errorf("PoE class %d, %d mW", port.Class, port.Milliwatts)
			}
		}
		for _, n := range s.LLDP {
			for _, text := range []string{n.Chassis.Text, n.Port.Text, n.PortDescr, n.SysName, n.SysDescr, n.Platform, n.MED.Model, n.MED.Manufacturer, n.MED.Serial, n.MED.Firmware} {
				if len(text) > lan.MaxText {
					t.Errorf("a text of %d octets", len(text))
				}
			}
			if slices.ContainsFunc(n.Addresses, func(a netip.Addr) bool { return a.IsLoopback() || a.IsUnspecified() }) {
				t.Errorf("management addresses %v", n.Addresses)
			}
		}
	})
}

// feed reads data as cells: the column, the index after its length, and the
// value after its kind and length. It returns the indexes.
func feed(d Decoder, data []byte) map[string]bool {
	indexes := make(map[string]bool)
	take := func(n int) []byte {
		n = min(n, len(data))
		part := data[:n]
		data = data[n:]
		return part
	}
	for len(data) > 0 {
		column := int(take(1)[0])
		var index smi.OID
		for _, octet := range take(length(take(1))) {
			arc := uint32(octet)
			if octet > 250 {
				arc = 1<<32 - 256 + uint32(octet)
			}
			index = append(index, arc)
		}
		value := smi.Value{Kind: smi.Kind(length(take(1)) % int(smi.EndOfMibView+1))}
		content := take(length(take(1)))
		switch value.Kind {
		case smi.OctetString, smi.IPAddress, smi.Opaque:
			value.Bytes = content
		default:
			for _, octet := range content {
				value.Num = value.Num<<8 | uint64(octet)
			}
		}
		d.Row(column%len(d.Columns()), index, value)
		indexes[index.String()] = true
	}
	return indexes
}

// length is what an octet says that is missing at the end of the data.
func length(octet []byte) int {
	if len(octet) == 0 {
		return 0
	}
	return int(octet[0])
}
