package neigh

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestLandmarks: the gateways come first, each address once, and of very many
// interfaces some are enough.
func TestLandmarks(t *testing.T) {
	mac := func(n byte) lan.MAC { return lan.MAC{0, 0x1b, 0x21, 0, 0, n} }
	gateway := netip.MustParseAddr("10.0.0.1")
	host := lan.Snapshot{
		Interfaces: []lan.Interface{{Name: "lo"}, {Name: "eth0", MAC: mac(2)}, {Name: "vlan10", MAC: mac(2)}},
		ARP: []lan.ARPEntry{{IP: netip.MustParseAddr("10.0.0.7"), MAC: mac(7)}, {IP: netip.MustParseAddr("::ffff:10.0.0.1"), MAC: mac(1)},
			{IP: gateway, MAC: mac(1)}, {IP: netip.MustParseAddr("10.0.0.3")}},
	}
	if got, want := landmarks(host, []netip.Addr{gateway}), []lan.MAC{mac(1), mac(2)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := landmarks(host, nil), []lan.MAC{mac(2)}; !slices.Equal(got, want) {
		t.Errorf("without a gateway: got %v, want %v", got, want)
	}
	for n := range byte(100) {
		host.Interfaces = append(host.Interfaces, lan.Interface{Name: "veth", MAC: mac(100 + n)})
	}
	if got := landmarks(host, []netip.Addr{gateway}); len(got) != mostLandmarks || got[0] != mac(1) {
		t.Errorf("a host of containers: %v", got)
	}
}
