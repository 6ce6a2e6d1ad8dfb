package neigh

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/order"
)

// Gateways are this host's default gateways, the preferred one first; none
// where it has none. A gateway that is known by a link-local address alone, as
// those of IPv6 often are, is left out: it means nothing beyond its link. It
// sends nothing.
func Gateways() ([]netip.Addr, error) {
	routes, err := defaultRoutes()
	if err != nil {
		return nil, err
	}
	order.By(routes, func(a, b route) int { return cmp.Compare(a.metric, b.metric) })
	var gateways []netip.Addr
	for _, r := range routes {
		addr := r.gateway.Unmap()
		if addr.IsValid() && !addr.IsUnspecified() && !addr.IsLinkLocalUnicast() && !slices.Contains(gateways, addr) {
			gateways = append(gateways, addr)
		}
	}
	return gateways, nil
}

// mostOwn is how many addresses of its own a host tells of: one of containers
// has an interface for each.
const mostOwn = 16

// Landmarks are hardware addresses that the switches of this network are likely
// to know all: of the default gateways, as far as they are known, and this
// host's own, which asks the switches. It sends nothing.
func Landmarks() (gateways, own []lan.MAC) {
	addresses, _ := Gateways() // without them there are fewer landmarks, which is no error
	return landmarks(Read(), addresses)
}

func landmarks(host lan.Snapshot, addresses []netip.Addr) (gateways, own []lan.MAC) {
	for _, e := range host.ARP {
		if slices.Contains(addresses, e.IP.Unmap()) && e.MAC.IsStation() && !slices.Contains(gateways, e.MAC) {
			gateways = append(gateways, e.MAC)
		}
	}
	for _, i := range host.Interfaces {
		if len(own) < mostOwn && i.MAC.IsStation() && !slices.Contains(own, i.MAC) {
			own = append(own, i.MAC)
		}
	}
	return gateways, own
}

// A route is a way to everywhere.
type route struct {
	gateway netip.Addr
	metric  uint32 // the lower, the better
}
