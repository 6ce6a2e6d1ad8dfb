package mib

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// A neighborSet finds the neighbours that a table has named, for the tables
// that tell more of them.
type neighborSet struct {
	neighbors []lan.LLDPNeighbor
	position  map[remoteKey]int
	onPort    map[uint32][]int
}

// newNeighborSet indexes the neighbours of lldpRemTable, or of
// lldpV2RemTable.
func newNeighborSet(s *lan.Snapshot, v2 bool) neighborSet {
	set := neighborSet{neighbors: s.LLDP, position: make(map[remoteKey]int), onPort: make(map[uint32][]int)}
	for n, neighbor := range s.LLDP {
		index, err := smi.ParseOID(neighbor.Index)
		if err != nil || (neighbor.Table == lan.LLDPV2RemTable) != v2 || !v2 && neighbor.Source() != lan.LLDPRemTable {
			continue
		}
		k, ok := remoteIndex(index)
		if v2 {
			k, ok = remoteV2Index(index)
		}
		if ok {
			set.position[k] = n
			set.onPort[k.localPort] = append(set.onPort[k.localPort], n)
		}
	}
	return set
}

// find returns the neighbour of a number, or nil.
func (s neighborSet) find(k remoteKey) *lan.LLDPNeighbor {
	if n, ok := s.position[k]; ok {
		return &s.neighbors[n]
	}
	return nil
}

// alone returns the only neighbour on a local port, or nil.
func (s neighborSet) alone(localPort uint32) *lan.LLDPNeighbor {
	if alone := s.onPort[localPort]; len(alone) == 1 {
		return &s.neighbors[alone[0]]
	}
	return nil
}
