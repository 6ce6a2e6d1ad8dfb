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

// mostLandmarks is how many landmarks there are at most: a host of containers
// has an interface for each.
const mostLandmarks = 16

// Landmarks are the hardware addresses that the switches of this network are
// likely to know all: of the default gateways, as far as they are known, and
// this host's own, which asks the switches. It sends nothing.
func Landmarks() []lan.MAC {
	gateways, _ := Gateways() // without them there are fewer, which is no error
	return landmarks(Read(), gateways)
}

func landmarks(host lan.Snapshot, gateways []netip.Addr) []lan.MAC {
	var macs []lan.MAC
	add := func(mac lan.MAC) {
		if mac.IsStation() && !slices.Contains(macs, mac) && len(macs) < mostLandmarks {
			macs = append(macs, mac)
		}
	}
	for _, e := range host.ARP {
		if slices.Contains(gateways, e.IP.Unmap()) {
			add(e.MAC)
		}
	}
	for _, i := range host.Interfaces {
		add(i.MAC)
	}
	return macs
}

// A route is a way to everywhere.
type route struct {
	gateway netip.Addr
	metric  uint32 // the lower, the better
}
