package poll

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/capture"
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
	"github.com/camwarden/camwarden/agent/internal/snmp"
	"github.com/camwarden/camwarden/agent/internal/snmpagent"
)

// A live source is a session with an agent of this process.
type live struct{ *snmp.Session }

func (live) Contexts(*lan.Snapshot) []string            { return nil }
func (live) In(context.Context, string) (Source, error) { return nil, errors.New("there is none") }

// serve runs an agent that answers from rows, and returns it as a device.
func serve(t testing.TB, recording *capture.Recording, options snmpagent.Options) (Device, *snmpagent.Agent) {
	t.Helper()
	return serveTo(t, recording, options, snmp.Options{})
}

// serveTo is serve with options of the session.
func serveTo(t testing.TB, recording *capture.Recording, options snmpagent.Options, session snmp.Options) (Device, *snmpagent.Agent) {
	t.Helper()
	options.Communities = map[string]*capture.Recording{"public": recording}
	agent, err := snmpagent.Start("127.0.0.1:0", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { agent.Close() })
	return Device{Name: "sw03", Open: func(ctx context.Context) (Source, error) {
		s, err := snmp.Open(ctx, agent.Addr().String(), []snmp.Credential{{Name: "site", Version: snmp.V2c, Community: "public"}}, session)
		if err != nil {
			return nil, err
		}
		return live{s}, nil
	}}, agent
}

// A fdbTable is what a forwarding table is to hold, by FDB id and address.
type fdbTable map[uint32]map[lan.MAC]lan.BridgePort

// recording writes the table down as dot1qTpFdbTable, and that of FDB id 0 as
// dot1dTpFdbTable. count changes what dot1qFdbDynamicCount says.
func (f fdbTable) recording(count func(id uint32, rows int) (int, bool)) *capture.Recording {
	rows := []smi.Varbind{
		{Name: smi.MustOID("1.3.6.1.2.1.1.3.0"), Value: smi.Value{Kind: smi.TimeTicks, Num: 100}},
		text(sysName, "sw03"),
	}
	for id, stations := range f {
		port, status := smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.2").Append(id), smi.MustOID("1.3.6.1.2.1.17.7.1.2.2.1.3").Append(id)
		if id == 0 {
			port, status = smi.MustOID(fdbPort), smi.MustOID(fdbStatus)
		} else if n, told := count(id, len(stations)); told {
			rows = append(rows, smi.Varbind{Name: dot1qFdbDynamicCount.Append(id), Value: smi.Value{Kind: smi.Gauge32, Num: uint64(n)}})
		}
		for mac, p := range stations {
			rows = append(rows, smi.Varbind{Name: port.Append(mac.Arcs()...), Value: smi.Value{Kind: smi.Integer, Num: uint64(p)}},
				smi.Varbind{Name: status.Append(mac.Arcs()...), Value: smi.Value{Kind: smi.Integer, Num: uint64(lan.FDBLearned)}})
		}
	}
	return capture.New(rows)
}

func honest(_ uint32, rows int) (int, bool) { return rows, true }

// blocks are address blocks as makers have them: of 24, 28 and 36 bits, the
// first and the last of all among them.
var blocks = func() []lan.MACRange {
	var all []lan.MACRange
	dice := rand.New(rand.NewPCG(1, 2))
	block := func(first uint64, bits int) lan.MACRange {
		return lan.MACRange{First: macOf(first), Last: macOf(first | (1<<(48-bits) - 1))}
	}
	all = append(all, block(0, 24), block(0xfffffffff000, 36))
	for range 165 {
		all = append(all, block(uint64(dice.IntN(1<<22))<<26&^0x030000000000, 24))
	}
	for _, bits := range []int{28, 36} {
		all = append(all, block(uint64(0x70b3d5)<<24|uint64(dice.IntN(1<<12))<<12&^(1<<(48-bits)-1), bits))
	}
	return lan.MergeRanges(all)
}()

