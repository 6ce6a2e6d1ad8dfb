package mib

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/smi"
)

func TestInterfaces(t *testing.T) {
	var s lan.Snapshot
	told := read(t, newIfTable(), &s,
		cell{0, "1", octets("GigabitEthernet0/1\x00")}, cell{0, "2", octets("Vlan1")}, cell{0, "0", octets("none")}, cell{0, "3.1", octets("none")},
		cell{1, "1", integer(6)}, cell{1, "2", integer(53)},
		cell{2, "1", octets(macText)}, cell{2, "2", octets("")}, cell{2, "4", octets("00:11:22:33:44:55")})
	if want := "2 rows cannot be read: the index is no ifIndex"; told != want {
		t.Errorf("ifTable says %q, want %q", told, want)
	}
	// ifXTable of a US-8 numbers other interfaces than its ifTable.
	told = read(t, newIfXTable(), &s,
		cell{0, "1", octets("Gi0/1")}, cell{0, "1000001", octets("0/1")}, cell{0, "0", octets("none")},
		cell{1, "1", octets("lobby \x1b[31mcamera")}, cell{1, "2", octets("management")})
	if want := "1 row cannot be read: the index is no ifIndex"; told != want {
		t.Errorf("ifXTable says %q, want %q", told, want)
	}
	want := []lan.Interface{
		{Index: 1, Name: "Gi0/1", Descr: "GigabitEthernet0/1", Alias: "lobby [31mcamera", Type: 6, MAC: cameraMAC},
		{Index: 2, Descr: "Vlan1", Alias: "management", Type: 53},
		{Index: 4, MAC: mac("00:11:22:33:44:55")},
		{Index: 1000001, Name: "0/1"},
	}
	if diff := cmp.Diff(want, s.Interfaces); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// withLAG has the ports 1 to 4, the aggregate 10, and a VLAN interface 20.
func withLAG() lan.Snapshot {
	return lan.Snapshot{Interfaces: []lan.Interface{{Index: 1}, {Index: 2}, {Index: 3}, {Index: 4}, {Index: 10, Type: ifTypeLAG}, {Index: 20, Type: 53}}}
}

func TestAggregates(t *testing.T) {
	tests := []struct {
		name    string
		decoder Decoder
		cells   []cell
		want    map[lan.IfIndex]lan.IfIndex
		told    string
	}{
		{"attached", newAggPort(), []cell{{0, "1", integer(10)}, {0, "2", integer(10)}, {1, "1", integer(10)}},
			map[lan.IfIndex]lan.IfIndex{1: 10, 2: 10}, ""},
		{"attached wins over selected", newAggPort(), []cell{{0, "1", integer(10)}, {1, "1", integer(20)}},
			map[lan.IfIndex]lan.IfIndex{1: 10}, ""},
		{"selected where attached is 0", newAggPort(), []cell{{0, "1", integer(0)}, {1, "1", integer(10)}, {1, "2", integer(10)}},
			map[lan.IfIndex]lan.IfIndex{1: 10, 2: 10}, ""},
		{"individual ports name themselves", newAggPort(), []cell{{0, "1", integer(1)}, {0, "2", integer(0)}}, nil, ""},
		{"an aggregate that is no interface", newAggPort(), []cell{{0, "1", integer(99)}}, nil, ""},
		{"no port", newAggPort(), []cell{{0, "1.1", integer(10)}}, nil, "1 row cannot be read: the index is no ifIndex"},
		{"ifStackTable", newIfStack(), []cell{{0, "10.1", integer(1)}, {0, "10.2", integer(1)}, {0, "10.0", integer(1)}, {0, "0.10", integer(1)}},
			map[lan.IfIndex]lan.IfIndex{1: 10, 2: 10}, ""},
		{"ifStackTable of what is no aggregate", newIfStack(), []cell{{0, "20.1", integer(1)}, {0, "1.20", integer(1)}}, nil, ""},
		{"ifStackTable with one number", newIfStack(), []cell{{0, "10", integer(1)}}, nil, "1 row cannot be read: the index is not a pair of ifIndexes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := withLAG()
			if told := read(t, test.decoder, &s, test.cells...); told != test.told {
				t.Errorf("it says %q, want %q", told, test.told)
			}
			if diff := cmp.Diff(test.want, s.Aggregates); diff != "" {
				t.Errorf("difference (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScalars(t *testing.T) {
	values := map[string]smi.Value{
		sysDescr.String():       octets("Switch\r\nVersion 1"),
		sysObjectID.String():    {Kind: smi.ObjectIdentifier, OID: smi.MustOID("1.3.6.1.4.1.9.1.1")},
		sysUpTime.String():      {Kind: smi.TimeTicks, Num: 360_000},
		sysName.String():        octets("sw03"),
		sysLocation.String():    {Kind: smi.NoSuchInstance},
		baseAddress.String():    octets(macText),
		lldpLocSubtype.String(): integer(4),
		lldpLocChassis.String(): octets(macText),
		lldpLocSysName.String(): octets("sw03.example.org"),
	}
	var answers []smi.Varbind
	for _, name := range Scalars() {
		answers = append(answers, smi.Varbind{Name: name, Value: values[name.String()]})
	}
	var s lan.Snapshot
	if n := ReadScalars(&s, answers); n != len(answers)-1 {
		t.Errorf("it had %d objects, want all but one of %d", n, len(answers))
	}
	want := lan.Snapshot{
		System:    lan.System{Descr: "Switch  Version 1", ObjectID: "1.3.6.1.4.1.9.1.1", UpTime: 3600e9, Name: "sw03"},
		BaseMAC:   cameraMAC,
		LLDPLocal: lan.LLDPLocal{Chassis: lan.LLDPID{Subtype: lan.LLDPMAC, Text: cameraMAC.String(), MAC: cameraMAC}, SysName: "sw03.example.org"},
	}
	if diff := cmp.Diff(want, s, compareAddrs); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
}

// A device that says nothing, or something of the wrong type, is not believed
// to have run for a negative time.
func TestScalarsThatMakeNoSense(t *testing.T) {
	for _, value := range []smi.Value{integer(-1), octets("1"), {Kind: smi.Counter64, Num: 1<<63 - 1}, {Kind: smi.Null}} {
		var s lan.Snapshot
		answers := []smi.Varbind{{Name: sysUpTime, Value: value}, {Name: sysObjectID, Value: value}, {Name: baseAddress, Value: value}}
		if n := ReadScalars(&s, answers); n != 3 || s.System != (lan.System{}) || !s.BaseMAC.IsZero() {
			t.Errorf("of %v: %d objects, %+v, %v", value.Kind, n, s.System, s.BaseMAC)
		}
	}
}
