package neigh

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// TestLandmarks: the gateways and this host, each address once; of very many
// interfaces some are enough.
func TestLandmarks(t *testing.T) {
	mac := func(n byte) lan.MAC { return lan.MAC{0, 0x1b, 0x21, 0, 0, n} }
	gateway := netip.MustParseAddr("10.0.0.1")
	host := lan.Snapshot{
		Interfaces: []lan.Interface{{Name: "lo"}, {Name: "eth0", MAC: mac(2)}, {Name: "vlan10", MAC: mac(2)}},
		ARP: []lan.ARPEntry{{IP: netip.MustParseAddr("10.0.0.7"), MAC: mac(7)}, {IP: netip.MustParseAddr("::ffff:10.0.0.1"), MAC: mac(1)},
			{IP: gateway, MAC: mac(1)}, {IP: netip.MustParseAddr("10.0.0.3")}},
	}
	gateways, own := landmarks(host, []netip.Addr{gateway})
	if !slices.Equal(gateways, []lan.MAC{mac(1)}) || !slices.Equal(own, []lan.MAC{mac(2)}) {
		t.Errorf("the gateways are %v, and its own %v", gateways, own)
	}
	if gateways, own = landmarks(host, nil); len(gateways) > 0 || len(own) != 1 {
		t.Errorf("without a gateway: %v and %v", gateways, own)
	}
	for n := range byte(100) {
		host.Interfaces = append(host.Interfaces, lan.Interface{Name: "veth", MAC: mac(100 + n)})
	}
	if gateways, own = landmarks(host, []netip.Addr{gateway}); len(gateways) != 1 || len(own) != mostOwn {
		t.Errorf("a host of containers: %v and %v", gateways, own)
	}
}
