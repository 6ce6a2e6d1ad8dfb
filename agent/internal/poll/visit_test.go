package poll

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// An address is one device's own only where no other has it, on whichever of
// its interfaces, and where it is no landmark.
func TestFurtherAddresses(t *testing.T) {
	mac := func(n int) lan.MAC { return macOf(0x001b54_000000 + uint64(n)) }
	device := func(base int, interfaces ...int) *visit {
		v := &visit{snapshot: lan.Snapshot{BaseMAC: mac(base)}}
		for i, n := range interfaces {
			v.snapshot.Interfaces = append(v.snapshot.Interfaces, lan.Interface{Index: lan.IfIndex(i + 1), MAC: mac(n)})
		}
		return v
	}
	one, other := device(1, 1, 2, 3), device(10, 11, 12, 13, 14, 15, 16, 17, 2) // 2 is not among the first of the other
	one.device.Landmarks = []lan.MAC{mac(3), mac(99)}
	seen := make(map[uint64]bool)
	for _, in := range furtherAddresses([]*visit{one, other}, []interval{{first: position{mac: numberOf(mac(12))}, last: position{mac: numberOf(mac(12))}}}) {
		seen[in.first.mac&0xff] = in.owned
	}
	want := map[uint64]bool{1: true, 2: false, 3: false, 10: true, 11: true, 13: true, 14: true, 99: false} // 12 is sought anyway, 15 to 17 are too many
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("addresses, and whether they are owned (-want +got):\n%s", diff)
	}
}
