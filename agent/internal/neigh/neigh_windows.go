package neigh

import (
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// ifRow is MIB_IF_ROW2 as far as it is read, and ifTable the beginning of
// MIB_IF_TABLE2 (netioapi.h), on every architecture. Those of x/sys are too
// short on 386, where Go aligns 64 bits to 4 and Windows to 8.
type (
	ifRow struct {
		_        uint64 // LUID
		index    uint32
		_        windows.GUID
		alias    [257]uint16
		_        [257]uint16 // description
		length   uint32      // of hardware, in octets
		hardware [32]byte
		_        [32]byte  // permanent address
		_        [7]uint32 // MTU to direction
		flags    uint8
		_        [199]byte // state to counters
	}
	ifTable struct {
		rows  uint32
		_     uint32
		first [0]ifRow
	}
)

// filterInterface is the flag that tells a filter driver's shadow of an
// interface from the interface.
const filterInterface = 0x02

// interfaces names each as its owner does ("Ethernet 2"), and leaves out the
// shadows that filter drivers put on them.
func interfaces() ([]lan.Interface, error) {
	var list *ifTable
	if err := windows.GetIfTable2Ex(windows.MibIfTableNormal, (**windows.MibIfTable2)(unsafe.Pointer(&list))); err != nil {
		return nil, fmt.Errorf("ask Windows for its interfaces: %w", err)
	}
	defer windows.FreeMibTable(unsafe.Pointer(list))
	var entries []lan.Interface
	rows := unsafe.Slice((*ifRow)(unsafe.Pointer(&list.first)), list.rows)
	for i := range rows {
		row := &rows[i]
		if row.flags&filterInterface != 0 {
			continue
		}
		entry := lan.Interface{Index: lan.IfIndex(row.index), Name: lan.CleanString(windows.UTF16ToString(row.alias[:]))}
		if int(row.length) == len(entry.MAC) {
			entry.MAC = lan.MAC(row.hardware[:len(entry.MAC)])
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// ipNetRow is MIB_IPNET_ROW2, and ipNetTable the beginning of
// MIB_IPNET_TABLE2 (netioapi.h), on every architecture.
type (
	ipNetRow struct {
		address   windows.RawSockaddrInet6 // SOCKADDR_INET: the largest of its members
		ifIndex   uint32
		ifLUID    uint64
		hardware  [32]byte
		length    uint32 // of hardware, in octets
		state     uint32
		flags     uint8
		reachable uint32
	}
	ipNetTable struct {
		rows  uint32
		_     uint32
		first [0]ipNetRow
	}
)

// Members of NL_NEIGHBOR_STATE (nldef.h): what is in these binds no address.
const (
	unreachable = 0
	incomplete  = 1
)

var getIPNetTable2 = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetIpNetTable2")

// table asks Windows for one family after the other: a host without IPv6, and
// Wine, refuse an answer that would be of both. No privilege is needed.
func table() (entries []lan.ARPEntry, rows int, err error) {
	for _, family := range []uint16{windows.AF_INET, windows.AF_INET6} {
		of, n, failed := familyTable(family)
		entries, rows, err = append(entries, of...), rows+n, errors.Join(err, failed)
	}
	return entries, rows, err
}

func familyTable(family uint16) ([]lan.ARPEntry, int, error) {
	var list *ipNetTable
	status, _, _ := getIPNetTable2.Call(uintptr(family), uintptr(unsafe.Pointer(&list)))
	switch err := windows.Errno(status); err {
	case windows.NO_ERROR:
	case windows.ERROR_NOT_FOUND, windows.ERROR_NOT_SUPPORTED:
		return nil, 0, nil // no entries; no such family on this host
	default:
		return nil, 0, fmt.Errorf("ask Windows for its %s neighbour table: %w", familyName(family), err)
	}
	defer windows.FreeMibTable(unsafe.Pointer(list))
	var entries []lan.ARPEntry
	rows := unsafe.Slice((*ipNetRow)(unsafe.Pointer(&list.first)), list.rows)
	for i := range rows {
		if entry, ok := rows[i].entry(); ok {
			entries = append(entries, entry)
		}
	}
	return entries, len(rows), nil
}

func familyName(family uint16) string {
	if family == windows.AF_INET6 {
		return "IPv6"
	}
	return "IPv4"
}

// entry reads one row; ok is false for one that binds no station's address.
func (r *ipNetRow) entry() (entry lan.ARPEntry, ok bool) {
	entry = lan.ARPEntry{IfIndex: lan.IfIndex(r.ifIndex), Table: lan.Neighbours}
	switch r.address.Family {
	case windows.AF_INET:
		entry.IP = netip.AddrFrom4((*windows.RawSockaddrInet4)(unsafe.Pointer(&r.address)).Addr)
	case windows.AF_INET6:
		entry.IP = netip.AddrFrom16(r.address.Addr)
	}
	if int(r.length) == len(entry.MAC) {
		entry.MAC = lan.MAC(r.hardware[:len(entry.MAC)])
	}
	bound := r.state != unreachable && r.state != incomplete
	return entry, bound && entry.IP.IsValid() && entry.MAC.IsStation()
}
