package neigh

import (
	"net/netip"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Windows writes these, so that their sizes are not ours to choose. The
// compiler holds them on every architecture.
var (
	_ [88]struct{}   = [unsafe.Sizeof(ipNetRow{})]struct{}{}
	_ [1352]struct{} = [unsafe.Sizeof(ifRow{})]struct{}{}
	_ [8]struct{}    = [unsafe.Offsetof(ipNetTable{}.first)]struct{}{}
	_ [8]struct{}    = [unsafe.Offsetof(ifTable{}.first)]struct{}{}
)

func TestEntry(t *testing.T) {
	const stale, permanent = 4, 6
	v4 := func(state, length uint32, mac ...byte) (r ipNetRow) {
		*(*windows.RawSockaddrInet4)(unsafe.Pointer(&r.address)) = windows.RawSockaddrInet4{Family: windows.AF_INET, Addr: [4]byte{10, 20, 0, 9}}
		r.ifIndex, r.length, r.state = 7, length, state
		copy(r.hardware[:], mac)
		return r
	}
	v6 := v4(stale, 6, 0x44, 0x19, 0xb6, 0, 0, 9)
	v6.address = windows.RawSockaddrInet6{Family: windows.AF_INET6, Addr: netip.MustParseAddr("fe80::9").As16()}
	tests := []struct {
		name string
		row  ipNetRow
		want string
	}{
		{"stale", v4(stale, 6, 0x44, 0x19, 0xb6, 0, 0, 9), "10.20.0.9"},
		{"static", v4(permanent, 6, 0x44, 0x19, 0xb6, 0, 0, 9), "10.20.0.9"},
		{"IPv6", v6, "fe80::9"},
		{"unreachable, with the address it had", v4(unreachable, 6, 0x44, 0x19, 0xb6, 0, 0, 9), ""},
		{"incomplete", v4(incomplete, 6), ""},
		{"multicast, always there", v4(permanent, 6, 0x01, 0, 0x5e, 0, 0, 0x16), ""},
		{"no hardware address", v4(permanent, 0), ""},
		{"InfiniBand address", v4(stale, 20, 0x44, 0x19, 0xb6, 0, 0, 9), ""},
		{"no address", ipNetRow{length: 6, state: stale, hardware: [32]byte{0x44}}, ""},
	}
	for _, test := range tests {
		entry, ok := test.row.entry()
		if ok != (test.want != "") {
			t.Errorf("%s: taken %v", test.name, ok)
			continue
		}
		want := lan.ARPEntry{IfIndex: 7, MAC: lan.MAC{0x44, 0x19, 0xb6, 0, 0, 9}, Table: lan.Neighbours}
		if ok {
			want.IP = netip.MustParseAddr(test.want)
		}
		if ok && entry != want {
			t.Errorf("%s: got %+v, want %+v", test.name, entry, want)
		}
	}
}

// TestRead asks the system itself: every entry is of an interface that has a
// name.
func TestRead(t *testing.T) {
	s := Read()
	if s.Err != "" {
		t.Fatal(s.Err)
	}
	names := make(map[lan.IfIndex]string)
	for _, i := range s.Interfaces {
		names[i.Index] = i.Name
	}
	for _, e := range s.ARP {
		if names[e.IfIndex] == "" {
			t.Errorf("%s %s is on interface %d, which has no name; the interfaces are %v", e.IP, e.MAC, e.IfIndex, names)
		}
	}
	t.Logf("%d interfaces %v, %d entries of %d rows, %s", len(names), names, len(s.ARP), s.Readings[0].Rows, s.Readings[0].Reason)
}
