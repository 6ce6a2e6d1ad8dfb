package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// POWER-ETHERNET-MIB tells neither what a port delivers nor which interface it
// is. The tables here do, each in its own way.

const (
	mostMilliwatts = 1_000_000 // more than any port delivers (IEEE 802.3bt: 99.9 W)
	deciwatt       = 100       // milliwatts
)

// milliwatts reads a power in units of so many milliwatts.
func milliwatts(v smi.Value, unit uint32) uint32 {
	n, _ := number(v, int64(mostMilliwatts/unit))
	return n * unit
}

// psePorts finds ports of pethPsePortTable by their numbers.
type psePorts struct {
	snapshot *lan.Snapshot
	at       map[[2]uint32]int
}

func newPSEPorts(s *lan.Snapshot) psePorts {
	p := psePorts{s, make(map[[2]uint32]int, len(s.PoE))}
	for i, port := range s.PoE {
		p.at[[2]uint32{port.Group, port.Port}] = i
	}
	return p
}

// draws adds what a port delivers, and which interface it is. Some devices
// show the port here alone.
func (p psePorts) draws(group, port, milliwatts uint32, ifIndex lan.IfIndex) {
	i, known := p.at[[2]uint32{group, port}]
	if !known {
		i = len(p.snapshot.PoE)
		p.at[[2]uint32{group, port}] = i
		p.snapshot.PoE = append(p.snapshot.PoE, lan.PoEPort{Group: group, Port: port})
	}
	pse := &p.snapshot.PoE[i]
	pse.Milliwatts, pse.IfIndex = milliwatts, ifIndex
	pse.Delivering = pse.Delivering || milliwatts > 0
}