// randomTable has so many rows, some of them sought ones: scattered, or many
// in a row in one block.
func randomTable(dice *rand.Rand, rows, flagged, ids int) fdbTable {
	f := fdbTable{}
	id := func() uint32 {
		if ids == 0 {
			return 0
		}
		return uint32(1 + dice.IntN(ids)*(1+dice.IntN(2)))
	}
	put := func(mac uint64) {
		in := id()
		if f[in] == nil {
			f[in] = map[lan.MAC]lan.BridgePort{}
		}
		port := lan.BridgePort(48) // the uplink
		if dice.IntN(4) == 0 {
			port = lan.BridgePort(1 + dice.IntN(47))
		}
		f[in][macOf(mac)] = port
	}
	makers := 1 + dice.IntN(60)
	clustered := dice.IntN(2) == 0
	for range rows {
		if clustered {
			put(uint64(dice.IntN(makers))*0x031405000000 | uint64(dice.IntN(1<<24)))
		} else {
			put(dice.Uint64N(1 << 48))
		}
	}
	start := dice.IntN(len(blocks))
	for i := range flagged {
		in := blocks[start]
		if !clustered {
			in = blocks[dice.IntN(len(blocks))]
		}
		first, last := numberOf(in.First), numberOf(in.Last)
		switch dice.IntN(6) {
		case 0:
			put(first)
		case 1:
			put(last)
		default:
			put(first + (uint64(i)*7)%(last-first+1))
		}
	}
	return f
}

// wanted are the rows of a snapshot that are in the blocks, as text in order.
func wanted(s lan.Snapshot) []string {
	var all []string
	for _, e := range s.FDB {
		if slices.ContainsFunc(blocks, func(in lan.MACRange) bool { return e.MAC.Compare(in.First) >= 0 && e.MAC.Compare(in.Last) <= 0 }) {
			all = append(all, fmt.Sprint(e.Table, " ", e.FDBID, " ", e.MAC, " ", e.Port, " ", e.Status))
		}
	}
	slices.Sort(all)
	return all
}

// What is sought is found as a walk finds it, whatever the table looks like
// and whatever the device says of how many rows it has, at no more than 1.25 ×
// the requests, and 2. There is one on its way at a time: with more, what goes
// together is a matter of time, in a walk as well.
func TestSeekFindsWhatAWalkFinds(t *testing.T) {
	counts := map[string]func(uint32, int) (int, bool){
		"counted": honest,
		"none":    func(uint32, int) (int, bool) { return 0, false },
		"zero":    func(uint32, int) (int, bool) { return 0, true },
		"some":    func(id uint32, n int) (int, bool) { return n, id%2 == 0 },
		"wrong":   func(id uint32, n int) (int, bool) { return n * 7 % 5000, id%3 > 0 },
	}
	seed := uint64(0)
	var ratios []float64
	for _, rows := range []int{0, 1, 3, 30, 200, 1000, 5000, 20000} {
		if racing && rows > 1000 {
			continue // what a race needs is in the smaller ones
		}
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			count := counts[name]
			for _, ids := range []int{0, 1, 12} {
				seed++
				dice := rand.New(rand.NewPCG(seed, 77))
				f := randomTable(dice, rows, min((rows+1)/2, dice.IntN(150)), ids)
				recording := f.recording(count)
				limit := 300 + dice.IntN(1200)
				t.Run(fmt.Sprint(rows, " rows ", name, " in ", ids), func(t *testing.T) {
					session := snmp.Options{Budget: snmp.NewBudget(1)}
					sought, agent := serveTo(t, recording, snmpagent.Options{MaxMessage: limit}, session)
					got := All(t.Context(), []Device{sought}, blocks, nil)[0]
					walked, other := serveTo(t, recording, snmpagent.Options{MaxMessage: limit}, session)
					want := Read(t.Context(), walked)
					if diff := cmp.Diff(wanted(want), wanted(got)); diff != "" {
						t.Errorf("difference (-walk +seek):\n%s", diff)
					}
					for _, r := range got.Readings {
						if r.Status != lan.Complete && r.Status != lan.Absent {
							t.Errorf("%+v", r)
						}
					}
					combed, third := serveTo(t, recording, snmpagent.Options{MaxMessage: limit}, session)
					got = readAll(t.Context(), []Device{combed}, nil, blocks, func(int) (int, int) { return 300, maxRows }, nil)[0] // as one of 200 devices
					if diff := cmp.Diff(wanted(want), wanted(got)); diff != "" {
						t.Errorf("combed: difference (-walk +comb):\n%s", diff)
					}
					if most := other.Requests()*5/4 + 2; agent.Requests() > most || third.Requests() > most {
						t.Errorf("%d requests, %d where it is combed, and %d for a walk", agent.Requests(), third.Requests(), other.Requests())
					}
					ratios = append(ratios, float64(agent.Requests())/float64(other.Requests()))
				})
			}
		}
	}
	slices.Sort(ratios)
	t.Logf("requests of a seek in those of a walk, over %d tables: least %.2f, median %.2f, most %.2f", len(ratios), ratios[0], ratios[len(ratios)/2], ratios[len(ratios)-1])
}

