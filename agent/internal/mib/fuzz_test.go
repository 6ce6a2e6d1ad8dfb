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
		for _, n := range s.LLDP {
			if len(n.Chassis.Text) > lan.MaxText || len(n.SysName) > lan.MaxText {
				t.Errorf("a text of %d or %d octets", len(n.Chassis.Text), len(n.SysName))
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
