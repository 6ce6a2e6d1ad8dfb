package locate

import (
	"cmp"
	"math"
	"net/netip"

	"github.com/camwarden/camwarden/agent/internal/lan"
)

// unknownLocalPort stands in a row whose table has no lldpRemLocalPortNum.
const unknownLocalPort = math.MaxUint32

// heardOn is the port on which a neighbour is heard, if the row tells one. A
// number 0 without an interface is what agents write that do not know.
func heardOn(n *lan.LLDPNeighbor) (portKey, bool) {
	switch {
	case n.IfIndex != 0:
		return portKey{ifIndex: n.IfIndex}, true
	case n.LocalPort != 0 && n.LocalPort != unknownLocalPort:
		return portKey{heard: lldpPort{num: n.LocalPort, known: true}}, true
	default:
		return portKey{}, false
	}
}

// silent tells a row that says nothing of anybody. (Microsens has one for
// every port without a neighbour.)
func silent(n *lan.LLDPNeighbor) bool {
	return n.Chassis == lan.LLDPID{} && n.Port == lan.LLDPID{} && n.SysName == "" && n.SysDescr == ""
}

// linkLocal tells whether the announcement comes from the next device: bridges
// pass LLDP frames on to nobody (IEEE 802.1AB), while CDP and MNDP go through
// every switch that does not speak them.
func linkLocal(n *lan.LLDPNeighbor) bool {
	switch n.Source() {
	case lan.LLDPRemTable, lan.LLDPV2RemTable, lan.LLDPNeighborInfoTable:
		return true
	default:
		return false
	}
}

// neighborMAC is the address by which a neighbour is known as a station: its
// chassis id, or its port id where the chassis has another kind of name
// (phones give their IP address). CDP tells neither: then it is the station
// that has its IP address, if that is learnt on the same port.
func (s *site) neighborMAC(d *device, n *lan.LLDPNeighbor) lan.MAC {
	switch {
	case n.Chassis.MAC.IsStation():
		return n.Chassis.MAC
	case n.Port.MAC.IsStation():
		return n.Port.MAC
	}
	key, ok := heardOn(n)
	if !ok {
		return lan.MAC{}
	}
	for _, addr := range append([]netip.Addr{n.Chassis.IP}, n.Addresses...) {
		mac, held := s.holders[addr]
		if p := d.at(mac); held && p != nil && p == d.port(key) {
			return mac
		}
	}
	return lan.MAC{}
}

// manyAddresses is how many IP addresses one station may have before it is
// taken for a router that answers for others (proxy ARP).
const manyAddresses = 8

// hold finds whose each IP address is by all address tables. An address that
// two have, and one of a station with very many, is nobody's.
func (s *site) hold() {
	s.holders = make(map[netip.Addr]lan.MAC)
	count := make(map[lan.MAC]int)
	for _, d := range s.devices {
		for _, e := range d.ARP {
			if mac, known := s.holders[e.IP]; !known {
				s.holders[e.IP] = e.MAC
				count[e.MAC]++
			} else if mac != e.MAC {
				s.holders[e.IP] = lan.MAC{}
			}
		}
	}
	for addr, mac := range s.holders {
		if !addr.IsValid() || !mac.IsStation() || count[mac] > manyAddresses {
			delete(s.holders, addr)
		}
	}
}

// neighbor finds the read switch that a neighbour of d is: by chassis, by
// management address, or by its system name, where no other has the same.
func (s *site) neighbor(d *device, n *lan.LLDPNeighbor) *device {
	if other := cmp.Or(s.owner[n.Chassis.MAC], s.owner[n.Port.MAC]); other != nil {
		return other
	}
	for _, addr := range n.Addresses {
		if other := d.onlyOther(s.asked[addr.Unmap()]); other != nil {
			return other
		}
	}
	return d.onlyOther(s.called[n.SysName])
}

// onlyOther is the one device of a list that is not d; nil where there are
// several.
func (d *device) onlyOther(list []*device) *device {
	var only *device
	for _, other := range list {
		switch {
		case other == d || other == only:
		case only != nil:
			return nil
		default:
			only = other
		}
	}
	return only
}