// all are the rows of a snapshot as text, in order.
func all(s lan.Snapshot) []string {
	var rows []string
	for _, e := range s.FDB {
		rows = append(rows, fmt.Sprint(e.Table, " ", e.FDBID, " ", e.MAC, " ", e.Port, " ", e.Status))
	}
	slices.Sort(rows)
	return rows
}

// plain reads a device table by table, one column after the other.
func plain(t *testing.T, recording *capture.Recording) lan.Snapshot {
	t.Helper()
	return Read(t.Context(), Device{Name: "sw03", Recorded: true, Open: func(context.Context) (Source, error) {
		return atHand{(&capture.Capture{Recording: recording}).Source("")}, nil
	}})
}

type atHand struct{ *capture.Source }

func (atHand) Requests() int                              { return 0 }
func (atHand) Close() error                               { return nil }
func (atHand) Contexts(*lan.Snapshot) []string            { return nil }
func (atHand) In(context.Context, string) (Source, error) { return nil, errors.New("there is none") }
func (s atHand) Read(ctx context.Context, cursors ...*snmp.Cursor) error {
	return OneByOne(ctx, s, cursors)
}

// A long table is walked in parts at the same time, and nothing is left out.
func TestFullWalkInParts(t *testing.T) {
	for name, count := range map[string]func(uint32, int) (int, bool){
		"counted": honest,
		"too few": func(id uint32, n int) (int, bool) { return n - n/3, id%3 != 1 },
		"none":    func(uint32, int) (int, bool) { return 0, false },
	} {
		t.Run(name, func(t *testing.T) {
			recording := randomTable(rand.New(rand.NewPCG(9, 9)), 9000, 50, 12).recording(count)
			device, _ := serve(t, recording, snmpagent.Options{})
			got := Read(t.Context(), device)
			if diff := cmp.Diff(all(plain(t, recording)), all(got)); diff != "" || len(got.FDB) < 9000 {
				t.Errorf("%d rows; difference (-table +walk):\n%s", len(got.FDB), diff)
			}
			if r := reading(t, got, lan.Dot1qTpFdbTable, ""); r.Status != lan.Complete || r.Method != lan.Walk {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A device that does not sort its table is noticed, and walked.
func TestSeekInTablesThatAreNotSorted(t *testing.T) {
	orders := map[string]func(a, b smi.Varbind) int{
		"by port":                    func(a, b smi.Varbind) int { return int(a.Value.Num) - int(b.Value.Num) },
		"from the last to the first": func(a, b smi.Varbind) int { return b.Name.Compare(a.Name) },
		"by the last octet": func(a, b smi.Varbind) int {
			return int(a.Name[len(a.Name)-1]) - int(b.Name[len(b.Name)-1])
		},
	}
	for name, order := range orders {
		for _, ids := range []int{0, 5} {
			t.Run(fmt.Sprint(name, " ", ids), func(t *testing.T) {
				sorted := slices.Collect(randomTable(rand.New(rand.NewPCG(3, 4)), 4000, 60, ids).recording(honest).All())
				column := func(vb smi.Varbind) string { return vb.Name[:min(len(vb.Name), 13)].String() }
				slices.SortStableFunc(sorted, func(a, b smi.Varbind) int {
					if c := smi.MustOID(column(a)).Compare(smi.MustOID(column(b))); c != 0 || len(a.Name) < 16 {
						return c
					}
					return order(a, b)
				})
				recording := capture.New(sorted)
				for _, comb := range []int{0, maxRows} {
					device, _ := serve(t, recording.InFileOrder(), snmpagent.Options{})
					got := readAll(t.Context(), []Device{device}, nil, blocks, func(int) (int, int) { return 300, comb }, nil)[0]
					if diff := cmp.Diff(wanted(plain(t, recording)), wanted(got)); diff != "" {
						t.Errorf("combed up to %d rows: difference (-table +read):\n%s", comb, diff)
					}
					for _, r := range got.Readings {
						if r.Method == lan.Seek {
							t.Errorf("combed up to %d rows: %+v", comb, r)
						}
					}
				}
			})
		}
	}
}

// What is combed, or sought in, shows the addresses of other switches and the
// landmarks as well, and nobody else: with their states, but for the address
// that one switch alone calls its own.
func TestOtherSwitchesAreSeen(t *testing.T) {
	base, landmark := lan.MAC{0x00, 0x1b, 0x54, 1, 2, 0}, lan.MAC{0xb4, 0x99, 0xba, 1, 2, 3} // among the first rows, and not
	for _, ids := range []int{0, 1, 12} {
		for n, comb := range []int{maxRows, 0, maxRows, 0} {
			f := randomTable(rand.New(rand.NewPCG(5, uint64(ids))), 900, 20, ids)
			for id := range f {
				f[id][base], f[id][landmark] = 48, 48
			}
			device, _ := serve(t, f.recording(honest), snmpagent.Options{})
			other, _ := serve(t, capture.New([]smi.Varbind{
				{Name: smi.MustOID("1.3.6.1.2.1.1.3.0"), Value: smi.Value{Kind: smi.TimeTicks, Num: 100}},
				{Name: smi.MustOID("1.3.6.1.2.1.17.1.1.0"), Value: smi.Value{Kind: smi.OctetString, Bytes: base[:]}},
			}), snmpagent.Options{})
			devices, looked, status := []Device{device, other}, 1, lan.FDBStatus(0)
			if n > 1 { // two switches share an address, as those that are one to others do
				devices[0].Landmarks, looked, status = []lan.MAC{landmark}, 2, lan.FDBLearned
				devices = append(devices, other)
			}
			got := readAll(t.Context(), devices, nil, blocks, func(int) (int, int) { return 0, comb }, nil)[0]
			seen := 0
			for _, e := range got.FDB {
				if (e.MAC == base || e.MAC == landmark) && e.Port == 48 && e.Status == status {
					seen++
				}
			}
			if diff := cmp.Diff(wanted(plain(t, f.recording(honest))), wanted(got)); diff != "" {
				t.Errorf("%d databases, combed up to %d rows: difference (-table +read):\n%s", ids, comb, diff)
			}
			if seen != looked*len(f) || len(got.FDB) != seen+len(wanted(got)) {
				t.Errorf("combed up to %d rows: %d rows show what was looked for, %d in each database, of %d rows in %d databases", comb, seen, looked, len(got.FDB), len(f))
			}
		}
	}
}
