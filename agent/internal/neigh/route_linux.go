package neigh

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"syscall"
)

// Attributes of struct rtmsg (linux/rtnetlink.h) that package syscall lacks.
const rtaVia = 18 // struct rtvia: the family, then the address

// defaultRoutes asks the kernel for both families over netlink; no privilege
// is needed.
func defaultRoutes() ([]route, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETROUTE, syscall.AF_UNSPEC)
	if err != nil {
		return nil, fmt.Errorf("ask the kernel for its routes: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, fmt.Errorf("read the kernel's routes: %w", err)
	}
	var routes []route
	for _, m := range messages {
		if m.Header.Type == syscall.RTM_NEWROUTE {
			routes = append(routes, parseRoute(m.Data)...)
		}
	}
	return routes, nil
}

// parseRoute reads one struct rtmsg and its attributes: the gateways, several
// of which may share one route, of a default route in the main table.
func parseRoute(data []byte) []route {
	if len(data) < syscall.SizeofRtMsg {
		return nil
	}
	destinationLength, table, kind := data[1], data[4], data[7]
	if destinationLength != 0 || table != syscall.RT_TABLE_MAIN || kind != syscall.RTN_UNICAST {
		return nil
	}
	var metric uint32
	var gateways []netip.Addr
	for kind, value := range attributes(data[syscall.SizeofRtMsg:]) {
		switch {
		case kind == syscall.RTA_PRIORITY && len(value) == 4:
			metric = binary.NativeEndian.Uint32(value)
		case kind == syscall.RTA_MULTIPATH:
			gateways = append(gateways, nextHops(value)...)
		default:
			gateways = append(gateways, gateway(kind, value)...)
		}
	}
	routes := make([]route, len(gateways))
	for i, addr := range gateways {
		routes[i] = route{addr, metric}
	}
	return routes
}

// gateway is the one that an attribute holds, if any.
func gateway(kind uint16, value []byte) []netip.Addr {
	switch {
	case kind == rtaVia && len(value) > 2:
		value = value[2:]
	case kind != syscall.RTA_GATEWAY:
		return nil
	}
	if addr, ok := netip.AddrFromSlice(value); ok {
		return []netip.Addr{addr}
	}
	return nil
}

// nextHops reads a list of struct rtnexthop, each with its attributes.
func nextHops(data []byte) []netip.Addr {
	var gateways []netip.Addr
	for len(data) >= syscall.SizeofRtNexthop {
		length := int(binary.NativeEndian.Uint16(data))
		if length < syscall.SizeofRtNexthop || length > len(data) {
			break
		}
		for kind, value := range attributes(data[syscall.SizeofRtNexthop:length]) {
			gateways = append(gateways, gateway(kind, value)...)
		}
		data = data[min(len(data), aligned(length)):]
	}
	return gateways
}
