package neigh

import (
	"encoding/binary"
	"fmt"
	"iter"
	"net/netip"
	"syscall"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// Attributes and states of struct ndmsg (linux/neighbour.h).
const (
	ndaDst    = 1
	ndaLladdr = 2

	nudIncomplete = 0x01
	nudFailed     = 0x20
	nudNoARP      = 0x40

	ndmsgLen = 12
)

// table asks the kernel for both families over netlink; no privilege is
// needed.
func table() ([]lan.ARPEntry, int, error) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETNEIGH, syscall.AF_UNSPEC)
	if err != nil {
		return nil, 0, fmt.Errorf("ask the kernel for its neighbour table: %w", err)
	}
	messages, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return nil, 0, fmt.Errorf("read the kernel's neighbour table: %w", err)
	}
	var entries []lan.ARPEntry
	rows := 0
	for _, m := range messages {
		if m.Header.Type != syscall.RTM_NEWNEIGH {
			continue
		}
		entry, isIP, ok := parseNeighbour(m.Data)
		if isIP {
			rows++
		}
		if ok {
			entries = append(entries, entry)
		}
	}
	return entries, rows, nil
}

// parseNeighbour reads one struct ndmsg and its attributes. isIP is false for
// the other families that share the message (bridge forwarding entries); ok
// is false for an entry that binds no address.
func parseNeighbour(data []byte) (entry lan.ARPEntry, isIP, ok bool) {
	if len(data) < ndmsgLen {
		return entry, false, false
	}
	family := data[0]
	isIP = family == syscall.AF_INET || family == syscall.AF_INET6
	state := binary.NativeEndian.Uint16(data[8:])
	if !isIP || state&(nudIncomplete|nudFailed|nudNoARP) != 0 {
		return entry, isIP, false
	}
	entry = lan.ARPEntry{IfIndex: lan.IfIndex(binary.NativeEndian.Uint32(data[4:])), Table: lan.Neighbours}
	for kind, value := range attributes(data[ndmsgLen:]) {
		switch kind {
		case ndaDst:
			entry.IP, _ = netip.AddrFromSlice(value)
		case ndaLladdr:
			if len(value) == len(entry.MAC) {
				entry.MAC = lan.MAC(value)
			}
		}
	}
	return entry, true, entry.IP.IsValid() && entry.MAC.IsStation()
}

// attributes goes through a list of struct rtattr: the kind and the value of
// each. It ends where one does not fit.
func attributes(data []byte) iter.Seq2[uint16, []byte] {
	return func(yield func(uint16, []byte) bool) {
		for len(data) >= 4 {
			length := int(binary.NativeEndian.Uint16(data))
			if length < 4 || length > len(data) || !yield(binary.NativeEndian.Uint16(data[2:]), data[4:length]) {
				return
			}
			data = data[min(len(data), aligned(length)):]
		}
	}
}

// aligned is a length with what fills it up to four octets.
func aligned(length int) int { return (length + 3) &^ 3 }
