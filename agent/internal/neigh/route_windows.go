package neigh

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"
)

// defaultRoutes asks for both families (GetIpForwardTable2, netioapi.h); no
// privilege is needed.
func defaultRoutes() ([]route, error) {
	var table *windows.MibIpForwardTable2
	if err := windows.GetIpForwardTable2(windows.AF_UNSPEC, &table); err != nil {
		return nil, fmt.Errorf("ask Windows for its routes: %w", err)
	}
	defer windows.FreeMibTable(unsafe.Pointer(table))
	var routes []route
	rows := table.Rows()
	for i := range rows {
		row := &rows[i]
		if row.DestinationPrefix.PrefixLength == 0 && row.Loopback == 0 {
			routes = append(routes, route{sockaddr(&row.NextHop), row.Metric})
		}
	}
	return routes, nil
}

// sockaddr reads a SOCKADDR_INET; the address is not valid where it is of
// another family.
func sockaddr(in *windows.RawSockaddrInet) netip.Addr {
	switch in.Family {
	case windows.AF_INET:
		return netip.AddrFrom4((*windows.RawSockaddrInet4)(unsafe.Pointer(in)).Addr)
	case windows.AF_INET6:
		return netip.AddrFrom16((*windows.RawSockaddrInet6)(unsafe.Pointer(in)).Addr)
	default:
		return netip.Addr{}
	}
}
