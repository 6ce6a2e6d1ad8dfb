package poll

import (
	"maps"
	"math"
	"slices"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/mib"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
)

// localPorts reads lldpLocPortTable where nobody will ask for it again: what a
// device calls a port of its own tells something only of the ports on which
// lldpRemTable has a neighbour.
type localPorts struct {
	*table
	heard map[uint32]bool // lldpRemLocalPortNum of neighbours, and whether it was asked for
	found map[uint32]int  // lldpLocPortNum of the rows that the device has, and how many columns of each
}

// between is how many ports that nobody is heard on may lie between two that
// are asked for as one range. With more than fewRanges all are asked for.
const between, fewRanges = 4, 16

// namePorts has one table read as far as the neighbours of another need it.
func namePorts(local, remote *table) {
	l := &localPorts{table: local, heard: make(map[uint32]bool), found: make(map[uint32]int)}
	remote.seen = func(index smi.OID) {
		num, ok := mib.RemLocalPortNum(index)
		if _, known := l.heard[num]; ok && !known {
			l.heard[num] = false
		}
	}
	remote.settled = l.ask
	local.seen = func(index smi.OID) {
		if len(index) == 1 {
			l.found[index[0]]++
		}
	}
	local.ranged, local.unasked, local.settled = true, true, l.check
	local.reading.Method = lan.Seek
}

// ask asks for the ports that neighbours were heard on since. MICROSENS G6
// counts these from 0, and its own from 1: the next ports may be meant, and
// where there is a port 0 they are not.
func (l *localPorts) ask() []*snmp.Cursor {
	wanted := make(map[uint32]bool)
	for num, asked := range l.heard {
		if !asked {
			wanted[0], wanted[num], wanted[num+1] = true, true, true // behind the last port there is 0 again
			l.heard[num] = true
		}
	}
	ranges := rangesOf(slices.Sorted(maps.Keys(wanted)))
	if len(ranges) == 0 || !l.ranged {
		return nil
	}
	l.unasked = false
	if len(ranges) > fewRanges {
		if l.open > 0 {
			return nil // check misses them
		}
		return l.whole()
	}
	var cursors []*snmp.Cursor
	for i, column := range l.decoder.Columns() {
		for _, ports := range ranges {
			c := l.column(column, i)
			c.Rows = int(min(ports.last-ports.first, snmp.MostRepetitions-1)) + 1
			if ports.first > 0 {
				c.After = column.OID.Append(ports.first - 1)
			}
			if ports.last < math.MaxUint32 {
				c.Until = column.OID.Append(ports.last + 1)
			}
			cursors = append(cursors, c)
		}
	}
	return cursors
}

// A portRange is some lldpLocPortNum in a row.
type portRange struct{ first, last uint32 }

// rangesOf puts ports, given in order, into ranges.
func rangesOf(nums []uint32) []portRange {
	var ranges []portRange
	for i, num := range nums {
		if i == 0 || num-nums[i-1] > between {
			ranges = append(ranges, portRange{first: num})
		}
		ranges[len(ranges)-1].last = num
	}
	return ranges
}

// check has the table read like any other where it does not show all of a port
// that a neighbour is heard on, or was not read to its end: not every agent
// knows what comes after a row that it does not have.
func (l *localPorts) check() []*snmp.Cursor {
	again := l.err != nil
	for num := range l.heard {
		again = again || l.found[num] < len(l.decoder.Columns())
	}
	if !again || !l.ranged {
		return nil
	}
	return l.whole()
}

// whole reads the table like any other after all.
func (l *localPorts) whole() []*snmp.Cursor {
	l.ranged, l.seen, l.err, l.reading.Method = false, nil, nil, lan.Walk
	return l.walk(1)
}
