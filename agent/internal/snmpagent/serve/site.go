//go:build linux

package main

import (
	"fmt"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A site is switches of 48 ports in a tree: each but the first hangs with its
// last port at another, which has up to forty of them.
type site struct {
	switches, rows, vlans, flagged  int
	clustered, dot1d, dot1q, counts bool
}

const (
	ports, uplink, children = 48, 48, 40
	management              = 1 // the VLAN that the switches see each other in
)

// parent is where a switch hangs, and at which port.
func parent(i int) (of, port int) { return (i - 1) / children, (i-1)%children + 1 }

// towards is the port of a switch behind which another one is.
func towards(i, other int) int {
	for other > i {
		of, port := parent(other)
		if of == i {
			return port
		}
		other = of
	}
	return uplink
}

func baseMAC(i int) uint64 { return 0x001b54<<24 | uint64(i)<<8 }

// A station is a row of the forwarding table.
type station struct {
	vlan, port int
	mac        uint64
}

// plain are blocks of makers that are on no list.
var plain = []uint64{0x001b21, 0x3cd92b, 0x001cc4, 0xb499ba, 0x00215a, 0x0050b6, 0x54ee75, 0xf8b156, 0x1866da, 0xd4bed9, 0x002590,
	0xac1f6b, 0x00908f, 0x0004f2, 0x64167f, 0x805ec0, 0x001565, 0x000e08, 0x00c0b7, 0x0080f0, 0x00206b, 0x9c934e, 0x38229d, 0x3ca82a}

// flaggedBlocks are some of Hikvision and Dahua.
var flaggedBlocks = []uint64{0x4419b6, 0x14a78b, 0x08eded, 0xc056e3, 0x3cef8c, 0x9002a9, 0xe0508b, 0x2857be, 0xbcad28}

func (s *site) stations(i int) []station {
	var all []station
	for n := range s.switches {
		if n != i {
			all = append(all, station{management, towards(i, n), baseMAC(n)})
		}
	}
	for n := len(all); n < s.rows; n++ {
		// Each address is there once in all of the site.
		number := uint64(i*s.rows + n)
		at := station{vlan: 10 * (1 + n%s.vlans), port: 1 + n*7%(ports-1)}
		switch left := s.rows - n; {
		case left > s.flagged && n%3 == 0: // a telephone that makes up its address
			at.mac = (number*37%64<<2|2)<<40 | number*0x9e3779b97f%(1<<40)
		case left > s.flagged:
			at.mac = plain[number%uint64(len(plain))]<<24 | number/uint64(len(plain))*0x9e3779%(1<<24)
		case s.clustered:
			at.vlan, at.mac = 10, flaggedBlocks[0]<<24|number
		default:
			at.mac = flaggedBlocks[number%uint64(len(flaggedBlocks))]<<24 | number*0x9e3779%(1<<24)
		}
		all = append(all, at)
	}
	return all
}

// recording is what a switch answers: the tables of a plain one.
func (s *site) recording(i int) *capture.Recording {
	var t tables
	t.system(i)
	for n := 1; n <= ports; n++ {
		t.port(i, n)
	}
	t.neighbours(i, s.switches)
	stations := s.stations(i)
	perVLAN := make(map[int]int)
	for _, at := range stations {
		perVLAN[at.vlan]++
	}
	for n := range s.vlans + 1 {
		vlan := max(10*n, management)
		t.vlan(vlan)
		if s.counts && s.dot1q {
			t.add("1.3.6.1.2.1.17.7.1.2.1.1.2", smi.Gauge32, perVLAN[vlan], uint32(vlan))
		}
	}
	if s.dot1q {
		t.forwarding("1.3.6.1.2.1.17.7.1.2.2.1", stations, func(at station) []uint32 { return append([]uint32{uint32(at.vlan)}, arcs(at.mac)...) })
	}
	if s.dot1d {
		t.forwarding("1.3.6.1.2.1.17.4.3.1", stations, func(at station) []uint32 { return arcs(at.mac) })
	}
	return capture.New(t.packed())
}

// tables are rows being written.
type tables struct{ rows []smi.Varbind }

// packed sorts the rows and puts their names into memory in that order: what
// is looked for together lies together.
func (t *tables) packed() []smi.Varbind {
	slices.SortFunc(t.rows, smi.CompareVarbinds)
	size := 0
	for _, row := range t.rows {
		size += len(row.Name)
	}
	arcs := make([]uint32, 0, size)
	for i, row := range t.rows {
		start := len(arcs)
		arcs = append(arcs, row.Name...)
		t.rows[i].Name = arcs[start:len(arcs):len(arcs)]
	}
	return t.rows
}

func (t *tables) add(column string, kind smi.Kind, n int, index ...uint32) {
	t.rows = append(t.rows, smi.Varbind{Name: smi.MustOID(column).Append(index...), Value: smi.Value{Kind: kind, Num: uint64(n)}})
}

func (t *tables) text(column string, value string, index ...uint32) {
	t.rows = append(t.rows, smi.Varbind{Name: smi.MustOID(column).Append(index...), Value: smi.Value{Kind: smi.OctetString, Bytes: []byte(value)}})
}

// forwarding writes the port and the status of each station.
func (t *tables) forwarding(entry string, stations []station, index func(station) []uint32) {
	port, status := smi.MustOID(entry+".2"), smi.MustOID(entry+".3")
	t.rows = slices.Grow(t.rows, 2*len(stations))
	const learned = 3
	for _, at := range stations {
		arcs := index(at)
		t.rows = append(t.rows, smi.Varbind{Name: port.Append(arcs...), Value: smi.Value{Kind: smi.Integer, Num: uint64(at.port)}},
			smi.Varbind{Name: status.Append(arcs...), Value: smi.Value{Kind: smi.Integer, Num: learned}})
	}
}

func octets(mac uint64) string {
	b := make([]byte, 6)
	for i := range b {
		b[i] = byte(mac >> (40 - 8*i))
	}
	return string(b)
}

func arcs(mac uint64) []uint32 {
	var all []uint32
	for _, octet := range []byte(octets(mac)) {
		all = append(all, uint32(octet))
	}
	return all
}

func (t *tables) system(i int) {
	const system = "1.3.6.1.2.1.1."
	t.text(system+"1.0", "Managed switch of 48 ports, version 4.2.1")
	t.rows = append(t.rows, smi.Varbind{Name: smi.MustOID(system + "2.0"),
		Value: smi.Value{Kind: smi.ObjectIdentifier, OID: smi.MustOID("1.3.6.1.4.1.11.2.3.7.11.154")}})
	t.add(system+"3.0", smi.TimeTicks, 123456789)
	t.text(system+"4.0", "")
	t.text(system+"5.0", name(i))
	t.text(system+"6.0", "cabinet")
	t.add(system+"7.0", smi.Integer, 2)
	t.add("1.3.6.1.2.1.2.1.0", smi.Integer, ports)
	t.text("1.3.6.1.2.1.17.1.1.0", octets(baseMAC(i)))
	t.add("1.3.6.1.2.1.17.1.2.0", smi.Integer, ports)
	t.add("1.3.6.1.2.1.17.1.3.0", smi.Integer, 2)
	const entity = "1.3.6.1.2.1.47.1.1.1.1."
	t.text(entity+"2", "Managed switch of 48 ports", 1)
	t.add(entity+"5", smi.Integer, 3, 1)
	t.text(entity+"7", "chassis", 1)
	t.text(entity+"11", fmt.Sprintf("SG%08d", i), 1)
	t.text(entity+"13", "MS-48", 1)
}

func name(i int) string { return fmt.Sprintf("sw%02d", i) }

func portName(n int) string { return fmt.Sprintf("GigabitEthernet0/%d", n) }

func (t *tables) port(i, n int) {
	index := uint32(n)
	const interfaces = "1.3.6.1.2.1.2.2.1."
	t.add(interfaces+"1", smi.Integer, n, index)
	t.text(interfaces+"2", portName(n), index)
	t.add(interfaces+"3", smi.Integer, 6, index)
	t.add(interfaces+"4", smi.Integer, 1500, index)
	t.add(interfaces+"5", smi.Gauge32, 1_000_000_000, index)
	t.text(interfaces+"6", octets(baseMAC(i)+uint64(n)), index)
	t.add(interfaces+"7", smi.Integer, 1, index)
	t.add(interfaces+"8", smi.Integer, 1, index)
	t.add(interfaces+"9", smi.TimeTicks, 4711, index)
	for _, counter := range []string{"10", "11", "13", "14", "16", "17", "19", "20"} {
		t.add(interfaces+counter, smi.Counter32, 1_000_003*n, index)
	}
	const more = "1.3.6.1.2.1.31.1.1.1."
	t.text(more+"1", fmt.Sprintf("Gi0/%d", n), index)
	for _, counter := range []string{"6", "7", "8", "9", "10", "11", "12", "13"} {
		t.add(more+counter, smi.Counter64, 1_000_000_007*n, index)
	}
	t.add(more+"15", smi.Gauge32, 1000, index)
	t.text(more+"18", fmt.Sprintf("socket %d", n), index)
	t.add("1.3.6.1.2.1.17.1.4.1.1", smi.Integer, n, index)
	t.add("1.3.6.1.2.1.17.1.4.1.2", smi.Integer, n, index)
	t.add("1.3.6.1.2.1.17.2.15.1.1", smi.Integer, n, index)
	t.add("1.3.6.1.2.1.17.2.15.1.3", smi.Integer, 5, index)
	t.add("1.3.6.1.2.1.17.7.1.4.5.1.1", smi.Gauge32, 10, index)
	t.add("1.0.8802.1.1.2.1.3.7.1.2", smi.Integer, 5, index)
	t.text("1.0.8802.1.1.2.1.3.7.1.3", fmt.Sprintf("Gi0/%d", n), index)
	t.text("1.0.8802.1.1.2.1.3.7.1.4", portName(n), index)
}

func (t *tables) vlan(vlan int) {
	all := string([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	t.add("1.3.6.1.2.1.17.7.1.4.2.1.3", smi.Gauge32, vlan, 0, uint32(vlan))
	t.text("1.3.6.1.2.1.17.7.1.4.2.1.4", all, 0, uint32(vlan))
	t.text("1.3.6.1.2.1.17.7.1.4.2.1.5", all, 0, uint32(vlan))
	t.text("1.3.6.1.2.1.17.7.1.4.3.1.1", fmt.Sprintf("vlan %d", vlan), uint32(vlan))
	t.text("1.3.6.1.2.1.17.7.1.4.3.1.2", all, uint32(vlan))
	t.add("1.3.6.1.2.1.17.7.1.4.3.1.5", smi.Integer, 1, uint32(vlan))
}

// neighbours writes what a switch says of itself by LLDP, and what it hears.
func (t *tables) neighbours(i, switches int) {
	const local = "1.0.8802.1.1.2.1.3."
	t.add(local+"1.0", smi.Integer, 4)
	t.text(local+"2.0", octets(baseMAC(i)))
	t.text(local+"3.0", name(i))
	hear := func(port, other, itsPort int) {
		const remote = "1.0.8802.1.1.2.1.4.1.1."
		index := []uint32{0, uint32(port), uint32(port)}
		t.add(remote+"4", smi.Integer, 4, index...)
		t.text(remote+"5", octets(baseMAC(other)), index...)
		t.add(remote+"6", smi.Integer, 5, index...)
		t.text(remote+"7", fmt.Sprintf("Gi0/%d", itsPort), index...)
		t.text(remote+"8", portName(itsPort), index...)
		t.text(remote+"9", name(other), index...)
		t.text(remote+"10", "Managed switch of 48 ports, version 4.2.1", index...)
		t.text(remote+"11", "\x28\x00", index...)
		t.text(remote+"12", "\x20\x00", index...)
	}
	if i > 0 {
		of, port := parent(i)
		hear(uplink, of, port)
	}
	for port := 1; port <= children; port++ {
		if other := i*children + port; other < switches {
			hear(port, other, uplink)
		}
	}
}
