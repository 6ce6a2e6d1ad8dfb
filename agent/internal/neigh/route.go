package neigh

import (
	"cmp"
	"net/netip"
	"slices"

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

// A route is a way to everywhere.
type route struct {
	gateway netip.Addr
	metric  uint32 // the lower, the better
}
