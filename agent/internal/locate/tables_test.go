package locate_test

import (
	"context"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
	"github.com/camwarden/camwarden/agent/internal/poll"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

// tables writes a snapshot down as the MIB tables that it could have been read
// from. Bridge ports and LLDP's port numbers are shuffled, so that neither is
// an ifIndex but by the device's own maps.
func tables(s lan.Snapshot, rng *rand.Rand) []smi.Varbind {
	var rows []smi.Varbind
	add := func(object string, v smi.Value, index ...uint32) {
		rows = append(rows, smi.Varbind{Name: smi.MustOID(object).Append(index...), Value: v})
	}
	number := func(n uint64) smi.Value { return smi.Value{Kind: smi.Integer, Num: n} }
	octets := func(b []byte) smi.Value { return smi.Value{Kind: smi.OctetString, Bytes: b} }

	add("1.3.6.1.2.1.1.3.0", smi.Value{Kind: smi.TimeTicks, Num: 100}) // sysUpTime
	add("1.3.6.1.2.1.1.5.0", octets([]byte(s.System.Name)))            // sysName
	add("1.3.6.1.2.1.17.1.1.0", octets(s.BaseMAC[:]))                  // dot1dBaseBridgeAddress
	bridge, lldp := rng.Perm(len(s.Interfaces)), rng.Perm(len(s.Interfaces))
	port := make(map[lan.IfIndex]uint32) // bridge port
	local := make(map[lan.IfIndex]uint32)
	for n, i := range s.Interfaces {
		index := uint32(i.Index)
		port[i.Index], local[i.Index] = uint32(bridge[n]+1), uint32(lldp[n]+1)
		add("1.3.6.1.2.1.2.2.1.2", octets([]byte("port of the switch")), index)              // ifDescr
		add("1.3.6.1.2.1.2.2.1.3", number(6), index)                                         // ifType
		add("1.3.6.1.2.1.31.1.1.1.1", octets([]byte(i.Name)), index)                         // ifName
		add("1.2.840.10006.300.43.1.2.1.1.13", number(uint64(s.Aggregates[i.Index])), index) // dot3adAggPortAttachedAggID
		add("1.0.8802.1.1.2.1.3.7.1.2", number(5), local[i.Index])                           // lldpLocPortIdSubtype
		add("1.0.8802.1.1.2.1.3.7.1.3", octets([]byte(i.Name)), local[i.Index])              // lldpLocPortId
		if _, member := s.Aggregates[i.Index]; !member {
			add("1.3.6.1.2.1.17.1.4.1.2", number(uint64(index)), port[i.Index]) // dot1dBasePortIfIndex
			if i.STP != 0 {
				add("1.3.6.1.2.1.17.2.15.1.3", number(uint64(i.STP)), port[i.Index]) // dot1dStpPortState
			}
		}
	}
	databases := make(map[lan.VLAN]lan.FDBID)
	for _, e := range s.FDB {
		object, index := "1.3.6.1.2.1.17.4.3.1.", e.MAC.Arcs() // dot1dTpFdbTable
		if e.Table == lan.Dot1qTpFdbTable {
			object, index = "1.3.6.1.2.1.17.7.1.2.2.1.", append([]uint32{uint32(e.FDBID)}, e.MAC.Arcs()...)
			databases[e.VLAN] = e.FDBID
		}
		add(object+"2", number(uint64(port[e.IfIndex])), index...)
		add(object+"3", number(uint64(e.Status)), index...)
	}
	for vlan, id := range databases {
		add("1.3.6.1.2.1.17.7.1.4.2.1.3", smi.Value{Kind: smi.Gauge32, Num: uint64(id)}, 0, uint32(vlan)) // dot1qVlanFdbId
	}
	if c := s.LLDPLocal.Chassis; c.Subtype != 0 {
		add("1.0.8802.1.1.2.1.3.1.0", number(4))                           // lldpLocChassisIdSubtype
		add("1.0.8802.1.1.2.1.3.2.0", octets(c.MAC[:]))                    // lldpLocChassisId
		add("1.0.8802.1.1.2.1.3.3.0", octets([]byte(s.LLDPLocal.SysName))) // lldpLocSysName
	}
	for n, neighbour := range s.LLDP {
		index := []uint32{0, local[neighbour.IfIndex], uint32(n + 1)}
		column := func(n string, v smi.Value) { add("1.0.8802.1.1.2.1.4.1.1."+n, v, index...) }
		column("4", number(4)) // macAddress
		column("5", octets(neighbour.Chassis.MAC[:]))
		column("6", number(5)) // interfaceName
		column("7", octets([]byte(neighbour.Port.Text)))
		column("9", octets([]byte(neighbour.SysName)))
		if neighbour.Enabled.Has(lan.LLDPBridge) {
			column("12", octets([]byte{0x20}))
		} else {
			column("12", octets([]byte{0x01}))
		}
	}
	return rows
}

// TestThroughTables finds every station of made-up sites at the same place
// when the switches' tables have to be read first: with bridge ports that are
// no ifIndex, FDB ids that are no VLAN, and LLDP port numbers that are neither.
func TestThroughTables(t *testing.T) {
	stations := 0
	for seed := range int64(200) {
		rng := rand.New(rand.NewSource(seed))
		made := newWorld(seed, anyRecipe(seed, 20)).snapshots()
		var read []lan.Snapshot
		for i, s := range made {
			if len(s.FDB) == 0 {
				made[i].Readings = nil // a table without rows is not to be told from none
			}
			recording := capture.Capture{Recording: capture.New(tables(s, rng))}
			got := poll.Read(t.Context(), poll.Device{Name: s.Source,
				Open: func(context.Context) (poll.Source, error) { return demoSource{recording.Source("")}, nil }})
			got.From, got.To = s.From, s.To
			read = append(read, got)
		}
		want, got := make(map[lan.MAC]locate.Place), make(map[lan.MAC]locate.Place)
		for _, st := range locate.Stations(made) {
			want[st.MAC] = st.Place
		}
		for _, st := range locate.Stations(read) {
			got[st.MAC] = st.Place
			stations++
		}
		// The rows that were read name other bridge ports, as they should.
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(&locate.Sighting{})); diff != "" {
			t.Fatalf("seed %d: from the tables +, as they were made -\n%s", seed, diff)
		}
	}
	t.Logf("%d stations", stations)
}
